// How the table looks: a line each figure, with the best of the others, and below it what the rest did.
import { relays } from './relays.mjs';
import { kinds } from './run.mjs';

const WIDTH = 138;
const WHAT = 58;
const CELLS = [13, 13, 7, 15, 7];
const RELAYS = '* hands on what it is told: nobody signs in, nothing is kept, no result tells that it is';
const NODE = 'node grouped';
const DERIVED = 'uWebSockets (derived)';

export const thousands = (number) => number.toLocaleString('en-US', { maximumFractionDigits: 0 });
export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
const shown = (value) =>
  value === undefined || Number.isNaN(value) ? '-' : value >= 1000 ? thousands(value) : value >= 100 ? value.toFixed(0) : value.toFixed(value < 10 ? 2 : 1);

function line(what, cells) {
  const [own, node, toNode, best, toBest, name = ''] = cells;
  const numbers = [own, node, toNode, best, toBest].map((cell, i) => cell.padStart(CELLS[i]));
  console.log(`${what.padEnd(WHAT)}${numbers.join('')} ${name}`.trimEnd());
}

const named = (kind) => (kind in relays ? `${kind}*` : kind);

export function printHead() {
  if (Object.keys(kinds).some((kind) => kind in relays)) console.log(RELAYS);
  line('', ['lockstepd', NODE in kinds ? NODE : '-', 'ratio', 'best other', 'ratio', 'which']);
}

// The words, as many to a line as there is room for.
function printWords(words) {
  let text = '   ';
  for (const word of words) {
    if (text.length + word.length + 3 > WIDTH) {
      console.log(text);
      text = '   ';
    }
    text += ` ${word};`;
  }
  console.log(text.replace(/;$/, ''));
}

// How many times better than the other.
const ratio = (own, other, more) => (!Number.isFinite(own) || !Number.isFinite(other) ? '' : (more ? own / other : other / own).toFixed(2));

function printFigure([what, unit, figure, more, times], results) {
  const medians = Object.entries(results).map(([kind, said]) => [kind, median(said.map(figure))]);
  const own = results.lockstepd && median(results.lockstepd.map(figure));
  const node = results[NODE] && median(results[NODE].map(figure));
  const others = medians.filter(([kind, value]) => kind !== 'lockstepd' && Number.isFinite(value));
  if (times && node !== undefined) others.push([DERIVED, node * times]);
  if (more !== undefined) others.sort(([, a], [, b]) => (more ? b - a : a - b));
  const [name, best] = more === undefined ? [] : others[0] ?? [];
  line(unit ? `${what} (${unit})` : what, [
    shown(own),
    shown(node),
    more === undefined ? '' : ratio(own, node, more),
    name ? shown(best) : '',
    ratio(own, best, more),
    name && named(name),
  ]);
  const rest = others.filter(([kind]) => kind !== NODE && kind !== name);
  if (more !== undefined && rest.length)
    printWords(rest.map(([kind, value]) => `${named(kind)} ${shown(value)} (${ratio(own, value, more)})`));
}

// `results`: of each kind what its runs said.
export function printRow(row, results) {
  for (const figure of row.figures) printFigure(figure, results);
}
