// What the filler of the growth benchmarks makes is what a server would have made: whatever is asked of it fits together.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Grown, database, fill, remove, settled } from '../bench/grow/place.mjs';
import { askAll, questions } from '../bench/grow/ask.mjs';
import { Client } from './support/client.mjs';
import { Person, isUuid, second } from './support/person.mjs';

const DUE_IN_MS = 4 * second;

let server;
let db;
let dueAtMs;
before(async () => {
  db = database(`test-${process.pid}`);
  await fill(db, { name: 'much-', users: 2, timers: 3, history: 50, events: 40 });
  dueAtMs = Date.now() + DUE_IN_MS;
  await fill(db, { users: 60, timers: 2, running: 12, scatter: 6, 'due-at': dueAtMs });
  server = await Grown.on(db);
});
after(async () => {
  await server.stop();
  remove(db);
});

const personOf = (name) => Object.assign(new Person(), { server, name, token: server.token(name) });

test('of all the timers so many run, evenly among them, and end once at their instant', async () => {
  const people = Array.from({ length: 60 }, (_, i) => personOf(`load-${i}`));
  const { ended, lastMs } = await settled(db, dueAtMs, 12);
  assert.equal(ended, 12);
  assert.ok(lastMs >= dueAtMs);
  let completed = 0;
  for (const person of people) {
    const { state, seq } = await person.gets('/v1/state');
    assert.equal(state.sessions.length, 2);
    const those = state.sessions.filter(({ status }) => status === 'completed');
    assert.ok(those.length <= 1);
    assert.equal(seq, those.length);
    for (const session of those) assert.deepEqual([session.state, session.timeLeft, session.version], ['PAUSED', 0, 3]);
    completed += those.length;
  }
  assert.equal(completed, 12);
});

test('a log can be replayed, up to what its reader knows', async () => {
  const client = await Client.live(server, { token: server.token('much-1') });
  assert.equal(client.ready.seq, 40);
  const { epoch } = client.ready;
  const event = await replayed(client, { epoch, seq: 38 });
  assert.deepEqual([event.seq, event.event, event.origin.key], [39, 'start', 'tab1:39']);
  isUuid(event.session.id);
  const last = await client.event();
  assert.deepEqual([last.seq, last.event, last.tag], [40, 'pause', client.ready.tag]);
  const live = await client.next(({ type }) => type === 'live');
  assert.deepEqual([live.seq, live.tag], [40, last.tag]);
  await client.end();
});

function replayed(client, position) {
  client.send({ type: 'resume', id: 1, ...position });
  return client.event();
}

test('completed sessions are listed and counted, and their time is in the analytics', async () => {
  const person = personOf('much-0');
  const list = await person.gets('/api/sessions?limit=20');
  assert.deepEqual([list.total, list.items.length], [50, 20]);
  assert.ok(list.items.every(({ status, actualDuration }) => status === 'completed' && actualDuration === 25));
  const { periods } = await person.gets('/analytics?period=weekly');
  const minutes = periods.reduce((sum, { sumMinutes }) => sum + sumMinutes, 0);
  assert.equal(minutes, 50 * 25);
});

test('every question is answered, and what it cost is known', async () => {
  const answers = await askAll(server, ['much-0', 'load-7'], 2);
  assert.deepEqual(Object.keys(answers), Object.keys(questions));
  for (const { us, p50, p99 } of Object.values(answers)) assert.ok(us > 0 && p50 > 0 && p99 >= p50);
});
