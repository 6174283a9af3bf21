// Who is measured, a server of theirs, and a run of the load generator against it.
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { begin } from './child.mjs';
import { missingOf, relays, startRelay } from './relays.mjs';
import { folder, quick, root, seconds } from './settings.mjs';

const load = join(root, 'build/release/tests/bench/load/load');

const node = (over, mode) => ({
  command: (db) => [process.execPath, join(root, 'tests/bench/peers/server.mjs'), ...['--db', db, '--over', over, '--mode', mode]],
  peer: over === 'ws' ? 'lockstep' : over,
  program: process.execPath,
  needs: join(root, 'tests/bench/peers/node_modules/better-sqlite3/build/Release/better_sqlite3.node'),
});
const server = join(root, 'build/release/lockstepd');
export const kinds = {
  lockstepd: {
    command: (db) => [
      server,
      ...['--db', db, '--listen', '127.0.0.1:0', '--rate-commands', '1000000/1000000'],
      ...['--max-sockets', '20000', '--max-sockets-user', '20000'],
    ],
    peer: 'lockstep',
    program: server,
  },
  'node grouped': node('ws', 'grouped'),
  'node each': node('ws', 'each'),
  // The quick table has only these.
  ...(quick
    ? {}
    : {
        'socket.io grouped': node('socket.io', 'grouped'),
        'socket.io each': node('socket.io', 'each'),
        ...relays,
      }),
};
for (const [name, kind] of Object.entries(kinds)) {
  const missing = missingOf(kind);
  if (!missing) continue;
  console.log(`${name} is left out: ${missing} is not there`);
  delete kinds[name];
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// A server with a new database, if it has any. It is stopped with what it says of its commits. `flags` are added to its
// words; `trusted` is the certificate that they let it show.
export async function start(kind, { flags = [], trusted } = {}) {
  if (kind in relays) return startRelay(kind);
  const db = join(folder, 'bench.db');
  for (const end of ['', '-wal', '-shm', '.key', '.lock']) rmSync(db + end, { force: true });
  const { child, stop: end } = begin([...kinds[kind].command(db), ...flags], 'pipe');
  let log = '';
  child.stderr.on('data', (chunk) => (log += chunk));
  let port;
  while (!(port = /listening on https?:\/\/127\.0\.0\.1:(\d+)/.exec(log)?.[1])) {
    if (child.exitCode !== null) throw new Error(`${kind} ended: ${log}`);
    await sleep(20);
  }
  const stop = async () => {
    await end();
    const [, commands, commits] = /(\d+) commands in (\d+) commits/.exec(log)?.map(Number) ?? [];
    return { commits, perCommit: commands / commits };
  };
  return { kind, peer: kinds[kind].peer, db, port, pid: child.pid, trusted, stop };
}

// Of runs in which a message was missing, came twice, out of order or wrong.
export const faults = [];

// One run of the generator: what it says, as an object.
export async function put(server, scenario, args = {}) {
  const { db, peer, port, pid, trusted: tls } = server;
  const settings = { seconds, 'warm-up': quick ? 500 : 1000, ...args, db, peer, port, pid, tls };
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  const words = given.flatMap(([name, value]) => [`--${name}`, String(value)]);
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

export async function once(kind, scenario, args, how) {
  const server = await start(kind, how);
  const said = await put(server, scenario, args);
  return said && { ...said, ...(await server.stop()) };
}
