// The container file, as far as it can be looked at without building it.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import YAML from 'yaml';
import { binary } from '../integration/support/server.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const path = join(root, 'packaging/container/Containerfile');
const text = readFileSync(path, 'utf8').replaceAll('\\\n', ' ');
const last = text.slice(text.lastIndexOf('\nFROM '));

test('a linter has nothing to say of it', () => {
  const { status, stdout } = spawnSync(join(root, 'tests/lint/node_modules/.bin/dockerfile-utils'), ['lint', path], { encoding: 'utf8' });
  assert.equal(stdout, '');
  assert.equal(status, 0);
});

test('what it copies is there', () => {
  for (const [, words] of text.matchAll(/^COPY (?!--from)(.*) \S+$/gm))
    for (const name of words.split(/ +/)) assert.ok(existsSync(join(root, name)), name);
});

test('each library that the program names comes with a package that is installed there', () => {
  const packages = /apt-get install -y --no-install-recommends +(.*?) +&&/s.exec(last)[1].split(/ +/);
  const needed = [...execFileSync('readelf', ['-d', binary], { encoding: 'utf8' }).matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name]) => name);
  assert.ok(needed.length > 5);
  // A library's package is found by the file's name, wherever that is; there may be others that have one of that name.
  const ownersOf = (name) => execFileSync('dpkg-query', ['-S', `*/${name}`], { encoding: 'utf8' }).split('\n').map((line) => line.split(':')[0]);
  const missing = needed.filter((name) => !ownersOf(name).some((owner) => owner === 'libc6' || packages.includes(owner)));
  assert.deepEqual(missing, []);
  // Which it loads when it needs them.
  for (const name of ['libwebsockets-evlib-ev', 'tzdata', 'ca-certificates']) assert.ok(packages.includes(name), name);
});

test('it runs as nobody in particular, and writes to its volume only', () => {
  assert.match(last, /^USER 10001:10001$/m);
  assert.match(last, /^VOLUME \/var\/lib\/lockstep$/m);
  const { lockstep } = YAML.parse(readFileSync(join(root, 'packaging/container/compose.yaml'), 'utf8')).services;
  assert.equal(lockstep.read_only, true);
  assert.deepEqual(lockstep.cap_drop, ['ALL']);
  assert.deepEqual(lockstep.security_opt, ['no-new-privileges:true']);
  assert.equal(lockstep.volumes.length, 1);
});
