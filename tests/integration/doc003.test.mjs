// Requirement document 003, "Focus Sessions API Documentation": focus sessions as a history of quests, over the wire.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { uuid } from './support/client.mjs';
import { Person, allowsOnly, hasExactly, isHidden, isInstant, isRefused, isUuid, iso, minute, ofLength, refusesBodies, refusesFields, second, withoutLength } from './support/person.mjs';
import { Server } from './support/server.mjs';
import { Watch } from './support/watch.mjs';

const entry = ['id', 'quest_id', 'description', 'duration_minutes', 'status', 'started_at', 'completed_at'];

let server;
before(async () => {
  server = await Server.start(['--rate-commands', '100000/100000']);
});
after(() => server.stop());

// The body that the document shows, with a quest of the person's own for "q1...".
const chapter = (quest_id) => ({ quest_id, description: 'Writing Chapter 1', duration_minutes: 25 });
const begin = (me, body = { duration_minutes: 25 }) => me.does('POST', '/focus-sessions', body);
const patch = (me, { id }, status) => me.does('PATCH', `/focus-sessions/${id}`, { status });

// An entry that was begun that many minutes ago and ended so many later; at its length, unless `type` says otherwise.
async function past(me, minutesAgo, plannedMinutes, more = {}, type, after) {
  const session = uuid();
  const at = Date.now() - minutesAgo * minute;
  const commands = [{ type: 'addSession', kind: 'focus', session, sessionType: 'custom', plannedMinutes, atMs: at, ...more }];
  if (type) commands.push({ type, session, atMs: at + after * minute });
  await me.commands(...commands);
  return { id: session, at };
}

test('POST /focus-sessions: the document\'s own body answers 200 with the created object', async () => {
  const me = await Person.of(server);
  const quest = await me.group('Write a novel');
  const asked = Date.now();
  const made = await me.does('POST', '/focus-sessions', chapter(quest), 200);
  hasExactly(made, entry);
  isUuid(made.id);
  isInstant(made.started_at);
  assert.ok(Math.abs(Date.parse(made.started_at) - asked) < 5 * second);
  const { id, started_at } = made;
  assert.deepEqual(made, { id, quest_id: quest, description: 'Writing Chapter 1', duration_minutes: 25, status: 'active', started_at, completed_at: null });
  assert.deepEqual(await me.gets('/api/focus-sessions'), [made]);
});

test('quest_id and description are optional, duration_minutes is required', async () => {
  const me = await Person.of(server);
  const bare = await begin(me);
  assert.deepEqual([bare.quest_id, bare.description, bare.duration_minutes], [null, null, 25]);
  await patch(me, bare, 'cancelled');
  const own = uuid();
  const nulls = await begin(me, { id: own, quest_id: null, description: null, duration_minutes: 30 });
  assert.deepEqual([nulls.id, nulls.quest_id, nulls.description], [own, null, null]);
  await patch(me, nulls, 'cancelled');
  isRefused(await me.ask('POST', '/focus-sessions', { id: own, duration_minutes: 30 }), 409, { code: 'conflict' });
  await refusesFields(me, 'POST', '/focus-sessions', [
    ['duration_minutes', {}],
    ['duration_minutes', { description: 'Writing Chapter 1' }],
    ['duration_minutes', { duration_minutes: null }],
    ['duration_minutes', { duration_minutes: 4 }],
    ['duration_minutes', { duration_minutes: 121 }],
    ['duration_minutes', { duration_minutes: 25.5 }],
    ['duration_minutes', { duration_minutes: '25' }],
    ['description', { duration_minutes: 25, description: ofLength(201) }],
    ['quest_id', { duration_minutes: 25, quest_id: 'q1...' }],
    ['status', { duration_minutes: 25, status: 'active' }],
    ['started_at', { duration_minutes: 25, started_at: iso(Date.now()) }],
    ['colour', { duration_minutes: 25, colour: 'red' }],
  ]);
  for (const duration_minutes of [5, 120]) await patch(me, await begin(me, { duration_minutes, description: ofLength(200) }), 'cancelled');
  await refusesBodies(me, 'POST', '/focus-sessions');
  isRefused(await server.request('POST', '/focus-sessions', { body: chapter(null) }), 401, { code: 'unauthenticated' });
});

test('a quest is a group; one that is not there, and another person\'s, is not found', async () => {
  const [me, stranger] = [await Person.of(server), await Person.of(server)];
  const unknown = await me.ask('POST', '/focus-sessions', chapter(uuid()));
  isRefused(unknown, 404, { code: 'notFound', field: 'quest_id' });
  assert.equal((await me.ask('POST', '/focus-sessions', chapter(await stranger.group()))).text, unknown.text);
  const project = (await me.adds('/api/projects', { name: 'A project too' })).id;
  assert.equal((await begin(me, chapter(project))).quest_id, project);
});

test('one active session at a time, as in 001', async () => {
  const me = await Person.of(server);
  const first = await begin(me);
  const busy = { code: 'alreadyActive', message: 'An in-progress session already exists', details: { session: first.id } };
  isRefused(await me.ask('POST', '/focus-sessions', chapter(null)), 409, busy);
  isRefused(await me.ask('POST', '/api/sessions', { sessionType: 'short' }), 409, busy);
  await patch(me, first, 'completed');
  await begin(me);
});

test('PATCH /focus-sessions/{id} with the document\'s own body completes it, and sets completed_at to now', async () => {
  const me = await Person.of(server);
  const made = await begin(me, chapter(await me.group()));
  const done = await me.does('PATCH', `/focus-sessions/${made.id}`, { status: 'completed' });
  hasExactly(done, entry);
  isInstant(done.completed_at);
  assert.ok(Math.abs(Date.parse(done.completed_at) - Date.now()) < 5 * second);
  assert.deepEqual({ ...done, completed_at: null }, { ...made, status: 'completed' });
  assert.deepEqual(await patch(me, made, 'completed'), done, 'once more changes nothing');
  isRefused(await me.ask('PATCH', `/focus-sessions/${made.id}`, { status: 'cancelled' }), 409, { code: 'invalidState' });
  isRefused(await me.ask('PATCH', `/focus-sessions/${made.id}`, { status: 'active' }), 400, { code: 'badRequest', field: 'status' });
});

test('PATCH /focus-sessions/{id} cancels it if it was interrupted; completed_at is the end then too', async () => {
  const me = await Person.of(server);
  const made = await begin(me);
  const left = await patch(me, made, 'cancelled');
  assert.equal(left.status, 'cancelled');
  assert.ok(Math.abs(Date.parse(left.completed_at) - Date.now()) < 5 * second);
  assert.deepEqual(await patch(me, made, 'cancelled'), left, 'once more changes nothing');
  isRefused(await me.ask('PATCH', `/focus-sessions/${made.id}`, { status: 'completed' }), 409, { code: 'invalidState' });
});

test('PATCH /focus-sessions/{id} refuses; what was read can be sent back changed', async () => {
  const [me, stranger] = [await Person.of(server), await Person.of(server)];
  const made = await begin(me, chapter(await me.group()));
  const path = `/focus-sessions/${made.id}`;
  await refusesFields(me, 'PATCH', path, [
    ['status', {}],
    ['status', { status: 'active' }],
    ['status', { status: 'abandoned' }],
    ['status', { status: null }],
    ['description', { status: 'completed', description: 'Chapter 2' }],
    ['duration_minutes', { status: 'completed', duration_minutes: 30 }],
    ['completed_at', { status: 'completed', completed_at: iso(Date.now() - minute) }],
    ['colour', { status: 'completed', colour: 'red' }],
  ]);
  await isHidden(stranger, 'PATCH', path, made.id, { status: 'cancelled' });
  const done = await me.does('PATCH', path, { ...made, status: 'completed' });
  assert.equal(done.status, 'completed');
  assert.deepEqual(await me.does('PATCH', path, done), done);
  await refusesBodies(me, 'PATCH', path);
});

test('a timer that ended first: PATCH completed is 200 and changes nothing', async () => {
  const me = await Person.of(server);
  const { id, at } = await past(me, 40, 25);
  const seen = (await me.gets('/focus-sessions'))[0];
  assert.deepEqual([seen.id, seen.status, seen.completed_at], [id, 'completed', iso(at + 25 * minute)]);
  assert.deepEqual(await patch(me, { id }, 'completed'), seen);
});

test('GET /focus-sessions is an array of 20, newest first; quest_id, status and limit', async () => {
  const [me, stranger] = [await Person.of(server), await Person.of(server)];
  const [novel, other] = [await me.group('Novel'), await me.group('Other')];
  const ids = [];
  for (let i = 0; i < 22; i++) {
    const group = [novel, other, null][i % 3];
    const { id } = await past(me, 3000 - i * 120, 25, { group, title: `Chapter ${i}` }, i % 2 ? 'abandon' : 'complete', 20);
    ids.unshift(id);
  }
  ids.unshift((await begin(me, chapter(novel))).id);
  const idsOf = async (query = '') => (await me.gets(`/focus-sessions${query}`)).map(({ id }) => id);
  const first = await me.gets('/focus-sessions');
  assert.ok(Array.isArray(first));
  first.forEach((item) => hasExactly(item, entry));
  assert.deepEqual(first.map(({ id }) => id), ids.slice(0, 20));
  assert.deepEqual(await idsOf('?limit=100'), ids);
  assert.deepEqual(await idsOf('?limit=3'), ids.slice(0, 3));
  const all = await me.gets('/focus-sessions?limit=100');
  const where = (fits) => all.filter(fits).map(({ id }) => id);
  assert.deepEqual(await idsOf(`?limit=100&quest_id=${novel}`), where(({ quest_id }) => quest_id === novel));
  for (const [status, count] of [['active', 1], ['completed', 11], ['cancelled', 11]]) {
    const found = await idsOf(`?limit=100&status=${status}`);
    assert.deepEqual(found, where((item) => item.status === status));
    assert.equal(found.length, count);
  }
  assert.deepEqual(await idsOf(`?quest_id=${novel}&status=active`), [ids[0]]);
  assert.deepEqual(await stranger.gets('/focus-sessions'), []);
  for (const [field, query] of [['limit', 'limit=0'], ['limit', 'limit=101'], ['limit', 'limit=ten'], ['status', 'status=abandoned'], ['quest_id', 'quest_id=q1'], ['colour', 'colour=red']]) {
    isRefused(await me.ask('GET', `/focus-sessions?${query}`), 400, { code: 'badRequest', field });
  }
});

test('the document\'s example of a list: a session of 25 minutes that ran its length', async () => {
  const me = await Person.of(server);
  const { id, at } = await past(me, 60, 25, { title: 'Writing Chapter 1' });
  assert.deepEqual(await me.gets('/focus-sessions?status=completed&limit=20'), [
    { id, quest_id: null, description: 'Writing Chapter 1', duration_minutes: 25, status: 'completed', started_at: iso(at), completed_at: iso(at + 25 * minute) },
  ]);
});

test('"How many hours did I work today?" is one request', async () => {
  const me = await Person.of(server);
  const dayOf = await me.liveAtNoon();
  await past(me, 24 * 60, 60);
  await past(me, 180, 90);
  await past(me, 80, 45, {}, 'abandon', 30);
  const today = dayOf(Date.now());
  const answer = await me.gets(`/analytics?period=daily&from=${today}&to=${today}&kind=focus`);
  assert.equal(answer.periods.length, 1);
  assert.equal(answer.periods[0].sumMinutes / 60, 2);
});

test('DELETE /focus-sessions/{id} deletes the record; its time stays', async () => {
  const [me, stranger] = [await Person.of(server), await Person.of(server)];
  const dayOf = await me.liveAtNoon();
  const { id } = await past(me, 60, 25);
  await isHidden(stranger, 'DELETE', `/focus-sessions/${id}`, id);
  const gone = await me.does('DELETE', `/focus-sessions/${id}`);
  hasExactly(gone, entry);
  assert.deepEqual([gone.id, gone.status], [id, 'completed']);
  assert.deepEqual(await me.gets('/focus-sessions'), []);
  isRefused(await me.ask('PATCH', `/focus-sessions/${id}`, { status: 'completed' }), 404, { code: 'notFound' });
  const today = dayOf(Date.now());
  assert.equal((await me.gets(`/analytics?period=daily&from=${today}&to=${today}`)).periods[0].sumMinutes, 25);
  const active = await begin(me);
  assert.equal((await me.does('DELETE', `/api/focus-sessions/${active.id}`)).status, 'cancelled', 'an active one is cancelled by it');
  await begin(me);
});

test('each change over REST reaches both sockets and nobody else\'s, once for its key', async () => {
  const me = await Person.of(server);
  const watch = await Watch.over(me);
  const quest = await me.group();
  await watch.next('addGroup');
  const ofSession = { entity: 'session' };
  const start = () => watch.change('POST', '/focus-sessions', chapter(quest), { ...ofSession, event: 'addSession', domainEvent: 'FocusSessionStarted', adding: true, status: 200 });
  const first = await start();
  const { session } = first;
  assert.deepEqual([session.id, session.title, session.groupId, session.focus.sessionType, session.focus.plannedMinutes], [first.answer.id, 'Writing Chapter 1', quest, 'custom', 25]);
  const of = session.id;
  await watch.change('PATCH', `/focus-sessions/${of}`, { status: 'completed' }, { ...ofSession, event: 'complete', domainEvent: 'SessionCompleted', of });
  const later = (await start()).session.id;
  const left = await watch.change('PATCH', `/focus-sessions/${later}`, { status: 'cancelled' }, { ...ofSession, event: 'abandon', domainEvent: 'SessionAbandoned', of: later });
  assert.equal(left.session.status, 'abandoned');
  await watch.change('DELETE', `/focus-sessions/${later}`, undefined, { ...ofSession, event: 'deleteSession', of: later });
  await watch.end();
});

test('what is done over the WebSocket, and by 001, shows here', async () => {
  const me = await Person.of(server);
  const socket = await me.live();
  const { session } = await socket.ask({ type: 'addSession', kind: 'focus', sessionType: 'pomodoro', title: 'Chapter 2' });
  const shown = async () => (await me.gets('/focus-sessions'))[0];
  assert.deepEqual({ ...(await shown()), started_at: 0 }, { id: session, quest_id: null, description: 'Chapter 2', duration_minutes: 25, status: 'active', started_at: 0, completed_at: null });
  await socket.ask({ type: 'abandon', session });
  assert.equal((await shown()).status, 'cancelled');
  const { sessionId } = await me.adds('/api/sessions', { sessionType: 'long' });
  assert.deepEqual([(await shown()).id, (await shown()).duration_minutes], [sessionId, 45]);
  await socket.end();
});

test('a method that a path does not have is 405 with those that it has; an id of another family is not found', async () => {
  const me = await Person.of(server);
  const { id } = await begin(me);
  await allowsOnly(me, 'DELETE', '/focus-sessions', ['GET', 'POST']);
  await allowsOnly(me, 'POST', `/focus-sessions/${id}`, ['PATCH', 'DELETE']);
  for (const [method, path] of [['GET', '/focus-sessions'], ['PATCH', `/focus-sessions/${id}`], ['DELETE', `/focus-sessions/${id}`]]) {
    isRefused(await server.request(method, path), 401);
  }
  isRefused(await withoutLength(me, 'POST', '/focus-sessions'), 411, { code: 'lengthRequired' });
  isRefused(await withoutLength(me, 'PATCH', `/focus-sessions/${id}`), 411, { code: 'lengthRequired' });
  const timer = await me.adds('/sessions', { title: 'Read' });
  isRefused(await me.ask('DELETE', `/focus-sessions/${timer.id}`), 404, { code: 'notFound' });
  isRefused(await me.ask('PATCH', `/focus-sessions/${timer.id}`, { status: 'completed' }), 404, { code: 'notFound' });
  isRefused(await me.ask('DELETE', '/focus-sessions/f1'), 404, { code: 'notFound' });
});

test('a session is a custom focus session: 001 and the snapshot show it, its quest as the project', async () => {
  const me = await Person.of(server);
  const quest = await me.group();
  const { id } = await begin(me, chapter(quest));
  const shown = await me.gets(`/api/sessions/${id}`);
  assert.deepEqual([shown.kind, shown.sessionType, shown.plannedDuration, shown.projectId], ['focus', 'custom', 25, quest]);
  const { state } = await me.gets('/v1/state');
  assert.deepEqual(state.sessions.map((session) => [session.id, session.title]), [[id, 'Writing Chapter 1']]);
});

test('the list and the hours of a quest hold focus sessions only', async () => {
  const me = await Person.of(server);
  const dayOf = await me.liveAtNoon();
  const quest = await me.group();
  const now = Date.now();
  await me.commands(
    { type: 'addSession', session: uuid(), kind: 'work', group: quest, atMs: now - 90 * minute },
    { type: 'addSession', session: uuid(), title: 'Read', group: quest, atMs: now - 90 * minute },
  );
  const { id } = await past(me, 60, 25, { group: quest });
  await past(me, 30, 5);
  assert.deepEqual((await me.gets(`/focus-sessions?quest_id=${quest}`)).map((item) => item.id), [id]);
  const today = dayOf(now);
  const { periods } = await me.gets(`/analytics?period=daily&kind=focus&group=${quest}&from=${today}&to=${today}`);
  assert.deepEqual([periods[0].sumMinutes, periods[0].sessions.map(({ session }) => session)], [25, [id]]);
});

test('description: 200 characters, not bytes, and a text; a bad token is 401 everywhere', async () => {
  const me = await Person.of(server);
  await refusesFields(me, 'POST', '/focus-sessions', [
    ['description', { duration_minutes: 25, description: '😀'.repeat(201) }],
    ['description', { duration_minutes: 25, description: 5 }],
  ]);
  const made = await begin(me, { duration_minutes: 25, description: '😀'.repeat(200) });
  assert.equal(made.description, '😀'.repeat(200));
  for (const [method, path] of [['POST', '/focus-sessions'], ['GET', '/focus-sessions'], ['PATCH', `/focus-sessions/${made.id}`], ['DELETE', `/focus-sessions/${made.id}`]]) {
    isRefused(await server.request(method, path, { token: 'nonsense' }), 401, { code: 'tokenInvalid' });
  }
});
