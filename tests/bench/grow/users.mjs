// A thousand users' commands, when they are all and when they are some of a million, in turns: processor time and latency
// at 5,000 a second, how many a second it can do, and memory.
//   node tests/bench/grow/users.mjs [--quick] [--runs N] [--seconds N] [--folder DIR]
import { rmSync } from 'node:fs';

import { faults, put } from '../table/run.mjs';
import { quick, runs, seconds } from '../table/settings.mjs';
import { Grown, database, databases, fill, machine, thousands } from './place.mjs';

const active = 1000;
const sizes = [active, quick ? 1e5 : 1e6];
const who = { users: active, sockets: 1, active, seconds };

async function measure(db) {
  const server = await Grown.on(db);
  const target = { kind: 'lockstepd', db, port: server.port, pid: server.pid };
  await server.calm();
  const rate = await put(target, 'rate', { ...who, rate: 5000 });
  const saturated = await put(target, 'durable', { ...who, window: 1 });
  const { most } = server.memory;
  await server.kill('SIGTERM');
  return { rate, saturated, most };
}

const figures = [
  ['5,000 commands/s: processor time of one, us', ({ rate }) => (rate.serverCpu / rate.commandsPerSecond) * 1e6],
  ['  p50, ms', ({ rate }) => rate.resultMs.p50],
  ['  p99, ms', ({ rate }) => rate.resultMs.p99],
  ['  p99.9, ms', ({ rate }) => rate.resultMs.p999],
  ['saturated, commands/s', ({ saturated }) => saturated.commandsPerSecond],
  ['  processor time of one, us', ({ saturated }) => (saturated.serverCpu / saturated.commandsPerSecond) * 1e6],
  ['memory at most, MiB', ({ most }) => most / 2 ** 20],
];

const median = (values) => values.sort((a, b) => a - b)[(values.length - 1) >> 1];
const line = (cells) => console.log(cells[0].padEnd(48) + cells.slice(1).map((cell) => cell.padStart(14)).join(''));

console.log(`${machine()}; ${thousands(active)} users' commands; medians of ${runs} runs of ${seconds} s`);
const places = [];
for (const users of sizes) {
  const db = database(`users-${users}`);
  // Those that act lie evenly among all.
  await fill(db, { users, running: users / 10, scatter: users / active });
  places.push({ users, db, found: [] });
}
for (let run = 0; run < runs; run++) for (const place of places) place.found.push(await measure(place.db));
line(['users in the store', ...sizes.map(thousands), 'ratio']);
for (const [what, figure] of figures) {
  const medians = places.map(({ found }) => median(found.map(figure)));
  line([what, ...medians.map((value) => (value < 100 ? value.toFixed(2) : thousands(value))), (medians[1] / medians[0]).toFixed(2)]);
}
rmSync(databases, { recursive: true, force: true });
console.log(`${(performance.now() / 1000).toFixed(0)} s`);
process.exit(faults.length ? 1 : 0);
