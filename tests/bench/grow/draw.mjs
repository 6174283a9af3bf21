// Draws docs/pictures/growth.json and rate.json as pictures beside them: growth.svg (processor time), growth-latency.svg
// and rate.svg. Nothing is measured.
//   node tests/bench/grow/draw.mjs
import { questions } from './ask.mjs';
import { chart, legend, picture } from './chart.mjs';
import { kept, write } from './data.mjs';
import { thousands } from './place.mjs';

const PANEL = { width: 420, height: 270 };
const decade = (value, round) => 10 ** round(Math.log10(value));

// From one power of ten to another, and each one between.
function decades(values) {
  const [from, to] = [decade(Math.min(...values), Math.floor), decade(Math.max(...values), Math.ceil)];
  const ticks = [];
  for (let at = from; at <= to * 1.001; at *= 10) ticks.push(at);
  return { from, to: Math.max(to, from * 10), ticks: ticks.map((at) => [at, at < 1 ? `${Number(at.toPrecision(1))}` : thousands(at)]) };
}

// A panel for each of what grows, with a line for each question; the last place is the legend's.
function growth(axes, title, unit, figure) {
  const names = Object.keys(questions);
  const lines = (points) => names.map((name) => points.map((point) => [point.x, point[name][figure]]));
  const all = Object.values(axes).flatMap(({ points }) => lines(points).flat().map(([, y]) => y));
  const y = { ...decades(all), label: unit };
  const place = (i) => ({ ...PANEL, left: (i % 2) * PANEL.width, top: 44 + Math.floor(i / 2) * PANEL.height });
  const panels = Object.values(axes).map(({ label, points }, i) => {
    const x = { ...decades(points.map((point) => point.x)), label };
    return chart({ ...place(i), x, y, lines: lines(points) });
  });
  const size = { width: 2 * PANEL.width, height: 44 + Math.ceil((panels.length + 1) / 2) * PANEL.height };
  return picture({ ...size, title, parts: [...panels, legend({ ...place(panels.length), names: Object.values(questions) })] });
}

function rates({ points, saturated }) {
  const names = { p50: 'median', p99: '99 %', p999: '99.9 %' };
  const lines = Object.keys(names).map((name) => points.map((point) => [point.rate, point[name]]));
  const marks = [1000, 2000, 5000, 10000, 20000, 50000, 100000];
  const to = marks.find((mark) => mark >= saturated) ?? marks.at(-1);
  const x = { from: marks[0], to, ticks: marks.filter((mark) => mark <= to).map((mark) => [mark, thousands(mark)]), label: 'commands a second' };
  const y = { ...decades(lines.flat().map(([, value]) => value)), label: 'ms' };
  const mark = { at: saturated, text: `saturated: ${thousands(saturated)}` };
  return picture({
    width: 820,
    height: 400,
    title: 'From when a command was due to its result, 999 sockets',
    parts: [chart({ left: 0, top: 44, width: 680, height: 350, x, y, lines, mark }), legend({ left: 690, top: 70, names: Object.values(names) })],
  });
}

const axes = kept('growth');
if (Object.keys(axes).length) {
  write('growth.svg', growth(axes, 'Processor time of the server for one', 'µs', 'us'));
  write('growth-latency.svg', growth(axes, 'Until the answer, median', 'ms', 'p50'));
}
const rate = kept('rate');
if (rate.points) write('rate.svg', rates(rate));
