import { useEffect, useRef, useState } from 'preact/hooks';
import { dark } from '../state/preferences.ts';
import { minutesText, nouns, periodText, tickText } from './days.ts';
import { barsOf, type Line } from './lines.ts';
import type { Bars, Plot } from './plot.ts';
import type { Report } from './report.ts';

interface Props {
  report: Report;
  lines: readonly Line[];
  picked: number | null;
  pick: (index: number) => void;
}

const MANY = 10;

/** Bars for who sees them; all that they say stands in the breakdown and in the table too. */
export function Chart({ report, lines, picked, pick }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const pickNow = useRef(pick);
  pickNow.current = pick;
  const [hovered, setHovered] = useState<number | null>(null);
  const [failed, setFailed] = useState(false);
  const { period, periods } = report;
  const many = periods.length > MANY;
  const bars: Bars = { ticks: periods.map(({ from }) => tickText(period, from, many)), stacks: barsOf(lines), picked };
  const latest = useRef(bars);
  latest.current = bars;
  const shown = JSON.stringify(bars);

  useEffect(() => {
    let gone = false;
    import('./plot.ts').then(
      ({ makePlot }) => {
        if (gone || !root.current) return;
        plot.current = makePlot(root.current, (index) => pickNow.current(index), setHovered);
        plot.current.show(latest.current);
      },
      () => setFailed(true),
    );
    return () => {
      gone = true;
      plot.current?.destroy();
      plot.current = null;
    };
  }, []);
  useEffect(() => plot.current?.show(latest.current), [shown, dark.value]);

  const at = hovered === null ? undefined : periods[hovered];
  const text = (one: (typeof periods)[number]) => `${periodText(period, one.from, one.to)}: ${minutesText(one.sumMinutes)}`;
  const most = periods.reduce((a, b) => (b.sumMinutes > a.sumMinutes ? b : a));
  return (
    <figure class="chart">
      <figcaption class="quiet">{at ? text(at) : `Time per ${nouns[period]}`}</figcaption>
      {failed ? (
        <p class="empty">The chart could not be loaded. The table shows the same.</p>
      ) : (
        <div
          class="plot"
          ref={root}
          role="img"
          aria-label={`Bar chart of the time per ${nouns[period]}. The most is ${text(most)}. The table has all of it.`}
        />
      )}
    </figure>
  );
}
