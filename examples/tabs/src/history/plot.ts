// Stacked bars, by uPlot. Loaded when a chart is first shown; knows figures and colours, nothing of sessions.

import uPlot from 'uplot';

export interface Bars {
  /** Below each bar. */
  ticks: string[];
  /** Minutes; the first stack stands at the bottom. */
  stacks: number[][];
  picked: number | null;
}

export interface Plot {
  show(bars: Bars): void;
  destroy(): void;
}

const FONT = '12px system-ui, sans-serif';
const STEPS = [1, 5, 10, 15, 30, 60, 120, 240, 360, 600, 1200, 3000, 6000, 12_000, 30_000, 60_000];

/** A chart that fills `root` and takes its colours from it: --chart-0 for the rest, --chart-1… for the others. */
export function makePlot(root: HTMLElement, pick: (index: number) => void, hover: (index: number | null) => void): Plot {
  let bars: Bars | null = null;
  let plot: uPlot | null = null;
  const draw = () => {
    plot?.destroy();
    plot = bars && root.clientWidth > 0 ? build(root, bars, hover) : null;
  };
  const clicked = () => {
    const index = plot?.cursor.idx;
    if (index !== null && index !== undefined) pick(index);
  };
  const sizes = new ResizeObserver(() => (plot ? plot.setSize(sizeOf(root)) : draw()));
  sizes.observe(root);
  root.addEventListener('click', clicked);
  return {
    show(next) {
      bars = next;
      draw();
    },
    destroy() {
      sizes.disconnect();
      root.removeEventListener('click', clicked);
      plot?.destroy();
    },
  };
}

const sizeOf = (root: HTMLElement) => ({ width: root.clientWidth, height: root.clientHeight });

/** Each series is the height of all stacks up to its own: drawn the highest first, what is seen of each is its own. */
function heights(stacks: number[][]): number[][] {
  const sums: number[][] = [];
  for (const stack of stacks) {
    const below = sums.at(-1);
    sums.push(stack.map((value, i) => value + (below?.[i] ?? 0)));
  }
  return sums.reverse();
}

function build(root: HTMLElement, { ticks, stacks, picked }: Bars, hover: (index: number | null) => void): uPlot {
  const style = getComputedStyle(root);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const paths = uPlot.paths.bars!({ size: [0.72, 56] });
  // The rest, where there is one, is the eighth.
  const fill = (index: number) => colour(`--chart-${(index + 1) % 8}`);
  const series = stacks.map((_, i) => ({ fill: fill(i), paths, points: { show: false } })).reverse();
  const axis = { stroke: colour('--quiet'), font: FONT, ticks: { show: false } };
  const last = ticks.length - 1;
  const options: uPlot.Options = {
    ...sizeOf(root),
    legend: { show: false },
    padding: [8, 4, 0, 0],
    cursor: { y: false, x: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      x: { time: false, range: [-0.5, last + 0.5] },
      y: { range: (_, __, max) => [0, Math.max(max || 0, 10) * 1.05] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        space: 52,
        incrs: [1, 2, 3, 4, 6, 7, 12, 14, 28],
        values: (_, at) => at.map((value) => ticks[value] ?? ''),
      },
      {
        ...axis,
        size: 52,
        grid: { stroke: colour('--line'), width: 1 },
        incrs: STEPS,
        values: (_, at) => at.map((value) => (at.at(-1)! >= 120 ? `${Math.round(value / 6) / 10} h` : `${value} min`)),
      },
    ],
    series: [{}, ...series],
    hooks: {
      setCursor: [(plot) => hover(plot.cursor.idx ?? null)],
      drawAxes: [(plot) => picked !== null && mark(plot, picked, colour('--accent-soft'))],
    },
  };
  return new uPlot(options, [ticks.map((_, i) => i), ...heights(stacks)], root);
}

/** The picked period stands out by its ground. */
function mark(plot: uPlot, index: number, fill: string): void {
  const { ctx, bbox } = plot;
  const left = plot.valToPos(index - 0.5, 'x', true);
  ctx.save();
  ctx.fillStyle = fill;
  ctx.fillRect(left, bbox.top, plot.valToPos(index + 0.5, 'x', true) - left, bbox.height);
  ctx.restore();
}
