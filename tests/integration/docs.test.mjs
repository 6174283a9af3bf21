// The documents: what they show happens, every command in them is known, and what they name or link to is there.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { until } from './support/bytes.mjs';
import { program } from './support/cli.mjs';
import { Client } from './support/client.mjs';
import { anchorsOf, blocksOf, linksOf, namedIn, pages, read, root } from './support/manual.mjs';
import { binary, Server } from './support/server.mjs';
import { Session } from './support/session.mjs';

const blocks = pages.flatMap(blocksOf);

// --- What is typed ---------------------------------------------------------------------------------------------------

// The blocks of these languages are played to a new server, one after another as they stand in the page.
const plays = { console: 'what it shows is what happens', sh: 'what it says to type works' };

for (const page of pages) {
  for (const [lang, what] of Object.entries(plays)) {
    const played = blocks.filter((one) => one.page === page && one.lang === lang);
    if (played.length === 0) continue;
    test(`${page}: ${what}`, async () => {
      const server = new Server();
      server.db = join(server.dir, 'lockstep.db');
      await server.start();
      const session = await Session.with(server);
      try {
        for (const block of played) await session[lang](block);
      } finally {
        await session.end();
        await server.stop();
      }
    });
  }
}

test('docs/clients.md: its client stays in step, and does once what was asked of it while nobody was there', async () => {
  const server = await Server.start();
  const dir = mkdtempSync(join(tmpdir(), 'lockstep-docs-'));
  const { lines } = blocks.find(({ page, lang }) => page === 'docs/clients.md' && lang === 'js');
  writeFileSync(join(dir, 'client.mjs'), lines.join('\n'));
  symlinkSync(join(root, 'tests/node_modules'), join(dir, 'node_modules'));
  const env = { ...process.env, LOCKSTEP_URL: server.http, LOCKSTEP_TOKEN: server.token('alice') };
  const client = spawn('node', ['client.mjs'], { cwd: dir, env, stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = once(client, 'exit');
  let shown = '';
  client.stdout.on('data', (data) => (shown += data));
  const sees = (pattern) => until(() => pattern.test(shown), () => `${pattern} in ${shown}`);
  const type = (command) => client.stdin.write(`${JSON.stringify(command)}\n`);
  try {
    const session = randomUUID();
    type({ type: 'addSession', session, title: 'Tea', initialDuration: 240 });
    await sees(/^Tea PAUSED 240 s left$/m);
    await server.kill();
    type({ type: 'start', session });
    type({ type: 'addSession', title: 'Walk' });
    await server.start();
    await sees(/^Walk PAUSED counts up$/m);
    await sees(/^Tea RUNNING 2\d\d s left$/m);
    const alice = await Client.live(server, { token: server.token('alice') });
    const { state } = alice.messages.find(({ type }) => type === 'snapshot');
    assert.deepEqual(state.sessions.map(({ title }) => title).sort(), ['Tea', 'Walk']);
    await alice.end();
  } finally {
    client.kill();
    await gone;
    await server.stop();
    rmSync(dir, { recursive: true });
  }
});

// --- What is only read -----------------------------------------------------------------------------------------------

const run = (name, ...words) => execFileSync(name, words, { encoding: 'utf8' });
const makefile = read('Makefile');
const targets = new Set([...makefile.matchAll(/^([\w -]+):.*## /gm)].flatMap(([, names]) => names.split(' ')));
for (const name of /^scenarios := (.*)$/m.exec(makefile)[1].split(' ')) targets.add(`bench-${name}`);

const isFile = (path) => existsSync(join(root, path));
const isProgram = (path) => isFile(`${path.replace(/^build\/\w+\//, '')}.c`);

// Of a line such as `make && node …`, with a remark behind it or none.
const makes = (line) =>
  line
    .split(/ {2,}|#|&&/)[0]
    .trim()
    .split(' ')
    .slice(1)
    .every((word) => /^([A-Z_]+=|-)/.test(word) || targets.has(word) || isProgram(word));

const isVerb = (verb) => new RegExp(`^  ${verb}\\b`, 'm').test(run(program, '--help'));
const isTool = (name) => new RegExp(`^ +lockstepd ${name}\\b`, 'm').test(run(binary, 'help'));
const isPackageList = (name) => new RegExp(`^${name}\\)`, 'm').test(read('packaging/deps.sh'));

// What a line looks like; what must hold for its first group, or all of it; why it is not played.
const known = [
  [/^make\b/, makes, 'installs, builds or runs for minutes'],
  [/^packaging\/deps\.sh (\w+)$/, isPackageList, 'installs'],
  [/^(build\/release\/tests\/bench\/\S+)/, isProgram, 'measures for minutes'],
  [/^node (tests\/bench\/\S+)/, isFile, 'measures for minutes'],
  [/^(?:[A-Z]+=\S+ )+node --test (tests\/\S+)/, isFile, 'a test'],
  [/^callgrind_annotate /, null, 'needs what `make guard` leaves'],
  [/^lockstepd (?:\[options\]|--(?:firebase|oidc)-)/, null, 'a synopsis, or asks the Internet: issuers.test.mjs'],
  [/^(?:runuser -u lockstep -- )?lockstepd ([a-z-]+)\b/, isTool, 'a synopsis, or an installed system'],
  [/^(apt|apt-get|dpkg|systemctl|journalctl|runuser|docker|podman) /, null, 'an installed system: make test-deb'],
  [/^(examples\/console\/lockstep-console$|lockstep-console \[)/, null, 'a synopsis: docs/console.md'],
  [/^(?:build\/release\/)?lockstep (\w+)/, isVerb, 'waits for a person, or for ever: cli.test.mjs, console.test.mjs'],
  [/^build\/release\/lockstep-widget$/, null, 'a window: widget.test.mjs'],
  [/^npm /, null, 'what `make web` does'],
  [/^error the database is of version/, null, 'a line of the log: test_store_file.c'],
  [/^(session_apply|url =|name =|ca =)/, null, 'no command'],
  [/^([<>] )?["{[]/, null, 'a message'],
];

test('each command is played, or known', () => {
  const wrong = [];
  for (const { page, line, lines } of blocks.filter(({ lang }) => lang === '')) {
    for (const [index, text] of lines.entries()) {
      if (text === '' || lines[index - 1]?.endsWith('\\')) continue;
      const [pattern, holds] = known.find(([one]) => one.test(text)) ?? [];
      if (!pattern || (holds && !holds(pattern.exec(text)[1] ?? text))) wrong.push(`${page}:${line + index}: ${text}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('each block is of a kind that is looked at', () => {
  // Of lockstep-client's README client.test.mjs runs the program, of docs/clients.md the test above.
  const kinds = { ...plays, '': 'above', js: 'a program', c: 'an example' };
  assert.deepEqual(blocks.filter(({ lang }) => !(lang in kinds)), []);
});

// --- What is named ---------------------------------------------------------------------------------------------------

test('each link leads to what is there', () => {
  const there = ({ path, anchor }) => isFile(path) && (!anchor || anchorsOf(path).includes(anchor));
  assert.deepEqual(pages.flatMap((page) => linksOf(page).filter((link) => !there(link)).map((link) => ({ page, ...link }))), []);
});

test('the README is one click from every document', () => {
  const linked = linksOf('README.md').map(({ path }) => path);
  assert.deepEqual(pages.slice(1).filter((page) => !linked.includes(page)), []);
});

const folders = /^(\.ci|auth|docs|examples|packaging|protocol|server|store|tests)\/\S+$/;

// A `*` stands for anything, and a module may be named without its endings.
function isNamed(path) {
  const name = basename(path).replaceAll('.', '\\.').replaceAll('*', '.*');
  const like = new RegExp(`^${name}(\\.c|\\.h)?$`);
  return isFile(dirname(path)) && readdirSync(join(root, dirname(path))).some((one) => like.test(one));
}

test('each file that is named by its path is there', () => {
  const named = pages.filter((page) => page !== 'CHANGELOG.md').flatMap((page) => namedIn(page).map((name) => ({ page, name })));
  assert.ok(named.length > 500);
  const paths = named.filter(({ name }) => folders.test(name) && !name.includes('node_modules'));
  assert.deepEqual(paths.filter(({ name }) => !isNamed(name.replace(/\/$/, ''))), []);
});

test('each test that is named by its file is there', () => {
  const there = ['integration', 'faults', 'firebase', 'unit', 'contract', 'scenario'].flatMap((folder) => readdirSync(join(root, 'tests', folder)));
  const named = pages.flatMap(namedIn).filter((name) => /^(test_\w+\.c|[\w-]+\.test\.mjs)$/.test(name));
  assert.ok(named.length > 50);
  assert.deepEqual(named.filter((name) => !there.includes(name)), []);
});

test('each option of ours that is named exists', () => {
  const verbs = [...run(program, '--help').matchAll(/^ {2}(\w+)[ [].* {2,}/gm)].map(([, verb]) => verb);
  const told = [run(binary, '--help'), run(program, '--help'), ...verbs.map((verb) => run(program, 'help', verb))].join('\n');
  const options = new Set(['--lockstep', ...[...told.matchAll(/--[a-z][a-z-]*/g)].map(([option]) => option)]); // the widget's own is one
  const ours = pages.flatMap(namedIn).filter((name) => /^(--|lockstepd? )/.test(name));
  assert.ok(ours.length > 50);
  assert.deepEqual(ours.flatMap((name) => name.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? []).filter((option) => !options.has(option)), []);
});

test('each subcommand is told of', () => {
  const names = [...run(binary, 'help').matchAll(/^ +lockstepd ([a-z-]+) /gm)].map(([, name]) => name);
  assert.ok(names.includes('token'));
  const all = pages.map(read).join('\n');
  assert.deepEqual(names.filter((name) => !all.includes(`lockstepd ${name}`) && !all.includes(`\`${name}\``)), []);
});

test('each endpoint that is named is one of openapi.yaml', () => {
  const known = new Set(['GET /v1/ws', 'GET /metrics']); // of asyncapi.yaml, and of another face
  let path;
  for (const line of read('docs/openapi.yaml').split('\n')) {
    path = /^ {2}(\/\S*):$/.exec(line)?.[1] ?? path;
    known.add(`${/^ {4}(\w+):$/.exec(line)?.[1].toUpperCase()} ${path}`);
  }
  // docs/requirements.md quotes those who asked for them.
  const names = pages.filter((page) => page !== 'docs/requirements.md').flatMap(namedIn);
  const named = names.map((name) => /^([A-Z]+(?:, [A-Z]+)*) (\/[^ ?…]*)(?=[ ?]|$)/.exec(name)).filter(Boolean);
  assert.ok(named.length > 30);
  const wanted = named.flatMap(([, methods, path]) => methods.split(', ').map((method) => `${method} ${path}`));
  // Every path exists with and without /api.
  assert.deepEqual(wanted.filter((one) => !known.has(one) && !known.has(one.replace(' /api/', ' /'))), []);
});

test('each target of make that is named exists', () => {
  const named = pages.flatMap(namedIn).filter((name) => /^(\w+=\w+ )*make\b/.test(name));
  assert.deepEqual(named.filter((name) => !makes(name.replace(/^(\w+=\w+ )*/, ''))), []);
});
