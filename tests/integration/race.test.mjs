// Clients that act at the same instant: the server decides once, and everybody learns the same.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { replayed, uuid } from './support/client.mjs';
import { Person, isRefused } from './support/person.mjs';
import { Server } from './support/server.mjs';

let server;
before(async () => {
  server = await Server.start(['--rate-commands', '100000/100000']);
});
after(() => server.stop());

const fieldsOf = (state) => [...state.values()].sort((a, b) => a.id.localeCompare(b.id));

// Every socket's state, made of its snapshot and its events, is that of a snapshot taken now.
async function allAgree(person, sockets) {
  const fresh = await person.gets('/v1/state');
  for (const socket of sockets) {
    while (replayed(socket.messages).seq < fresh.seq) await socket.next((m) => m.type === 'event');
    const own = replayed(socket.messages);
    assert.equal(own.seq, fresh.seq);
    const active = fieldsOf(own.state).filter(({ kind, status }) => kind === 'timer' || status === 'active');
    assert.deepEqual(active.map(settled), fieldsOf(replayed([fresh]).state).map(settled));
  }
  return fresh;
}

// Without what moves while a session runs.
function settled(session) {
  const moving = ['timeLeft', 'elapsedSeconds', 'trackedSeconds', 'focusSeconds'];
  if (session.state !== 'RUNNING') return session;
  return Object.fromEntries(Object.entries(session).filter(([name]) => !moving.includes(name)));
}

// Ten over WebSocket and ten over REST, all at once: exactly one wins, and the others are told which.
async function raceToStart(person, command, requests) {
  const sockets = await Promise.all(Array.from({ length: 10 }, () => person.live()));
  const wins = { ws: 0, http: 0 };
  for (let round = 0; round < 12; round++) {
    const overRest = Array.from({ length: 10 }, (_, i) => person.ask('POST', ...requests[i % requests.length]));
    // A request needs a connection first, which takes about as long.
    await setTimeout(round % 4);
    const overWs = sockets.map((socket) => socket.ask(command));
    const [results, answers] = await Promise.all([Promise.all(overWs), Promise.all(overRest)]);
    const told = results.filter(({ ok }) => ok).map(({ session }) => session);
    const made = answers.filter(({ status }) => status < 300).map(({ body }) => body.sessionId ?? body.id);
    assert.equal(told.length + made.length, 1, `${told.length} and ${made.length} of them won`);
    const [winner] = [...told, ...made];
    wins.ws += told.length;
    wins.http += made.length;
    const refusals = results.filter(({ ok }) => !ok);
    assert.equal(refusals.length + answers.length, 20 - told.length);
    for (const { error } of refusals) assert.deepEqual([error.code, error.details], ['alreadyActive', { session: winner }]);
    for (const answer of answers.filter(({ status }) => status >= 300)) {
      isRefused(answer, 409, { code: 'alreadyActive', message: 'An in-progress session already exists', details: { session: winner } });
    }
    for (const socket of sockets) assert.equal((await socket.event()).session.id, winner, 'one event to everybody');
    const { state } = await allAgree(person, sockets);
    assert.deepEqual(state.sessions.map(({ id }) => id), [winner]);
    await person.does('PUT', `/api/sessions/${winner}/abandon`);
    for (const socket of sockets) assert.equal((await socket.event()).event, 'abandon');
  }
  await Promise.all(sockets.map((socket) => socket.end()));
  return wins;
}

test('20 clients race to start a focus session: one wins, 19 are told which', async (t) => {
  const person = await Person.of(server);
  const wins = await raceToStart(person, { type: 'addSession', kind: 'focus', sessionType: 'pomodoro' }, [
    ['/api/sessions', { sessionType: 'pomodoro' }],
    ['/focus-sessions', { duration_minutes: 25 }],
  ]);
  t.diagnostic(`won over WebSocket ${wins.ws}, over REST ${wins.http}`);
});

test('20 clients race to start a training session: one wins, 19 are told which', async (t) => {
  const person = await Person.of(server);
  const { id: plan } = await person.adds('/api/plans', { name: 'Legs', structure: { exercises: [] } });
  const date = '2026-11-21';
  const wins = await raceToStart(person, { type: 'addSession', kind: 'training', plan, date }, [['/api/sessions', { plan_id: plan, date }]]);
  t.diagnostic(`won over WebSocket ${wins.ws}, over REST ${wins.http}`);
});

// Twenty timers of a second at once, and what a client says of each some milliseconds before or after its target.
async function raceAtTarget(act) {
  const person = await Person.of(server);
  await person.liveAtNoon();
  const sockets = await Promise.all(Array.from({ length: 4 }, () => person.live()));
  const ids = [];
  for (let round = 0; round < 4; round++) {
    const timers = Array.from({ length: 20 }, () => uuid());
    const add = (session) => [{ type: 'addSession', session, title: 'Race', initialDuration: 1 }, { type: 'start', session }];
    await person.commands(...timers.flatMap(add));
    ids.push(...timers);
    await Promise.all(timers.map(async (session, i) => {
      const { targetTimeMs } = await person.gets(`/sessions/${session}`);
      await setTimeout(targetTimeMs - Date.now() - 10 + i);
      await act(person, sockets, session, i);
    }));
  }
  // What is still running has passed its target by the next answer.
  const { state } = await allAgree(person, sockets);
  const outcomes = state.sessions.filter(({ id }) => ids.includes(id));
  assert.equal(outcomes.length, ids.length);
  const events = sockets[0].messages.filter(({ type }) => type === 'event');
  await Promise.all(sockets.map((socket) => socket.end()));
  return outcomes.map((session) => ({ session, events: events.filter((event) => event.session?.id === session.id) }));
}

test('complete against pause at the target: it completes once, and all agree', async (t) => {
  const all = await raceAtTarget(async (person, [a, b], session, i) => {
    const both = [
      () => a.ask({ type: 'complete', session }),
      () => (i % 2 ? b.ask({ type: 'pause', session }) : person.ask('POST', `/sessions/${session}/actions/pause`)),
    ];
    if (i % 3 === 0) both.reverse();
    const answers = await Promise.all(both.map((send) => send()));
    for (const answer of answers) assert.ok(answer.ok ?? answer.status === 200, JSON.stringify(answer));
  });
  const seen = {};
  for (const { session, events } of all) {
    assert.equal(session.status, 'completed');
    const names = events.map(({ event }) => event).slice(2);
    assert.ok(['complete', 'pause complete'].includes(names.join(' ')), names.join(' '));
    const last = events.at(-1);
    assert.equal(last.session.endedAtMs, last.atMs);
    assert.ok(session.elapsedSeconds <= 1);
    const by = `${names.join(', ')} by ${last.origin.via === 'server' ? 'the target' : 'a client'}`;
    seen[by] = (seen[by] ?? 0) + 1;
  }
  t.diagnostic(JSON.stringify(seen));
});

test('pause against the target itself: either it came first and the rest is kept, or the timer is complete', async (t) => {
  const changed = new Map();
  const all = await raceAtTarget(async (person, [a], session) => {
    const result = await a.ask({ type: 'pause', session });
    assert.ok(result.ok, JSON.stringify(result));
    changed.set(session, result.changed);
  });
  const seen = { paused: 0, completed: 0 };
  for (const { session, events } of all) {
    const names = events.map(({ event }) => event).slice(2);
    const target = events[1].session.targetTimeMs;
    if (changed.get(session.id)) {
      assert.deepEqual([names, session.status], [['pause'], 'active']);
      assert.ok(session.timeLeft > 0);
      assert.equal(Math.round(session.timeLeft * 1000), target - events[2].atMs);
    } else {
      assert.deepEqual([names, session.status, session.timeLeft], [['complete'], 'completed', 0]);
      assert.equal(events[2].atMs, target);
    }
    seen[changed.get(session.id) ? 'paused' : 'completed']++;
  }
  t.diagnostic(JSON.stringify(seen));
});

test('a focus and a training session of one person, and the focus sessions of two, stand in nobody\'s way', async () => {
  const [one, other] = [await Person.of(server), await Person.of(server)];
  const { id: plan } = await one.adds('/api/plans', { name: 'Legs', structure: {} });
  const answers = await Promise.all([
    one.ask('POST', '/api/sessions', { sessionType: 'pomodoro', plannedDuration: 25 }),
    one.ask('POST', '/api/sessions', { plan_id: plan, date: '2026-11-21' }),
    other.ask('POST', '/api/sessions', { sessionType: 'pomodoro', plannedDuration: 25 }),
  ]);
  assert.deepEqual(answers.map(({ status }) => status), [201, 201, 201]);
});

test('forty targets at once, and nobody touches them: each is completed once, at its instant, for every client', async () => {
  const person = await Person.of(server);
  const [a, b] = await Promise.all([person.live(), person.live()]);
  const timers = Array.from({ length: 40 }, uuid);
  await person.commands(...timers.map((session) => ({ type: 'addSession', session, title: 'Egg', initialDuration: 1 })));
  await person.commands(...timers.map((session) => ({ type: 'start', session })));
  const running = (await person.gets('/v1/state')).state.sessions;
  for (const socket of [a, b]) {
    while (socket.messages.filter((m) => m.event === 'complete').length < timers.length) await socket.event('complete');
    await socket.ask({ type: 'time', t0: 0 });
    assert.deepEqual(
      socket.messages.filter((m) => m.event === 'complete').map((m) => [m.session.id, m.atMs, m.origin.via]).sort(),
      running.map(({ id, targetTimeMs }) => [id, targetTimeMs, 'server']).sort(),
    );
  }
  await allAgree(person, [a, b]);
  await Promise.all([a.end(), b.end()]);
});

test('one key sent by 20 clients at once is applied once, and all are told the same', async () => {
  const person = await Person.of(server);
  const watcher = await person.live();
  const body = { type: 'addSession', session: uuid(), title: 'Egg', key: 'once' };
  const answers = await Promise.all(Array.from({ length: 20 }, () => person.does('POST', '/v1/commands', body)));
  assert.equal(answers.filter(({ duplicate }) => !duplicate).length, 1);
  assert.equal(new Set(answers.map(({ seq, session }) => `${seq} ${session}`)).size, 1);
  await watcher.ask({ type: 'time', t0: 0 });
  assert.equal(watcher.messages.filter((m) => m.type === 'event').length, 1);
  await watcher.end();
});

test('two clients edit one version at once: one wins, the other is told the new version', async () => {
  const person = await Person.of(server);
  const { id, version } = await person.adds('/sessions', { title: 'Egg', initialDuration: 60 });
  const ifMatch = { 'if-match': `"${version}"` };
  const answers = await Promise.all([120, 180].map((initialDuration) => person.ask('PATCH', `/sessions/${id}`, { initialDuration }, ifMatch)));
  const [won, lost] = answers.sort((x, y) => x.status - y.status);
  assert.equal(won.status, 200, won.text);
  isRefused(lost, 409, { code: 'conflict', details: { version: version + 1 } });
  assert.equal((await person.gets(`/sessions/${id}`)).initialDuration, won.body.initialDuration);
});
