// Breaks a promise in a copy of the sources, builds that, and has a test look at it, which must say so: for each row a
// line. Ends with 1 when something broken was not found.
//   node tests/faults/proof.mjs [what is broken ...]
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

// What is broken (broken/*.patch), which test finds it, and what it must say.
const rows = [
  ['early-answer', 'power', /is not there/],
  ['early-answer', 'crash', /is not there|forgot what it told/],
  ['synchronous-normal', 'power', /is not there/],
  ['no-keys', 'crash', /applied again|applied twice|contradicted/],
  ['io-error-goes-on', 'disk', /it lives on/],
  ['full-goes-unnoticed', 'disk', /error: .*"ok":true/],
  ['no-tags', 'damage', /is told nothing/],
  ['backup-unsynced', 'tools', /a backup that was done is gone/],
  ['restore-unsynced', 'tools', /is damaged|neither the old database nor the new one|is beside the new one/],
  ['old-log', 'tools', /the old database is still there|is beside the new one/],
];

// The sources, and what is built of them already: only what is changed is compiled again.
function copy(folder) {
  const names = ['Makefile', 'protocol', 'auth', 'store', 'server', 'docs', 'tests', 'build/release'];
  execFileSync('sh', ['-c', `tar -c --exclude node_modules ${names.join(' ')} | tar -x -C '${folder}'`], { cwd: root });
}

function build(folder, name) {
  execFileSync('patch', ['-p1', '--quiet', '--no-backup-if-mismatch'], { cwd: folder, input: readFileSync(new URL(`broken/${name}.patch`, import.meta.url)) });
  execFileSync('make', ['WERROR=', 'build/release/lockstepd'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  return join(folder, 'build/release/lockstepd');
}

// One that is broken by chance may need another seed.
function finds(binary, test, pattern) {
  for (let seed = 1; seed <= 5; seed++) {
    const env = { ...process.env, LOCKSTEPD: binary, FAULTS_SEED: String(seed) };
    const { status, stdout } = spawnSync('node', ['--test', join(root, `tests/faults/${test}.test.mjs`)], { env, encoding: 'utf8' });
    const said = stdout.split('\n').filter((line) => /^\s*error: /.test(line) || pattern.test(line));
    if (status !== 0 && said.some((line) => pattern.test(line))) return `seed ${seed}: ${said.find((line) => pattern.test(line)).trim().slice(0, 160)}`;
    if (status !== 0) process.stdout.write(`${said.join('\n')}\n`);
  }
  return undefined;
}

let missed = 0;
const wanted = process.argv.slice(2);
for (const name of wanted.length ? wanted : new Set(rows.map(([broken]) => broken))) {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-broken-'));
  try {
    copy(folder);
    const binary = build(folder, name);
    for (const [, test, pattern] of rows.filter(([broken]) => broken === name)) {
      const found = finds(binary, test, pattern);
      console.log(`${found ? 'found ' : 'MISSED'} ${name} by ${test}: ${found ?? ''}`);
      missed += !found;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
process.exitCode = missed ? 1 : 0;
