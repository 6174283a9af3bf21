// Charts with two logarithmic axes, as SVG. Knows lines and how they look, on a light page and on a dark one; knows not
// what they mean.

const MARGIN = { left: 62, right: 36, top: 14, bottom: 46 };
const DOT = 3.5;

// Told apart by colour on either page, and by the shape of their dots.
const COLOURS = [
  ['#0072b2', '#56b4e9'],
  ['#c04a00', '#ff8c42'],
  ['#00805e', '#2fd3a4'],
  ['#a3367f', '#f08ac9'],
  ['#8a6a00', '#e8c33c'],
  ['#5b3fb5', '#ac9bff'],
  ['#505860', '#b8c0c8'],
];
const SHAPES = [
  `M${-DOT} 0a${DOT} ${DOT} 0 1 0 ${2 * DOT} 0a${DOT} ${DOT} 0 1 0 ${-2 * DOT} 0z`,
  `M${-DOT} ${-DOT}h${2 * DOT}v${2 * DOT}h${-2 * DOT}z`,
  `M0 ${-DOT - 1}l${DOT + 1} ${2 * DOT}h${-2 * DOT - 2}z`,
  `M0 ${-DOT - 1.5}l${DOT + 1.5} ${DOT + 1.5}l${-DOT - 1.5} ${DOT + 1.5}l${-DOT - 1.5} ${-DOT - 1.5}z`,
  `M0 ${DOT + 1}l${DOT + 1} ${-2 * DOT}h${-2 * DOT - 2}z`,
  `M${-DOT} ${-1}h${DOT - 1}v${-DOT + 1}h2v${DOT - 1}h${DOT - 1}v2h${-DOT + 1}v${DOT - 1}h-2v${-DOT + 1}h${-DOT + 1}z`,
  `M${-DOT - 1} -1.5h${2 * DOT + 2}v3h${-2 * DOT - 2}z`,
];

const rules = (shade) => COLOURS.map((pair, i) => `.s${i}{stroke:${pair[shade]};fill:${pair[shade]}}`).join('');
const STYLE = `<style>text{font:12px system-ui,sans-serif;fill:#333}.title{font-size:15px;font-weight:600}.page{fill:#fff}
.grid{stroke:#ddd}.axis{stroke:#888}.mark{stroke:#888;stroke-dasharray:5 4}.line{fill:none!important;stroke-width:1.8}.dot{stroke:none!important}
${rules(0)}
@media(prefers-color-scheme:dark){text{fill:#d8dde2}.page{fill:#14181c}.grid{stroke:#2c343b}.axis,.mark{stroke:#788}
${rules(1)}}</style>`;

const n = (number) => String(Math.round(number * 10) / 10);
const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
const text = (x, y, string, attributes = '') => `<text x="${n(x)}" y="${n(y)}"${attributes && ` ${attributes}`}>${escape(string)}</text>`;
const rule = (x1, y1, x2, y2, name) => `<path class="${name}" d="M${n(x1)} ${n(y1)}L${n(x2)} ${n(y2)}"/>`;
const dot = (x, y, i) => `<path class="dot s${i}" transform="translate(${n(x)} ${n(y)})" d="${SHAPES[i]}"/>`;
const line = (points, i) => `<path class="line s${i}" d="${points.map(([x, y], p) => `${p ? 'L' : 'M'}${n(x)} ${n(y)}`).join('')}"/>`;

// `x` and `y`: {from, to, ticks: [[value, text], …], label}; `lines`: of [x, y], of which the i-th looks like the legend's
// i-th; `mark`: {at, text}, an upright line.
export function chart({ left, top, width, height, x, y, lines, mark }) {
  const box = { left: left + MARGIN.left, right: left + width - MARGIN.right, top: top + MARGIN.top, bottom: top + height - MARGIN.bottom };
  const share = ({ from, to }, value) => Math.log(value / from) / Math.log(to / from);
  const toX = (value) => box.left + share(x, value) * (box.right - box.left);
  const toY = (value) => box.bottom - share(y, value) * (box.bottom - box.top);
  const middle = (box.top + box.bottom) / 2;
  return [
    ...y.ticks.flatMap(([value, name]) => [rule(box.left, toY(value), box.right, toY(value), 'grid'), text(box.left - 7, toY(value) + 4, name, 'text-anchor="end"')]),
    ...x.ticks.flatMap(([value, name]) => [rule(toX(value), box.bottom, toX(value), box.bottom + 4, 'axis'), text(toX(value), box.bottom + 17, name, 'text-anchor="middle"')]),
    rule(box.left, box.bottom, box.right, box.bottom, 'axis'),
    text((box.left + box.right) / 2, box.bottom + 35, x.label, 'text-anchor="middle"'),
    text(left + 14, middle, y.label, `text-anchor="middle" transform="rotate(-90 ${n(left + 14)} ${n(middle)})"`),
    ...(mark ? [rule(toX(mark.at), box.top, toX(mark.at), box.bottom, 'mark'), text(toX(mark.at) - 6, box.top + 10, mark.text, 'text-anchor="end"')] : []),
    ...lines.flatMap((points, i) => {
      const at = points.map(([px, py]) => [toX(px), toY(py)]);
      return [line(at, i), ...at.map(([px, py]) => dot(px, py, i))];
    }),
  ].join('\n');
}

export function legend({ left, top, names }) {
  return names
    .map((name, i) => {
      const y = top + MARGIN.top + 10 + i * 22;
      return [line([[left + 20, y], [left + 50, y]], i), dot(left + 35, y, i), text(left + 58, y + 4, name)].join('');
    })
    .join('\n');
}

export function picture({ width, height, title, parts }) {
  const body = [STYLE, `<rect class="page" width="${width}" height="${height}" rx="6"/>`, text(18, 27, title, 'class="title"'), ...parts];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}">\n${body.join('\n')}\n</svg>\n`;
}
