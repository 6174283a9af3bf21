// The load generator and the server agree, in small: what `make bench` measures is what it says.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { tlsOptions } from './support/certificate.mjs';
import { day, second } from './support/person.mjs';
import { Server } from './support/server.mjs';

const program = fileURLToPath(new URL('../../build/release/tests/bench/load/load', import.meta.url));
const NO_FAULTS = { missing: 0, twice: 0, disorder: 0, refused: 0, wrong: 0, closed: 0 };
// Long enough for what is checked of each message; there are no figures then.
const moment = { seconds: 0, 'warm-up': 300 };
let server;

const flags = ['--rate-commands', '100000/100000', '--max-sockets-user', '100', '--max-unauthenticated', '1000'];

before(async () => {
  server = await Server.start(flags, { dev: false });
});

// The generator knows its own events only, and at midnight the server makes some: the daily reset's.
beforeEach(async () => {
  const left = day - (Date.now() % day);
  if (left < 30 * second) await sleep(left + second);
});

after(() => server.stop());

// A server of its own, with a log that nobody else wrote in.
async function fresh(more, use) {
  const own = await Server.start([...flags, ...more], { dev: false });
  try {
    return await use(own);
  } finally {
    await own.stop();
  }
}

// Ends by itself with exit code 0, or this throws.
async function load(scenario, settings, at = server) {
  const words = Object.entries({ seconds: 1, 'warm-up': 100, 'parse-every': 3, ...settings }).flatMap(([name, value]) => [`--${name}`, value]);
  const { stdout } = await promisify(execFile)(program, [scenario, '--db', at.db, '--port', at.port, '--pid', at.process.pid, ...words].map(String));
  const said = JSON.parse(stdout);
  assert.deepEqual(said.faults, NO_FAULTS);
  return said;
}

test('each event reaches the three sockets of its user', async () => {
  const said = await load('durable', { users: 5 });
  assert.equal(said.sockets, 15);
  assert.ok(said.commandsPerSecond > 0 && said.deliveriesPerSecond > said.commandsPerSecond);
  assert.ok(said.eventBytes > 500 && said.parsed > 15);
});

test('a rate is what was asked for, and every command of it is answered', async () => {
  const said = await load('rate', { users: 5, rate: 100 });
  assert.equal(said.resultMs.count, 100);
  assert.equal(said.eventMs.count, 300);
  assert.equal(said.dropped, 0);
});

test('one user with many sockets', async () => {
  const said = await load('fanout', { sockets: 64 });
  assert.equal(said.eventMs.count, 64 * said.resultMs.count);
});

test('who is silent costs memory only', async () => {
  const said = await load('idle', { users: 100 });
  assert.equal(said.resultMs.count, 0);
  assert.ok(said.handshakesPerSecond > 0);
});

test('all come back at once, each to where it was', async () => {
  const said = await load('storm', { users: 50, active: 50, sockets: 3, behind: 4 });
  assert.equal(said.returnMs.count, 150);
  assert.equal(said.replays, 150);
  assert.equal(said.replayed, 600);
});

test('one comes back by a replay, or by a snapshot', async () => {
  const back = await load('replay', { behind: 20, ...moment });
  assert.ok(back.replays > 0 && back.snapshots === 0);
  assert.equal(back.replayed, 20 * back.replays);
  await fresh([], async (own) => {
    const anew = await load('snapshot', { behind: 20, ...moment }, own);
    assert.ok(anew.snapshots > 0 && anew.replays === 0);
    assert.ok(anew.bytes / anew.snapshots > 20 * 400);
  });
});

test('one that does not read is closed, and comes back without a gap', async () => {
  const said = await load('stuck', { sockets: 20, seconds: 3, window: 64 });
  assert.ok(said.slowCloses > 0);
  assert.equal(said.returnMs.count, said.slowCloses);
  assert.ok(said.deliveriesPerSecond > 0);
});

test('more commands than are allowed: some are refused, and the others are done in order', async () => {
  await fresh(['--rate-commands', '20/40'], async (own) => {
    const said = await load('past', { users: 5, rate: 400 }, own);
    assert.ok(said.limited > 0 && said.commandsPerSecond > 0);
    assert.equal(said.unavailable, 0);
  });
  await assert.rejects(fresh(['--rate-commands', '20/40'], (own) => load('rate', { users: 5, rate: 1000, ...moment }, own)), { code: 1, stderr: /rateLimited/ });
});

test('requests over HTTP', async () => {
  const list = await load('list', { users: 4, behind: 3, ...moment });
  const act = await load('act', { users: 4, ...moment });
  for (const said of [list, act]) assert.ok(said.parsed > 5);
});

test('the same through TLS, to the certificate that is trusted and to no other', async (t) => {
  const folders = ['one', 'other'].map(() => mkdtempSync(join(tmpdir(), 'lockstep-load-')));
  t.after(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));
  const [own, other] = folders.map((folder) => tlsOptions(folder));
  await fresh(own, async (at) => {
    const said = await load('durable', { users: 3, tls: own[1] }, at);
    assert.ok(said.deliveriesPerSecond > said.commandsPerSecond);
    await load('act', { users: 2, tls: own[1], ...moment }, at);
    await assert.rejects(load('idle', { users: 1, tls: other[1] }, at), { code: 1 });
  });
});

test('a server that is not there, or a token that is not good, is a failure', async () => {
  await assert.rejects(load('idle', { users: 1, port: 1 }), { code: 1, stderr: /Connection refused/ });
  await assert.rejects(load('idle', { users: 1, db: `${server.db}-other` }), { code: 1, stderr: /closed with 4401/ });
});
