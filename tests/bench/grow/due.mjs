// A hundred thousand timers due at one instant, while other people's commands come at 1,000 a second: how long those take
// before and from that instant on, and how long until each timer has ended, once. Once with a timer each of as many
// users, once with 500 of each user.
//   node tests/bench/grow/due.mjs [--quick] [--folder DIR]
import { rmSync } from 'node:fs';

import { faults, put } from '../table/run.mjs';
import { quick } from '../table/settings.mjs';
import { Grown, database, databases, fill, machine, settled, thousands } from './place.mjs';

const timers = quick ? 1e4 : 1e5;
const EACH = 500;
const LEAD_MS = quick ? 25000 : 50000; // for filling, and for the time before
const CONNECTING_MS = 1500; // the load generator's
const rate = { rate: 1000, users: 333, sockets: 1, active: 333, seconds: 6 };

const times = ({ p50, p99, p999, max }) => `p50 ${p50} ms, p99 ${p99} ms, p99.9 ${p999} ms, longest ${max} ms`;

async function crowd(users) {
  const db = database('due');
  const dueAtMs = Date.now() + LEAD_MS;
  await fill(db, { name: 'crowd-', users, timers: timers / users, running: timers, 'due-at': dueAtMs });
  const server = await Grown.on(db);
  const target = { kind: 'lockstepd', db, port: server.port, pid: server.pid };
  await server.calm();
  console.log(`${thousands(users)} users with ${thousands(timers / users)} each`);
  const before = await put(target, 'rate', { ...rate, seconds: 4, 'warm-up': 500 });
  console.log(`  before: ${times(before.resultMs)}`);
  const warmUpMs = dueAtMs - CONNECTING_MS - Date.now();
  if (warmUpMs < 0) throw new Error('filling took longer than it may');
  const after = await put(target, 'rate', { ...rate, 'warm-up': warmUpMs });
  console.log(`  from that instant on: ${times(after.resultMs)}; the generator was late by ${after.lagMs.p99} ms, p99`);
  const { lastMs } = await settled(db, dueAtMs, timers);
  console.log(`  ${thousands(timers)} had ended after ${lastMs - dueAtMs} ms, each once`);
  await server.stop();
}

console.log(`${machine()}; ${thousands(timers)} timers due at one instant`);
await crowd(timers);
await crowd(timers / EACH);
rmSync(databases, { recursive: true, force: true });
console.log(`${(performance.now() / 1000).toFixed(0)} s`);
process.exit(faults.length ? 1 : 0);
