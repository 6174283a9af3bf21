import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Replica } from '../src/replica.ts';
import { begin, DAY_START, event, goLive, sayReady, snapshot, task, timer } from './fake.ts';

function replicaAt(seq: number): Replica {
  const replica = new Replica();
  replica.applySnapshot(snapshot(seq, DAY_START, [timer()]));
  return replica;
}

const title = (replica: Replica) => replica.sessions.get('tea')?.session.title;

test('the next event is applied, and the position follows', () => {
  const replica = replicaAt(7);
  assert.equal(replica.receive(event(8)), 'applied');
  assert.equal(title(replica), 'Tea 8');
  assert.deepEqual(replica.position(), { epoch: 'epoch', seq: 8, tag: 'tag8' });
});

test('before the first event a position has no tag', () => {
  const replica = new Replica();
  assert.equal(replica.position(), null);
  replica.applySnapshot({ ...snapshot(0, DAY_START), tag: null });
  assert.deepEqual(replica.position(), { epoch: 'epoch', seq: 0 });
});

test('an event known already is ignored', () => {
  const replica = replicaAt(7);
  replica.receive(event(8));
  assert.equal(replica.receive(event(8, { session: timer({ title: 'again' }) })), 'ignored');
  assert.equal(replica.receive(event(3)), 'ignored');
  assert.equal(title(replica), 'Tea 8');
});

test('an event beyond a gap is not applied', () => {
  const replica = replicaAt(7);
  assert.equal(replica.receive(event(9)), 'gap');
  assert.equal(title(replica), 'Tea');
  assert.equal(replica.position()?.seq, 7);
});

test('the events of one command are applied together', () => {
  const replica = replicaAt(7);
  assert.equal(replica.receive(event(8, { n: 1, of: 2 })), 'held');
  assert.equal(title(replica), 'Tea');
  assert.equal(replica.position()?.seq, 7);
  assert.equal(replica.receive(event(9, { n: 2, of: 2 })), 'applied');
  assert.equal(title(replica), 'Tea 9');
  assert.equal(replica.position()?.seq, 9);
});

test('half a command is brought again after a break', () => {
  const replica = replicaAt(7);
  replica.receive(event(8, { n: 1, of: 2 }));
  replica.forgetPartial();
  assert.equal(replica.receive(event(8, { n: 1, of: 2 })), 'held');
  assert.equal(replica.receive(event(9, { n: 2, of: 2 })), 'applied');
});

test('what is deleted goes, what is restored comes back, an ended session of another kind goes with its tasks', () => {
  const replica = replicaAt(7);
  replica.receive(event(8, { session: timer({ isDeleted: true }) }));
  assert.equal(replica.sessions.size, 0);
  replica.receive(event(9, { session: timer() }));
  assert.equal(replica.sessions.size, 1);
  const work = timer({ id: 'work', kind: 'work' });
  replica.receive(event(10, { session: work }));
  replica.receive(event(11, { session: undefined!, task: task({ sessionId: 'work' }) }));
  assert.equal(replica.sessions.size, 2);
  assert.equal(replica.tasks.size, 1);
  replica.receive(event(12, { session: { ...work, status: 'completed', isCompleted: true } }));
  assert.deepEqual([...replica.sessions.keys()], ['tea']);
  assert.equal(replica.tasks.size, 0);
});

test('one event may carry many timers', () => {
  const replica = replicaAt(7);
  replica.receive({ ...event(8, { sessions: [timer({ title: 'A' }), timer({ id: 'b', title: 'B' })] }), session: undefined! });
  assert.deepEqual([...replica.sessions.values()].map((held) => held.session.title), ['A', 'B']);
});

test('a gap is asked for once, and the answer closes it', () => {
  const { world, sync } = begin();
  sync.signIn('secret');
  goLive(world, 7, DAY_START);
  const { socket } = world;
  socket.say(event(9));
  socket.say(event(10));
  assert.equal(socket.of('resume').length, 1);
  const { epoch, seq, tag } = socket.last('resume');
  assert.deepEqual({ epoch, seq, tag }, { epoch: 'epoch', seq: 7, tag: 'tag7' });
  assert.equal(sync.live, false);
  sayReady(socket, 10, DAY_START, [event(8), event(9), event(10)]);
  assert.equal(title(sync.replica), 'Tea 10');
  assert.equal(sync.live, true);
});

test('a heartbeat tells of an event that never came', () => {
  const { world, sync } = begin();
  sync.signIn('secret');
  goLive(world, 7, DAY_START);
  world.socket.say({ type: 'hb', seq: 7, nowMs: DAY_START });
  assert.equal(world.socket.of('resume').length, 0);
  world.socket.say({ type: 'hb', seq: 8, nowMs: DAY_START });
  assert.equal(world.socket.of('resume').length, 1);
});

test('a snapshot replaces everything', () => {
  const { world, sync } = begin();
  sync.signIn('secret');
  goLive(world, 7, DAY_START);
  world.socket.say(event(8, { session: timer({ id: 'gone' }) }));
  world.socket.end();
  world.pass(500);
  goLive(world, 2, DAY_START);
  assert.deepEqual([...sync.replica.sessions.keys()], ['tea']);
  assert.equal(sync.replica.position()?.seq, 2);
});
