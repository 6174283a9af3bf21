// The systemd units: what systemd says of them itself, and whether the server does what they let it do and nothing else.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../integration/support/bytes.mjs';
import { Client } from '../integration/support/client.mjs';
import { Issuer } from '../integration/support/issuer.mjs';
import { Person } from '../integration/support/person.mjs';
import { binary, Server } from '../integration/support/server.mjs';

const from = fileURLToPath(new URL('../../packaging/systemd/', import.meta.url));
const unit = readFileSync(join(from, 'lockstep.service'), 'utf8');
const valuesOf = (name) => [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value);

// Copies of them that name the program that was built.
let dir;
before(() => {
  dir = mkdtempSync(join(tmpdir(), 'lockstep-unit-'));
  for (const name of ['lockstep.service', 'lockstep.socket'])
    writeFileSync(join(dir, name), readFileSync(join(from, name), 'utf8').replaceAll('/usr/bin/lockstepd', binary));
});
after(() => rmSync(dir, { recursive: true, force: true }));

const analyze = (...words) => spawnSync('systemd-analyze', words, { encoding: 'utf8' });

test('systemd finds nothing wrong with the units', () => {
  const { status, stdout, stderr } = analyze('verify', '--man=no', join(dir, 'lockstep.service'), join(dir, 'lockstep.socket'));
  assert.equal(stdout + stderr, '');
  assert.equal(status, 0);
});

test('by systemd\'s measure the service is exposed by 1.5 of 10 at most', () => {
  const { status, stdout, stderr } = analyze('security', '--offline=true', '--threshold=15', join(dir, 'lockstep.service'));
  assert.equal(status, 0, stdout + stderr);
});

// --- What the server asks of the kernel, beside what its unit lets it ask ---------------------------------------------

// A set of systemd's (@system-service), with those in it.
function callsOf(name) {
  const lines = execFileSync('systemd-analyze', ['syscall-filter', name], { encoding: 'utf8' }).split('\n').slice(1);
  const words = lines.map((line) => line.trim()).filter((line) => line && !line.startsWith('#'));
  return words.flatMap((word) => (word.startsWith('@') ? callsOf(word) : word));
}

// Those that the unit's lines allow: the first is a list of what is, later ones take away (~) or add.
function allowed() {
  const calls = new Set(callsOf('@default'));
  for (const line of valuesOf('SystemCallFilter')) {
    const takes = line.startsWith('~');
    for (const name of line.replace('~', '').split(' ').flatMap((word) => (word.startsWith('@') ? callsOf(word) : word)))
      if (takes) calls.delete(name);
      else calls.add(name);
  }
  return calls;
}

// A certificate, as openssl makes one.
function certify() {
  const files = { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') };
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=x', '-keyout', files.key, '-out', files.cert];
  execFileSync('openssl', words, { stdio: 'ignore' });
  return files;
}

// Somebody signs in with an issuer's token, works, looks at the past and goes; the configuration is read again.
async function live(server, issuer) {
  const client = await Client.live(server, { token: issuer.token('ida') });
  const added = await client.ask({ type: 'addSession', title: 'x', initialDuration: 60 });
  assert.ok(added.ok, JSON.stringify(added));
  const person = await Person.of(server);
  await person.commands({ type: 'addSession', title: 'y' });
  await person.gets('/v1/analytics?period=daily');
  assert.equal((await server.request('GET', '/', { headers: { 'accept-encoding': 'gzip' } })).status, 200);
  server.process.kill('SIGHUP');
  await server.logged(/reload|configuration/);
  await client.end();
}

// Traced by a process beside it, so that signals are the server's own.
async function traced(t, options, life) {
  const trace = join(dir, 'trace');
  const server = await Server.start(options, { wrapper: ['strace', '-D', '-f', '-q', '-o', trace] });
  t.after(() => server.stop());
  await life(server);
  assert.deepEqual(await server.kill('SIGTERM'), { code: 0, signal: null });
  await until(() => /exited with 0/.test(readFileSync(trace, 'utf8')), 'the end of the trace');
  return readFileSync(trace, 'utf8');
}

test('what the server asks of the kernel is what its unit allows', async (t) => {
  const issuer = await Issuer.start();
  t.after(() => issuer.stop());
  const { cert, key } = certify();
  const options = [...issuer.options, '--listen', `unix:${join(dir, 'socket')}`, '--metrics', '127.0.0.1:0'];
  const trace = await traced(t, options, (server) => live(server, issuer));
  const withTls = await traced(t, ['--tls-cert', cert, '--tls-key', key], () => {});
  const lines = (trace + withTls).split('\n');
  const may = allowed();
  if (process.getuid() === 0) may.add('fchown'); // SQLite, which gives its files to the database's owner then
  const refused = new Set(lines.map((line) => /^\d+ +(\w+)\(/.exec(line)?.[1]).filter((call) => call && !may.has(call)));
  assert.deepEqual([...refused], []);

  const families = valuesOf('RestrictAddressFamilies')[0].split(' ');
  const others = lines.filter((line) => / socket(pair)?\(/.test(line) && !families.some((family) => line.includes(`(${family},`)));
  assert.deepEqual(others, []);
  const writesCode = lines.filter((line) => /PROT_WRITE\|PROT_EXEC| mprotect\(.*PROT_EXEC/.test(line));
  assert.deepEqual(writesCode, []);
});
