// What each question costs as things grow: users in the store, sessions and timers of a user, sockets, the length of a
// user's log. Writes the figures into docs/pictures/growth.json, which draw.mjs draws.
//   node tests/bench/grow/growth.mjs [--quick] [--only AXIS,…] [--folder DIR]
import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../table/settings.mjs';
import { only, quick } from '../table/settings.mjs';
import { askAll, questions } from './ask.mjs';
import { keep } from './data.mjs';
import { Grown, database, databases, fill, machine, sleep, thousands } from './place.mjs';

const load = join(root, 'build/release/tests/bench/load/load');
const descriptors = Number(spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).stdout) || 1024;

// Some of so many users, evenly among them.
const some = (name, users, count) => Array.from({ length: count }, (_, i) => `${name}${Math.floor((i * users) / count)}`);

async function onServer(db, ask) {
  const server = await Grown.on(db);
  const start = await server.calm();
  const answers = await ask(server);
  const memory = server.memory.most;
  await server.stop();
  return { ...answers, start, memory };
}

// Everybody has a timer, and it runs for one in ten.
async function amongUsers(users) {
  const db = database('users');
  await fill(db, { users, running: users / 10, scatter: 10 });
  return onServer(db, (server) => askAll(server, some('load-', users, 8)));
}

// People who have much of one thing, all in one database.
const people = (what) => async (number) => {
  const db = database('people');
  await fill(db, { users: 1000 });
  await fill(db, { name: 'much-', users: 1, [what]: number });
  return onServer(db, (server) => askAll(server, ['much-0']));
};

// Others hold these; they are silent.
async function amongSockets(sockets) {
  const db = database('sockets');
  await fill(db, { users: sockets });
  await fill(db, { name: 'asker-', users: 4 });
  return onServer(db, async (server) => {
    const settings = ['--db', db, '--port', server.port, '--users', sockets, '--seconds', 600].map(String);
    const others = spawn(load, ['idle', ...settings], { stdio: 'ignore' });
    while (server.sockets.length < sockets && others.exitCode === null) await sleep(50);
    await server.calm();
    const answers = await askAll(server, some('asker-', 4, 4));
    if (others.exitCode !== null) throw new Error(`load idle ended: ${others.exitCode}`);
    others.kill();
    return answers;
  });
}

const held = (sockets) => sockets <= descriptors - 500;
const axes = {
  users: { label: 'users in the store', points: [1e3, 1e4, 1e5, 1e6], at: amongUsers },
  sessions: { label: 'completed sessions of the user', points: [1, 10, 100, 1000, 5000], at: people('history') },
  timers: { label: 'timers of the user', points: [1, 10, 100, 500], at: people('timers') },
  sockets: { label: 'sockets', points: [10, 100, 1000, 10000].filter(held), at: amongSockets },
  log: { label: 'events in the user\'s log', points: [1e2, 1e3, 1e4, 1e5, 1e6], at: people('events') },
};

// How it grows from the second point to the last: times so much, for so many times as much.
function growth(points, question) {
  const [from, to] = [points[1], points.at(-1)];
  return `x ${(to[question].us / from[question].us).toFixed(2)}`;
}

function print({ label, points }) {
  const line = (cells) => console.log(cells[0].padEnd(26) + cells.slice(1).map((cell) => cell.padStart(12)).join(''));
  line([label, ...points.map(({ x }) => thousands(x)), `${thousands(points[1].x)} on`]);
  for (const [question, what] of Object.entries(questions)) line([`  ${what}`, ...points.map((point) => point[question].us.toFixed(0)), growth(points, question)]);
  line(['  after a start, ms', ...points.map(({ start }) => start.processorMs.toFixed(0))]);
  line(['  memory, MiB', ...points.map(({ memory }) => (memory / 2 ** 20).toFixed(0))]);
}

console.log(`${machine()}; processor time of the server for one, in us: medians`);
for (const [name, { label, points, at }] of Object.entries(axes)) {
  if (only && !only.includes(name)) continue;
  const found = { label, machine: machine(), points: [] };
  for (const x of quick ? points.slice(0, -1) : points) found.points.push({ x, ...(await at(x)) });
  print(found);
  if (!quick) keep('growth', { [name]: found });
}
rmSync(databases, { recursive: true, force: true });
console.log(`${(performance.now() / 1000).toFixed(0)} s`);
