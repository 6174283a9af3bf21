// A start with a million users and a million timers, of which a hundred thousand run: first when none is due, then when
// all of those fell due while the server was down. How long until it is ready, what somebody's commands take meanwhile,
// how long until each of those due has ended, once, at its own instant; and memory.
//   node tests/bench/grow/startup.mjs [--quick] [--folder DIR]
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';

import { quick } from '../table/settings.mjs';
import { Asker } from './ask.mjs';
import { Grown, database, databases, fill, machine, settled, sleep, thousands } from './place.mjs';

const users = quick ? 1e5 : 1e6;
const running = users / 10;
const OVERDUE_MS = 60 * 1000;
const WATCHED_MS = 3000;

// Commands of somebody who has nothing to do with it, one after the other, until the promise is kept: how long each took.
async function meanwhile(server, promise) {
  const asker = await Asker.of(server, 'asker-0');
  const took = [];
  let over = false;
  promise.then(() => (over = true));
  while (!over || !took.length) {
    const begun = performance.now();
    await asker.command();
    took.push(performance.now() - begun);
  }
  await asker.end();
  took.sort((a, b) => a - b);
  return `${took.length} commands: p50 ${took[took.length >> 1].toFixed(2)} ms, longest ${took.at(-1).toFixed(1)} ms`;
}

async function start(what, settings) {
  const db = database('startup');
  const filled = await fill(db, { users, running, scatter: 10, ...settings });
  await fill(db, { name: 'asker-', users: 1 });
  console.log(`${what} (filled in ${filled.seconds.toFixed(0)} s)`);
  const begunMs = Date.now();
  const server = await Grown.on(db);
  while ((await server.request('GET', '/readyz')).status !== 200);
  console.log(`  ready after ${Date.now() - begunMs} ms, with ${(server.memory.now / 2 ** 20).toFixed(0)} MiB`);
  const end = settings['due-at'] ? settled(db, settings['due-at'], running) : sleep(WATCHED_MS);
  const commands = await meanwhile(server, end);
  const found = await end;
  if (found) console.log(`  ${thousands(running)} had ended after ${found.lastMs - begunMs} ms, each once`);
  console.log(`  meanwhile ${commands}`);
  const { processorMs } = await server.calm();
  console.log(`  and ${processorMs.toFixed(0)} ms of processor time later it rests`);
  console.log(`  memory at most ${(server.memory.most / 2 ** 20).toFixed(0)} MiB`);
  const { code } = await server.kill('SIGTERM');
  assert.equal(code, 0);
  await server.stop();
}

console.log(`${machine()}; ${thousands(users)} users with a timer each, ${thousands(running)} running`);
await start('none due', {});
await start('all due while it was down', { 'due-at': Date.now() - OVERDUE_MS });
rmSync(databases, { recursive: true, force: true });
console.log(`${(performance.now() / 1000).toFixed(0)} s`);
