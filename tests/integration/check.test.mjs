// `lockstepd --check`: what can be known of a configuration without being in a running server's way.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { tlsOptions } from './support/certificate.mjs';
import { binary, Server } from './support/server.mjs';

let dir;
before(() => {
  dir = mkdtempSync(join(tmpdir(), 'lockstep-check-'));
  chmodSync(dir, 0o755);
});
after(() => rmSync(dir, { recursive: true, force: true }));

const path = (...names) => join(dir, ...names);
const check = (args, env = {}, wrapper = []) => {
  const [command, ...more] = [...wrapper, binary, '--check', ...args];
  return spawnSync(command, more, { cwd: dir, env: { PATH: process.env.PATH, ...env }, encoding: 'utf8' });
};
const good = (...args) => {
  const { status, stdout, stderr } = check(...args);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^the configuration is good\n/);
  return { told: stdout.split('\n').slice(1, -1), notes: stderr.split('\n').slice(0, -1) };
};
const bad = (args, pattern) => {
  const { status, stdout, stderr } = check(args);
  assert.deepEqual([status, stdout], [78, ''], stderr);
  assert.match(stderr, /^lockstepd: [^\n]*\n$/);
  assert.match(stderr, pattern);
};
const asRoot = { skip: process.getuid() !== 0 && 'only root can become another user' };

test('nothing told: it is good, and there is no more to say', () => {
  assert.deepEqual(good([]), { told: [], notes: [] });
  assert.deepEqual(readdirSync(dir), [], 'it makes no file');
});

test('what was told is shown as it could stand in a file, with where it came from', () => {
  writeFileSync(path('a.conf'), 'max-timers = 5\nmax-groups = 6\nmax-plans = 7\norigin = https://a.example\norigin = https://b.example\n');
  const { told } = good(['--config', path('a.conf'), '--max-plans', '9'], { LOCKSTEP_MAX_GROUPS: '8' });
  assert.deepEqual(told, [
    `origin = https://a.example ; from ${path('a.conf')}`,
    `origin = https://b.example ; from ${path('a.conf')}`,
    `max-timers = 5 ; from ${path('a.conf')}`,
    'max-groups = 8 ; from the environment',
    'max-plans = 9 ; from a flag',
  ]);
  writeFileSync(path('b.conf'), told.join('\n'));
  assert.deepEqual(
    good(['--config', path('b.conf')]).told.map((line) => line.replace(/ ;.*/, '')),
    told.map((line) => line.replace(/ ;.*/, '')),
  );
});

test('a database whose folder is not there, or that is no file', () => {
  mkdirSync(path('folder.db'));
  bad(['--db', path('nowhere', 'x.db')], /db: there is no folder .*nowhere$/m);
  bad(['--db', path('folder.db')], /db: .*folder\.db is no file/);
  assert.deepEqual(good(['--db', path('new.db')]).notes, []);
  assert.ok(!existsSync(path('new.db')));
});

test('a user that is not there', () => bad(['--user', 'no-such-user'], /user: there is no no-such-user/));

test('a certificate and a key that do not fit, or are none', () => {
  for (const name of ['one', 'other']) mkdirSync(path(name));
  const options = tlsOptions(path('one'), 'one.example');
  tlsOptions(path('other'), 'other.example');
  assert.deepEqual(good(options).notes, []);
  bad(['--tls-cert', path('one', 'cert.pem'), '--tls-key', path('other', 'key.pem')], /tls-cert, tls-key: no certificate and key that fit/);
  bad(['--tls-cert', path('nowhere.pem'), '--tls-key', path('one', 'key.pem')], /no certificate and key that fit/);
  bad(['--tls-cert', path('one', 'key.pem'), '--tls-key', path('one', 'key.pem')], /no certificate and key that fit/);
});

test('more connections than there may be open files: a note, for a service may have more', () => {
  const { notes } = good(['--max-sockets', '5000'], {}, ['sh', '-c', 'ulimit -n 1024; exec "$@"', 'sh']);
  assert.deepEqual(notes, ['lockstepd: note: max-sockets: 5000 need 5128 open files, and here the limit is 1024']);
});

test('what is looked at as the user who is to serve', asRoot, () => {
  const nobody = Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }));
  for (const name of ['theirs', 'roots']) mkdirSync(path(name), { mode: 0o755 });
  chownSync(path('theirs'), nobody, nobody);
  assert.deepEqual(good(['--user', 'nobody', '--db', path('theirs', 'x.db')]).notes, []);
  assert.deepEqual(good(['--user', 'nobody', '--db', path('roots', 'x.db')]).notes, [
    `lockstepd: note: db: this user cannot write to ${path('roots')}: Permission denied`,
  ]);
  writeFileSync(path('theirs', 'y.db'), '', { mode: 0o600 });
  assert.deepEqual(good(['--user', 'nobody', '--db', path('theirs', 'y.db')]).notes, [
    `lockstepd: note: db: this user cannot read and write ${path('theirs', 'y.db')}: Permission denied`,
  ]);
  mkdirSync(path('tls'));
  const options = tlsOptions(path('tls'));
  assert.deepEqual(good(['--user', 'nobody', '--db', path('theirs', 'x.db'), ...options]).notes, [
    `lockstepd: note: ${path('tls', 'key.pem')}: Permission denied; SIGHUP will not read it again`,
  ]);
});

test('a running server is not disturbed', async (t) => {
  const server = await Server.start();
  t.after(() => server.stop());
  assert.deepEqual(good(['--db', server.db, '--listen', `127.0.0.1:${server.port}`]).notes, []);
  assert.equal((await server.request('GET', '/readyz')).status, 200);
});
