// lockstep-client on the real server, over a line that fails: whatever happens on the way, its state is the server's in
// the end, and each command was applied once.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { LockstepClient, SignInNeeded } from '../../examples/client/dist/index.js';
import { until } from './support/bytes.mjs';
import { Device } from './support/device.mjs';
import { claimsOf, jwksOf, makeKey, signToken } from './support/issuer.mjs';
import { Line } from './support/line.mjs';
import { Person, hour } from './support/person.mjs';
import { Server } from './support/server.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const key = makeKey();
const dir = mkdtempSync(join(tmpdir(), 'lockstep-client-'));
let server;

before(async () => {
  writeFileSync(join(dir, 'jwks'), jwksOf(key));
  const issuer = ['--oidc-issuer', 'https://issuer', '--oidc-audience', 'test', '--jwks', join(dir, 'jwks')];
  server = await Server.start(['--rate-commands', '1000', '--local-issuer', 'on', ...issuer]);
});
after(async () => {
  await server?.stop();
  rmSync(dir, { recursive: true });
});

// A token that ends in so many seconds.
const tokenFor = (sub, seconds) => {
  const exp = Math.floor(Date.now() / 1000) + seconds;
  return signToken(claimsOf('https://issuer', 'test', sub, { exp }), key);
};

// A person, their line, and a client of theirs at its end; of a server of their own when they are going to kill it.
async function begin(t, { on = server, device: world, ...options } = {}) {
  const person = await Person.of(on);
  const line = await Line.to(on);
  const device = new Device(world);
  const client = new LockstepClient({ url: line.http, token: person.token, WebSocket, environment: device, ...options });
  t.after(async () => {
    client.close();
    device.end();
    await line.stop();
  });
  return { person, line, device, client };
}

const titles = (client) => [...client.state.sessions.values()].map(({ session }) => session.title).sort();
const phaseIs = (client, phase) => until(() => client.status.phase === phase, () => `${phase}; it is ${JSON.stringify(client.status)}`);
const isLive = (client) => until(() => client.live, () => `live; it is ${JSON.stringify(client.status)}`);
const offset = (client) => Math.abs(client.now() - Date.now());
const timer = (title, more = {}) => ({ type: 'addSession', title, initialDuration: 600, ...more });

async function eventsOf(person) {
  const { epoch } = await person.gets('/v1/state');
  return (await person.gets(`/v1/events?epoch=${epoch}&seq=0`)).events;
}

// The client shows what the server has.
async function isInStep(client, person) {
  const { seq, state } = await person.gets('/v1/state');
  await until(() => client.live && client.save().position.seq === seq, () => `${seq}: ${JSON.stringify(client.save()?.position)}`);
  // Not those of a running one that are made for the moment of asking.
  const shown = ({ id, version, title, state, targetTimeMs }) => JSON.stringify({ id, version, title, state, targetTimeMs });
  const mine = [...client.state.sessions.values()].map(({ session }) => shown(session));
  assert.deepEqual(mine.sort(), state.sessions.map(shown).sort());
}

test('two clients of a person follow each other, and a stranger sees nothing', async (t) => {
  const { client, person, line } = await begin(t);
  const other = new LockstepClient({ url: line.http, token: person.token, WebSocket, name: 'other' });
  t.after(() => other.close());
  const { client: stranger } = await begin(t);
  await Promise.all([client.ready(), other.ready(), stranger.ready()]);
  const { session } = await client.command(timer('Tea'));
  assert.equal((await other.command({ type: 'start', session })).ok, true);
  await until(() => client.state.sessions.get(session)?.session.state === 'RUNNING', 'the start');
  const [here, there] = [client, other].map((one) => one.remaining(one.state.sessions.get(session).session));
  assert.ok(here > 590 && Math.abs(here - there) < 0.1, `${here} ${there}`);
  await isInStep(client, person);
  assert.equal(stranger.state.sessions.size, 0);
});

test('killed before its answers came: what was applied is not applied again', async (t) => {
  const own = await Server.start(['--rate-commands', '1000']);
  t.after(() => own.stop());
  const { client, person, line } = await begin(t, { on: own });
  await client.ready();
  line.hold('down');
  const asked = Array.from({ length: 10 }, (_, i) => client.command(timer(`T${i}`)));
  await until(async () => (await person.gets('/v1/state')).state.sessions.length === 10, 'all applied');
  await own.kill();
  line.cut();
  line.heal();
  await own.start();
  const results = await Promise.all(asked);
  assert.deepEqual(results.map(({ ok, duplicate }) => [ok, duplicate]), Array(10).fill([true, true]));
  assert.equal((await eventsOf(person)).length, 10);
  await isInStep(client, person);
});

test('killed before its commands came, or with some applied: each is applied once', async (t) => {
  const own = await Server.start(['--rate-commands', '1000']);
  t.after(() => own.stop());
  const { client, person, line } = await begin(t, { on: own });
  await client.ready();
  line.hold('up');
  const asked = Array.from({ length: 5 }, (_, i) => client.command(timer(`lost ${i}`)));
  await own.kill();
  line.cut();
  line.heal();
  await own.start();
  for (let i = 0; i < 200; i++) asked.push(client.command(timer(`T${i}`)));
  await asked[5];
  await own.kill();
  await own.start();
  assert.ok((await Promise.all(asked)).every(({ ok }) => ok));
  const keys = (await eventsOf(person)).map(({ origin }) => origin.key);
  assert.equal(keys.length, 205);
  assert.equal(new Set(keys).size, 205);
  await isInStep(client, person);
});

test('a network that falls silent is noticed within the heartbeat and its grace', async (t) => {
  const { client, person, line, device } = await begin(t);
  await client.ready();
  line.hold('up', 'down');
  device.skip(28_000);
  await phaseIs(client, 'quiet');
  device.skip(22_000);
  await phaseIs(client, 'waiting');
  await person.commands(timer('Tea'));
  line.heal();
  await isLive(client);
  assert.deepEqual(titles(client), ['Tea']);
  await isInStep(client, person);
});

test('silence alone ends no connection: a living server is asked and answers', async (t) => {
  const { client, line, device } = await begin(t);
  await client.ready();
  const heard = client.status.lastHeardMono;
  device.skip(28_000);
  await until(() => client.status.lastHeardMono > heard + 28_000 && client.status.phase === 'live', 'an answer');
  assert.equal(line.opened, 1);
});

test('a server that accepts and says nothing is tried again', async (t) => {
  const { client, line, device } = await begin(t);
  line.hold('up', 'down');
  await until(() => line.opened === 1, 'an attempt');
  device.skip(10_000);
  await phaseIs(client, 'waiting');
  line.heal();
  await isLive(client);
});

test('a lost event is noticed with the next one and asked for, on the same connection', async (t) => {
  const { client, person, line } = await begin(t);
  await client.ready();
  const seen = [];
  client.on('event', ({ seq, event }) => seen.push(`${seq} ${event}`));
  const [{ session }] = await person.commands(timer('Tea'));
  await until(() => seen.length === 1, 'the first');
  line.lose(({ event }) => event === 'start');
  await person.commands({ type: 'start', session });
  await person.commands({ type: 'renameSession', session, title: 'Green tea' });
  await until(() => seen.length === 3, () => `three events: ${seen}`);
  assert.deepEqual(seen, ['1 addSession', '2 start', '3 renameSession']);
  assert.equal(line.opened, 1);
  await isInStep(client, person);
});

test('a lost answer is no lost command', async (t) => {
  const { client, person, line } = await begin(t);
  await client.ready();
  line.lose(({ type }) => type === 'result');
  const asked = client.command(timer('Tea'));
  await until(() => client.state.sessions.size === 1, 'the event');
  assert.equal(client.pending.length, 1);
  line.cut();
  line.heal();
  assert.equal((await asked).duplicate, true);
  assert.equal((await eventsOf(person)).length, 1);
});

for (const wrong of [-hour, hour]) {
  test(`a wall clock ${wrong / hour} h wrong: the server's time is known to 100 ms on a slow line`, async (t) => {
    const { client, person, line } = await begin(t, { device: { wallMs: wrong } });
    line.delayMs = 150;
    await client.ready();
    await until(() => offset(client) < 100, () => `off by ${offset(client)}`);
    line.cut();
    const before = Date.now();
    const asked = client.command(timer('Tea'));
    const latest = Date.now();
    line.heal();
    await asked;
    const [{ atMs }] = await eventsOf(person);
    assert.ok(atMs > before - 100 && atMs < latest + 100, `${atMs - before} ms`);
  });
}

test('a token that ended during sleep is renewed, and the clock found again', async (t) => {
  const accepted = [];
  let isAwake = false;
  const first = tokenFor('sleeper', 4);
  const second = tokenFor('sleeper', 3600);
  const renewToken = async () => {
    if (!isAwake) throw new Error('no network');
    return second;
  };
  const { client, line, device } = await begin(t, { token: first, renewToken });
  client.on('tokenAccepted', (token) => accepted.push(token === first ? 'first' : 'second'));
  await client.ready();
  const slept = Date.now();
  device.sleep();
  line.hold('up', 'down');
  await until(() => Date.now() > slept + 5_000, 'the end of the token');
  isAwake = true;
  line.cut();
  line.heal();
  device.wake();
  client.wake();
  await until(() => client.live && accepted.length === 2, () => `${accepted} ${JSON.stringify(client.status)}`);
  assert.deepEqual(accepted, ['first', 'second']);
  await until(() => offset(client) < 100, () => `off by ${offset(client)}`);
});

test('a token about to end is renewed on the live connection', async (t) => {
  const accepted = [];
  const fresh = tokenFor('renewer', 3600);
  const { client, line } = await begin(t, { token: tokenFor('renewer', 60), renewToken: async () => fresh });
  client.on('tokenAccepted', (token) => accepted.push(token));
  await until(() => accepted.length === 2, () => `${accepted.length} tokens accepted`);
  assert.equal(accepted[1], fresh);
  assert.equal(line.opened, 1);
  assert.equal(client.live, true);
});

test('a token that is none: ready says so', async (t) => {
  const { client } = await begin(t, { token: 'nonsense' });
  await assert.rejects(client.ready(), (error) => error instanceof SignInNeeded && error.why === 'invalid');
});

test("another person's token is refused, and the first person stays", async (t) => {
  const { client, person } = await begin(t);
  const bob = await Person.of(server);
  await client.ready();
  await client.command(timer('Tea'));
  const refused = new Promise((resolve) => client.on('tokenRefused', resolve));
  client.useToken(bob.token);
  assert.equal((await refused).code, 'forbidden');
  await isInStep(client, person);
  assert.deepEqual(titles(client), ['Tea']);
});

test('a revoked token asks for the person, and keeps what waits for them', async (t) => {
  const { client, person, line } = await begin(t, { token: undefined });
  const device = await person.adds('/v1/tokens', { name: 'bar', scope: 'full' });
  const why = new Promise((resolve) => client.on('signInNeeded', resolve));
  client.signIn(device.token);
  await client.ready();
  await person.does('DELETE', `/v1/tokens/${device.id}`);
  assert.equal(await why, 'revoked');
  const asked = client.command(timer('Tea'));
  const { opened } = line;
  client.signIn(person.token);
  assert.equal((await asked).ok, true);
  assert.equal(line.opened, opened + 1);
});

test('away for long, attempts become rare, and no two clients keep step in them', async (t) => {
  const clients = await Promise.all([begin(t), begin(t)]);
  await Promise.all(clients.map(({ client }) => client.ready()));
  const waits = await Promise.all(clients.map(waitsOf));
  for (const mine of waits) {
    mine.forEach((wait, i) => {
      const longest = Math.min(10_000, 500 * 2 ** i);
      assert.ok(wait > longest / 2 - 50 && wait <= longest, `${mine}`);
    });
  }
  assert.notDeepEqual(waits[0], waits[1]);
});

// The waits between the first attempts on a line that is cut.
async function waitsOf({ client, line, device }) {
  const waits = [];
  client.on('change', () => {
    if (client.status.phase !== 'waiting') return;
    waits.push(client.status.retryAtMono - device.mono());
    device.skip(waits.at(-1));
  });
  line.cut();
  await until(() => waits.length >= 7, () => `${waits}`);
  return waits.slice(0, 7);
}

test('what was asked for offline is settled in order, each with its verdict', async (t) => {
  const { client, person, line } = await begin(t);
  await client.ready();
  line.cut();
  await phaseIs(client, 'waiting');
  const session = LockstepClient.newId();
  const settled = [];
  client.on('settled', ({ label }, { ok, error }) => settled.push(`${label} ${ok || error.code}`));
  client.command(timer('Tea', { session }), { label: 'add' });
  client.command({ type: 'start', session }, { label: 'start' });
  client.command({ type: 'start', session: LockstepClient.newId() }, { label: 'start another' });
  client.command({ type: 'renameSession', session, title: '' }, { label: 'rename' });
  const begun = performance.now();
  await until(() => performance.now() > begun + 300, 'a moment');
  client.command({ type: 'pause', session }, { label: 'pause' });
  assert.deepEqual(client.pending.map(({ label }) => label), ['add', 'start', 'start another', 'rename', 'pause']);
  line.heal();
  await until(() => settled.length === 5, () => `${settled}`);
  assert.deepEqual(settled, ['add true', 'start true', 'start another notFound', 'rename badRequest', 'pause true']);
  const [, started, paused] = await eventsOf(person);
  assert.equal(paused.session.elapsedSeconds * 1000, paused.atMs - started.atMs);
  assert.ok(paused.atMs - started.atMs >= 290, `${paused.atMs - started.atMs}`);
  await isInStep(client, person);
});

// A program that goes on from what it kept in a file: asks for one thing, keeps its state, prints it and ends. Without
// a server it ends as soon as it has asked.
const program = `
import { readFileSync, writeFileSync } from 'node:fs';
import WebSocket from 'ws';
import { LockstepClient } from '${root}examples/client/dist/index.js';
const [url, token, file, isOnline, command] = process.argv.slice(1);
const read = () => { try { return JSON.parse(readFileSync(file, 'utf8')); } catch { return null; } };
const client = new LockstepClient({ url, token, WebSocket, saved: read() });
const { loaded } = client.status;
const shown = [...client.state.sessions.values()].map(({ session }) => session.title);
const settled = [];
client.on('settled', ({ label }, { ok }) => settled.push(label + ' ' + ok));
if (command) client.command(JSON.parse(command));
if (isOnline === 'online') {
  await client.ready();
  while (client.pending.length > 0) await new Promise((resolve) => client.on('settled', resolve));
}
writeFileSync(file, JSON.stringify(client.save()));
console.log(JSON.stringify({ loaded, shown, settled, pending: client.pending.length, offset: Math.abs(client.now() - Date.now()) }));
client.close();
`;

test('a program ends and begins again: it shows the last state, and what waited goes out', async (t) => {
  const { person, line } = await begin(t, { token: undefined });
  const session = LockstepClient.newId();
  const file = join(dir, 'life.json');
  const life = (isOnline, command) => new Promise((resolve, reject) => {
    const args = [line.http, person.token, file, isOnline, command ? JSON.stringify(command) : ''];
    const where = { cwd: join(root, 'tests'), stdio: ['ignore', 'pipe', 'inherit'] };
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, ...args], where);
    let out = '';
    child.stdout.on('data', (data) => (out += data));
    child.on('close', (code) => (code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`ended with ${code}`))));
  });
  const { offset: _, ...first } = await life('online', timer('Tea', { session }));
  assert.deepEqual(first, { loaded: false, shown: [], settled: ['addSession true'], pending: 0 });

  line.cut();
  const second = await life('offline', { type: 'start', session });
  assert.deepEqual([second.loaded, second.shown, second.pending], [true, ['Tea'], 1]);
  assert.ok(second.offset < 100, `off by ${second.offset} without a server`);
  const paused = Date.now();
  const third = await life('offline', { type: 'pause', session });
  assert.equal(third.pending, 2);

  await person.commands({ type: 'addGroup', name: 'Meanwhile' });
  line.heal();
  const fourth = await life('online');
  assert.deepEqual([fourth.loaded, fourth.settled, fourth.pending], [true, ['start true', 'pause true'], 0]);
  const events = await eventsOf(person);
  assert.deepEqual(events.map(({ event }) => event), ['addSession', 'addGroup', 'start', 'pause']);
  assert.ok(events[2].atMs < paused + 100 && events[3].atMs > paused - 100, 'each counts from when it was asked for');
  assert.equal((await life('online')).settled.length, 0);
});

test('the README shows a program that works', async (t) => {
  const { person } = await begin(t, { token: undefined });
  const [, example] = /```js\n([^]*?)```/.exec(readFileSync(join(root, 'examples/client/README.md'), 'utf8'));
  mkdirSync(join(dir, 'node_modules'));
  symlinkSync(join(root, 'examples/client'), join(dir, 'node_modules/lockstep-client'));
  symlinkSync(join(root, 'tests/node_modules/ws'), join(dir, 'node_modules/ws'));
  writeFileSync(join(dir, 'tea.mjs'), example);
  const env = { ...process.env, LOCKSTEP_URL: server.http, LOCKSTEP_TOKEN: person.token };
  const said = execFileSync(process.execPath, [join(dir, 'tea.mjs')], { env, encoding: 'utf8', timeout: 20_000 });
  assert.match(said, /^Tea: 2(40|39) seconds left\n$/);
  assert.deepEqual((await eventsOf(person)).map(({ event }) => event), ['addSession', 'start']);
});
