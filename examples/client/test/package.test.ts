// The package as others get it: what is in it, and that a strict program compiles against its types.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

const home = process.cwd();
const dir = mkdtempSync(join(tmpdir(), 'lockstep-package-'));
const unpacked = join(dir, 'program/node_modules/lockstep-client');

/** Packs a copy: others may be using what is built here. */
before(() => {
  const copy = join(dir, 'examples/client');
  mkdirSync(copy, { recursive: true });
  for (const name of ['package.json', 'README.md', 'tsconfig.json', 'src']) cpSync(join(home, name), join(copy, name), { recursive: true });
  cpSync(join(home, '../../LICENSE'), join(dir, 'LICENSE'));
  symlinkSync(join(home, 'node_modules'), join(copy, 'node_modules'));
  execFileSync('npm', ['pack', '--silent', '--pack-destination', dir], { cwd: copy });
  mkdirSync(unpacked, { recursive: true });
  const packed = readdirSync(dir).find((name) => name.endsWith('.tgz')) ?? assert.fail('nothing was packed');
  execFileSync('tar', ['-xzf', join(dir, packed), '--strip-components=1', '-C', unpacked]);
  symlinkSync(join(home, 'node_modules/@types'), join(dir, 'program/node_modules/@types'));
});
after(() => rmSync(dir, { recursive: true }));

const NODE = `
import { LockstepClient, SignInNeeded, type Held, type Saved } from 'lockstep-client';
import WebSocket from 'ws';
const saved: Saved | null = JSON.parse('null') as Saved | null;
const client = new LockstepClient({ url: 'http://127.0.0.1', token: 'secret', WebSocket, saved, renewToken: async () => null });
try {
  await client.ready();
} catch (error) {
  if (error instanceof SignInNeeded) console.log(error.why);
}
const result = await client.command({ type: 'addSession', title: 'Tea' }, { label: 'Add tea' });
const held: Held | undefined = client.state.sessions.get(result.session ?? '');
const left: number | null = held ? client.remaining(held.session) : null;
client.on('settled', (pending, { error }) => console.log(pending.label, error?.code, left));
`;
const PAGE = `
import { LockstepClient, isRunning } from 'lockstep-client';
const client = new LockstepClient({ WebSocket });
const off: () => void = client.on('change', () => [...client.state.sessions.values()].some(isRunning));
off();
// @ts-expect-error: there is no such thing to listen to
client.on('changed', () => {});
`;

const programs = [
  ['node16', 'a program for Node', NODE, { module: 'node16', types: ['node'], lib: ['ES2022'] }],
  ['bundler', 'a page', PAGE, { module: 'ESNext', types: [], lib: ['ES2022', 'DOM'] }],
] as const;

for (const [moduleResolution, what, text, more] of programs) {
  test(`${what} compiles, strictly, with module resolution ${moduleResolution}`, () => {
    const program = join(dir, 'program');
    const options = { ...more, moduleResolution, strict: true, exactOptionalPropertyTypes: true, target: 'ES2022', noEmit: true, skipLibCheck: false };
    writeFileSync(join(program, 'package.json'), '{"type":"module"}');
    writeFileSync(join(program, 'main.ts'), text);
    writeFileSync(join(program, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['main.ts'] }));
    try {
      execFileSync(process.execPath, [join(home, 'node_modules/typescript/bin/tsc'), '-p', program], { encoding: 'utf8' });
    } catch (error) {
      assert.fail((error as { stdout: string }).stdout);
    }
  });
}

test('the package holds what it needs, and nothing else', () => {
  assert.deepEqual(readdirSync(unpacked).sort(), ['LICENSE', 'README.md', 'dist', 'package.json']);
  const modules = readdirSync(join(home, 'src')).map((name) => name.replace('.ts', ''));
  const built = modules.flatMap((name) => [`${name}.d.ts`, `${name}.js`]);
  assert.deepEqual(readdirSync(join(unpacked, 'dist')).sort(), built.sort());
});

test('it is loaded by its name', () => {
  const program = "import('lockstep-client').then((all) => console.log(Object.keys(all).sort().join()))";
  const where = { cwd: join(dir, 'program'), encoding: 'utf8' } as const;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], where);
  assert.equal(said.trim(), 'LockstepClient,ServerClock,SignInNeeded,dayStartMs,elapsedMs,isRunning,newId,nextChangeMs,pauseEndsMs,remainingMs,shownSeconds,trackedMs');
});
