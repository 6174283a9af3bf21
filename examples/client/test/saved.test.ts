import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSaved, type Saved } from '../src/saved.ts';
import { begin, DAY_START, event, goLive, timer } from './fake.ts';

const START = { type: 'start', session: 'tea' };

/** The next life of the program, as it finds what the last one kept as text. */
function nextLife(saved: Saved | null, wallOffset = 0) {
  return begin({ saved: JSON.parse(JSON.stringify(saved)) as Saved, keyPrefix: 'next' }, wallOffset);
}

function firstLife() {
  const all = begin();
  all.sync.signIn('secret');
  goLive(all.world, 1, DAY_START);
  return all;
}

test('nobody known: nothing to save', () => {
  const { sync } = begin();
  assert.equal(sync.save(), null);
});

test('the last state is shown at once, and followed from its position', () => {
  const first = firstLife();
  first.world.socket.say(event(2, { session: timer({ title: 'Green tea' }), nowMs: DAY_START + 700 }));
  const { world, sync } = nextLife(first.sync.save());
  assert.equal(sync.loaded, true);
  assert.equal(sync.connection.phase, 'off');
  assert.equal(sync.replica.user?.id, 'alice');
  assert.deepEqual(sync.replica.sessions.get('tea'), { session: timer({ title: 'Green tea' }), madeAtMs: DAY_START + 700 });
  sync.signIn('secret');
  world.socket.say({ type: 'hello', nowMs: DAY_START });
  assert.deepEqual(world.socket.last('auth')['resume'], { epoch: 'epoch', seq: 2, tag: 'tag2' });
});

test('waiting commands go out, the same, with the same key', () => {
  const first = firstLife();
  first.world.socket.end();
  first.world.pass(100);
  first.sync.command(START, 'Start tea');
  const saved = first.sync.save();
  const { world, sync, told } = nextLife(saved);
  assert.deepEqual(sync.outbox.pending.map(({ label }) => label), ['Start tea']);
  sync.signIn('secret');
  goLive(world, 1, DAY_START + 60_000, []);
  const sent = world.socket.last('start');
  assert.equal(sent['key'], 'tab:1');
  assert.equal(sent['atMs'], DAY_START + 100);
  world.socket.say({ type: 'result', id: sent['id'], ok: true });
  assert.deepEqual(told.settled.map(({ label }) => label), ['Start tea']);
  assert.deepEqual(sync.save()?.commands, []);
});

test('offline from its start it knows the time by how far the wall clock went', () => {
  const first = firstLife();
  first.world.pass(5_000);
  const hour = 3600 * 1000;
  const { world, sync } = nextLife(first.sync.save(), hour);
  assert.equal(sync.clock.now(), DAY_START + hour);
  world.pass(1_000);
  sync.command(START, 'Start');
  sync.signIn('secret');
  goLive(world, 1, DAY_START + hour + 2_000, []);
  assert.equal(world.socket.last('start')['atMs'], DAY_START + hour + 1_000);
});

test('the server’s first word ends the guess, ahead of it or behind', () => {
  for (const wrong of [-3_000, 3_000]) {
    const { world, sync } = nextLife(firstLife().sync.save(), 10_000);
    sync.signIn('secret');
    world.socket.say({ type: 'hello', nowMs: DAY_START + 10_000 + wrong });
    assert.equal(sync.clock.now(), DAY_START + 10_000 + wrong);
  }
});

test('a wall clock that was set back tells nothing: a command counts from its arrival', () => {
  const first = firstLife();
  const saved = first.sync.save();
  const { world, sync } = nextLife(saved, -3600 * 1000);
  assert.equal(sync.clock.now(), DAY_START);
  sync.command(START, 'Start');
  // A third life knows no more than the second.
  const third = nextLife(sync.save());
  assert.equal(third.sync.clock.now(), DAY_START);
  sync.signIn('secret');
  goLive(world, 1, DAY_START + 5_000, []);
  assert.equal('atMs' in world.socket.last('start'), false);
});

test('a person’s life is not continued by another person', () => {
  const first = firstLife();
  first.world.socket.end();
  first.sync.command(START, 'Start tea');
  const { world, sync, told } = nextLife({ ...first.sync.save()!, userId: 'bob' });
  sync.signIn('secret');
  world.socket.say({ type: 'hello', nowMs: DAY_START });
  world.socket.say({ type: 'ready', userId: 'alice', epoch: 'epoch', seq: 1, mode: 'replay', nowMs: DAY_START, heartbeatMs: 25_000 });
  assert.equal(sync.replica.sessions.size, 0);
  assert.equal(sync.loaded, false);
  assert.deepEqual(told.dropped, ['Start tea']);
  goLive(world, 1, DAY_START);
  assert.equal(world.socket.of('start').length, 0);
  assert.equal(sync.save()?.userId, 'alice');
});

test('signing out leaves nothing to save', () => {
  const { sync, told } = firstLife();
  sync.command(START, 'Start tea');
  sync.signOut();
  assert.equal(sync.save(), null);
  assert.deepEqual(told.dropped, ['Start tea']);
});

test('half a command’s events are not part of what is saved', () => {
  const { world, sync } = firstLife();
  world.socket.say(event(2, { n: 1, of: 2 }));
  assert.equal(sync.save()?.position?.seq, 1);
});

test('before the first state only the commands are saved', () => {
  const { world, sync } = begin();
  sync.signIn('secret');
  world.socket.say({ type: 'hello', nowMs: DAY_START });
  world.socket.say({ type: 'ready', userId: 'alice', epoch: 'epoch', seq: 1, mode: 'snapshot', nowMs: DAY_START, heartbeatMs: 25_000 });
  sync.command(START, 'Start');
  const saved = sync.save();
  assert.equal(saved?.position, null);
  const next = nextLife(saved);
  assert.equal(next.sync.loaded, false);
  assert.equal(next.sync.outbox.pending.length, 1);
});

test('what no client made is not read', () => {
  const saved = firstLife().sync.save()!;
  assert.equal(readSaved(saved), saved);
  for (const other of [null, undefined, 7, 'x', {}, { ...saved, format: 2 }, { ...saved, commands: undefined }]) {
    assert.equal(readSaved(other), null);
  }
});
