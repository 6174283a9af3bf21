// make install and make uninstall: what is installed works from where it lies, and nothing of it stays.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Server } from '../integration/support/server.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const hasGtk = spawnSync('pkg-config', ['--exists', 'gtk4']).status === 0;
const wanted = hasGtk ? ['install', 'install-widget'] : ['install'];

// A folder of its own, and make's words for it; `make` inside is not part of a make around it.
function place(t) {
  const dir = mkdtempSync(join(tmpdir(), 'lockstep-install-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const { MAKEFLAGS, MAKELEVEL, MFLAGS, DESTDIR, PREFIX, ...env } = process.env;
  const make = (...words) => execFileSync('make', ['-C', root, ...words], { env, encoding: 'utf8' });
  return { dir, make };
}

// Every file below it, by its path from there.
function files(dir, from = '') {
  return readdirSync(join(dir, from), { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? files(dir, join(from, entry.name)) : join(from, entry.name)))
    .sort();
}

const folders = (dir) => execFileSync('find', [dir, '-mindepth', '1', '-type', 'd', '-name', 'lockstep*'], { encoding: 'utf8' });

test('what is installed lies where such things lie, readable by all, and serves its page', async (t) => {
  const { dir, make } = place(t);
  make(...wanted, `DESTDIR=${dir}`, 'PREFIX=/usr');
  const there = files(dir).filter((name) => !name.startsWith('usr/share/lockstep/web/'));
  for (const name of [
    'etc/lockstep/lockstep.conf',
    'usr/bin/lockstep',
    'usr/bin/lockstepd',
    'usr/lib/systemd/system/lockstep.service',
    'usr/lib/systemd/system/lockstep.socket',
    'usr/lib/sysusers.d/lockstep.conf',
    'usr/share/doc/lockstep/copyright',
    'usr/share/man/man1/lockstep.1',
    'usr/share/man/man5/lockstep.conf.5',
    'usr/share/man/man8/lockstepd.8',
  ])
    assert.ok(there.includes(name), `${name} in ${there.join(' ')}`);
  for (const name of files(dir)) {
    const mode = statSync(join(dir, name)).mode & 0o777;
    assert.equal(mode, name.startsWith('usr/bin/') ? 0o755 : 0o644, name);
  }
  // In the place of the program that was built.
  const server = await Server.start([], { wrapper: ['sh', '-c', `shift; exec ${dir}/usr/bin/lockstepd "$@"`, 'sh'] });
  t.after(() => server.stop());
  const page = await server.request('GET', '/');
  assert.equal(page.status, 200);
  assert.match(page.text, /<title>/);
});

test('the configuration that is installed is a good one, and says where the database lies', (t) => {
  const { dir, make } = place(t);
  make('install', `DESTDIR=${dir}`, 'PREFIX=/usr');
  const conf = join(dir, 'etc/lockstep/lockstep.conf');
  const lines = readFileSync(conf, 'utf8').split('\n').filter((line) => /^[^#]/.test(line));
  assert.deepEqual(lines, ['db = /var/lib/lockstep/lockstep.db']);
  const checked = spawnSync(join(dir, 'usr/bin/lockstepd'), ['--check', '--config', conf, '--db', join(dir, 'x.db')], { encoding: 'utf8' });
  assert.equal(checked.status, 0, checked.stderr);
});

test('units name the program and the configuration where they were installed', (t) => {
  const { dir, make } = place(t);
  make('install', `DESTDIR=${dir}`, 'PREFIX=/opt/timers');
  const unit = readFileSync(join(dir, 'opt/timers/lib/systemd/system/lockstep.service'), 'utf8');
  assert.match(unit, /^ExecStart=\/opt\/timers\/bin\/lockstepd --config \/opt\/timers\/etc\/lockstep\/lockstep\.conf$/m);
  assert.doesNotMatch(unit, /\/usr\/bin\/lockstep|\/etc\/lockstep(?<!\/opt\/timers\/etc\/lockstep)/);
});

test('after uninstall nothing of it is there', (t) => {
  const { dir, make } = place(t);
  make(...wanted, `DESTDIR=${dir}`);
  assert.ok(files(dir).length > 30);
  make('uninstall', `DESTDIR=${dir}`);
  assert.deepEqual(files(dir), []);
  assert.equal(folders(dir), '');
});

test('a configuration that somebody has changed stays as it is, and other files in its folder', (t) => {
  const { dir, make } = place(t);
  const conf = join(dir, 'etc/lockstep/lockstep.conf');
  make('install', `DESTDIR=${dir}`, 'PREFIX=/usr');
  appendFileSync(conf, 'max-timers = 7\n');
  writeFileSync(join(dir, 'etc/lockstep/key.pem'), 'theirs');
  make('install', `DESTDIR=${dir}`, 'PREFIX=/usr');
  assert.match(readFileSync(conf, 'utf8'), /max-timers = 7/);
  make('uninstall', `DESTDIR=${dir}`, 'PREFIX=/usr');
  assert.deepEqual(files(dir), ['etc/lockstep/key.pem', 'etc/lockstep/lockstep.conf']);
});

test('the page of another version is gone when this one is installed', (t) => {
  const { dir, make } = place(t);
  make('install', `DESTDIR=${dir}`);
  const old = join(dir, 'usr/local/share/lockstep/web/assets/index-0ld.js');
  writeFileSync(old, '1;');
  make('install', `DESTDIR=${dir}`);
  assert.equal(existsSync(old), false);
});
