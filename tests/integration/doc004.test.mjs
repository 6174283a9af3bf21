// Requirement document 004, "API Endpoint Implementation Plan: Sessions Resource": training sessions, over the wire.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { uuid } from './support/client.mjs';
import { Person, allowsOnly, day, hasExactly, isHidden, isInstant, isRefused, isUuid, iso, minute, ofLength, refusesBodies, refusesFields, second, withoutLength } from './support/person.mjs';
import { Server } from './support/server.mjs';
import { Watch } from './support/watch.mjs';

const summary = ['id', 'user_id', 'kind', 'plan_id', 'date', 'started_at', 'ended_at', 'completed'];
const detail = [...summary, 'session'];
const plan = ['id', 'user_id', 'name', 'structure', 'has_sessions'];
const envelope = ['items', 'total', 'limit', 'offset', 'page'];
const date = '2026-11-21';
const legs = { exercises: [{ name: 'Squat', sets: [{ reps: 5, weight: 100 }, { reps: 5, weight: 102.5 }] }] };
const lighter = { exercises: [{ name: 'Squat', sets: [{ reps: 8, weight: 80 }] }], note: 'Knee' };

// The table of section 6, word for word.
const invalid = { code: 'badRequest', message: 'Invalid session data' };
const noPlan = { code: 'badRequest', message: 'Plan not found or access denied' };
const existing = { code: 'alreadyActive', message: 'An in-progress session already exists' };
const noSession = { code: 'notFound', message: 'Session not found' };
const over = { code: 'invalidState', message: 'Cannot update completed session' };
const broken = { code: 'internal', message: 'Failed to process request' };

let server;
before(async () => {
  server = await Server.start(['--rate-commands', '100000/100000']);
});
after(() => server.stop());

const addPlan = (me, structure = legs, name = 'Legs') => me.adds('/api/plans', { name, structure });
const begin = (me, { id }, more) => me.adds('/api/sessions', { plan_id: id, date, ...more });
const complete = (me, { id }, body) => me.does('POST', `/api/sessions/${id}/complete`, body);

// 2.1 Create

test('POST /api/sessions with plan_id, date and session starts a session', async () => {
  const me = await Person.of(server);
  const from = await addPlan(me);
  const asked = Date.now();
  const made = await begin(me, from, { session: lighter });
  hasExactly(made, detail);
  isUuid(made.id);
  isInstant(made.started_at);
  assert.ok(Math.abs(Date.parse(made.started_at) - asked) < 5 * second);
  const { id, started_at } = made;
  assert.deepEqual(made, { id, user_id: me.name, kind: 'training', plan_id: from.id, date, started_at, ended_at: null, completed: false, session: lighter });
  assert.deepEqual(await me.gets(`/api/sessions/${id}`), made);
});

test('snapshot logic: a session has a copy of the plan as it was; later changes do not affect it', async () => {
  const me = await Person.of(server);
  const from = await addPlan(me);
  const made = await begin(me, from);
  assert.deepEqual(made.session, legs);
  await me.does('PATCH', `/api/plans/${from.id}`, { structure: lighter });
  assert.deepEqual((await me.gets(`/api/sessions/${made.id}`)).session, legs);
  await complete(me, made);
  assert.deepEqual((await begin(me, from)).session, lighter);
  await me.does('DELETE', `/api/plans/${from.id}`);
  assert.deepEqual((await me.gets(`/api/sessions/${made.id}`)).session, legs);
});

test('a plan that was used says so: has_sessions', async () => {
  const me = await Person.of(server);
  const from = await addPlan(me);
  assert.equal(from.has_sessions, false);
  const socket = await me.live();
  await begin(me, from);
  const event = await socket.event('addSession');
  assert.deepEqual([event.session.training.planId, event.plan.id, event.plan.hasSessions], [from.id, from.id, true]);
  assert.equal((await me.gets(`/api/plans/${from.id}`)).has_sessions, true);
  await socket.end();
});

test('"Invalid session data": a body that is no JSON or not as the schema says is 400 and names the field', async () => {
  const me = await Person.of(server);
  const { id } = await addPlan(me);
  await refusesBodies(me, 'POST', '/api/sessions', 'Invalid session data');
  const good = { plan_id: id, date };
  const deep = (depth) => (depth ? { a: deep(depth - 1) } : {});
  const wrong = [
    ['plan_id', { ...good, plan_id: 'seven' }],
    ['plan_id', { ...good, plan_id: null }],
    ['date', { plan_id: id }],
    ['date', { ...good, date: '2026-02-30' }],
    ['date', { ...good, date: '21.11.2026' }],
    ['date', { ...good, date: 20261121 }],
    ['session', { ...good, session: [] }],
    ['session', { ...good, session: 'squats' }],
    ['session', { ...good, session: deep(13) }],
    ['session', { ...good, session: { a: ofLength(49200) } }],
    ['completed', { ...good, completed: true }],
    ['user_id', { ...good, user_id: me.name }],
    ['colour', { ...good, colour: 'red' }],
  ];
  for (const [field, body] of wrong) isRefused(await me.ask('POST', '/api/sessions', body), 400, { ...invalid, field });
  const twice = await me.ask('POST', '/api/sessions', `{"plan_id":"${id}","date":"${date}","session":{"a":1,"a":2}}`);
  isRefused(twice, 400, { message: 'Invalid session data' });
  assert.equal((await me.gets('/api/sessions')).total, 0);
  const made = await begin(me, { id });
  for (const [field, body] of [['session', { session: 5 }], ['session', { session: null }]]) {
    isRefused(await me.ask('PATCH', `/api/sessions/${made.id}`, body), 400, { ...invalid, field });
    isRefused(await me.ask('POST', `/api/sessions/${made.id}/complete`, body), 400, { ...invalid, field });
  }
});

test('"Plan not found or access denied": the plan must be there and the user\'s own', async () => {
  const [me, stranger] = [await Person.of(server), await Person.of(server)];
  const theirs = await addPlan(stranger);
  const deleted = await addPlan(me);
  await me.does('DELETE', `/api/plans/${deleted.id}`);
  const project = await me.group();
  for (const plan_id of [uuid(), theirs.id, deleted.id, project]) {
    isRefused(await me.ask('POST', '/api/sessions', { plan_id, date }), 400, noPlan);
  }
  assert.equal((await stranger.gets(`/api/plans/${theirs.id}`)).has_sessions, false);
});

test('"An in-progress session already exists": one at a time for a user; other users and kinds are free', async () => {
  const [me, other] = [await Person.of(server), await Person.of(server)];
  const from = await addPlan(me);
  await me.adds('/api/sessions', { sessionType: 'short' });
  const first = await begin(me, from);
  isRefused(await me.ask('POST', '/api/sessions', { plan_id: from.id, date }), 409, { ...existing, details: { session: first.id } });
  await begin(other, await addPlan(other));
  await complete(me, first);
  const next = await begin(me, from);
  await me.does('PUT', `/api/sessions/${next.id}/abandon`);
  await begin(me, from);
});

// 2.2 Update

test('PATCH /api/sessions/[id] replaces the session structure; what was read can be sent back changed', async () => {
  const me = await Person.of(server);
  const made = await begin(me, await addPlan(me));
  const path = `/api/sessions/${made.id}`;
  assert.deepEqual(await me.does('PATCH', path, { session: lighter }), { ...made, session: lighter });
  assert.deepEqual(await me.does('PUT', path, { ...made, session: {} }), { ...made, session: {} });
  for (const [field, body] of [['date', { date: '2026-11-22' }], ['plan_id', { plan_id: uuid() }], ['completed', { completed: true }], ['ended_at', { ended_at: iso(Date.now()) }], ['notes', { notes: 'x' }], ['colour', { colour: 'red' }]]) {
    isRefused(await me.ask('PATCH', path, body), 400, { code: 'badRequest', field });
  }
  assert.deepEqual((await me.gets(path)).session, {});
});

// 2.3 Complete

test('POST /api/sessions/[id]/complete ends the session, with a last update or without', async () => {
  const me = await Person.of(server);
  const from = await addPlan(me);
  const plain = await begin(me, from);
  const done = await complete(me, plain);
  hasExactly(done, detail);
  assert.deepEqual([done.completed, done.session], [true, legs]);
  isInstant(done.ended_at);
  assert.ok(Math.abs(Date.parse(done.ended_at) - Date.now()) < 5 * second);
  const updated = await complete(me, await begin(me, from), { session: lighter });
  assert.deepEqual([updated.completed, updated.session], [true, lighter]);
  assert.equal((await complete(me, await begin(me, from), {})).completed, true);
  await refusesFields(me, 'POST', `/api/sessions/${(await begin(me, from)).id}/complete`, [['qualityRating', { qualityRating: 5 }], ['colour', { colour: 'red' }]]);
});

test('"Cannot update completed session": a completed session is immutable', async () => {
  const me = await Person.of(server);
  const from = await addPlan(me);
  const made = await begin(me, from);
  const done = await complete(me, made);
  const path = `/api/sessions/${made.id}`;
  isRefused(await me.ask('PATCH', path, { session: lighter }), 400, over);
  isRefused(await me.ask('PUT', path, { session: lighter }), 400, over);
  isRefused(await me.ask('POST', `${path}/complete`, { session: lighter }), 400, over);
  isRefused(await me.ask('POST', `${path}/resume`), 400, over);
  isRefused(await me.ask('POST', `${path}/abandon`), 400, over);
  assert.deepEqual(await complete(me, made), done, 'to complete it again without a structure changes nothing');
  assert.deepEqual(await me.gets(path), done);
  const left = await begin(me, from);
  const gone = await me.does('PUT', `/api/sessions/${left.id}/abandon`);
  hasExactly(gone, detail);
  assert.equal(gone.completed, false);
  isInstant(gone.ended_at);
  isRefused(await me.ask('PATCH', `/api/sessions/${left.id}`, { session: lighter }), 400, { code: 'invalidState' });
  isRefused(await me.ask('POST', `/api/sessions/${left.id}/complete`), 400, { code: 'invalidState' });
});

test('DELETE /api/sessions/[id], which the document leaves for later, hides a session; an active one is abandoned', async () => {
  const [me, stranger] = [await Person.of(server), await Person.of(server)];
  const from = await addPlan(me);
  const done = await begin(me, from);
  await complete(me, done);
  await isHidden(stranger, 'DELETE', `/api/sessions/${done.id}`, done.id);
  hasExactly(await me.does('DELETE', `/api/sessions/${done.id}`), detail);
  isRefused(await me.ask('GET', `/api/sessions/${done.id}`), 404, noSession);
  const running = await begin(me, from);
  assert.ok((await me.does('DELETE', `/api/sessions/${running.id}`)).ended_at);
  await begin(me, from);
});

// 2.4 List, 2.5 Details

test('GET /api/sessions: summaries without the structure, by plan_id, date_from, date_to and completed, in pages, sorted', async () => {
  const me = await Person.of(server);
  const [a, b] = [await addPlan(me), await addPlan(me, lighter, 'Light legs')];
  // Begun in this order, for days in another; every third is abandoned.
  const made = [];
  for (let i = 0; i < 24; i++) {
    const on = `2026-10-${String(1 + ((i * 7) % 24)).padStart(2, '0')}`;
    const session = uuid();
    const at = Date.now() - (3000 - i * 60) * minute;
    await me.commands(
      { type: 'addSession', kind: 'training', session, plan: (i % 2 ? b : a).id, date: on, atMs: at },
      { type: i % 3 ? 'complete' : 'abandon', session, atMs: at + 45 * minute },
    );
    made.push({ id: session, plan: (i % 2 ? b : a).id, date: on, completed: i % 3 !== 0 });
  }
  const active = await begin(me, a, { date: '2026-10-30' });
  made.push({ id: active.id, plan: a.id, date: '2026-10-30', completed: false });
  const list = (query) => me.gets(`/api/sessions?${query}`);
  const idsOf = async (query) => (await list(query)).items.map(({ id }) => id);
  const newest = [...made].reverse();
  const where = (fits) => newest.filter(fits).map(({ id }) => id);

  const first = await list('kind=training');
  hasExactly(first, envelope);
  first.items.forEach((item) => hasExactly(item, summary));
  assert.deepEqual([first.total, first.limit, first.offset, first.page, first.items.length], [25, 20, 0, 1, 20]);
  assert.deepEqual(first.items.map(({ id }) => id), newest.slice(0, 20).map(({ id }) => id));
  assert.deepEqual(await idsOf('limit=5&offset=20'), newest.slice(20).map(({ id }) => id));
  assert.deepEqual(await idsOf('kind=training&limit=5&page=2'), newest.slice(5, 10).map(({ id }) => id));
  assert.deepEqual(await idsOf(`plan_id=${b.id}&limit=100`), where(({ plan: of }) => of === b.id));
  assert.deepEqual(await idsOf('completed=true&limit=100'), where(({ completed }) => completed));
  assert.deepEqual(await idsOf('completed=false&limit=100'), where(({ completed }) => !completed));
  assert.deepEqual(await idsOf('date_from=2026-10-20&limit=100'), where((one) => one.date >= '2026-10-20'));
  assert.deepEqual(await idsOf('date_to=2026-10-03&limit=100'), where((one) => one.date <= '2026-10-03'));
  assert.deepEqual(await idsOf('date_from=2026-10-05&date_to=2026-10-05'), where((one) => one.date === '2026-10-05'));
  assert.deepEqual(await idsOf(`plan_id=${a.id}&completed=true&date_from=2026-10-10&limit=100`), where((one) => one.plan === a.id && one.completed && one.date >= '2026-10-10'));
  assert.deepEqual(await idsOf('kind=training&sort=started_at&order=asc&limit=100'), made.map(({ id }) => id));
  const byDate = [...made].sort((one, other) => one.date.localeCompare(other.date)).map(({ id }) => id);
  assert.deepEqual(await idsOf('kind=training&sort=date&order=asc&limit=100'), byDate);
  assert.deepEqual(await idsOf('kind=training&sort=date&order=desc&limit=100'), [...byDate].reverse());
  const wrong = [['limit', 'limit=101'], ['limit', 'limit=0'], ['offset', 'offset=-1'], ['completed', 'completed=yes'], ['date_from', 'date_from=October'], ['date_to', 'date_to=2026-13-01'], ['plan_id', 'plan_id=seven'], ['sort', 'sort=name'], ['order', 'order=up'], ['colour', 'colour=red']];
  for (const [field, query] of wrong) isRefused(await me.ask('GET', `/api/sessions?${query}`), 400, { code: 'badRequest', field });
  const stranger = await Person.of(server);
  assert.equal((await stranger.gets('/api/sessions?completed=true')).total, 0);
  assert.equal((await stranger.gets(`/api/sessions?plan_id=${a.id}`)).total, 0);
});

test('"Session not found": what is not there and what is another user\'s, in the same words', async () => {
  const [me, stranger] = [await Person.of(server), await Person.of(server)];
  const made = await begin(me, await addPlan(me));
  const path = `/api/sessions/${made.id}`;
  for (const [method, sub, body] of [['GET', ''], ['PATCH', '', { session: {} }], ['POST', '/complete'], ['DELETE', '']]) {
    await isHidden(stranger, method, path + sub, made.id, body);
    isRefused(await stranger.ask(method, path + sub, body), 404, noSession);
  }
  assert.deepEqual(await me.gets(path), made);
});

test('"Failed to process request": what goes wrong in the database is 500, and the server goes on', async () => {
  const own = await Server.start();
  try {
    const me = await Person.of(own);
    const from = await addPlan(me);
    const timer = await me.adds('/sessions', { title: 'Read' });
    const script = 'import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute("alter table plans rename to lost"); c.commit()';
    execFileSync('python3', ['-c', script, own.db]);
    isRefused(await me.ask('POST', '/api/sessions', { plan_id: from.id, date }), 500, broken);
    assert.equal((await me.ask('GET', '/healthz')).status, 200);
    assert.equal((await me.does('POST', `/sessions/${timer.id}/actions/start`)).state, 'RUNNING');
  } finally {
    await own.stop();
  }
});

// Plans, which the document presupposes

test('plans: made, listed, read, changed and deleted by their owner', async () => {
  const [me, stranger] = [await Person.of(server), await Person.of(server)];
  const made = await addPlan(me);
  hasExactly(made, plan);
  isUuid(made.id);
  assert.deepEqual(made, { id: made.id, user_id: me.name, name: 'Legs', structure: legs, has_sessions: false });
  assert.deepEqual(await me.gets(`/plans/${made.id}`), made);
  const other = await addPlan(me, {}, 'Rest');
  const list = await me.gets('/api/plans');
  hasExactly(list, envelope);
  assert.equal(list.total, 2);
  assert.deepEqual(list.items.find(({ id }) => id === made.id), made);
  assert.equal((await me.gets('/plans?limit=1&page=2')).items.length, 1);
  assert.deepEqual(await me.does('PATCH', `/api/plans/${made.id}`, { ...made, name: 'Legs, heavy' }), { ...made, name: 'Legs, heavy' });
  assert.deepEqual((await me.does('PATCH', `/api/plans/${made.id}`, { structure: lighter })).structure, lighter);
  await refusesFields(me, 'PATCH', `/api/plans/${made.id}`, [['has_sessions', { has_sessions: true }], ['user_id', { user_id: 'x' }], ['name', { name: '' }], ['structure', { structure: [] }]]);
  await refusesFields(me, 'POST', '/api/plans', [
    ['name', { structure: {} }],
    ['name', { name: ofLength(201), structure: {} }],
    ['structure', { name: 'A' }],
    ['structure', { name: 'A', structure: 'squats' }],
    ['structure', { name: 'A', structure: { a: ofLength(49200) } }],
    ['colour', { name: 'A', structure: {}, colour: 'red' }],
  ]);
  await refusesBodies(me, 'POST', '/api/plans');
  for (const [method, body] of [['GET'], ['PATCH', { name: 'Theirs' }], ['DELETE']]) await isHidden(stranger, method, `/api/plans/${made.id}`, made.id, body);
  hasExactly(await me.does('DELETE', `/api/plans/${other.id}`), plan);
  isRefused(await me.ask('GET', `/api/plans/${other.id}`), 404, { code: 'notFound' });
  assert.equal((await me.gets('/api/plans')).total, 1);
});

// Audit log

test('the audit log has session_started and session_completed, and every other change, newest first', async () => {
  const [me, stranger] = [await Person.of(server), await Person.of(server)];
  const from = await addPlan(me);
  const made = await begin(me, from);
  await me.does('PATCH', `/api/sessions/${made.id}`, { session: lighter });
  await complete(me, made);
  const group = await me.group();
  const work = await me.adds(`/api/projects/${group}/sessions`);
  const task = await me.adds(`/api/sessions/${work.id}/tasks`, { description: 'Weld' });
  const problem = await me.adds(`/api/projects/${group}/problems`, { description: 'The floor has rusted through', severity: 'Minor' });
  await me.does('PATCH', '/me', { timeZone: 'Europe/Berlin' });
  await me.does('POST', `/api/sessions/${work.id}/complete`);
  await me.ask('POST', `/api/sessions/${work.id}/tasks`, { description: 'Refused' });
  const audit = await me.gets('/api/audit-log');
  hasExactly(audit, envelope);
  audit.items.forEach((row) => {
    hasExactly(row, ['seq', 'at', 'action', 'entity', 'entityId', 'origin']);
    isInstant(row.at);
    assert.equal(row.origin.via, 'http');
  });
  assert.deepEqual(audit.items.map(({ seq, action, entity, entityId }) => [seq, action, entity, entityId]), [
    [10, 'complete', 'session', work.id],
    [9, 'autoResetTimeChange', 'user', me.name],
    [8, 'reportProblem', 'problem', problem.id],
    [7, 'addTask', 'task', task.id],
    [6, 'addSession', 'session', work.id],
    [5, 'addGroup', 'group', group],
    [4, 'session_completed', 'session', made.id],
    [3, 'editSession', 'session', made.id],
    [2, 'session_started', 'session', made.id],
    [1, 'addPlan', 'plan', from.id],
  ]);
  const part = await me.gets('/audit-log?limit=3&offset=3');
  assert.deepEqual([part.total, part.items.map(({ seq }) => seq)], [10, [7, 6, 5]]);
  assert.deepEqual((await me.gets('/audit-log?limit=3&page=4')).items.map(({ seq }) => seq), [1]);
  assert.equal((await stranger.gets('/api/audit-log')).total, 0);
  isRefused(await me.ask('GET', '/api/audit-log?limit=101'), 400, { field: 'limit' });
  await allowsOnly(me, 'DELETE', '/api/audit-log', ['GET']);
});

// What holds for all of it

test('each change over REST reaches both sockets and nobody else\'s, once for its key', async () => {
  const me = await Person.of(server);
  const watch = await Watch.over(me);
  const ofPlan = { entity: 'plan' };
  const ofSession = { entity: 'session' };
  const from = (await watch.change('POST', '/api/plans', { name: 'Legs', structure: legs }, { ...ofPlan, event: 'addPlan', adding: true })).plan;
  assert.deepEqual([from.structure, from.hasSessions], [legs, false]);
  await watch.change('PATCH', `/api/plans/${from.id}`, { name: 'Legs, heavy' }, { ...ofPlan, event: 'editPlan', of: from.id });
  const started = await watch.change('POST', '/api/sessions', { plan_id: from.id, date }, { ...ofSession, event: 'addSession', adding: true });
  const of = started.session.id;
  assert.deepEqual([started.session.kind, started.session.training], ['training', { planId: from.id, date, structure: legs }]);
  const edited = await watch.change('PATCH', `/api/sessions/${of}`, { session: lighter }, { ...ofSession, event: 'editSession', of });
  assert.deepEqual(edited.session.training.structure, lighter);
  await watch.change('POST', `/api/sessions/${of}/pause`, undefined, { ...ofSession, event: 'pause', of });
  await watch.change('POST', `/api/sessions/${of}/resume`, undefined, { ...ofSession, event: 'start', of });
  await watch.change('POST', `/api/sessions/${of}/complete`, { session: legs }, { ...ofSession, event: 'complete', of });
  await watch.change('DELETE', `/api/sessions/${of}`, undefined, { ...ofSession, event: 'deleteSession', of });
  const later = await watch.change('POST', '/api/sessions', { plan_id: from.id, date }, { ...ofSession, event: 'addSession', adding: true });
  await watch.change('PUT', `/api/sessions/${later.session.id}/abandon`, {}, { ...ofSession, event: 'abandon', of: later.session.id });
  await watch.change('DELETE', `/api/plans/${from.id}`, undefined, { ...ofPlan, event: 'deletePlan', of: from.id });
  await watch.end();
});

test('what is done over the WebSocket shows in REST; a snapshot has plans without their structures', async () => {
  const me = await Person.of(server);
  const socket = await me.live();
  const { plan: id } = await socket.ask({ type: 'addPlan', name: 'Legs', structure: legs });
  const { session } = await socket.ask({ type: 'addSession', kind: 'training', plan: id, date });
  const seen = await me.gets(`/api/sessions/${session}`);
  assert.deepEqual([seen.plan_id, seen.date, seen.session], [id, date, legs]);
  const { state } = await me.gets('/v1/state');
  assert.equal(state.plans.length, 1);
  hasExactly(state.plans[0], ['id', 'userId', 'version', 'name', 'hasSessions', 'isDeleted', 'createdAtMs', 'updatedAtMs']);
  assert.deepEqual([state.plans[0].id, state.plans[0].hasSessions], [id, true]);
  assert.deepEqual(state.sessions.map(({ id: of, training }) => [of, training.structure]), [[session, legs]]);
  await socket.ask({ type: 'complete', session });
  assert.equal((await me.gets(`/api/sessions/${session}`)).completed, true);
  const refused = await socket.ask({ type: 'editSession', session, structure: lighter });
  assert.deepEqual([refused.error.code, refused.error.message], ['invalidState', over.message]);
  await socket.end();
});

test('the flow of step 4: start, update, complete; then start again', async () => {
  const me = await Person.of(server);
  const from = await addPlan(me);
  const made = await begin(me, from);
  await me.does('PATCH', `/api/sessions/${made.id}`, { session: lighter });
  const done = await complete(me, made);
  assert.deepEqual([done.session, done.completed], [lighter, true]);
  assert.equal((await begin(me, from)).completed, false);
  assert.equal((await me.gets('/api/sessions?completed=true')).total, 1);
});

test('a method that a path does not have is 405 with those that it has; all of it needs a token', async () => {
  const me = await Person.of(server);
  const from = await addPlan(me);
  const { id } = await begin(me, from);
  const paths = [
    ['/api/sessions', ['GET', 'POST'], 'DELETE'],
    [`/api/sessions/${id}`, ['GET', 'PATCH'], 'POST'],
    [`/api/sessions/${id}/complete`, ['POST'], 'GET'],
    ['/api/plans', ['GET', 'POST'], 'DELETE'],
    [`/api/plans/${from.id}`, ['GET', 'PATCH', 'DELETE'], 'POST'],
    ['/api/audit-log', ['GET'], 'POST'],
  ];
  for (const [path, methods, wrong] of paths) {
    await allowsOnly(me, wrong, path, methods);
    isRefused(await server.request(methods[0], path), 401, { code: 'unauthenticated' });
  }
  isRefused(await withoutLength(me, 'POST', '/api/plans'), 411, { code: 'lengthRequired' });
  assert.equal((await withoutLength(me, 'POST', `/api/sessions/${id}/complete`)).body.completed, true, 'the body is optional');
});

test('pagination is enforced, and a list is small however large the structures are', async () => {
  const me = await Person.of(server);
  const from = await addPlan(me, { a: ofLength(40000) });
  const commands = Array.from({ length: 150 }, (_, i) => {
    const session = uuid();
    const atMs = Date.now() - 6 * day + i * 10 * minute;
    return [{ type: 'addSession', kind: 'training', session, plan: from.id, date, atMs }, { type: 'complete', session, atMs: atMs + minute }];
  });
  await me.commands(...commands.flat());
  const answer = await me.ask('GET', '/api/sessions?limit=100');
  assert.deepEqual([answer.body.total, answer.body.items.length], [150, 100]);
  assert.ok(answer.text.length < 100 * 400, `${answer.text.length} bytes`);
});

// More of its rules

test('plan_id or sessionType: both or neither is 400 and names the two', async () => {
  const me = await Person.of(server);
  const { id } = await addPlan(me);
  for (const body of [{ plan_id: id, date, sessionType: 'short' }, {}, { date }, undefined]) {
    const answer = await me.ask('POST', '/api/sessions', body);
    isRefused(answer, 400, { code: 'badRequest' });
    assert.match(answer.body.error.message, /plan_id/);
    assert.match(answer.body.error.message, /sessionType/);
  }
  assert.equal((await me.gets('/api/sessions')).total, 0);
});

test('a structure is an object of at most 48 KiB, without its spaces, and 12 levels', async () => {
  const me = await Person.of(server);
  const bytes = (n) => ({ a: ofLength(n - '{"a":""}'.length) });
  const levels = (n) => (n > 1 ? { a: levels(n - 1) } : {});
  const lists = (n) => ({ a: JSON.parse('['.repeat(n - 1) + ']'.repeat(n - 1)) });
  const [most, deepest] = [bytes(48 * 1024), levels(12)];
  const made = await begin(me, await addPlan(me, most));
  assert.deepEqual(made.session, most);
  for (const structure of [deepest, lists(12), most]) {
    assert.deepEqual((await addPlan(me, structure)).structure, structure);
    assert.deepEqual((await me.does('PATCH', `/api/sessions/${made.id}`, { session: structure })).session, structure);
  }
  const spaced = `{"name":"A","structure":{${' '.repeat(9000)}"a":${JSON.stringify(most.a)}}}`;
  assert.deepEqual((await me.adds('/api/plans', spaced)).structure, most);
  for (const structure of [bytes(48 * 1024 + 1), levels(13), lists(13), [], 'squats', 5, true, null]) {
    isRefused(await me.ask('POST', '/api/plans', { name: 'A', structure }), 400, { code: 'badRequest', field: 'structure' });
    isRefused(await me.ask('PATCH', `/api/sessions/${made.id}`, { session: structure }), 400, { ...invalid, field: 'session' });
    isRefused(await me.ask('POST', `/api/sessions/${made.id}/complete`, { session: structure }), 400, { ...invalid, field: 'session' });
  }
  assert.equal((await me.gets(`/api/sessions/${made.id}`)).completed, false);
});

test('a structure comes back as it was sent: order of the fields, numbers, all texts', async () => {
  const me = await Person.of(server);
  const structure = {
    z: [1, -2.5, 0.1, 1e21, 9007199254740991, true, false, null, [], {}],
    a: { '': 'empty', 'ключ': '深蹲 🏋️ "5×5" \\ / \n\t\u007f', __proto: 1 },
    quote: `'; DROP TABLE plans; --`,
    markup: '<script>alert(1)</script>',
  };
  const from = await addPlan(me, structure, `Robert'); DROP TABLE sessions;--`);
  const made = await begin(me, from);
  assert.equal(JSON.stringify(made.session), JSON.stringify(structure));
  assert.equal(JSON.stringify((await me.gets(`/api/plans/${from.id}`)).structure), JSON.stringify(structure));
  assert.equal((await me.gets(`/api/plans/${from.id}`)).name, `Robert'); DROP TABLE sessions;--`);
  assert.equal(JSON.stringify((await complete(me, made, { session: structure })).session), JSON.stringify(structure));
});

test('over the WebSocket a completed session is as immutable, and there is one at a time', async () => {
  const me = await Person.of(server);
  const { id: plan_id } = await addPlan(me);
  const made = await begin(me, { id: plan_id });
  const socket = await me.live();
  const second = await socket.ask({ type: 'addSession', kind: 'training', plan: plan_id, date });
  assert.deepEqual([second.error.code, second.error.message, second.error.details], ['alreadyActive', existing.message, { session: made.id }]);
  const lost = await socket.ask({ type: 'addSession', kind: 'training', plan: uuid(), date });
  assert.deepEqual([lost.error.code, lost.error.message], ['badRequest', noPlan.message]);
  await complete(me, made);
  const done = await socket.event('complete');
  for (const command of [{ type: 'editSession', structure: lighter }, { type: 'complete', structure: lighter }, { type: 'start' }, { type: 'abandon' }, { type: 'resetSession' }]) {
    const { ok, error } = await socket.ask({ ...command, session: made.id });
    assert.deepEqual([ok, error?.code, error?.message], [false, 'invalidState', over.message], command.type);
  }
  for (const type of ['complete', 'pause']) assert.equal((await socket.ask({ type, session: made.id })).changed, false);
  const { value } = await socket.ask({ type: 'getSession', session: made.id });
  assert.deepEqual(value, done.session);
  assert.equal(socket.messages.filter(({ type }) => type === 'event').length, 1);
  await socket.end();
});

test('an id that the client brings is the session\'s; one that exists, deleted or not, is 409', async () => {
  const [me, other] = [await Person.of(server), await Person.of(server)];
  const from = await addPlan(me);
  const id = uuid();
  const made = await begin(me, from, { id });
  assert.equal(made.id, id);
  await complete(me, made);
  isRefused(await me.ask('POST', '/api/sessions', { plan_id: from.id, date, id }), 409, { code: 'conflict', field: 'id' });
  await me.does('DELETE', `/api/sessions/${id}`);
  isRefused(await me.ask('POST', '/api/sessions', { plan_id: from.id, date, id }), 409, { code: 'conflict', field: 'id' });
  // Another person may have the same ids, of a plan too, and neither sees the other's.
  const theirs = await other.adds('/api/plans', { id: from.id, name: 'Theirs', structure: lighter });
  assert.deepEqual((await begin(other, theirs, { id })).session, lighter);
  isRefused(await me.ask('GET', `/api/sessions/${id}`), 404, noSession);
  assert.equal((await me.gets(`/api/plans/${from.id}`)).name, 'Legs');
});

test('filters of two documents together are 400; a session of another family is not found', async () => {
  const me = await Person.of(server);
  const from = await addPlan(me);
  const made = await begin(me, from);
  const timer = await me.adds('/sessions', { title: 'Read' });
  const work = await me.adds(`/api/projects/${await me.group()}/sessions`);
  for (const query of ['completed=true&status=active', `plan_id=${from.id}&kind=focus`, 'date_from=2026-01-01&endDate=2026-12-31', 'date_to=2026-12-31&kind=work', 'kind=timer']) {
    isRefused(await me.ask('GET', `/api/sessions?${query}`), 400, { code: 'badRequest' });
  }
  assert.deepEqual((await me.gets('/api/sessions')).items.map(({ id, kind }) => [id, kind]), [[work.id, 'work'], [made.id, 'training']]);
  assert.deepEqual((await me.gets('/api/sessions?completed=false')).items.map(({ id }) => id), [made.id]);
  for (const path of [`/api/sessions/${timer.id}`, `/sessions/${made.id}`]) isRefused(await me.ask('GET', path), 404, { code: 'notFound' });
});

test('Idempotency-Key: the same answer, one event, one row of the audit log; a key is the user\'s own', async () => {
  const [me, other] = [await Person.of(server), await Person.of(server)];
  const from = await addPlan(me);
  const socket = await me.live();
  const post = (who, path, body) => who.ask('POST', path, body, { 'idempotency-key': 'tab1:7' });
  const start = { plan_id: from.id, date };
  const answers = await Promise.all(Array.from({ length: 5 }, () => post(me, '/api/sessions', start)));
  answers.forEach(({ status, body }) => assert.deepEqual([status, body], [201, answers[0].body]));
  const { id } = answers[0].body;
  isRefused(await post(me, '/api/sessions', { ...start, date: '2026-11-22' }), 409, { code: 'keyReuse' });
  isRefused(await post(me, `/api/sessions/${id}/complete`), 409, { code: 'keyReuse' });
  assert.equal((await post(other, '/api/sessions', { plan_id: (await addPlan(other)).id, date })).status, 201);
  await socket.ask({ type: 'time', t0: 0 });
  const events = socket.messages.filter(({ type }) => type === 'event');
  assert.deepEqual(events.map(({ event, origin }) => [event, origin.key]), [['addSession', 'tab1:7']]);
  assert.equal((await me.gets('/api/audit-log')).total, 2);
  for (const key of [ofLength(65), 'a b']) isRefused(await me.ask('POST', `/api/sessions/${id}/complete`, {}, { 'idempotency-key': key }), 400, { code: 'badRequest' });
  await socket.end();
});

test('If-Match: a stale version is 409 and changes nothing, the current one is taken, a new session has none', async () => {
  const me = await Person.of(server);
  const from = await addPlan(me);
  const made = await begin(me, from);
  const path = `/api/sessions/${made.id}`;
  const patch = (version, session) => me.ask('PATCH', path, { session }, { 'if-match': `"${version}"` });
  assert.equal((await patch(1, lighter)).status, 200);
  isRefused(await patch(1, {}), 409, { code: 'conflict', details: { version: 2 } });
  isRefused(await me.ask('POST', `${path}/complete`, {}, { 'if-match': '"1"' }), 409, { code: 'conflict', details: { version: 2 } });
  assert.deepEqual(await me.gets(path), { ...made, session: lighter });
  const race = await Promise.all(Array.from({ length: 8 }, (_, n) => patch(2, { n })));
  assert.deepEqual(race.map(({ status }) => status).sort(), [200, ...Array(7).fill(409)]);
  isRefused(await me.ask('POST', '/api/sessions', { plan_id: from.id, date }, { 'if-match': '"1"' }), 400, { code: 'badRequest' });
});

test('the audit log says who did what from where, and cannot be changed or deleted even in the database', async () => {
  const own = await Server.start();
  try {
    const me = await Person.of(own);
    const from = await addPlan(me);
    const socket = await me.live();
    const { session } = await socket.ask({ type: 'addSession', kind: 'training', plan: from.id, date, key: 'phone:1' });
    await me.does('PUT', `/api/sessions/${session}/abandon`);
    await me.does('DELETE', `/api/sessions/${session}`);
    const group = await me.group();
    const start = Date.now() - 2 * day;
    await socket.ask({ type: 'addSession', kind: 'work', group, atMs: start });
    await me.does('DELETE', `/groups/${group}`);
    const { items } = await me.gets('/api/audit-log');
    assert.deepEqual(items.map(({ action, entity, origin }) => [action, entity, origin.via]), [
      ['deleteGroup', 'group', 'http'],
      ['complete', 'session', 'server'],
      ['addSession', 'session', 'ws'],
      ['addGroup', 'group', 'http'],
      ['deleteSession', 'session', 'http'],
      ['abandon', 'session', 'http'],
      ['session_started', 'session', 'ws'],
      ['addPlan', 'plan', 'http'],
    ]);
    assert.equal(items[1].at, iso(start + day));
    assert.equal(items[6].origin.key, 'phone:1');
    assert.equal(items[6].origin.connectionId, socket.ready.connectionId);
    for (const change of [`update audit set action = 'x'`, 'delete from audit']) {
      const script = 'import sqlite3,sys\ntry: sqlite3.connect(sys.argv[1]).execute(sys.argv[2])\nexcept sqlite3.Error as e: print(e)';
      assert.match(execFileSync('python3', ['-c', script, own.db, change], { encoding: 'utf8' }), /append-only/);
    }
    await socket.end();
  } finally {
    await own.stop();
  }
});

test('sessions, their snapshots and the audit log are there after the server was killed', async () => {
  const own = await Server.start();
  try {
    const me = await Person.of(own);
    const from = await addPlan(me);
    const done = await complete(me, await begin(me, from), { session: lighter });
    const active = await begin(me, from);
    const log = await me.gets('/api/audit-log');
    await own.kill();
    await own.start();
    assert.deepEqual(await me.gets(`/api/sessions/${done.id}`), done);
    assert.deepEqual(await me.gets(`/api/sessions/${active.id}`), active);
    assert.deepEqual(await me.gets('/api/audit-log'), log);
    isRefused(await me.ask('POST', '/api/sessions', { plan_id: from.id, date }), 409, existing);
    assert.equal((await complete(me, active)).completed, true);
  } finally {
    await own.stop();
  }
});
