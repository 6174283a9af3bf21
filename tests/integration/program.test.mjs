// The contract of the program: who it runs as, when it is seen, how it ends.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { Client } from './support/client.mjs';
import { binary, Server } from './support/server.mjs';

test('SIGTERM: close 1001, exit 0', async () => {
  const server = await Server.start();
  const client = await Client.live(server, { token: server.token('ivan') });
  const done = server.kill('SIGTERM');
  assert.equal((await client.closed).code, 1001);
  assert.deepEqual(await done, { code: 0, signal: null });
  await server.stop();
});

test('a second server on the same database ends with exit code 1, and was never seen', async () => {
  const server = await Server.start();
  const second = new Server();
  second.db = server.db;
  await assert.rejects(second.start(), /server ended \(1\)/);
  await server.stop();
});

test('--user: root becomes that user before it opens a file; nobody else can', async () => {
  const server = new Server(['--user', 'nobody']);
  if (process.getuid() !== 0) {
    await assert.rejects(server.start(), /server ended \(78\).*only root/s);
    return;
  }
  const nobody = Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }));
  chownSync(server.dir, nobody, nobody);
  await server.start();
  assert.match(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'), new RegExp(`^Uid:\\s${nobody}\\s${nobody}\\s${nobody}\\s`, 'm'));
  assert.equal(statSync(server.db).uid, nobody);
  assert.equal(statSync(`${server.db}.key`).mode & 0o777, 0o600);
  await server.stop();
});

test('what is wrong is one clear line, and the exit code says which kind', () => {
  const run = (...args) => spawnSync(binary, args, { encoding: 'utf8' });
  for (const [args, code, word] of [
    [['--bogus'], 2, 'bogus'],
    [['--max-timers', 'many', '--check'], 78, 'max-timers'],
    [['--config', '/nowhere', '--check'], 78, '/nowhere'],
    [['--dev', '--listen', '0.0.0.0:1', '--check'], 78, 'loopback'],
    [['--user', 'no-such-user', '--db', '/tmp/never.db', '--listen', '127.0.0.1:0'], 78, 'no-such-user'],
  ]) {
    const { status, stderr } = run(...args);
    assert.equal(status, code, stderr);
    assert.ok(stderr.includes(word), stderr);
  }
  assert.equal(run('--check').status, 0);
  assert.match(run('--version').stdout, /^lockstepd \d/);
});
