// Requirement document 001, "Session Management" of focus sessions: what it asks for, over the wire.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { uuid } from './support/client.mjs';
import {
  Person,
  allowsOnly,
  day,
  hasExactly,
  hour,
  isHidden,
  isInstant,
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

const focusSession = [
  'sessionId', 'userId', 'kind', 'sessionType', 'plannedDuration', 'actualDuration', 'startTime', 'endTime', 'status', 'state', 'taskId',
  'projectId', 'qualityRating', 'focusScore', 'taskProgress', 'abandonReason', 'progressMade', 'pauses',
];
const pauseFields = ['pauseTime', 'resumeTime', 'pauseReason', 'duration'];
const envelope = ['items', 'total', 'limit', 'offset', 'page'];
const pomodoro = { sessionType: 'pomodoro', plannedDuration: 25, taskId: null, projectId: null };

let server;
let stranger;
before(async () => {
  server = await Server.start(['--rate-commands', '100000/100000']);
  stranger = await Person.of(server);
});
after(() => server.stop());

const someone = () => Person.of(server);
const starts = (person, body = pomodoro) => person.adds('/api/sessions', body);
const verb = (person, { sessionId }, name, body) => person.does('PUT', `/api/sessions/${sessionId}/${name}`, body);

// Somebody whose session began offline, so many minutes ago, and went on as told: [minutes ago, command, its fields].
async function ranOffline(begun, begin, ...steps) {
  const person = await someone();
  const session = uuid();
  const now = Date.now();
  const at = (minutesAgo, type, more) => ({ type, session, atMs: now - minutesAgo * minute, ...more });
  await person.commands(at(begun, 'addSession', { kind: 'focus', ...begin }), ...steps.map(([ago, type, more]) => at(ago, type, more)));
  return { person, session, now, read: () => person.gets(`/api/sessions/${session}`) };
}

// Starting

test('POST /api/sessions starts a focus session: 201 and the session', async () => {
  const person = await someone();
  const asked = Date.now();
  const made = await starts(person);
  hasExactly(made, focusSession);
  isUuid(made.sessionId);
  isInstant(made.startTime);
  assert.ok(Math.abs(Date.parse(made.startTime) - asked) < 5 * second);
  assert.deepEqual(
    { ...made, sessionId: 0, startTime: 0 },
    {
      sessionId: 0, userId: person.name, kind: 'focus', sessionType: 'pomodoro', plannedDuration: 25, actualDuration: null, startTime: 0,
      endTime: null, status: 'active', state: 'RUNNING', taskId: null, projectId: null, qualityRating: null, focusScore: null,
      taskProgress: null, abandonReason: null, progressMade: null, pauses: [],
    },
  );
});

test('the document’s body as it stands, with either session type and with a task and a project', async () => {
  const person = await someone();
  const project = await person.group();
  const { id: work } = await person.adds(`/api/projects/${project}/sessions`, {});
  const { id: task } = await person.adds(`/api/sessions/${work}/tasks`, { description: 'Weld the frame' });
  const custom = await starts(person, { sessionType: 'custom', plannedDuration: 25, taskId: task, projectId: project });
  assert.deepEqual([custom.sessionType, custom.plannedDuration, custom.taskId, custom.projectId], ['custom', 25, task, project]);
  await verb(person, custom, 'abandon');
  const own = uuid();
  assert.equal((await starts(person, { ...pomodoro, sessionId: own })).sessionId, own, 'a client may bring the id');
  await verb(person, { sessionId: own }, 'abandon');
  isRefused(await person.ask('POST', '/api/sessions', { ...pomodoro, sessionId: own }), 409, { code: 'conflict' });
});

test('session types: pomodoro 25, short 15, long 45 minutes, custom as planned', async () => {
  const person = await someone();
  for (const [sessionType, minutes] of [['pomodoro', 25], ['short', 15], ['long', 45]]) {
    for (const body of [{ sessionType }, { sessionType, plannedDuration: minutes }]) {
      const made = await starts(person, body);
      assert.deepEqual([made.sessionType, made.plannedDuration], [sessionType, minutes]);
      const { initialDuration } = (await person.gets('/v1/state')).state.sessions[0];
      assert.equal(initialDuration, minutes * 60);
      await verb(person, made, 'abandon');
    }
    await refusesFields(person, 'POST', '/api/sessions', [['plannedDuration', { sessionType, plannedDuration: minutes + 1 }]]);
  }
  await refusesFields(person, 'POST', '/api/sessions', [
    ['sessionType', { sessionType: 'endless', plannedDuration: 25 }],
    ['sessionType', { sessionType: null, plannedDuration: 25 }],
    ['sessionType', { sessionType: 25 }],
  ]);
});

test('session duration: minimum 5 minutes, maximum 120 minutes', async () => {
  const person = await someone();
  await refusesFields(person, 'POST', '/api/sessions', [4, 121, 0, -25, 25.5, '25', undefined].map((plannedDuration) => [
    'plannedDuration',
    { sessionType: 'custom', plannedDuration },
  ]));
  for (const plannedDuration of [5, 120]) {
    const made = await starts(person, { sessionType: 'custom', plannedDuration });
    assert.equal(made.plannedDuration, plannedDuration);
    await verb(person, made, 'abandon');
  }
});

test('a task or a project that is not there, or another’s, is 404 and named', async () => {
  const person = await someone();
  const theirProject = await stranger.group();
  const { id: theirWork } = await stranger.adds(`/api/projects/${theirProject}/sessions`, {});
  const { id: theirTask } = await stranger.adds(`/api/sessions/${theirWork}/tasks`, { description: 'Weld' });
  for (const [field, ids] of [['taskId', [uuid(), theirTask]], ['projectId', [uuid(), theirProject]]]) {
    for (const id of ids) isRefused(await person.ask('POST', '/api/sessions', { ...pomodoro, [field]: id }), 404, { code: 'notFound', field });
    isRefused(await person.ask('POST', '/api/sessions', { ...pomodoro, [field]: 'seven' }), 400, { code: 'badRequest', field });
  }
});

test('POST /api/sessions refuses', async () => {
  const person = await someone();
  const path = '/api/sessions';
  isRefused(await server.request('POST', path, { body: pomodoro }), 401);
  isRefused(await server.request('POST', path, { body: pomodoro, token: 'nonsense' }), 401);
  for (const body of [{ plannedDuration: 25 }, { ...pomodoro, plan_id: uuid(), date: '2026-01-01' }]) {
    const answer = await person.ask('POST', path, body);
    isRefused(answer, 400, { code: 'badRequest' });
    assert.match(answer.body.error.message, /plan_id/, 'both that it might be are named');
    assert.match(answer.body.error.message, /sessionType/);
  }
  await refusesFields(person, 'POST', path, [['colour', { ...pomodoro, colour: 'red' }], ['kind', { ...pomodoro, kind: 'work' }]]);
  await refusesBodies(person, 'POST', path);
  isRefused(await withoutLength(person, 'POST', path), 411, { code: 'lengthRequired' });
});

test('one active session per user: the second start is 409 and names the first, whichever endpoint asks', async () => {
  const person = await someone();
  const { sessionId: session } = await starts(person);
  const refusal = { code: 'alreadyActive', details: { session } };
  const socket = await person.live();
  const eachIsRefused = async () => {
    isRefused(await person.ask('POST', '/api/sessions', { sessionType: 'short' }), 409, refusal);
    isRefused(await person.ask('POST', '/focus-sessions', { duration_minutes: 25 }), 409, refusal);
    const { ok, error } = await socket.ask({ type: 'addSession', kind: 'focus', sessionType: 'long' });
    assert.deepEqual([ok, error.code, error.details], [false, 'alreadyActive', { session }]);
  };
  await eachIsRefused();
  await verb(person, { sessionId: session }, 'pause');
  await eachIsRefused();
  assert.equal((await starts(stranger)).status, 'active', 'of another user it is none of its business');
  await verb(person, { sessionId: session }, 'complete');
  assert.equal((await person.does('POST', '/focus-sessions', { duration_minutes: 25 })).status, 'active');
  await socket.end();
});

// Completing, abandoning, pausing, resuming

test('PUT (and POST) complete: the session with its rating, progress and score', async () => {
  const body = { qualityRating: 4, taskProgress: 'Description of progress made', focusScore: 85 };
  for (const method of ['PUT', 'POST']) {
    const person = await someone();
    const made = await starts(person);
    const done = await person.does(method, `/api/sessions/${made.sessionId}/complete`, body);
    hasExactly(done, focusSession);
    isInstant(done.endTime);
    assert.deepEqual(done, { ...made, ...body, status: 'completed', state: 'PAUSED', actualDuration: 0, endTime: done.endTime });
    assert.deepEqual(await person.gets(`/api/sessions/${made.sessionId}`), done);
  }
});

test('PUT (and POST) abandon: the session with its reason and the progress made', async () => {
  for (const method of ['PUT', 'POST']) {
    const person = await someone();
    const made = await starts(person);
    const path = `/api/sessions/${made.sessionId}/abandon`;
    const left = await person.does(method, path, { reason: 'Emergency interruption', progressMade: 'Completed initial draft' });
    hasExactly(left, focusSession);
    isInstant(left.endTime);
    assert.deepEqual(left, {
      ...made,
      abandonReason: 'Emergency interruption',
      progressMade: 'Completed initial draft',
      status: 'abandoned',
      state: 'PAUSED',
      actualDuration: 0,
      endTime: left.endTime,
    });
    assert.deepEqual(await person.does(method, path), left, 'once more changes nothing');
  }
});

test('PUT (and POST) pause and resume: the session stays active and keeps its pauses', async () => {
  for (const method of ['PUT', 'POST']) {
    const person = await someone();
    const made = await starts(person);
    const path = `/api/sessions/${made.sessionId}`;
    const paused = await person.does(method, `${path}/pause`, { pauseReason: 'Quick phone call' });
    hasExactly(paused, focusSession);
    hasExactly(paused.pauses[0], pauseFields);
    const { pauseTime } = paused.pauses[0];
    isInstant(pauseTime);
    const pause = { pauseTime, resumeTime: null, pauseReason: 'Quick phone call', duration: null };
    assert.deepEqual(paused, { ...made, state: 'PAUSED', pauses: [pause] });
    assert.deepEqual(await person.does(method, `${path}/pause`), paused, 'a paused one is paused');
    const resumed = await person.does(method, `${path}/resume`);
    const { resumeTime, duration } = resumed.pauses[0];
    isInstant(resumeTime);
    assert.equal(typeof duration, 'number');
    assert.deepEqual(resumed, { ...made, pauses: [{ ...pause, resumeTime, duration }] });
    assert.deepEqual(await person.does(method, `${path}/resume`, {}), resumed, 'a running one runs');
  }
});

test('a body is optional where nothing in it is required, and then needs no length', async () => {
  const person = await someone();
  const { sessionId } = await starts(person);
  for (const [name, status, state] of [['pause', 'active', 'PAUSED'], ['resume', 'active', 'RUNNING'], ['complete', 'completed', 'PAUSED']]) {
    const answer = await withoutLength(person, 'PUT', `/api/sessions/${sessionId}/${name}`);
    assert.deepEqual([answer.status, answer.body.status, answer.body.state], [200, status, state]);
  }
});

test('completed, abandoned: the other is 409, and so is going on', async () => {
  const person = await someone();
  const done = await starts(person);
  await verb(person, done, 'complete');
  const left = await starts(person);
  await verb(person, left, 'abandon');
  isRefused(await person.ask('PUT', `/api/sessions/${done.sessionId}/abandon`), 409, { code: 'invalidState' });
  isRefused(await person.ask('PUT', `/api/sessions/${left.sessionId}/complete`), 409, { code: 'invalidState' });
  for (const { sessionId } of [done, left]) {
    isRefused(await person.ask('PUT', `/api/sessions/${sessionId}/resume`), 409, { code: 'invalidState' });
    isRefused(await person.ask('POST', `/api/sessions/${sessionId}/distractions`), 409, { code: 'invalidState' });
    const earlier = await person.gets(`/api/sessions/${sessionId}`);
    assert.deepEqual(await verb(person, { sessionId }, 'pause'), earlier, 'what doesn’t run is paused already');
  }
});

test('maximum 3 pauses per session: the fourth is 422', async () => {
  const person = await someone();
  const made = await starts(person);
  for (const pauseReason of ['one', 'two', 'three']) {
    await verb(person, made, 'pause', { pauseReason });
    await verb(person, made, 'resume');
  }
  const path = `/api/sessions/${made.sessionId}`;
  isRefused(await person.ask('PUT', `${path}/pause`), 422, { code: 'limit' });
  const after = await person.gets(path);
  assert.equal(after.state, 'RUNNING', 'the refused one left it running');
  assert.deepEqual(after.pauses.map(({ pauseReason }) => pauseReason), ['one', 'two', 'three']);
});

test('a pause lasts 10 minutes at most: then the server ends it, at that instant', async () => {
  const person = await someone();
  const watch = await Watch.over(person);
  const session = uuid();
  const begun = Date.now() - 40 * minute;
  await person.commands(
    { type: 'addSession', session, kind: 'focus', sessionType: 'custom', plannedMinutes: 120, atMs: begun },
    { type: 'pause', session, reason: 'Lunch', atMs: begun + 10 * minute },
  );
  await watch.next('addSession');
  assert.equal((await watch.next('pause')).atMs, begun + 10 * minute);
  const ended = await watch.next('start');
  assert.deepEqual(ended.origin, { via: 'server' });
  assert.equal(ended.domainEvent, 'SessionResumed');
  assert.equal(ended.atMs, begun + 20 * minute);
  assert.ok(ended.nowMs - ended.atMs >= 20 * minute, 'nowMs is when the event was made');
  assert.equal(ended.session.state, 'RUNNING');
  assert.deepEqual(ended.session.focus.pauses, [
    { pausedAtMs: begun + 10 * minute, resumedAtMs: begun + 20 * minute, reason: 'Lunch', durationSeconds: 600 },
  ]);
  assert.equal(ended.session.targetTimeMs, begun + 130 * minute, 'ten minutes later than without the pause');
  const read = await person.gets(`/api/sessions/${session}`);
  assert.deepEqual([read.status, read.state], ['active', 'RUNNING']);
  assert.deepEqual(read.pauses, [
    { pauseTime: iso(begun + 10 * minute), resumeTime: iso(begun + 20 * minute), pauseReason: 'Lunch', duration: 600 },
  ]);
  await watch.end();
});

test('a pause of less than 10 minutes, made offline, is kept as it was', async () => {
  const { read, now } = await ranOffline(20, { sessionType: 'pomodoro' }, [15, 'pause', { reason: 'Tea' }], [5.5, 'start']);
  const { pauses, state } = await read();
  assert.equal(state, 'RUNNING');
  assert.deepEqual(pauses, [{ pauseTime: iso(now - 15 * minute), resumeTime: iso(now - 5.5 * minute), pauseReason: 'Tea', duration: 570 }]);
});

test('a session that ends in its pause: the pause has no end and lasts to the end', async () => {
  const { read, now } = await ranOffline(20, { sessionType: 'pomodoro' }, [10, 'pause'], [6, 'complete']);
  const { pauses, actualDuration, endTime } = await read();
  assert.deepEqual(pauses, [{ pauseTime: iso(now - 10 * minute), resumeTime: null, pauseReason: null, duration: 240 }]);
  assert.equal(actualDuration, 10, 'the pause is no part of it');
  assert.equal(endTime, iso(now - 6 * minute));
});

test('at the planned end the session completes by itself, at that instant', async () => {
  const person = await someone();
  const watch = await Watch.over(person);
  const session = uuid();
  const begun = Date.now() - 30 * minute;
  await person.commands({ type: 'addSession', session, kind: 'focus', sessionType: 'pomodoro', atMs: begun });
  await watch.next('addSession');
  const ended = await watch.next('complete');
  assert.deepEqual([ended.atMs, ended.domainEvent, ended.origin], [begun + 25 * minute, 'SessionCompleted', { via: 'server' }]);
  const read = await person.gets(`/api/sessions/${session}`);
  assert.deepEqual(
    [read.status, read.state, read.actualDuration, read.endTime, read.focusScore],
    ['completed', 'PAUSED', 25, iso(begun + 25 * minute), 100],
  );
  assert.deepEqual(await verb(person, { sessionId: session }, 'complete'), read, 'a complete that comes later changes nothing');
  isRefused(await person.ask('PUT', `/api/sessions/${session}/abandon`), 409, { code: 'invalidState' });
  await watch.end();
});

test('at the planned end the session completes by itself while people look on', async () => {
  const person = await someone();
  const watch = await Watch.over(person);
  const session = uuid();
  const begun = Date.now() - 25 * minute + 1500;
  await person.commands({ type: 'addSession', session, kind: 'focus', sessionType: 'pomodoro', atMs: begun });
  assert.equal((await watch.next('addSession')).session.targetTimeMs, begun + 25 * minute);
  const ended = await watch.next('complete');
  assert.equal(ended.atMs, begun + 25 * minute);
  assert.ok(ended.nowMs - ended.atMs < second);
  await watch.end();
});

// Rating and score

test('quality rating: 1 to 5 if provided', async () => {
  const person = await someone();
  const path = `/api/sessions/${(await starts(person)).sessionId}/complete`;
  await refusesFields(person, 'PUT', path, [0, 6, 4.5, '4', -1].map((qualityRating) => ['qualityRating', { qualityRating }]));
  assert.equal((await person.does('PUT', path, { qualityRating: 5 })).qualityRating, 5);
  const next = await starts(person);
  assert.equal((await verb(person, next, 'complete', { qualityRating: 1 })).qualityRating, 1);
});

test('focus score: 0 to 100 if provided, and then it is the client’s', async () => {
  const person = await someone();
  const path = `/api/sessions/${(await starts(person)).sessionId}/complete`;
  await refusesFields(person, 'PUT', path, [-1, 101, 'high', 50.5].map((focusScore) => ['focusScore', { focusScore }]));
  assert.equal((await person.does('PUT', path, { focusScore: 100 })).focusScore, 100);
  const next = await starts(person);
  assert.equal((await verb(person, next, 'complete', { focusScore: 0 })).focusScore, 0);
});

test('focus score: base − 5 for each distraction + bonus, kept within 0 and 100', async () => {
  const distracted = (n, ago) => Array.from({ length: n }, () => [ago, 'distraction']);
  const long = { sessionType: 'custom', plannedMinutes: 30 };
  const cases = [
    ['to the planned end, no pause', 60, long, [], 100],
    ['to the planned end, with a pause', 60, long, [[50, 'pause'], [45, 'start']], 90],
    ['to the planned end, two distractions', 60, long, distracted(2, 50), 90],
    ['to the planned end, a pause and three distractions', 60, long, [[50, 'pause'], [45, 'start'], ...distracted(3, 40)], 75],
    ['half of it', 60, long, [[45, 'complete']], 40],
    ['a third of it, rounded', 60, long, [[50, 'complete']], 27],
    ['half of it, three distractions', 60, long, [...distracted(3, 55), [45, 'complete']], 25],
    ['a pause is no part of the half', 60, long, [[55, 'pause'], [50, 'start'], [40, 'complete']], 40],
    ['no less than 0', 60, long, [...distracted(9, 55), [45, 'complete']], 0],
    ['no less than 0, to the planned end too', 60, long, distracted(21, 50), 0],
    ['no more than 100: what runs longer, ends', 200, long, [], 100],
    ['the client’s own', 60, long, [...distracted(3, 55), [45, 'complete', { focusScore: 77 }]], 77],
    ['abandoned: none', 60, long, [[45, 'abandon']], null],
  ];
  for (const [name, begun, begin, steps, score] of cases) {
    const { read } = await ranOffline(begun, begin, ...steps);
    assert.equal((await read()).focusScore, score, name);
  }
});

test('POST /api/sessions/{id}/distractions counts one', async () => {
  const person = await someone();
  const watch = await Watch.over(person);
  const { sessionId } = await starts(person);
  await watch.next('addSession');
  for (const n of [1, 2]) {
    const answer = await person.does('POST', `/api/sessions/${sessionId}/distractions`);
    hasExactly(answer, focusSession);
    assert.equal((await watch.next('distraction')).session.focus.distractions, n);
  }
  await isHidden(stranger, 'POST', `/api/sessions/${sessionId}/distractions`, sessionId);
  await watch.end();
});

test('actual duration: the running minutes, rounded', async () => {
  for (const [until, minutes] of [[10, 10], [9.6, 10], [9.4, 11], [14.9, 5]]) {
    const { read } = await ranOffline(20, { sessionType: 'pomodoro' }, [until, 'complete']);
    assert.equal((await read()).actualDuration, minutes, `${20 - until} minutes`);
  }
});

test('a review may be added once, later', async () => {
  const { person, session, read } = await ranOffline(60, { sessionType: 'pomodoro' });
  const ended = await read();
  assert.equal(ended.status, 'completed');
  const path = `/api/sessions/${session}/complete`;
  const review = { qualityRating: 3, taskProgress: 'Half a chapter', focusScore: 60 };
  assert.deepEqual(await person.does('PUT', path, review), { ...ended, ...review });
  assert.deepEqual(await person.does('PUT', path), { ...ended, ...review }, 'without one it changes nothing');
  isRefused(await person.ask('PUT', path, { qualityRating: 4 }), 409, { code: 'invalidState' });
  const other = await starts(person);
  await verb(person, other, 'complete', { qualityRating: 4 });
  isRefused(await person.ask('PUT', `/api/sessions/${other.sessionId}/complete`, { taskProgress: 'More' }), 409, { code: 'invalidState' });
});

test('a review without a score keeps the calculated one', async () => {
  const { person, session } = await ranOffline(60, { sessionType: 'pomodoro' });
  const done = await person.does('PUT', `/api/sessions/${session}/complete`, { qualityRating: 2 });
  assert.deepEqual([done.qualityRating, done.focusScore], [2, 100]);
});

// Texts

test('lengths of texts, in characters: reasons to 500, progress to 10000', async () => {
  const person = await someone();
  const made = await starts(person);
  const path = `/api/sessions/${made.sessionId}`;
  const refuses = (name, field, longest) => refusesFields(person, 'PUT', `${path}/${name}`, [
    [field, { [field]: ofLength(longest + 1) }],
    [field, { [field]: '😀'.repeat(longest + 1) }],
    [field, { [field]: 7 }],
  ]);
  await refuses('pause', 'pauseReason', 500);
  await refuses('abandon', 'reason', 500);
  await refuses('abandon', 'progressMade', 10000);
  await refuses('complete', 'taskProgress', 10000);
  const emoji = (n) => '😀'.repeat(n);
  assert.equal((await verb(person, made, 'pause', { pauseReason: emoji(500) })).pauses[0].pauseReason, emoji(500));
  assert.equal((await verb(person, made, 'complete', { taskProgress: emoji(10000) })).taskProgress, emoji(10000));
  const left = await verb(person, await starts(person), 'abandon', { reason: emoji(500), progressMade: emoji(10000) });
  assert.deepEqual([left.abandonReason, left.progressMade], [emoji(500), emoji(10000)]);
});

test('the verbs refuse unknown fields, bodies that are none, and strangers', async () => {
  const person = await someone();
  const { sessionId } = await starts(person);
  for (const name of ['pause', 'resume', 'complete', 'abandon']) {
    const path = `/api/sessions/${sessionId}/${name}`;
    await refusesFields(person, 'PUT', path, [['colour', { colour: 'red' }]]);
    await refusesBodies(person, 'PUT', path);
    await isHidden(stranger, 'PUT', path, sessionId);
    await allowsOnly(person, 'GET', path, ['POST', 'PUT']);
    isRefused(await server.request('PUT', path), 401);
  }
  assert.deepEqual((await person.gets(`/api/sessions/${sessionId}`)).state, 'RUNNING');
});

// Reading

test('GET /api/sessions lists the sessions, newest first, in pages', async () => {
  const person = await someone();
  const now = Date.now();
  const ids = Array.from({ length: 25 }, uuid);
  await person.commands(
    ...ids.flatMap((session, i) => [
      { type: 'addSession', session, kind: 'focus', sessionType: 'short', atMs: now - (i + 1) * hour },
      { type: i % 2 ? 'abandon' : 'complete', session, atMs: now - (i + 1) * hour + 5 * minute },
    ]),
  );
  const list = await person.gets('/api/sessions');
  hasExactly(list, envelope);
  list.items.forEach((item) => hasExactly(item, focusSession));
  assert.deepEqual([list.total, list.limit, list.offset, list.page, list.items.length], [25, 20, 0, 1, 20]);
  const page = async (query) => (await person.gets(`/api/sessions?${query}`)).items.map(({ sessionId }) => sessionId);
  assert.deepEqual(await page(''), ids.slice(0, 20));
  assert.deepEqual(await page('page=2'), ids.slice(20));
  assert.deepEqual(await page('page=2&limit=7'), ids.slice(7, 14));
  assert.deepEqual(await page('offset=3&limit=2'), ids.slice(3, 5));
  assert.deepEqual(await page('page=9'), []);
  assert.equal((await person.gets('/api/sessions?limit=100')).items.length, 25);
  const next = await person.gets('/api/sessions?page=2&limit=10');
  assert.deepEqual([next.total, next.limit, next.offset, next.page], [25, 10, 10, 2]);
});

test('GET /api/sessions by status: active (paused too), completed, abandoned', async () => {
  const person = await someone();
  const done = await starts(person);
  await verb(person, done, 'complete');
  const away = await starts(person);
  await verb(person, away, 'abandon');
  const active = await starts(person);
  await verb(person, active, 'pause');
  const by = async (status) => (await person.gets(`/api/sessions?status=${status}`)).items.map(({ sessionId }) => sessionId);
  assert.deepEqual(await by('active'), [active.sessionId]);
  assert.deepEqual(await by('completed'), [done.sessionId]);
  assert.deepEqual(await by('abandoned'), [away.sessionId]);
});

test('GET /api/sessions by startDate and endDate: inclusive days of the user’s zone', async () => {
  const person = await someone();
  const dayOf = await person.liveAtNoon();
  const now = Date.now();
  const ids = Array.from({ length: 4 }, uuid); // today, yesterday, …
  await person.commands(
    ...ids.flatMap((session, i) => [
      { type: 'addSession', session, kind: 'focus', sessionType: 'short', atMs: now - i * day - hour },
      { type: 'complete', session, atMs: now - i * day - hour + minute },
    ]),
  );
  const by = async (query) => (await person.gets(`/api/sessions?${query}`)).items.map(({ sessionId }) => sessionId);
  const [today, yesterday, before_] = [dayOf(now), dayOf(now - day), dayOf(now - 2 * day)];
  assert.deepEqual(await by(`startDate=${yesterday}`), ids.slice(0, 2));
  assert.deepEqual(await by(`endDate=${yesterday}`), ids.slice(1));
  assert.deepEqual(await by(`startDate=${before_}&endDate=${yesterday}`), ids.slice(1, 3));
  assert.deepEqual(await by(`startDate=${today}&endDate=${today}&status=completed`), ids.slice(0, 1));
  assert.deepEqual(await by(`startDate=${today}&status=active`), []);
  // The same instants on the other side of the world are other days.
  const other = await someone();
  await other.does('PATCH', '/me', { timeZone: 'Pacific/Kiritimati' });
  const [late, early] = [uuid(), uuid()];
  const midnight = Math.floor((now - 2 * day) / day) * day + 10 * hour; // 10:00 UTC is midnight there
  await other.commands(
    { type: 'addSession', session: early, kind: 'focus', sessionType: 'short', atMs: midnight - 20 * minute },
    { type: 'complete', session: early, atMs: midnight - 10 * minute },
    { type: 'addSession', session: late, kind: 'focus', sessionType: 'short', atMs: midnight },
    { type: 'complete', session: late, atMs: midnight + 10 * minute },
  );
  const local = iso(midnight + 14 * hour).slice(0, 10);
  const list = await other.gets(`/api/sessions?startDate=${local}&endDate=${local}`);
  assert.deepEqual(list.items.map(({ sessionId }) => sessionId), [late]);
});

test('GET /api/sessions by from and to: days of every kind of session', async () => {
  const person = await someone();
  const dayOf = await person.liveAtNoon();
  const now = Date.now();
  const group = await person.group();
  const [focus, work, older] = [uuid(), uuid(), uuid()];
  await person.commands(
    { type: 'addSession', session: older, kind: 'work', group, atMs: now - 2 * day },
    { type: 'complete', session: older, atMs: now - 2 * day + minute },
    { type: 'addSession', session: work, kind: 'work', group, atMs: now - day },
    { type: 'complete', session: work, atMs: now - day + minute },
    { type: 'addSession', session: focus, kind: 'focus', sessionType: 'short' },
  );
  const by = async (query) => (await person.gets(`/api/sessions?${query}`)).items.map((one) => one.id ?? one.sessionId);
  const [today, yesterday] = [dayOf(now), dayOf(now - day)];
  assert.deepEqual(await by(`from=${yesterday}`), [focus, work]);
  assert.deepEqual(await by(`to=${yesterday}`), [work, older]);
  assert.deepEqual(await by(`from=${yesterday}&to=${yesterday}`), [work]);
  assert.deepEqual(await by(`from=${yesterday}&to=${today}&kind=work`), [work]);
});

test('GET /api/sessions refuses bad filters and pages, and filters of two kinds', async () => {
  const person = await someone();
  const cases = ['limit=0', 'limit=101', 'limit=x', 'page=0', 'page=x', 'offset=-1', 'startDate=yesterday', 'endDate=2026-02-30', 'from=today', 'status=paused', 'kind=timer', 'colour=red'];
  for (const query of cases) {
    isRefused(await person.ask('GET', `/api/sessions?${query}`), 400, { code: 'badRequest', field: query.split('=')[0] });
  }
  for (const query of ['status=active&completed=true', 'startDate=2026-01-01&date_from=2026-01-01', 'kind=training&status=active', `kind=focus&plan_id=${uuid()}`]) {
    isRefused(await person.ask('GET', `/api/sessions?${query}`), 400, { code: 'badRequest' });
  }
  isRefused(await server.request('GET', '/api/sessions'), 401);
});

test('GET /api/sessions holds focus, work and training sessions, each in its own shape, and no timers', async () => {
  const person = await someone();
  const project = await person.group();
  const { id: plan } = await person.adds('/api/plans', { name: 'Legs', structure: {} });
  await person.adds('/sessions', { title: 'Read' });
  const { sessionId: focus } = await starts(person);
  const { id: work } = await person.adds(`/api/projects/${project}/sessions`, {});
  const { id: training } = await person.adds('/api/sessions', { plan_id: plan, date: '2026-01-01' });
  const ids = async (query = '') => (await person.gets(`/api/sessions${query}`)).items.map((item) => item.sessionId ?? item.id).sort();
  assert.deepEqual(await ids(), [focus, work, training].sort());
  assert.deepEqual(await ids('?kind=focus'), [focus]);
  assert.deepEqual(await ids('?kind=work'), [work]);
  assert.deepEqual(await ids('?kind=training'), [training]);
  assert.deepEqual(await ids('?status=active'), [focus], 'a filter of one document implies its kind');
  assert.deepEqual(await ids(`?plan_id=${plan}`), [training]);
});

test('GET /api/sessions/{id}: the session; another’s, an unknown one and one of another family are 404', async () => {
  const person = await someone();
  const made = await starts(person);
  const path = `/api/sessions/${made.sessionId}`;
  assert.deepEqual(await person.gets(path), made);
  await isHidden(stranger, 'GET', path, made.sessionId);
  const timer = await person.adds('/sessions', { title: 'Read' });
  for (const other of [`/api/sessions/${timer.id}`, `/sessions/${made.sessionId}`, '/api/sessions/seven']) {
    isRefused(await person.ask('GET', other), 404, { code: 'notFound' });
  }
  for (const name of ['complete', 'pause', 'resume', 'abandon']) {
    isRefused(await person.ask('PUT', `/api/sessions/${timer.id}/${name}`), 404, { code: 'notFound' });
  }
  isRefused(await server.request('GET', path), 401);
});

test('get, change, put: read-only fields are accepted when equal, else 400 and named', async () => {
  const person = await someone();
  const { sessionId } = await starts(person);
  await verb(person, { sessionId }, 'pause');
  const path = `/api/sessions/${sessionId}`;
  const read = await person.gets(path);
  for (const method of ['PUT', 'PATCH']) {
    assert.deepEqual(await person.does(method, path, read), read);
    await refusesFields(person, method, path, [
      ['plannedDuration', { ...read, plannedDuration: 30 }],
      ['status', { ...read, status: 'completed' }],
      ['startTime', { startTime: iso(Date.now() - hour) }],
      ['qualityRating', { qualityRating: 5 }],
      ['pauses', { pauses: [] }],
      ['colour', { ...read, colour: 'red' }],
    ]);
  }
  assert.deepEqual(await person.gets(path), read);
});

test('get, change, put on a work and on a training session', async () => {
  const person = await someone();
  const work = await person.adds(`/api/projects/${await person.group()}/sessions`, { notes: 'Old' });
  const plan = await person.adds('/api/plans', { name: 'Legs', structure: { sets: 3 } });
  const training = await person.adds('/api/sessions', { plan_id: plan.id, date: '2026-01-01' });
  for (const method of ['PUT', 'PATCH']) {
    for (const [{ id }, change, readOnly] of [
      [work, { notes: `${method} it` }, 'projectId'],
      [training, { session: { sets: method.length } }, 'plan_id'],
    ]) {
      const path = `/api/sessions/${id}`;
      const read = await person.gets(path);
      assert.deepEqual(await person.does(method, path, { ...read, ...change }), { ...read, ...change });
      await refusesFields(person, method, path, [[readOnly, { ...read, [readOnly]: uuid() }]]);
    }
  }
});

test('DELETE /api/sessions/{id} abandons and hides the session, and keeps its time', async () => {
  const { person, session } = await ranOffline(20, { sessionType: 'pomodoro' });
  const gone = await person.does('DELETE', `/api/sessions/${session}`);
  hasExactly(gone, focusSession);
  assert.equal(gone.status, 'abandoned');
  isRefused(await person.ask('GET', `/api/sessions/${session}`), 404, { code: 'notFound' });
  assert.equal((await person.gets('/api/sessions')).total, 0);
  const { periods } = await person.gets('/analytics?period=daily&kind=focus');
  const minutes = periods.reduce((sum, { sumMinutes }) => sum + sumMinutes, 0);
  assert.ok(minutes >= 20 && minutes < 20.5, `${minutes}`);
  assert.equal((await starts(person)).status, 'active', 'it stands in no other’s way');
});

// Events

test('domain events: FocusSessionStarted, SessionPaused, SessionResumed, SessionCompleted, SessionAbandoned, to all sockets', async () => {
  const person = await someone();
  const project = await person.group();
  const watch = await Watch.over(person);
  const entity = 'session';
  const added = await watch.change('POST', '/api/sessions', { sessionType: 'pomodoro', projectId: project }, {
    event: 'addSession', domainEvent: 'FocusSessionStarted', entity, adding: true,
  });
  const { session } = added;
  assert.deepEqual(
    [session.kind, session.focus.sessionType, session.focus.plannedMinutes, session.focus.taskId, session.groupId, session.startedAtMs],
    ['focus', 'pomodoro', 25, null, project, added.atMs],
  );
  const of = session.id;
  const change = (name, body, event, domainEvent) =>
    watch.change('PUT', `/api/sessions/${of}/${name}`, body, { event, domainEvent, entity, of });
  const paused = await change('pause', { pauseReason: 'Quick phone call' }, 'pause', 'SessionPaused');
  assert.deepEqual(paused.session.focus.pauses, [{ pausedAtMs: paused.atMs, resumedAtMs: null, reason: 'Quick phone call', durationSeconds: null }]);
  const resumed = await change('resume', undefined, 'start', 'SessionResumed');
  assert.equal(resumed.session.focus.pauses[0].resumedAtMs, resumed.atMs);
  const distracted = await watch.change('POST', `/api/sessions/${of}/distractions`, undefined, { event: 'distraction', domainEvent: undefined, entity, of });
  assert.equal(distracted.session.focus.distractions, 1);
  const done = await change('complete', { qualityRating: 4, taskProgress: 'Chapter 1', focusScore: 85 }, 'complete', 'SessionCompleted');
  const { qualityRating, taskProgress, focusScore, actualMinutes } = done.session.focus;
  assert.deepEqual([qualityRating, taskProgress, focusScore, typeof actualMinutes], [4, 'Chapter 1', 85, 'number']);
  const next = await watch.change('POST', '/api/sessions', { sessionType: 'short' }, {
    event: 'addSession', domainEvent: 'FocusSessionStarted', entity, adding: true,
  });
  const left = await watch.change('PUT', `/api/sessions/${next.session.id}/abandon`, { reason: 'Emergency', progressMade: 'A draft' }, {
    event: 'abandon', domainEvent: 'SessionAbandoned', entity, of: next.session.id,
  });
  assert.deepEqual([left.session.focus.abandonReason, left.session.focus.progressMade], ['Emergency', 'A draft']);
  await watch.change('DELETE', `/api/sessions/${of}`, undefined, { event: 'deleteSession', domainEvent: undefined, entity, of });
  await watch.end();
});

// What holds for every endpoint

test('a wrong method is 405 with Allow, an unknown path 404', async () => {
  const person = await someone();
  const { sessionId } = await starts(person);
  await allowsOnly(person, 'DELETE', '/api/sessions', ['GET', 'POST']);
  await allowsOnly(person, 'POST', `/api/sessions/${sessionId}`, ['GET', 'PUT', 'PATCH', 'DELETE']);
  await allowsOnly(person, 'GET', `/api/sessions/${sessionId}/distractions`, ['POST']);
  for (const path of ['/api/session', `/api/sessions/${sessionId}/finish`, `/sessions/${sessionId}/complete`, '/api', '/api/sessions/']) {
    isRefused(await person.ask('GET', path), 404, { code: 'notFound' });
  }
});

test('If-Match and Idempotency-Key that are none are 400', async () => {
  const person = await someone();
  const { sessionId } = await starts(person);
  const path = `/api/sessions/${sessionId}/pause`;
  isRefused(await person.ask('PUT', path, {}, { 'idempotency-key': 'not a key' }), 400, { code: 'badRequest' });
  isRefused(await person.ask('PUT', path, {}, { 'idempotency-key': ofLength(65) }), 400, { code: 'badRequest' });
  isRefused(await person.ask('PUT', path, {}, { 'if-match': 'seven' }), 400, { code: 'badRequest' });
  assert.equal((await person.gets(`/api/sessions/${sessionId}`)).state, 'RUNNING');
});

// The document's tables and records, its integration points, and the other road

test('the columns of its two tables: each has its field, and survives a restart', async () => {
  const own = await Server.start();
  try {
    const person = await Person.of(own);
    const projectId = await person.group();
    const session = uuid();
    const now = Date.now();
    const at = (minutesAgo, type, more) => ({ type, session, atMs: now - minutesAgo * minute, ...more });
    await person.commands(
      at(50, 'addSession', { kind: 'focus', sessionType: 'long', group: projectId }),
      at(40, 'pause', { reason: 'Quick phone call' }),
      at(35, 'start'),
      at(15, 'abandon', { reason: 'Emergency interruption', progressMade: 'Completed initial draft' }),
    );
    await own.kill('SIGTERM');
    await own.start();
    assert.deepEqual(await person.gets(`/api/sessions/${session}`), {
      sessionId: session, userId: person.name, kind: 'focus', sessionType: 'long', plannedDuration: 45, actualDuration: 30,
      startTime: iso(now - 50 * minute), endTime: iso(now - 15 * minute), status: 'abandoned', state: 'PAUSED', taskId: null, projectId,
      qualityRating: null, focusScore: null, taskProgress: null, abandonReason: 'Emergency interruption', progressMade: 'Completed initial draft',
      pauses: [{ pauseTime: iso(now - 40 * minute), resumeTime: iso(now - 35 * minute), pauseReason: 'Quick phone call', duration: 300 }],
    });
    const { createdAtMs, updatedAtMs } = (await person.does('POST', '/v1/commands', { type: 'getSession', session })).value;
    assert.deepEqual([createdAtMs, updatedAtMs].map((ms) => ms >= now - 50 * minute && ms <= Date.now()), [true, true]);
    assert.ok(createdAtMs <= updatedAtMs);
  } finally {
    await own.stop();
  }
});

test('each domain event carries what its record lists', async () => {
  const person = await someone();
  const watch = await Watch.over(person);
  const session = uuid();
  const now = Date.now();
  const [began, paused, resumed, ended] = [20, 15, 12, 5].map((minutesAgo) => now - minutesAgo * minute);
  await person.commands(
    { type: 'addSession', session, kind: 'focus', sessionType: 'pomodoro', atMs: began },
    { type: 'pause', session, reason: 'Quick phone call', atMs: paused },
    { type: 'start', session, atMs: resumed },
    { type: 'abandon', session, reason: 'Emergency interruption', progressMade: 'Completed initial draft', atMs: ended },
  );
  const started = await watch.next('addSession');
  const { focus } = started.session;
  assert.deepEqual(
    [started.domainEvent, started.session.id, started.session.userId, focus.sessionType, focus.plannedMinutes, focus.taskId, started.session.groupId],
    ['FocusSessionStarted', session, person.name, 'pomodoro', 25, null, null],
  );
  assert.deepEqual([started.session.startedAtMs, started.atMs], [began, began]);
  const pause = await watch.next('pause');
  const [open] = pause.session.focus.pauses;
  assert.deepEqual([pause.domainEvent, pause.session.id, open.pausedAtMs, open.reason, pause.atMs], ['SessionPaused', session, paused, 'Quick phone call', paused]);
  const start = await watch.next('start');
  const [closed] = start.session.focus.pauses;
  assert.deepEqual([start.domainEvent, start.session.id, closed.resumedAtMs, closed.durationSeconds, start.atMs], ['SessionResumed', session, resumed, 180, resumed]);
  const left = await watch.next('abandon');
  const given = left.session.focus;
  assert.deepEqual(
    [left.domainEvent, left.session.id, given.plannedMinutes, given.actualMinutes, given.abandonReason, given.progressMade, left.atMs],
    ['SessionAbandoned', session, 25, 12, 'Emergency interruption', 'Completed initial draft', ended],
  );
  const other = uuid();
  await person.commands(
    { type: 'addSession', session: other, kind: 'focus', sessionType: 'pomodoro', atMs: ended },
    { type: 'complete', session: other, qualityRating: 4, taskProgress: 'Description of progress made', focusScore: 85, atMs: now },
  );
  await watch.next('addSession');
  const done = await watch.next('complete');
  const review = done.session.focus;
  assert.deepEqual(
    [done.domainEvent, done.session.id, review.actualMinutes, review.qualityRating, review.taskProgress, review.focusScore, done.atMs],
    ['SessionCompleted', other, 5, 4, 'Description of progress made', 85, now],
  );
  await watch.end();
});

test('analytics service: the time of focus sessions is in the analytics, whatever became of them', async () => {
  const person = await someone();
  const dayOf = await person.liveAtNoon();
  const now = Date.now();
  const [done, left] = [uuid(), uuid()];
  const at = (minutesAgo, type, session, more) => ({ type, session, atMs: now - minutesAgo * minute, ...more });
  await person.commands(
    at(120, 'addSession', done, { kind: 'focus', sessionType: 'pomodoro' }),
    at(90, 'addSession', left, { kind: 'focus', sessionType: 'long' }),
    at(80, 'pause', left),
    at(75, 'start', left),
    at(65, 'abandon', left),
  );
  const today = dayOf(now);
  const { periods } = await person.gets(`/analytics?period=daily&from=${today}&to=${today}&kind=focus`);
  assert.deepEqual([periods.length, periods[0].sumMinutes, periods[0].unionMinutes], [1, 45, 45]);
  assert.deepEqual(new Map(periods[0].sessions.map(({ session, minutes }) => [session, minutes])), new Map([[done, 25], [left, 20]]));
});

test('what is done over the WebSocket shows in REST', async () => {
  const person = await someone();
  const socket = await person.live();
  const did = async (command) => {
    const result = await socket.ask(command);
    assert.ok(result.ok, JSON.stringify(result));
    return result.session;
  };
  const session = await did({ type: 'addSession', kind: 'focus', sessionType: 'custom', plannedMinutes: 50, title: 'Chapter 1' });
  const seen = () => person.gets(`/api/sessions/${session}`);
  assert.equal((await seen()).plannedDuration, 50);
  await did({ type: 'pause', session, reason: 'Tea' });
  assert.deepEqual([(await seen()).state, (await seen()).pauses[0].pauseReason], ['PAUSED', 'Tea']);
  await did({ type: 'start', session });
  await did({ type: 'complete', session, qualityRating: 5 });
  assert.deepEqual([(await seen()).status, (await seen()).qualityRating], ['completed', 5]);
  await socket.end();
});

test('a snapshot has the active focus session; it loses its project when that is deleted', async () => {
  const person = await someone();
  const projectId = await person.group();
  const made = await starts(person, { ...pomodoro, projectId });
  const { state } = await person.gets('/v1/state');
  assert.deepEqual(state.sessions.map(({ id }) => id), [made.sessionId]);
  hasExactly(state.sessions[0].focus, [
    'sessionType', 'plannedMinutes', 'actualMinutes', 'taskId', 'pauses', 'distractions', 'qualityRating', 'focusScore', 'taskProgress',
    'abandonReason', 'progressMade',
  ]);
  await person.does('DELETE', `/api/projects/${projectId}`);
  assert.equal((await person.gets(`/api/sessions/${made.sessionId}`)).projectId, null);
  await verb(person, made, 'complete');
  assert.deepEqual((await person.gets('/v1/state')).state.sessions, []);
});

test('an Idempotency-Key is the same bare and quoted; If-Match is nothing for what is added', async () => {
  const person = await someone();
  const ask = (key, body = pomodoro) => person.ask('POST', '/api/sessions', body, { 'idempotency-key': key });
  const [first, again] = [await ask('"start-1"'), await ask('start-1')];
  assert.deepEqual([first.status, again.status], [201, 201]);
  assert.equal(again.body.sessionId, first.body.sessionId);
  isRefused(await ask('start-1', { sessionType: 'short' }), 409, { code: 'keyReuse' });
  await verb(person, first.body, 'abandon');
  isRefused(await person.ask('POST', '/api/sessions', pomodoro, { 'if-match': '"1"' }), 400, { code: 'badRequest' });
});
