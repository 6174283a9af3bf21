// Requirement document 002, timers on many devices: what it asks for, over the wire.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, replayed, uuid } from './support/client.mjs';
import {
  Person,
  allowsOnly,
  day,
  hasExactly,
  hour,
  isHidden,
  isRefused,
  isUuid,
  iso,
  minute,
  ofLength,
  refusesBodies,
  refusesFields,
  second,
  withoutLength,
} from './support/person.mjs';
import { Server } from './support/server.mjs';
import { Watch } from './support/watch.mjs';

// Its schema's fields, and those that the other documents add.
const schemaOf002 = [
  'id', 'title', 'initialDuration', 'timeLeft', 'isCompleted', 'dailyGoalMinutes', 'noGoal', 'isDeleted', 'focusSeconds', 'targetTimeMs',
  'state', 'groupId', 'userId',
];
const timer = [
  ...schemaOf002, 'kind', 'version', 'status', 'elapsedSeconds', 'runningSinceMs', 'day', 'trackedSeconds', 'startedAtMs', 'endedAtMs',
  'createdAtMs', 'updatedAtMs',
];
const group = ['id', 'userId', 'version', 'name', 'description', 'isDeleted', 'createdAtMs', 'updatedAtMs'];
const user = ['id', 'version', 'name', 'email', 'createdAtMs', 'timeZone', 'sessionsResetTime', 'day', 'dayStartMs', 'dayEndMs', 'pending'];
const envelope = ['items', 'total', 'limit', 'offset', 'page'];
const entity = 'session';

let server;
let stranger;
before(async () => {
  server = await Server.start(['--rate-commands', '100000/100000']);
  stranger = await Person.of(server);
});
after(() => server.stop());

const someone = () => Person.of(server);
// Somebody whose day has begun hours ago and ends in hours.
const atNoon = async () => {
  const person = await someone();
  await person.liveAtNoon();
  return person;
};
const adds = (person, body = {}) => person.adds('/sessions', { title: 'Read', ...body });
const act = (person, { id }, action, body) => person.does('POST', `/sessions/${id}/actions/${action}`, body);
const reads = (person, { id }) => person.gets(`/sessions/${id}`);
const edits = (person, { id }, body) => person.does('PATCH', `/sessions/${id}`, body);
const rowOf = (period, { id }) => period.sessions.find(({ session }) => session === id);

// A timer that ran offline: from so many minutes ago for so many, as often as told.
async function ran(person, body, ...runs) {
  const id = uuid();
  const now = Date.now();
  const [[first]] = runs;
  await person.commands(
    { type: 'addSession', session: id, title: 'Read', ...body, atMs: now - first * minute },
    ...runs.flatMap(([from, minutes]) => [
      { type: 'start', session: id, atMs: now - from * minute },
      { type: 'pause', session: id, atMs: now - (from - minutes) * minute },
    ]),
  );
  return { id };
}

// Sessions

test('POST /sessions creates a session: 201 and the session, which waits', async () => {
  const person = await someone();
  const groupId = await person.group();
  const made = await adds(person, { initialDuration: 1500, dailyGoalMinutes: 60, groupId });
  hasExactly(made, timer);
  isUuid(made.id);
  const said = { title: 'Read', initialDuration: 1500, dailyGoalMinutes: 60, groupId };
  const clock = { timeLeft: 1500, state: 'PAUSED', targetTimeMs: null, elapsedSeconds: 0, runningSinceMs: null, startedAtMs: null };
  const rest = { kind: 'timer', userId: person.name, version: 1, status: 'active', isCompleted: false, isDeleted: false, noGoal: false };
  const times = { day: made.day, createdAtMs: made.createdAtMs, updatedAtMs: made.createdAtMs, endedAtMs: null };
  assert.deepEqual(made, { id: made.id, ...said, ...clock, ...rest, ...times, trackedSeconds: 0, focusSeconds: 0 });
  assert.ok(Math.abs(made.createdAtMs - Date.now()) < 5 * second);
});

test('POST /sessions: a title alone is enough; it counts up and has no goal', async () => {
  const person = await someone();
  const bare = await adds(person);
  assert.deepEqual([bare.initialDuration, bare.timeLeft, bare.dailyGoalMinutes, bare.noGoal, bare.groupId], [null, null, null, true, null]);
  const started = await act(person, bare, 'start');
  assert.deepEqual([started.state, started.targetTimeMs], ['RUNNING', null]);
  const id = uuid();
  assert.equal((await adds(person, { id })).id, id, 'a client may bring the id');
  isRefused(await person.ask('POST', '/sessions', { id, title: 'Again' }), 409, { code: 'conflict' });
});

test('POST /sessions: the bounds of its fields', async () => {
  const person = await someone();
  await refusesFields(person, 'POST', '/sessions', [
    ['title', {}],
    ['title', { title: '' }],
    ['title', { title: ofLength(201) }],
    ['title', { title: 5 }],
    ...[0, -1, 86401, '60'].map((initialDuration) => ['initialDuration', { title: 'Read', initialDuration }]),
    ...[0, 1441, 1.5, '60'].map((dailyGoalMinutes) => ['dailyGoalMinutes', { title: 'Read', dailyGoalMinutes }]),
    ['noGoal', { title: 'Read', noGoal: 'yes' }],
    ['groupId', { title: 'Read', groupId: 7 }],
    ['state', { title: 'Read', state: 'RUNNING' }],
    ['colour', { title: 'Read', colour: 'red' }],
  ]);
  for (const body of [{ initialDuration: 1 }, { initialDuration: 86400 }, { initialDuration: 1.25 }, { dailyGoalMinutes: 1 }, { dailyGoalMinutes: 1440 }]) {
    const made = await adds(person, body);
    for (const [name, value] of Object.entries(body)) assert.equal(made[name], value);
  }
  assert.equal((await adds(person, { title: '😀'.repeat(200) })).title, '😀'.repeat(200));
  for (const groupId of [uuid(), await stranger.group()]) {
    isRefused(await person.ask('POST', '/sessions', { title: 'Read', groupId }), 404, { code: 'notFound', field: 'groupId' });
  }
  await refusesBodies(person, 'POST', '/sessions');
  isRefused(await withoutLength(person, 'POST', '/sessions'), 411, { code: 'lengthRequired' });
});

test('GET /sessions lists the timers, in pages, without what is deleted and without other kinds', async () => {
  const person = await someone();
  const made = [];
  for (let i = 0; i < 22; i++) made.push(await adds(person, { title: `Read ${i}` }));
  const gone = await adds(person);
  await person.does('DELETE', `/sessions/${gone.id}`);
  await person.adds('/api/sessions', { sessionType: 'short' });
  const list = await person.gets('/sessions');
  hasExactly(list, envelope);
  list.items.forEach((item) => hasExactly(item, timer));
  assert.deepEqual([list.total, list.limit, list.offset, list.page], [22, 20, 0, 1]);
  const rest = await person.gets('/sessions?page=2');
  assert.deepEqual([...list.items, ...rest.items].map(({ id }) => id), made.map(({ id }) => id));
  assert.deepEqual((await person.gets('/sessions?limit=5&offset=3')).items.map(({ id }) => id), made.slice(3, 8).map(({ id }) => id));
  for (const query of ['limit=0', 'limit=101', 'page=0', 'colour=red']) {
    isRefused(await person.ask('GET', `/sessions?${query}`), 400, { field: query.split('=')[0] });
  }
  assert.equal((await stranger.gets('/sessions')).total, 0);
});

test('GET /sessions/{id}: the timer; another’s, an unknown one and one of another family are 404', async () => {
  const person = await someone();
  const made = await adds(person);
  assert.deepEqual(await reads(person, made), made);
  await isHidden(stranger, 'GET', `/sessions/${made.id}`, made.id);
  const { sessionId } = await person.adds('/api/sessions', { sessionType: 'short' });
  for (const id of [sessionId, 'seven']) {
    isRefused(await person.ask('GET', `/sessions/${id}`), 404, { code: 'notFound' });
    isRefused(await person.ask('PATCH', `/sessions/${id}`, { dailyGoalMinutes: 5 }), 404, { code: 'notFound' });
    isRefused(await person.ask('DELETE', `/sessions/${id}`), 404, { code: 'notFound' });
    isRefused(await person.ask('POST', `/sessions/${id}/actions/start`), 404, { code: 'notFound' });
  }
  isRefused(await person.ask('POST', `/api/sessions/${made.id}/actions/start`), 404, { code: 'notFound' });
});

// Start, pause, reset

test('start: it runs, and targetTimeMs is when it is supposed to finish', async () => {
  const person = await someone();
  const made = await adds(person, { initialDuration: 600 });
  const started = await act(person, made, 'start');
  hasExactly(started, timer);
  assert.equal(started.state, 'RUNNING');
  assert.equal(started.targetTimeMs, started.runningSinceMs + 600 * second);
  assert.ok(Math.abs(started.runningSinceMs - Date.now()) < 5 * second);
  assert.equal(started.startedAtMs, started.runningSinceMs);
  assert.equal((await act(person, made, 'start')).version, started.version, 'what runs, runs');
});

test('pause: timeLeft is what is left, and targetTimeMs is set only while running', async () => {
  const person = await atNoon();
  const { id } = await ran(person, { initialDuration: 600 }, [5, 4]);
  const paused = await reads(person, { id });
  assert.deepEqual([paused.state, paused.timeLeft, paused.elapsedSeconds, paused.targetTimeMs, paused.runningSinceMs], ['PAUSED', 360, 240, null, null]);
  const again = await act(person, { id }, 'start');
  assert.equal(again.targetTimeMs, again.runningSinceMs + 360 * second);
  const stopped = await act(person, { id }, 'pause', { reason: 'Tea' });
  assert.equal(stopped.targetTimeMs, null);
  assert.ok(stopped.timeLeft <= 360 && stopped.timeLeft > 355);
  assert.equal((await act(person, { id }, 'pause')).version, stopped.version, 'what is paused, is paused');
});

test('a timer may pause as often and as long as it likes', async () => {
  const person = await atNoon();
  const { id } = await ran(person, {}, [300, 5], [200, 5], [150, 5], [100, 5], [50, 5], [20, 5]);
  assert.deepEqual([(await reads(person, { id })).state, (await reads(person, { id })).elapsedSeconds], ['PAUSED', 1800]);
});

test('any number of timers run at once', async () => {
  const person = await someone();
  const made = await Promise.all(Array.from({ length: 12 }, () => adds(person)));
  await Promise.all(made.map((one) => act(person, one, 'start')));
  assert.ok((await person.gets('/sessions')).items.every(({ state }) => state === 'RUNNING'));
});

test('reset: the length is whole again, it waits, and its time stays in the analytics', async () => {
  const person = await atNoon();
  const { id } = await ran(person, { initialDuration: 600 }, [60, 5]);
  const back = await act(person, { id }, 'reset');
  assert.deepEqual([back.timeLeft, back.state, back.status, back.elapsedSeconds, back.trackedSeconds], [600, 'PAUSED', 'active', 0, 300]);
  await act(person, { id }, 'start');
  const running = await act(person, { id }, 'reset');
  assert.deepEqual([running.timeLeft, running.state, running.targetTimeMs], [600, 'PAUSED', null]);
  assert.equal((await act(person, { id }, 'reset')).version, running.version, 'nothing elapsed: nothing changes');
  const today = (await person.gets('/analytics?period=daily')).periods.at(-1);
  assert.ok(today.sumMinutes >= 5 && today.sumMinutes < 5.5);
});

test('reset-all: every timer, or every timer of a group', async () => {
  const person = await atNoon();
  const groupId = await person.group();
  const inGroup = await ran(person, { initialDuration: 600, group: groupId }, [60, 5]);
  const outside = await ran(person, { initialDuration: 600 }, [60, 5]);
  const idle = await adds(person, { initialDuration: 600 });
  const left = async ({ id }) => (await reads(person, { id })).timeLeft;
  const answer = await person.does('POST', '/sessions/actions/reset-all', { groupId });
  assert.deepEqual([answer.changed, answer.sessions], [true, [inGroup.id]]);
  assert.deepEqual([await left(inGroup), await left(outside)], [600, 300]);
  const all = await person.does('POST', '/sessions/actions/reset-all');
  assert.deepEqual(all.sessions, [outside.id]);
  assert.deepEqual([await left(outside), await left(idle)], [600, 600]);
  assert.equal((await person.does('POST', '/sessions/actions/reset-all', {})).changed, false);
  isRefused(await person.ask('POST', '/sessions/actions/reset-all', { groupId: uuid() }), 404, { field: 'groupId' });
});

test('at its target a timer completes, once, at that instant; it can be reset and started again', async () => {
  const person = await someone();
  const watch = await Watch.over(person);
  const made = await adds(person, { initialDuration: 1 });
  await watch.next('addSession');
  const { targetTimeMs } = await act(person, made, 'start');
  await watch.next('start');
  const ended = await watch.next('complete');
  assert.deepEqual([ended.atMs, ended.origin], [targetTimeMs, { via: 'server' }]);
  const { isCompleted, status, state, timeLeft, endedAtMs } = await reads(person, made);
  assert.deepEqual([isCompleted, status, state, timeLeft, endedAtMs], [true, 'completed', 'PAUSED', 0, targetTimeMs]);
  const back = await act(person, made, 'reset');
  assert.deepEqual([back.isCompleted, back.status, back.timeLeft, back.endedAtMs, back.startedAtMs], [false, 'active', 1, null, null]);
  await watch.next('resetSession');
  await act(person, made, 'complete');
  await watch.next('complete');
  assert.equal((await act(person, made, 'start')).state, 'RUNNING');
  const [reset, start] = [await watch.next('resetSession'), await watch.next('start')];
  assert.deepEqual([reset.n, reset.of, start.n, start.of], [1, 2, 2, 2], 'started again: reset and start, together');
  await watch.next('complete');
  await watch.end();
});

// Editing, renaming, moving, deleting

test('PATCH edits dailyGoalMinutes and sessionDuration', async () => {
  const person = await someone();
  const made = await adds(person, { initialDuration: 600 });
  assert.deepEqual([(await edits(person, made, { dailyGoalMinutes: 90 })).dailyGoalMinutes, (await reads(person, made)).noGoal], [90, false]);
  const longer = await edits(person, made, { sessionDuration: 900 });
  assert.deepEqual([longer.initialDuration, longer.timeLeft], [900, 900]);
  const shorter = await edits(person, made, { initialDuration: 300 });
  assert.deepEqual([shorter.initialDuration, shorter.timeLeft], [300, 300]);
  assert.equal((await edits(person, made, { initialDuration: 300 })).version, shorter.version, 'equal values change nothing');
  const open = await edits(person, made, { initialDuration: null });
  assert.deepEqual([open.initialDuration, open.timeLeft], [null, null]);
});

test('PATCH: a new length keeps the elapsed time', async () => {
  const person = await atNoon();
  const { id } = await ran(person, { initialDuration: 600 }, [60, 5]);
  assert.equal((await edits(person, { id }, { initialDuration: 900 })).timeLeft, 600);
  assert.equal((await edits(person, { id }, { initialDuration: 60 })).timeLeft, 0);
  await edits(person, { id }, { initialDuration: 900 });
  const running = await act(person, { id }, 'start');
  const edited = await edits(person, { id }, { initialDuration: 1200 });
  assert.equal(edited.targetTimeMs, running.targetTimeMs + 300 * second, 'a running one gets a new target');
  const done = await edits(person, { id }, { initialDuration: 60 });
  assert.deepEqual([done.status, done.state, done.timeLeft], ['completed', 'PAUSED', 0], 'or completes, when nothing is left');
});

test('PATCH allows nothing else: 400 naming the field; equal read-only fields are accepted', async () => {
  const person = await someone();
  const made = await adds(person, { initialDuration: 600, groupId: await person.group() });
  const path = `/sessions/${made.id}`;
  const others = {
    title: 'Other', groupId: null, state: 'RUNNING', status: 'completed', isCompleted: true, isDeleted: true, timeLeft: 5, focusSeconds: 60,
    targetTimeMs: Date.now(), userId: 'x', kind: 'focus', id: uuid(), version: 9, elapsedSeconds: 5, trackedSeconds: 5, createdAtMs: 5, colour: 'red',
  };
  await refusesFields(person, 'PATCH', path, Object.entries(others).map(([name, value]) => [name, { dailyGoalMinutes: 30, [name]: value }]));
  await refusesFields(person, 'PATCH', path, [
    ...[0, 86401, '60'].map((initialDuration) => ['initialDuration', { initialDuration }]),
    ...[0, 1441, 1.5].map((dailyGoalMinutes) => ['dailyGoalMinutes', { dailyGoalMinutes }]),
    ['noGoal', { noGoal: null }],
  ]);
  assert.deepEqual(await reads(person, made), made, 'nothing of it was done');
  assert.equal((await edits(person, made, { ...made, dailyGoalMinutes: 30 })).dailyGoalMinutes, 30);
  await refusesBodies(person, 'PATCH', path);
});

test('PATCH with what was read of a running timer: that its clock went on is no change', async () => {
  const person = await someone();
  const made = await adds(person, { initialDuration: 600 });
  await act(person, made, 'start');
  const read = await reads(person, made);
  while ((await reads(person, made)).elapsedSeconds === read.elapsedSeconds);
  assert.equal((await edits(person, made, { ...read, dailyGoalMinutes: 45 })).dailyGoalMinutes, 45);
});

test('rename and move have actions of their own', async () => {
  const person = await someone();
  const groupId = await person.group();
  const made = await adds(person);
  assert.equal((await act(person, made, 'rename', { title: 'Write' })).title, 'Write');
  assert.equal((await act(person, made, 'move', { groupId })).groupId, groupId);
  assert.equal((await act(person, made, 'move', { groupId: null })).groupId, null);
  await refusesFields(person, 'POST', `/sessions/${made.id}/actions/rename`, [['title', {}], ['title', { title: '' }], ['title', { title: ofLength(201) }]]);
  isRefused(await person.ask('POST', `/sessions/${made.id}/actions/move`, { groupId: uuid() }), 404, { field: 'groupId' });
});

test('noGoal: a session without a goal tracks time all the same, and its focusSeconds are null', async () => {
  const person = await atNoon();
  const free = await ran(person, { noGoal: true }, [60, 5]);
  const aimed = await ran(person, { dailyGoalMinutes: 60 }, [60, 5]);
  const of = async (one) => {
    const { noGoal, focusSeconds, trackedSeconds } = await reads(person, one);
    return [noGoal, focusSeconds, trackedSeconds];
  };
  assert.deepEqual(await of(free), [true, null, 300]);
  assert.deepEqual(await of(aimed), [false, 300, 300], 'focusSeconds: time spent today');
  const today = (await person.gets('/analytics?period=daily')).periods.at(-1);
  assert.deepEqual([rowOf(today, free).minutes, rowOf(today, free).goalMinutes], [5, null]);
  assert.deepEqual([rowOf(today, aimed).minutes, rowOf(today, aimed).goalMinutes], [5, 60]);
  await edits(person, free, { dailyGoalMinutes: 30 });
  assert.deepEqual(await of(free), [false, 300, 300], 'a goal ends noGoal');
  await edits(person, free, { noGoal: true });
  assert.deepEqual(await of(free), [true, null, 300]);
});

test('DELETE is soft: the session is hidden, its time stays in the analytics, and restore brings it back', async () => {
  const person = await atNoon();
  const made = await ran(person, { initialDuration: 600, dailyGoalMinutes: 5 }, [60, 5]);
  await act(person, made, 'start');
  const gone = await person.does('DELETE', `/sessions/${made.id}`);
  hasExactly(gone, timer);
  assert.deepEqual([gone.isDeleted, gone.state], [true, 'PAUSED']);
  isRefused(await person.ask('GET', `/sessions/${made.id}`), 404, { code: 'notFound' });
  for (const action of ['start', 'pause', 'reset', 'complete']) {
    isRefused(await person.ask('POST', `/sessions/${made.id}/actions/${action}`), 404, { code: 'notFound' });
  }
  isRefused(await person.ask('PATCH', `/sessions/${made.id}`, { dailyGoalMinutes: 5 }), 404, { code: 'notFound' });
  assert.equal((await person.gets('/sessions')).total, 0);
  const today = (await person.gets('/analytics?period=daily')).periods.at(-1);
  assert.ok(rowOf(today, made).minutes >= 5);
  assert.equal(rowOf(today, made).title, 'Read');
  const back = await act(person, made, 'restore');
  assert.deepEqual([back.isDeleted, back.state, back.title], [false, 'PAUSED', 'Read']);
  assert.equal((await person.gets('/sessions')).total, 1);
});

// Groups and the user

test('groups: created, listed, edited, deleted, with and without /api', async () => {
  const person = await someone();
  for (const prefix of ['', '/api']) {
    const made = await person.adds(`${prefix}/groups`, { name: 'Work', description: 'Paid' });
    hasExactly(made, group);
    assert.deepEqual([made.name, made.description, made.userId, made.isDeleted], ['Work', 'Paid', person.name, false]);
    const path = `${prefix}/groups/${made.id}`;
    assert.equal((await person.does('PATCH', path, { ...made, name: 'Play' })).name, 'Play');
    const list = await person.gets(`${prefix}/groups`);
    hasExactly(list, envelope);
    assert.deepEqual(list.items.map(({ id, name }) => [id, name]), [[made.id, 'Play']]);
    await isHidden(stranger, 'PATCH', path, made.id, { name: 'Theirs' });
    await isHidden(stranger, 'DELETE', path, made.id);
    assert.equal((await person.does('DELETE', path)).isDeleted, true);
    assert.equal((await person.gets(`${prefix}/groups`)).total, 0);
  }
  const { id } = await person.adds('/groups', { name: '😀'.repeat(200), description: ofLength(2000) });
  const bad = [['name', { name: '' }], ['name', { name: ofLength(201) }], ['description', { name: 'A', description: ofLength(2001) }], ['colour', { name: 'A', colour: 'red' }]];
  await refusesFields(person, 'POST', '/groups', [['name', {}], ...bad]);
  await refusesFields(person, 'PATCH', `/groups/${id}`, [...bad, ['userId', { userId: 'x' }]]);
  await refusesBodies(person, 'POST', '/groups');
});

test('a deleted group leaves its sessions without one', async () => {
  const person = await someone();
  const watch = await Watch.over(person);
  const groupId = await person.group();
  await watch.next('addGroup');
  const made = await adds(person, { groupId });
  await watch.next('addSession');
  await person.does('DELETE', `/groups/${groupId}`);
  const { group: gone, sessions } = await watch.next('deleteGroup');
  assert.deepEqual([gone.isDeleted, sessions.map(({ id, groupId: left }) => [id, left])], [true, [[made.id, null]]]);
  assert.equal((await reads(person, made)).groupId, null);
  await watch.end();
});

test('/me: the user, with sessionsResetTime and timeZone, which hold at once while nothing is tracked today', async () => {
  const person = await someone();
  const me = await person.gets('/me');
  hasExactly(me, user);
  assert.deepEqual([me.id, me.timeZone, me.sessionsResetTime, me.pending], [person.name, 'UTC', '00:00', null]);
  assert.equal(me.dayEndMs - me.dayStartMs, day);
  const changed = await person.does('PATCH', '/me', { ...me, sessionsResetTime: '04:30', timeZone: 'Asia/Kolkata' });
  assert.deepEqual([changed.sessionsResetTime, changed.timeZone, changed.pending], ['04:30', 'Asia/Kolkata', null]);
  assert.equal(iso(changed.dayStartMs).slice(11, 16), '23:00', '04:30 in Kolkata');
  assert.deepEqual(await person.gets('/api/me'), changed);
  await refusesFields(person, 'PATCH', '/me', [
    ...['24:00', '4:30', '04:60', '0430', 430, null].map((sessionsResetTime) => ['sessionsResetTime', { sessionsResetTime }]),
    ...['Mars/Base', '', 5, null].map((timeZone) => ['timeZone', { timeZone }]),
    ['name', { name: 'Another' }],
    ['day', { day: '2999-01-01' }],
    ['dayEndMs', { dayEndMs: 5 }],
    ['colour', { colour: 'red' }],
  ]);
});

test('/me: a change on a day with tracked time holds from the next day on, and is shown as pending', async () => {
  const person = await atNoon();
  await ran(person, {}, [60, 5]);
  const earlier = await person.gets('/me');
  const changed = await person.does('PATCH', '/me', { sessionsResetTime: '04:00' });
  assert.equal(changed.pending.sessionsResetTime, '04:00');
  assert.deepEqual([changed.day, changed.dayStartMs, changed.dayEndMs], [earlier.day, earlier.dayStartMs, earlier.dayEndMs + 4 * hour]);
});

test('the daily reset: at sessionsResetTime every timer that does not run is whole again, the server says so', async () => {
  const person = await someone();
  const boundary = Math.floor(Date.now() / minute) * minute - 2 * hour;
  await person.does('PATCH', '/me', { sessionsResetTime: iso(boundary).slice(11, 16) });
  const me = await person.gets('/me');
  assert.deepEqual([me.day, me.dayStartMs], [iso(boundary).slice(0, 10), boundary]);
  const socket = await person.live();
  const [still, runs] = [uuid(), uuid()];
  const at = (minutes, type, session, more) => ({ type, session, atMs: boundary + minutes * minute, ...more });
  await person.commands(
    at(-90, 'addSession', still, { title: 'Read', initialDuration: 600 }),
    at(-90, 'addSession', runs, { title: 'Write', initialDuration: 36000 }),
    at(-80, 'start', still),
    at(-75, 'pause', still),
    at(-60, 'start', runs),
    at(30, 'pause', runs),
  );
  const event = await socket.event('resetAll');
  assert.deepEqual([event.atMs, event.origin], [boundary, { via: 'server' }]);
  assert.deepEqual(event.sessions.map(({ id, timeLeft, status }) => [id, timeLeft, status]), [[still, 600, 'active']]);
  const going = await reads(person, { id: runs });
  assert.deepEqual([going.elapsedSeconds, going.trackedSeconds], [90 * 60, 30 * 60], 'a running one keeps running, its day starts anew');
  const { periods } = await person.gets('/analytics?period=daily');
  const minutesOf = (id) => periods.slice(-2).map((period) => rowOf(period, { id })?.minutes ?? 0);
  assert.deepEqual([minutesOf(still), minutesOf(runs)], [[5, 0], [60, 30]], 'time is split at the day’s boundary');
  await socket.end();
});

// Analytics

test('GET /analytics: sum and union of what was tracked, by session', async () => {
  const person = await someone();
  const dayOf = await person.liveAtNoon();
  const one = await ran(person, { dailyGoalMinutes: 60 }, [180, 60]);
  const other = await ran(person, { title: 'Write' }, [150, 60]);
  const answer = await person.gets('/analytics?period=daily');
  hasExactly(answer, ['period', 'timeZone', 'from', 'to', 'nowMs', 'streakDays', 'periods']);
  assert.equal(answer.periods.length, 7);
  const today = answer.periods.at(-1);
  hasExactly(today, ['from', 'to', 'sumMinutes', 'unionMinutes', 'sessions']);
  assert.deepEqual([today.from, today.to, today.sumMinutes, today.unionMinutes], [dayOf(Date.now()), dayOf(Date.now()), 120, 90]);
  hasExactly(rowOf(today, one), ['session', 'kind', 'title', 'groupId', 'minutes', 'goalMinutes', 'goalMet']);
  assert.deepEqual(rowOf(today, one), { session: one.id, kind: 'timer', title: 'Read', groupId: null, minutes: 60, goalMinutes: 60, goalMet: true });
  assert.deepEqual([rowOf(today, other).minutes, rowOf(today, other).goalMinutes], [60, null]);
  const running = await adds(person);
  await act(person, running, 'start');
  const path = `/analytics?period=daily&session=${running.id}`;
  while ((await person.gets(path)).periods.at(-1).sumMinutes === 0);
});

test('GET /analytics: daily, weekly, monthly; 7 days, 8 weeks, 12 months, or a range widened to whole periods', async () => {
  const person = await someone();
  const week = await person.gets('/analytics?period=weekly');
  assert.deepEqual([week.period, week.periods.length], ['weekly', 8]);
  for (const { from, to } of week.periods) assert.deepEqual([new Date(from).getUTCDay(), new Date(to).getUTCDay()], [1, 0], 'Monday to Sunday');
  const month = await person.gets('/analytics?period=monthly');
  assert.equal(month.periods.length, 12);
  for (const { from } of month.periods) assert.equal(from.slice(8), '01');
  const of = async (query) => (await person.gets(`/analytics?${query}`)).periods.map(({ from, to }) => [from, to]);
  assert.deepEqual(await of('period=daily&from=2024-02-28&to=2024-03-01'), ['2024-02-28', '2024-02-29', '2024-03-01'].map((d) => [d, d]));
  assert.deepEqual(await of('period=weekly&from=2024-12-31&to=2025-01-06'), [['2024-12-30', '2025-01-05'], ['2025-01-06', '2025-01-12']]);
  assert.deepEqual(await of('period=monthly&from=2024-02-10&to=2024-02-11'), [['2024-02-01', '2024-02-29']]);
  for (const [field, query] of [['period', 'period=yearly'], ['from', 'period=daily&from=now'], ['to', 'period=daily&from=2024-01-01&to=2024-02-30'], ['kind', 'period=daily&kind=nap'], ['colour', 'period=daily&colour=red']]) {
    isRefused(await person.ask('GET', `/analytics?${query}`), 400, { code: 'badRequest', field });
  }
});

test('GET /analytics: a week’s and a month’s time and goal are the sum of their days’', async () => {
  const person = await atNoon();
  const made = await ran(person, { dailyGoalMinutes: 30 }, [3 * 1440 + 60, 20], [2 * 1440 + 60, 30], [1440 + 60, 40], [60, 50]);
  const { periods: days } = await person.gets('/analytics?period=daily');
  assert.deepEqual(days.slice(-4).map((one) => rowOf(one, made)).map(({ minutes, goalMinutes, goalMet }) => [minutes, goalMinutes, goalMet]), [
    [20, 30, false],
    [30, 30, true],
    [40, 30, true],
    [50, 30, true],
  ]);
  for (const period of ['weekly', 'monthly']) {
    for (const whole of (await person.gets(`/analytics?period=${period}`)).periods) {
      const inside = (await person.gets(`/analytics?period=daily&from=${whole.from}&to=${whole.to}`)).periods.map((one) => rowOf(one, made)).filter(Boolean);
      const sum = (name) => inside.reduce((total, row) => total + row[name], 0);
      assert.equal(whole.sumMinutes, sum('minutes'), `${period} ${whole.from}`);
      if (inside.length) assert.deepEqual([rowOf(whole, made).minutes, rowOf(whole, made).goalMinutes], [sum('minutes'), sum('goalMinutes')]);
    }
  }
});

test('GET /analytics: the streak of days on which every goal was met; an unmet today doesn’t break it', async () => {
  const streak = async (...timers) => {
    const person = await atNoon();
    for (const runs of timers) await ran(person, { dailyGoalMinutes: 30 }, ...runs.map(([daysAgo, minutes]) => [daysAgo * 1440 + 60, minutes]));
    return (await person.gets('/analytics?period=daily')).streakDays;
  };
  assert.equal(await streak([[3, 30], [2, 30], [1, 45]]), 3);
  assert.equal(await streak([[3, 30], [2, 30], [1, 45], [0, 30]]), 4);
  assert.equal(await streak([[3, 30], [2, 29], [1, 45], [0, 30]]), 2);
  assert.equal(await streak([[3, 30], [2, 30], [1, 45], [0, 30]], [[2, 10], [1, 30], [0, 30]]), 2);
  assert.equal(await streak([[1, 5]]), 0);
});

test('GET /analytics of a session, a group, a kind', async () => {
  const person = await atNoon();
  const groupId = await person.group();
  const inGroup = await ran(person, { group: groupId }, [60, 10]);
  await ran(person, {}, [120, 20]);
  await person.commands(
    { type: 'addSession', session: uuid(), kind: 'work', group: groupId, atMs: Date.now() - 3 * hour },
    { type: 'addSession', session: uuid(), kind: 'focus', sessionType: 'short', atMs: Date.now() - 3 * hour },
  );
  const sum = async (query) => Math.floor((await person.gets(`/analytics?period=daily${query}`)).periods.at(-1).sumMinutes);
  assert.equal(await sum(''), 10 + 20 + 180 + 15);
  assert.equal(await sum(`&session=${inGroup.id}`), 10);
  assert.equal(await sum(`&group=${groupId}`), 190);
  assert.equal(await sum('&kind=timer'), 30);
  assert.equal(await sum(`&kind=timer&group=${groupId}`), 10);
  assert.equal(await sum('&kind=focus'), 15);
});

// Real time multi client updates

test('on every login the client is added: it is told its name, the state, and every event from then on', async () => {
  const person = await someone();
  const made = await adds(person);
  const clients = await Promise.all(Array.from({ length: 5 }, () => person.live()));
  assert.equal(new Set(clients.map(({ ready }) => ready.connectionId)).size, 5, 'each is one of its own');
  for (const client of clients) {
    assert.equal(client.ready.userId, person.name);
    const { state } = client.messages.find((m) => m.type === 'snapshot');
    assert.deepEqual(state.sessions.map(({ id }) => id), [made.id]);
  }
  await act(person, made, 'start');
  const events = await Promise.all(clients.map((client) => client.event('start')));
  for (const event of events) assert.deepEqual(event, events[0]);
  const late = await person.live();
  clients.push(late);
  await clients[0].ask({ type: 'pause', session: made.id });
  assert.deepEqual(await late.event('pause'), await clients[1].event('pause'));
  await Promise.all(clients.map((client) => client.end()));
});

test('each event of the document reaches all clients of the user and no other’s, over REST', async () => {
  const person = await someone();
  const watch = await Watch.over(person);
  const made = await watch.change('POST', '/sessions', { title: 'Read', initialDuration: 600 }, {
    event: 'addSession', domainEvent: 'AddSession', entity, adding: true,
  });
  const of = made.session.id;
  const post = (action, body, event, domainEvent) =>
    watch.change('POST', `/sessions/${of}/actions/${action}`, body, { event, domainEvent, entity, of });
  const path = `/sessions/${of}`;
  await post('start', undefined, 'start', 'Start');
  await post('pause', undefined, 'pause', 'Stop');
  await watch.change('PATCH', path, { sessionDuration: 900, dailyGoalMinutes: 60 }, { event: 'editSession', domainEvent: 'EditSession', entity, of });
  await post('reset', undefined, 'resetSession', 'ResetSession');
  await post('complete', undefined, 'complete', undefined);
  await post('reset', undefined, 'resetSession', 'ResetSession');
  await post('start', {}, 'start', 'Start');
  const all = await watch.change('POST', '/sessions/actions/reset-all', {}, { event: 'resetAll', domainEvent: 'ResetAll', entity: 'sessions' });
  assert.deepEqual(all.sessions.map(({ id, state }) => [id, state]), [[of, 'PAUSED']]);
  await post('rename', { title: 'Write' }, 'renameSession', undefined);
  const grouped = await watch.change('POST', '/groups', { name: 'Work' }, { event: 'addGroup', domainEvent: undefined, entity: 'group', adding: true });
  const groupId = grouped.group.id;
  await post('move', { groupId }, 'moveSession', undefined);
  await watch.change('PATCH', `/groups/${groupId}`, { name: 'Play' }, { event: 'editGroup', domainEvent: undefined, entity: 'group', of: groupId });
  await watch.change('DELETE', path, undefined, { event: 'deleteSession', domainEvent: 'DeleteSession', entity, of });
  await post('restore', undefined, 'restoreSession', undefined);
  await watch.change('DELETE', `/groups/${groupId}`, undefined, { event: 'deleteGroup', domainEvent: undefined, entity: 'group', of: groupId });
  await watch.change('PATCH', '/me', { timeZone: 'Asia/Tokyo' }, { event: 'autoResetTimeChange', domainEvent: 'AutoResetTimeChange', entity: 'user' });
  await watch.end();
});

test('each command of the document over a WebSocket, by its name and its alias', async () => {
  const person = await someone();
  const watch = await Watch.over(person);
  const [socket] = watch.sockets;
  const session = uuid();
  const commands = [
    ['addSession', { type: 'add', session, title: 'Read', initialDuration: 600 }],
    ['start', { type: 'start', session }],
    ['resetSession', { type: 'reset', session }],
    ['editSession', { type: 'edit', session, sessionDuration: 900 }],
    ['start', { type: 'start', session }],
    ['pause', { type: 'stop', session }],
    ['start', { type: 'start', session }],
    ['resetSession', { type: 'resetSession', session }],
    ['start', { type: 'start', session }],
    ['pause', { type: 'pause', session }],
    ['start', { type: 'start', session }],
    ['resetAll', { type: 'resetAll' }],
    ['editSession', { type: 'editSession', session, dailyGoalMinutes: 60 }],
    ['deleteSession', { type: 'delete', session }],
    ['restoreSession', { type: 'restoreSession', session }],
    ['deleteSession', { type: 'deleteSession', session }],
    ['addSession', { type: 'addSession', title: 'Write' }],
    ['autoResetTimeChange', { type: 'autoResetTimeChange', timeZone: 'Asia/Tokyo' }],
  ];
  for (const [event, command] of commands) {
    const result = await socket.ask(command);
    assert.ok(result.ok && result.changed, JSON.stringify([command, result]));
    const seen = await watch.next(event);
    assert.equal(seen.seq, result.seq);
    assert.equal(seen.origin.connectionId, socket.ready.connectionId);
  }
  const [one, other] = watch.sockets.map(({ messages }) => replayed(messages));
  assert.deepEqual(one, other);
  await watch.end();
});

test('a client that polls gets what happened since, at once or when it happens', async () => {
  const person = await someone();
  const first = await person.ask('GET', '/v1/state');
  const { epoch, seq, tag } = first.body;
  assert.equal(first.headers.get('lockstep-position').split(':').slice(0, 2).join(':'), `${epoch}:${seq}`);
  const made = await adds(person);
  const poll = (position, waitMs) => person.gets(`/v1/events?epoch=${epoch}&${position}&waitMs=${waitMs}`);
  const since = await poll(`seq=${seq}${tag ? `&tag=${tag}` : ''}`, 0);
  assert.deepEqual([since.mode, since.events.map(({ event }) => event)], ['replay', ['addSession']]);
  const waiting = poll(`seq=${since.seq}&tag=${since.tag}`, 10000);
  await act(person, made, 'start');
  const next = await waiting;
  assert.deepEqual(next.events.map(({ event, session }) => [event, session.id]), [['start', made.id]]);
  assert.deepEqual((await poll(`seq=${next.seq}`, 0)).events, []);
});

test('data is stored: after kill -9 everything is as it was, and a running timer runs on', async () => {
  const other = await Server.start();
  const person = await Person.of(other);
  const groupId = await person.group();
  const still = await adds(person, { initialDuration: 600, dailyGoalMinutes: 60, groupId });
  const running = await act(person, await adds(person, { initialDuration: 3600 }), 'start');
  await person.does('PATCH', '/me', { timeZone: 'Asia/Tokyo', sessionsResetTime: '04:00' });
  const me = await person.gets('/me');
  const kept = await reads(person, still);
  await other.kill();
  await other.start();
  assert.deepEqual(await reads(person, still), kept);
  const now = await reads(person, running);
  assert.deepEqual([now.state, now.targetTimeMs, now.version], ['RUNNING', running.targetTimeMs, running.version]);
  assert.deepEqual(await person.gets('/me'), me);
  assert.equal((await person.gets('/groups')).items[0].id, groupId);
  await other.stop();
});

// What holds for every endpoint

test('all endpoints require a token: 401 without one and with a bad one', async () => {
  const id = uuid();
  const endpoints = [
    ['GET', '/sessions'], ['POST', '/sessions'], ['GET', `/sessions/${id}`], ['PATCH', `/sessions/${id}`], ['DELETE', `/sessions/${id}`],
    ...['start', 'pause', 'reset', 'complete', 'restore', 'rename', 'move'].map((action) => ['POST', `/sessions/${id}/actions/${action}`]),
    ['POST', '/sessions/actions/reset-all'], ['GET', '/groups'], ['POST', '/groups'], ['PATCH', `/groups/${id}`], ['DELETE', `/groups/${id}`],
    ['GET', '/me'], ['PATCH', '/me'], ['GET', '/analytics?period=daily'],
  ];
  for (const [method, path] of endpoints) {
    isRefused(await server.request(method, path), 401, { code: 'unauthenticated' });
    isRefused(await server.request(method, path, { token: 'nonsense' }), 401, { code: 'tokenInvalid' });
  }
  for (const path of ['/v1/state', '/v1/events', '/v1/analytics?period=daily']) {
    for (const token of [undefined, 'nonsense']) assert.equal((await server.request('GET', path, { token })).status, 401);
  }
});

test('a socket requires a token: without one it is refused everything, with a bad one closed', async () => {
  const bare = new Client(server);
  await bare.next((m) => m.type === 'hello');
  assert.equal((await bare.ask({ type: 'addSession', title: 'Read' })).error.code, 'unauthenticated');
  await bare.end();
  const bad = new Client(server, { token: 'nonsense' });
  assert.equal((await bad.next((m) => m.type === 'result')).error.code, 'tokenInvalid');
  assert.equal((await bad.closed).code, 4401);
});

test('a wrong method is 405 with Allow, an unknown path 404', async () => {
  const person = await someone();
  const { id } = await adds(person);
  await allowsOnly(person, 'DELETE', '/sessions', ['GET', 'POST']);
  await allowsOnly(person, 'POST', `/sessions/${id}`, ['GET', 'PATCH', 'DELETE']);
  await allowsOnly(person, 'GET', `/sessions/${id}/actions/start`, ['POST']);
  await allowsOnly(person, 'GET', '/sessions/actions/reset-all', ['POST']);
  await allowsOnly(person, 'POST', '/analytics', ['GET']);
  await allowsOnly(person, 'DELETE', '/me', ['GET', 'PATCH']);
  for (const path of ['/nothing', `/sessions/${id}/actions/fly`, `/sessions/${id}/start`, '/sessions/', '/analytics/daily']) {
    isRefused(await person.ask('POST', path, {}), 404, { code: 'notFound' });
  }
});

// The user, and the other road

test('User: id, name and email as the token says them, createdat, sessionsResetTime; If-Match holds for it too', async () => {
  const token = server.token('ada', '--name', 'Ada Lovelace', '--email', 'ada@example.org');
  const person = Object.assign(new Person(), { server, name: 'ada', token });
  const me = await person.gets('/me');
  assert.deepEqual([me.id, me.name, me.email, me.sessionsResetTime], ['ada', 'Ada Lovelace', 'ada@example.org', '00:00']);
  assert.ok(Math.abs(me.createdAtMs - Date.now()) < 10 * second);
  const changed = await person.does('PATCH', '/me', { sessionsResetTime: '04:30' });
  assert.equal(changed.version, me.version + 1);
  const stale = await person.ask('PATCH', '/me', { sessionsResetTime: '05:00' }, { 'if-match': `"${me.version}"` });
  isRefused(stale, 409, { code: 'conflict', details: { version: changed.version } });
});

test('what is done over the WebSocket shows in REST', async () => {
  const person = await someone();
  const socket = await person.live();
  const { session: id } = await socket.ask({ type: 'addSession', title: 'Read', initialDuration: 600, dailyGoalMinutes: 20 });
  await socket.ask({ type: 'start', session: id });
  const { session } = await socket.event('start');
  const seen = await reads(person, { id });
  assert.deepEqual([seen.state, seen.targetTimeMs, seen.version], ['RUNNING', session.targetTimeMs, session.version]);
  await socket.ask({ type: 'deleteSession', session: id });
  isRefused(await person.ask('GET', `/sessions/${id}`), 404, { code: 'notFound' });
  await socket.end();
});

test('the daily reset, which the server makes by itself, has the document’s name ResetAll like any other', async () => {
  const person = await someone();
  const boundary = Math.floor(Date.now() / minute) * minute - 2 * hour;
  await person.does('PATCH', '/me', { sessionsResetTime: iso(boundary).slice(11, 16) });
  const socket = await person.live();
  await ran(person, { initialDuration: 600 }, [150, 5]);
  const event = await socket.event('resetAll');
  assert.deepEqual([event.atMs, event.origin, event.domainEvent], [boundary, { via: 'server' }, 'ResetAll']);
  await socket.end();
});
