// How long a command takes at one rate after another, with the sockets of the table's `rate`, up to what the server can do
// at most; where it didn't follow, there is no point. Writes the figures into docs/pictures/rate.json, which draw.mjs draws.
//   node tests/bench/grow/rates.mjs [--quick] [--seconds N] [--folder DIR]
import { mkdirSync } from 'node:fs';

import { once, faults } from '../table/run.mjs';
import { folder, quick, seconds } from '../table/settings.mjs';
import { keep } from './data.mjs';
import { machine, thousands } from './place.mjs';

const FOLLOWS = 0.98; // of what is asked is answered
const FACTOR = quick ? 2 : 2 ** 0.5;
const FIRST = 1000;
const asked = { 'warm-up': 1000, seconds: Math.min(seconds, 4) };

// To two places: what people can read.
const round = (rate) => Number(rate.toPrecision(2));

async function at(rate) {
  const said = await once('lockstepd', 'rate', { ...asked, rate });
  const { resultMs, commandsPerSecond, lagMs } = said;
  return {
    rate,
    answered: commandsPerSecond,
    ...Object.fromEntries(['p50', 'p99', 'p999'].map((name) => [name, resultMs[name]])),
    lag: lagMs.p99,
    perCommit: Number(said.perCommit.toFixed(1)),
  };
}

mkdirSync(folder, { recursive: true });
const points = [];
const line = (cells) => console.log(cells.map((cell) => String(cell).padStart(12)).join(''));
console.log(`${machine()}; ms from when a command was due to its result`);
line(['commands/s', 'answered', 'p50', 'p99', 'p99.9', 'late p99', 'a commit']);
const saturated = (await once('lockstepd', 'durable', asked)).commandsPerSecond;
for (let rate = FIRST; rate < saturated; rate *= FACTOR) {
  const point = await at(round(rate));
  line([thousands(point.rate), thousands(point.answered), point.p50, point.p99, point.p999, point.lag, point.perCommit]);
  if (point.answered > FOLLOWS * point.rate) points.push(point);
}
console.log(`saturated: ${thousands(saturated)} commands/s`);
if (!quick) keep('rate', { machine: machine(), saturated, points });
process.exit(faults.length ? 1 : 0);
