import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LockstepClient, SignInNeeded, type ClientOptions } from '../src/index.ts';
import { DAY_START, event, FakeWorld, goLive, timer } from './fake.ts';

function begin(options: ClientOptions = {}) {
  const world = new FakeWorld();
  const client = new LockstepClient({ environment: world, token: 'secret', ...options });
  return { world, client };
}

function live(options: ClientOptions = {}) {
  const all = begin(options);
  goLive(all.world, 1, DAY_START);
  return all;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** What is reported as uncaught while `run` runs. */
async function reported(run: () => unknown): Promise<unknown[]> {
  const errors: unknown[] = [];
  const global = globalThis as { reportError?: unknown };
  const before = global.reportError;
  global.reportError = (error: unknown) => errors.push(error);
  try {
    await run();
    await turn();
  } finally {
    global.reportError = before;
  }
  return errors;
}

test('without a url, or without a WebSocket, there is no client', () => {
  assert.throws(() => new LockstepClient({ WebSocket: class {} as never }), /url/);
  assert.throws(() => new LockstepClient({ url: 'nonsense', WebSocket: class {} as never }));
  const global = globalThis as { WebSocket?: unknown };
  const before = global.WebSocket;
  delete global.WebSocket;
  assert.throws(() => new LockstepClient({ url: 'http://127.0.0.1' }), /WebSocket/);
  global.WebSocket = before;
});

test('ready when in step, and at once when it is already', async () => {
  const { world, client } = begin();
  let isReady = false;
  void client.ready().then(() => (isReady = true));
  await turn();
  assert.equal(isReady, false);
  goLive(world, 1, DAY_START);
  await turn();
  assert.equal(isReady, true);
  await client.ready();
});

test('ready is refused with the token, before and after', async () => {
  const { world, client } = begin();
  const before = client.ready();
  world.socket.end(4401, 'tokenInvalid');
  await assert.rejects(before, (error) => error instanceof SignInNeeded && error.why === 'invalid');
  await assert.rejects(client.ready(), SignInNeeded);
  client.signIn('another');
  const after = client.ready();
  goLive(world, 1, DAY_START);
  await after;
});

test('ready does not outlive the client', async () => {
  const { client } = begin();
  const one = client.ready();
  client.close();
  await assert.rejects(one, /closed/);
  client.signIn('secret');
  const other = client.ready();
  client.signOut();
  await assert.rejects(other, /signed out/);
});

test('a refused token that nobody asks about is reported as uncaught', async () => {
  const unheard = await reported(() => begin().world.socket.end(4401, 'revoked'));
  assert.deepEqual(unheard.map((error) => (error as SignInNeeded).why), ['revoked']);
  const heard = await reported(() => {
    const { world, client } = begin();
    client.on('signInNeeded', () => {});
    world.socket.end(4401, 'revoked');
  });
  assert.deepEqual(heard, []);
});

test('what a listener throws stops neither the client nor the other listeners', async () => {
  const { world, client } = live();
  const seen: number[] = [];
  client.on('event', () => {
    throw new Error('mine');
  });
  client.on('event', ({ seq }) => seen.push(seq));
  const errors = await reported(() => world.socket.say(event(2)));
  assert.deepEqual(errors.map((error) => (error as Error).message), ['mine']);
  assert.deepEqual(seen, [2]);
  assert.equal(client.state.sessions.get('tea')?.session.title, 'Tea 2');
});

test('a listener may end itself while it listens', () => {
  const { world, client } = live();
  const seen: string[] = [];
  const off = client.on('event', () => {
    seen.push('once');
    off();
  });
  client.on('event', () => seen.push('always'));
  world.socket.say(event(2));
  world.socket.say(event(3));
  assert.deepEqual(seen, ['once', 'always', 'always']);
});

test('a command brings its verdict, a refusal too', async () => {
  const { world, client } = live();
  const asked = client.command({ type: 'start', session: 'tea' });
  const { id } = world.socket.last('start');
  world.socket.say({ type: 'result', id, ok: false, error: { code: 'notFound', message: 'no such session' } });
  assert.equal((await asked).error?.code, 'notFound');
});

test('what waits when the person signs out is answered so', async () => {
  const { world, client } = live();
  world.socket.end();
  const asked = [client.command({ type: 'start', session: 'tea' }), client.command({ type: 'pause', session: 'tea' })];
  client.signOut();
  assert.deepEqual((await Promise.all(asked)).map(({ ok, error }) => [ok, error?.code]), [[false, 'signedOut'], [false, 'signedOut']]);
  assert.equal(client.save(), null);
});

test('closed, it keeps what waits, and goes on with it when signed in again', async () => {
  const { world, client } = live();
  client.close();
  assert.equal(world.socket.closed, true);
  const asked = client.command({ type: 'start', session: 'tea' });
  world.pass(3600 * 1000);
  assert.equal(world.sockets.length, 1);
  client.signIn('secret');
  goLive(world, 1, DAY_START + world.mono(), []);
  world.socket.say({ type: 'result', id: world.socket.last('start')['id'], ok: true });
  assert.equal((await asked).ok, true);
});

test('closed, it leaves no timer behind', () => {
  const { world, client } = live();
  void client.command({ type: 'start', session: 'tea' });
  world.socket.say({ type: 'result', id: world.socket.last('start')['id'], ok: true });
  client.close();
  assert.equal(world.timersLeft, 0);
});

test('from an earlier life it has the state before any server', () => {
  const saved = live().client.save();
  const { client } = begin({ saved });
  assert.equal(client.status.loaded, true);
  assert.equal(client.live, false);
  assert.deepEqual(client.state.sessions.get('tea')?.session, timer());
});

test('seconds: what is left, what has run, what the day has seen', () => {
  const { world, client } = live();
  const running = timer({ state: 'RUNNING', targetTimeMs: DAY_START + 240_000, runningSinceMs: DAY_START });
  world.socket.say(event(2, { session: running, nowMs: DAY_START }));
  world.pass(60_000);
  const { session } = client.state.sessions.get('tea')!;
  assert.equal(client.remaining(session), 180);
  assert.equal(client.elapsed(session), 60);
  assert.equal(client.tracked(session), 60);
});
