// The load generator and the server agree, in small: what `make bench` measures is what it says.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { after, before, test } from 'node:test';
import { Server } from './support/server.mjs';

const program = fileURLToPath(new URL('../../build/release/tests/bench/load/load', import.meta.url));
const NO_FAULTS = { missing: 0, twice: 0, disorder: 0, refused: 0, wrong: 0, closed: 0 };
let server;

before(async () => {
  server = await Server.start(['--rate-commands', '100000/100000', '--max-sockets-user', '100'], { dev: false });
});

after(() => server.stop());

// Ends by itself with exit code 0, or this throws.
async function load(scenario, settings) {
  const words = Object.entries({ seconds: 1, 'warm-up': 100, 'parse-every': 3, ...settings }).flatMap(([name, value]) => [`--${name}`, value]);
  const { stdout } = await promisify(execFile)(program, [scenario, '--db', server.db, '--port', server.port, '--pid', server.process.pid, ...words].map(String));
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

test('a server that is not there, or a token that is not good, is a failure', async () => {
  await assert.rejects(load('idle', { users: 1, port: 1 }), { code: 1, stderr: /Connection refused/ });
  await assert.rejects(load('idle', { users: 1, db: `${server.db}-other` }), { code: 1, stderr: /closed with 4401/ });
});
