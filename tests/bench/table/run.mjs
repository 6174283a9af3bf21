// Who is measured, a server of theirs, and a run of the load generator against it.
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { folder, quick, root, seconds } from './settings.mjs';

const load = join(root, 'build/release/tests/bench/load/load');

const node = (mode) => ({
  command: (db) => [process.execPath, join(root, 'tests/bench/peers/server.mjs'), '--db', db, '--mode', mode],
  needs: 'tests/bench/peers/node_modules/better-sqlite3/build/Release/better_sqlite3.node',
});
export const kinds = {
  lockstepd: {
    command: (db) => [
      join(root, 'build/release/lockstepd'),
      ...['--db', db, '--listen', '127.0.0.1:0', '--rate-commands', '1000000/1000000'],
      ...['--max-sockets', '20000', '--max-sockets-user', '20000'],
    ],
  },
  'node grouped': node('grouped'),
  'node each': node('each'),
};
for (const [name, { needs }] of Object.entries(kinds)) {
  if (!needs || existsSync(join(root, needs))) continue;
  console.log(`${name} is left out: ${needs} is not there`);
  delete kinds[name];
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// A server with a new database. It is stopped with what it says of its commits.
export async function start(kind) {
  const db = join(folder, 'bench.db');
  for (const end of ['', '-wal', '-shm', '.key', '.lock']) rmSync(db + end, { force: true });
  const [program, ...args] = kinds[kind].command(db);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let log = '';
  child.stderr.on('data', (chunk) => (log += chunk));
  let port;
  while (!(port = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(log)?.[1])) {
    if (child.exitCode !== null) throw new Error(`${kind} ended: ${log}`);
    await sleep(20);
  }
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    const [, commands, commits] = /(\d+) commands in (\d+) commits/.exec(log)?.map(Number) ?? [];
    return { perCommit: commands / commits };
  };
  return { kind, db, port, pid: child.pid, stop };
}

// Of runs in which a message was missing, came twice, out of order or wrong.
export const faults = [];

// One run of the generator: what it says, as an object.
export async function put(server, scenario, args = {}) {
  const settings = { seconds, 'warm-up': quick ? 500 : 1000, ...args, db: server.db, port: server.port, pid: server.pid };
  const words = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(load, [scenario, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let said = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (said += chunk));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) {
    faults.push(server.kind);
    console.log(`FAULT: ${server.kind}: load ${scenario} ${words.join(' ')}: exit code ${code}\n${said}${out}`);
  }
  return out ? JSON.parse(out) : undefined;
}

export async function once(kind, scenario, args) {
  const server = await start(kind);
  const said = await put(server, scenario, args);
  return said && { ...said, ...(await server.stop()) };
}
