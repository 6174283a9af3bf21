import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKOFF_CAP_MS, backoffMs } from '../src/backoff.ts';
import { begin, DAY_START, goLive, snapshot } from './fake.ts';

test('the wait doubles up to its cap, and half of it is chance', () => {
  const longest = [0, 1, 2, 3, 4, 5, 50].map((attempt) => backoffMs(attempt, 1));
  assert.deepEqual(longest, [500, 1000, 2000, 4000, 8000, BACKOFF_CAP_MS, BACKOFF_CAP_MS]);
  assert.equal(backoffMs(50, 0), BACKOFF_CAP_MS / 2);
});

test('it signs in with the token, and with no position when it knows nothing', () => {
  const { world, sync } = begin();
  sync.signIn('secret');
  world.socket.say({ type: 'hello', nowMs: DAY_START });
  const auth = world.socket.last('auth');
  assert.equal(auth['token'], 'secret');
  assert.deepEqual(auth['client'], { name: 'test' });
  assert.equal('resume' in auth, false);
});

test('it connects again for ever, waiting longer each time', () => {
  const { world, sync } = begin();
  sync.signIn('secret');
  for (let attempt = 0; attempt < 30; attempt += 1) {
    world.socket.end();
    assert.equal(sync.connection.phase, 'waiting');
    const wait = sync.connection.retryAtMono - world.mono();
    assert.equal(wait, backoffMs(attempt, world.chance));
    world.pass(wait);
    assert.equal(world.sockets.length, attempt + 2);
  }
});

test('being live for a while ends the count of failures', () => {
  const { world, sync } = begin();
  sync.signIn('secret');
  for (let i = 0; i < 5; i += 1) {
    world.socket.end();
    world.pass(BACKOFF_CAP_MS);
  }
  goLive(world, 3, DAY_START);
  assert.equal(sync.connection.phase, 'live');
  world.pass(10_000);
  world.socket.end(1001, 'restart');
  assert.equal(sync.connection.retryAtMono - world.mono(), backoffMs(0, world.chance));
});

test('a server that goes down whenever it is in step is not stormed', () => {
  const { world, sync } = begin();
  sync.signIn('secret');
  const waits = [0, 1, 2, 3].map(() => {
    goLive(world, 3, DAY_START + world.mono());
    world.socket.end();
    const wait = sync.connection.retryAtMono - world.mono();
    world.pass(wait);
    return wait;
  });
  assert.deepEqual(waits, [0, 1, 2, 3].map((attempt) => backoffMs(attempt, world.chance)));
});

test('too many connections, or too much said: the longest wait at once', () => {
  for (const code of [4409, 4429, 1008]) {
    const { world, sync } = begin();
    sync.signIn('secret');
    world.socket.end(code);
    assert.equal(sync.connection.retryAtMono - world.mono(), backoffMs(50, world.chance));
  }
});

test('a token that cannot be renewed now is asked for again later', async () => {
  let reachable = false;
  const renewToken = async () => {
    if (!reachable) throw new TypeError('fetch failed');
    return 'fresh';
  };
  const { world, sync, told } = begin({ renewToken });
  sync.signIn('stale');
  for (let attempt = 0; attempt < 3; attempt += 1) {
    world.socket.end(4401, 'tokenExpired');
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(sync.connection.phase, 'waiting');
    world.pass(sync.connection.retryAtMono - world.mono());
  }
  reachable = true;
  world.socket.end(4401, 'tokenExpired');
  await new Promise((resolve) => setImmediate(resolve));
  goLive(world, 3, DAY_START);
  assert.equal(world.socket.last('auth')['token'], 'fresh');
  assert.deepEqual(told.signIn, []);
});

test('while the old token holds, a failed renewal is tried again and bothers nobody', async () => {
  let asked = 0;
  const { world, sync } = begin({ renewToken: () => Promise.reject(new Error(`no network ${(asked += 1)}`)) });
  sync.signIn('old');
  goLive(world, 3, DAY_START);
  world.socket.say({ type: 'authExpiring', inMs: 300_000 });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(sync.signInEndsMs, null);
  world.pass(20_000);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(asked, 2);
});

test('it resumes from the last event that was applied', () => {
  const { world, sync } = begin();
  sync.signIn('secret');
  goLive(world, 3, DAY_START);
  world.socket.end();
  world.pass(500);
  world.socket.say({ type: 'hello', nowMs: DAY_START });
  assert.deepEqual(world.socket.last('auth')['resume'], { epoch: 'epoch', seq: 3, tag: 'tag3' });
});

test('waking up ends the wait at once', () => {
  const { world, sync } = begin();
  sync.signIn('secret');
  world.socket.end();
  sync.wake();
  assert.equal(world.sockets.length, 2);
  assert.equal(sync.connection.phase, 'connecting');
});

test('silence is asked about, and then ends the connection', () => {
  const { world, sync } = begin();
  sync.signIn('secret');
  goLive(world, 3, DAY_START);
  const { socket } = world;
  world.pass(29_000);
  assert.equal(sync.connection.phase, 'quiet');
  assert.equal(socket.closed, false);
  world.pass(21_000);
  assert.equal(socket.closed, true);
  assert.notEqual(sync.connection.phase, 'live');
});

test('one message ends the doubt', () => {
  const { world, sync } = begin();
  sync.signIn('secret');
  goLive(world, 3, DAY_START);
  world.pass(29_000);
  world.socket.say({ type: 'hb', seq: 3, nowMs: DAY_START + 29_000 });
  assert.equal(sync.connection.phase, 'live');
  world.pass(27_000);
  assert.equal(world.sockets.length, 1);
});

test('a server that accepts and says nothing is left after ten seconds', () => {
  const { world, sync } = begin();
  sync.signIn('secret');
  world.pass(10_000);
  assert.equal(sync.connection.phase, 'waiting');
  assert.equal(world.sockets[0]!.closed, true);
});

test('what an abandoned socket still says is not heard', () => {
  const { world, sync } = begin();
  sync.signIn('secret');
  goLive(world, 3, DAY_START);
  const before = world.socket;
  sync.connection.connect();
  before.say({ type: 'event', seq: 4, event: 'start', atMs: 0, nowMs: 0 });
  assert.equal(sync.replica.receivedSeq, 3);
});

test('an ended token is renewed first', async () => {
  const { world, sync, told } = begin({ renewToken: async () => 'fresh' });
  sync.signIn('stale');
  goLive(world, 3, DAY_START);
  world.socket.end(4401, 'tokenExpired');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(world.sockets.length, 2);
  world.socket.say({ type: 'hello', nowMs: DAY_START });
  assert.equal(world.socket.last('auth')['token'], 'fresh');
  world.socket.end(4401, 'tokenInvalid');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told.signIn, ['invalid']);
  assert.equal(world.sockets.length, 2);
});

test('a token that cannot be renewed asks the person', async () => {
  const { world, sync, told } = begin();
  sync.signIn('stale');
  world.socket.end(4401, 'tokenExpired');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told.signIn, ['expired']);
  world.pass(60_000);
  assert.equal(world.sockets.length, 1);
});

test('a token about to end is replaced on the live connection', async () => {
  const { world, sync } = begin({ renewToken: async () => 'fresh' });
  sync.signIn('old');
  goLive(world, 3, DAY_START);
  world.socket.say({ type: 'authExpiring', inMs: 300_000 });
  await new Promise((resolve) => setImmediate(resolve));
  const auth = world.socket.last('auth');
  assert.equal(auth['token'], 'fresh');
  world.socket.say({ type: 'result', id: auth['id'], ok: true, nowMs: DAY_START });
  world.socket.end();
  world.pass(500);
  world.socket.say({ type: 'hello', nowMs: DAY_START });
  assert.equal(world.socket.last('auth')['token'], 'fresh');
});

test('what the token is good for is known from ready, and from the token after it', () => {
  const { world, sync } = begin();
  assert.equal(sync.scope, null);
  sync.signIn('old');
  goLive(world, 3, DAY_START);
  assert.equal(sync.scope, 'full');
  sync.useToken('wall');
  world.socket.say({ type: 'result', id: world.socket.last('auth')['id'], ok: true, scope: 'read', nowMs: DAY_START });
  assert.equal(sync.scope, 'read');
  world.socket.end();
  assert.equal(sync.scope, 'read');
  sync.signOut();
  assert.equal(sync.scope, null);
});

test('the timers of another person are not shown to this one', () => {
  const { world, sync } = begin();
  sync.signIn('alice');
  goLive(world, 3, DAY_START);
  world.socket.end();
  sync.command({ type: 'start', session: 'tea' }, 'Start');
  sync.signIn('bob');
  const { socket } = world;
  socket.say({ type: 'hello', nowMs: DAY_START });
  socket.say({ type: 'ready', userId: 'bob', epoch: 'epoch', seq: 3, mode: 'replay', nowMs: DAY_START, heartbeatMs: 25_000 });
  assert.equal(sync.replica.sessions.size, 0);
  assert.equal(sync.outbox.pending.length, 0);
  world.socket.say({ type: 'hello', nowMs: DAY_START });
  assert.equal('resume' in world.socket.last('auth'), false);
});

test('another person’s token is refused, and the sign-in goes on with the old one', async () => {
  const refusals: string[] = [];
  const { world, sync, told } = begin({ tokenRefused: (error) => refusals.push(error.code) });
  sync.signIn('alice');
  goLive(world, 3, DAY_START);
  sync.useToken('bob');
  world.socket.end(4403, 'otherPerson');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(refusals, ['forbidden']);
  assert.deepEqual(told.signIn, []);
  world.socket.say({ type: 'hello', nowMs: DAY_START });
  assert.equal(world.socket.last('auth')['token'], 'alice');
});

test('a token whose connection breaks before the answer is offered on the next one', async () => {
  const accepted: string[] = [];
  const { world, sync, told } = begin({ tokenAccepted: (token) => accepted.push(token) });
  sync.signIn('old');
  goLive(world, 3, DAY_START);
  sync.useToken('new');
  world.socket.end();
  world.pass(1_000);
  goLive(world, 3, DAY_START, []);
  assert.equal(world.socket.last('auth')['token'], 'new');
  world.socket.say({ type: 'result', id: world.socket.last('auth')['id'], ok: true, scope: 'full', nowMs: DAY_START });
  assert.equal(accepted.at(-1), 'new');

  // The old one ended meanwhile: then it is what to sign in with.
  sync.useToken('newer');
  world.socket.end(4401, 'tokenExpired');
  await new Promise((resolve) => setImmediate(resolve));
  world.socket.say({ type: 'hello', nowMs: DAY_START });
  assert.equal(world.socket.last('auth')['token'], 'newer');
  world.socket.end(4401, 'tokenInvalid');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told.signIn, ['invalid']);
});

test('a token that is always about to end is renewed half-way, not over and over', async () => {
  let renewals = 0;
  const { world, sync } = begin({ renewToken: async () => `fresh${(renewals += 1)}` });
  sync.signIn('old');
  goLive(world, 3, DAY_START);
  const expiring = async () => {
    world.socket.say({ type: 'authExpiring', inMs: 6_000 });
    await new Promise((resolve) => setImmediate(resolve));
  };
  await expiring();
  for (let second = 0; second < 9; second += 1) {
    await expiring();
    world.pass(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(renewals, 1);
  world.pass(3_000);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(renewals, 2);
});

test('a token that was revoked is not renewed, and the person is asked', async () => {
  const { world, sync, told } = begin({ renewToken: async () => 'fresh' });
  sync.signIn('old');
  goLive(world, 3, DAY_START);
  world.socket.end(4401, 'revoked');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told.signIn, ['revoked']);
  world.pass(3600_000);
  assert.equal(world.sockets.length, 1);
});

test('who was deleted and comes again is not given what the one before wanted', () => {
  const { world, sync, told } = begin();
  sync.signIn('old');
  goLive(world, 3, DAY_START);
  world.socket.end();
  sync.command({ type: 'addSession', title: 'Tea', initialDuration: 60 }, 'add');
  sync.signIn('new');
  world.socket.say({ type: 'hello', protocol: 'lockstep.v1', nowMs: DAY_START });
  const shown = snapshot(0, DAY_START);
  world.socket.say({ type: 'ready', userId: 'alice', epoch: 'epoch', seq: 0, tag: null, mode: 'snapshot', reason: 'future', nowMs: DAY_START, heartbeatMs: 25_000, tokenExpiresAtMs: null, scope: 'full' });
  world.socket.say({ ...shown, tag: null, reason: 'future', state: { ...shown.state, user: { ...shown.state.user, createdAtMs: DAY_START + 1 } } });
  world.socket.say({ type: 'live', seq: 0, tag: null });
  assert.deepEqual(told.dropped, ['add']);
  assert.deepEqual(world.socket.of('addSession'), []);
  assert.equal(sync.replica.sessions.size, 0);
});
