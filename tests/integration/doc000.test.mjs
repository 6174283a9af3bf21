// Requirement document 000, "Work Session Tracking": what it asks for, over the wire.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { uuid } from './support/client.mjs';
import { Person, allowsOnly, day, hasExactly, hour, isHidden, isInstant, isRefused, isUuid, iso, minute, ofLength, refusesBodies, refusesFields, second, withoutLength } from './support/person.mjs';
import { Server } from './support/server.mjs';
import { Watch } from './support/watch.mjs';

// Its three data models, field by field, and `kind`.
const workSession = ['id', 'kind', 'projectId', 'startTime', 'endTime', 'plannedTasks', 'toolsNeeded', 'partsToInstall', 'helperPresent', 'notes', 'status'];
const task = ['id', 'sessionId', 'description', 'completionTime', 'qualityResult', 'challengesEncountered', 'reworkNeeded', 'timeSpent', 'status'];
const problem = ['id', 'projectId', 'discoveryDate', 'description', 'severity', 'costImpact', 'timeImpact', 'solutionPlan', 'isCommonProblem', 'resolved'];
const envelope = ['items', 'total', 'limit', 'offset', 'page'];
const rust = 'The floor has rusted through';

let server;
let person;
let stranger;
before(async () => {
  server = await Server.start(['--rate-commands', '100000/100000']);
  person = await Person.of(server);
  stranger = await Person.of(server);
});
after(() => server.stop());

const startWork = (project, body, who = person) => who.adds(`/api/projects/${project}/sessions`, body);
const addTask = (session, description = 'Weld the frame') => person.adds(`/api/sessions/${session}/tasks`, { description });

// Work sessions

test('POST /api/projects/{id}/sessions starts a work session', async () => {
  const project = await person.group();
  const asked = Date.now();
  const bare = await startWork(project);
  hasExactly(bare, workSession);
  isUuid(bare.id);
  isInstant(bare.startTime);
  assert.ok(Math.abs(Date.parse(bare.startTime) - asked) < 5 * second);
  assert.deepEqual(
    { ...bare, id: 0, startTime: 0 },
    { id: 0, kind: 'work', projectId: project, startTime: 0, endTime: null, plannedTasks: [], toolsNeeded: [], partsToInstall: [], helperPresent: false, notes: '', status: 'InProgress' },
  );
  const said = {
    id: uuid(),
    startTime: iso(asked - hour),
    plannedTasks: ['Weld the frame', 'Paint'],
    toolsNeeded: ['Welder'],
    partsToInstall: ['Floor pan', 'Seat rail'],
    helperPresent: true,
    notes: 'Bring the mask',
  };
  const full = await startWork(project, said);
  assert.deepEqual(full, { ...said, kind: 'work', projectId: project, endTime: null, status: 'InProgress' });
  assert.equal((await person.adds(`/projects/${project}/sessions`, {})).status, 'InProgress');
});

test('a start time lies within the last 24 hours and not in the future', async () => {
  const project = await person.group();
  const path = `/api/projects/${project}/sessions`;
  await refusesFields(person, 'POST', path, [
    ['startTime', { startTime: iso(Date.now() + minute) }],
    ['startTime', { startTime: iso(Date.now() - day - second) }],
    ['startTime', { startTime: 'yesterday' }],
    ['startTime', { startTime: Date.now() }],
  ]);
  const early = await startWork(project, { startTime: iso(Date.now() - day + minute) });
  assert.equal(early.status, 'InProgress');
  const start = Date.now() - 2 * hour;
  const offset = iso(start + 90 * minute).replace('Z', '+01:30');
  assert.equal((await startWork(project, { startTime: offset })).startTime, iso(start), 'an offset is understood');
});

test('POST /api/projects/{id}/sessions refuses', async () => {
  const project = await person.group();
  const path = `/api/projects/${project}/sessions`;
  await isHidden(stranger, 'POST', path, project, {});
  isRefused(await server.request('POST', path, { body: {} }), 401);
  await refusesFields(person, 'POST', path, [
    ['colour', { colour: 'red' }],
    ['plannedTasks', { plannedTasks: 'Paint' }],
    ['plannedTasks', { plannedTasks: [''] }],
    ['plannedTasks', { plannedTasks: [ofLength(201)] }],
    ['toolsNeeded', { toolsNeeded: Array(101).fill('Welder') }],
    ['partsToInstall', { partsToInstall: [5] }],
    ['helperPresent', { helperPresent: 'yes' }],
    ['notes', { notes: ofLength(10001) }],
    ['id', { id: 'seven' }],
  ]);
  await refusesBodies(person, 'POST', path);
  const { id } = await startWork(project, { notes: ofLength(10000), plannedTasks: [ofLength(200)], toolsNeeded: Array(100).fill('Welder') });
  isRefused(await person.ask('POST', path, { id }), 409, { code: 'conflict' });
});

test('20 work sessions are active at once, the 21st is refused; of another person they are none of its business', async () => {
  const [busy, other] = [await Person.of(server), await Person.of(server)];
  const project = await busy.group();
  for (let i = 0; i < 20; i++) await startWork(project, {}, busy);
  isRefused(await busy.ask('POST', `/api/projects/${project}/sessions`, {}), 422, { code: 'limit' });
  assert.equal((await startWork(await other.group(), {}, other)).status, 'InProgress');
  const list = await busy.gets(`/api/projects/${project}/sessions?status=InProgress&limit=100`);
  assert.equal(list.total, 20);
});

test('concurrent sessions across users: fifty people at work at once', async () => {
  const crowd = await Promise.all(Array.from({ length: 50 }, () => Person.of(server)));
  const sessions = await Promise.all(crowd.map(async (who) => startWork(await who.group(), {}, who)));
  const done = await Promise.all(crowd.map((who, i) => who.does('POST', `/api/sessions/${sessions[i].id}/complete`)));
  assert.ok(done.every(({ status }) => status === 'Completed'));
  const lists = await Promise.all(crowd.map((who) => who.gets('/api/sessions')));
  lists.forEach((list, i) => assert.deepEqual(list.items.map(({ id }) => id), [sessions[i].id]));
});

test('GET /api/projects/{id}/sessions lists the sessions of the project, newest first, in pages', async () => {
  const me = await Person.of(server);
  const [project, other] = [await me.group(), await me.group('Boat')];
  const path = `/api/projects/${project}/sessions`;
  const start = Date.now() - 20 * hour;
  const ids = [];
  for (let i = 0; i < 25; i++) {
    const { id } = await startWork(project, { startTime: iso(start + i * minute) }, me);
    if (i < 23) await me.does('POST', `/api/sessions/${id}/complete`);
    ids.unshift(id);
  }
  await startWork(other, {}, me);
  await me.adds('/api/sessions', { sessionType: 'short', projectId: project });
  const first = await me.gets(path);
  hasExactly(first, envelope);
  first.items.forEach((item) => hasExactly(item, workSession));
  assert.deepEqual(first.items.map(({ id }) => id), ids.slice(0, 20));
  assert.deepEqual([first.total, first.limit, first.offset, first.page], [25, 20, 0, 1]);
  const later = await me.gets(`/projects/${project}/sessions?page=2`);
  assert.deepEqual(later.items.map(({ id }) => id), ids.slice(20));
  assert.deepEqual([later.total, later.offset, later.page], [25, 20, 2]);
  const part = await me.gets(`${path}?limit=3&offset=6`);
  assert.deepEqual(part.items.map(({ id }) => id), ids.slice(6, 9));
  assert.equal(part.page, 3);
  assert.deepEqual((await me.gets(`${path}?status=InProgress`)).items.map(({ id }) => id), ids.slice(0, 2));
  assert.equal((await me.gets(`${path}?status=Completed&limit=1`)).total, 23);
  for (const [field, query] of [['limit', 'limit=101'], ['limit', 'limit=0'], ['page', 'page=0'], ['status', 'status=active'], ['colour', 'colour=red']]) {
    isRefused(await me.ask('GET', `${path}?${query}`), 400, { field });
  }
  await isHidden(stranger, 'GET', path, project);
});

test('GET /api/sessions/{sessionId} answers with the session; what is not there, not one\'s own or not of this family is not found', async () => {
  const project = await person.group();
  const made = await startWork(project, { notes: 'Bring the mask' });
  const path = `/api/sessions/${made.id}`;
  assert.deepEqual(await person.gets(path), made);
  await isHidden(stranger, 'GET', path, made.id);
  const timer = await person.adds('/sessions', { title: 'Read' });
  isRefused(await person.ask('GET', `/api/sessions/${timer.id}`), 404, { code: 'notFound' });
  isRefused(await person.ask('GET', `/sessions/${made.id}`), 404, { code: 'notFound' });
  isRefused(await person.ask('GET', `/focus-sessions/${made.id}`), 405);
  isRefused(await person.ask('DELETE', `/focus-sessions/${made.id}`), 404, { code: 'notFound' });
});

test('PUT /api/sessions/{sessionId} changes what is sent; what was read can be sent back changed', async () => {
  const { id } = await startWork(await person.group(), { plannedTasks: ['Paint'], notes: 'Old' });
  const path = `/api/sessions/${id}`;
  const changes = { notes: 'New', plannedTasks: ['Weld'], toolsNeeded: ['Welder'], partsToInstall: ['Rail'], helperPresent: true };
  for (const [name, value] of Object.entries(changes)) {
    const earlier = await person.gets(path);
    assert.deepEqual(await person.does('PUT', path, { [name]: value }), { ...earlier, [name]: value });
  }
  const read = await person.gets(path);
  assert.deepEqual(await person.does('PUT', path, { ...read, notes: 'Newer' }), { ...read, notes: 'Newer' });
  assert.deepEqual(await person.does('PATCH', path, { helperPresent: false }), { ...read, notes: 'Newer', helperPresent: false });
  await refusesFields(person, 'PUT', path, [
    ['status', { status: 'Completed' }],
    ['startTime', { startTime: iso(Date.now() - hour) }],
    ['endTime', { endTime: iso(Date.now()) }],
    ['projectId', { projectId: uuid() }],
    ['id', { id: uuid() }],
    ['kind', { kind: 'focus' }],
    ['notes', { notes: ofLength(10001) }],
    ['plannedTasks', { plannedTasks: [''] }],
    ['helperPresent', { helperPresent: 1 }],
    ['colour', { colour: 'red' }],
  ]);
  assert.equal((await person.gets(path)).notes, 'Newer');
  await isHidden(stranger, 'PUT', path, id, { notes: 'Theirs' });
});

test('POST /api/sessions/{sessionId}/complete ends the session', async () => {
  const { id } = await startWork(await person.group(), { startTime: iso(Date.now() - hour) });
  const path = `/api/sessions/${id}`;
  const done = await person.does('POST', `${path}/complete`);
  hasExactly(done, workSession);
  assert.equal(done.status, 'Completed');
  isInstant(done.endTime);
  assert.ok(Math.abs(Date.parse(done.endTime) - Date.now()) < 5 * second);
  assert.deepEqual(await person.does('PUT', `${path}/complete`, {}), done, 'once more changes nothing');
  assert.equal((await person.does('PUT', path, { notes: 'It held' })).notes, 'It held', 'its notes can still be written');
  isRefused(await person.ask('PUT', path, { plannedTasks: ['More'] }), 409, { code: 'invalidState' });
  isRefused(await person.ask('PUT', `${path}/resume`), 409, { code: 'invalidState' });
  await refusesFields(person, 'POST', `${path}/complete`, [['colour', { colour: 'red' }]]);
  await isHidden(stranger, 'POST', `${path}/complete`, id);
});

test('a work session is not abandoned, and can be paused and resumed', async () => {
  const { id } = await startWork(await person.group());
  isRefused(await person.ask('PUT', `/api/sessions/${id}/abandon`), 409, { code: 'invalidState' });
  const socket = await person.live();
  for (const [verb, event, state] of [['pause', 'pause', 'PAUSED'], ['resume', 'start', 'RUNNING']]) {
    assert.equal((await person.does('PUT', `/api/sessions/${id}/${verb}`)).status, 'InProgress');
    assert.equal((await socket.event(event)).session.state, state);
  }
  await socket.end();
});

test('DELETE /api/sessions/{sessionId} ends and hides the session and keeps its time', async () => {
  const project = await person.group();
  const { id } = await startWork(project, { startTime: iso(Date.now() - hour) });
  const path = `/api/sessions/${id}`;
  await isHidden(stranger, 'DELETE', path, id);
  const gone = await person.does('DELETE', path);
  hasExactly(gone, workSession);
  assert.equal(gone.status, 'Completed');
  isRefused(await person.ask('GET', path), 404, { code: 'notFound', message: 'Session not found' });
  isRefused(await person.ask('PUT', path, { notes: 'x' }), 404);
  isRefused(await person.ask('GET', `${path}/tasks`), 404);
  assert.equal((await person.gets(`/api/projects/${project}/sessions`)).total, 0);
  const { sessions } = await person.gets(`/api/projects/${project}/sessions/analytics`);
  assert.ok(sessions.totalMinutes >= 60 && sessions.totalMinutes < 61);
});

test('a work session ends by itself after 24 hours, at that instant', async () => {
  const me = await Person.of(server);
  const project = await me.group();
  const watch = await Watch.over(me);
  const start = Date.now() - day + 1500;
  const { id } = await startWork(project, { startTime: iso(start) }, me);
  await watch.next('addSession');
  const event = await watch.next('complete', 10 * second);
  assert.equal(event.domainEvent, 'WorkSessionCompleted');
  assert.deepEqual(event.origin, { via: 'server' });
  assert.equal(event.atMs, start + day);
  assert.ok(event.nowMs >= event.atMs);
  assert.equal(event.session.elapsedSeconds, 24 * 3600);
  const ended = await me.gets(`/api/sessions/${id}`);
  assert.deepEqual([ended.status, ended.endTime], ['Completed', iso(start + day)]);
  // One that was begun offline the day before yesterday is over when the server hears of it.
  const old = uuid();
  const long = Date.now() - 2 * day;
  await me.commands({ type: 'addSession', session: old, kind: 'work', group: project, atMs: long });
  assert.equal((await me.gets(`/api/sessions/${old}`)).endTime, iso(long + day));
  await watch.next('addSession');
  await watch.next('complete');
  await watch.end();
});

// Tasks

test('POST /api/sessions/{sessionId}/tasks adds a task', async () => {
  const { id: session } = await startWork(await person.group());
  const path = `/api/sessions/${session}/tasks`;
  const made = await person.adds(path, { description: 'Weld the frame' });
  hasExactly(made, task);
  isUuid(made.id);
  assert.deepEqual(
    { ...made, id: 0, timeSpent: 0 },
    { id: 0, sessionId: session, description: 'Weld the frame', completionTime: null, qualityResult: null, challengesEncountered: '', reworkNeeded: false, timeSpent: 0, status: 'Pending' },
  );
  assert.ok(made.timeSpent >= 0);
  assert.equal((await person.adds(path, { id: uuid(), description: 'ü'.repeat(500) })).description.length, 500, 'characters are counted, not bytes');
  await refusesFields(person, 'POST', path, [
    ['description', {}],
    ['description', { description: '' }],
    ['description', { description: ofLength(501) }],
    ['description', { description: null }],
    ['timeSpent', { description: 'Weld', timeSpent: 5 }],
    ['qualityResult', { description: 'Weld', qualityResult: 'Good' }],
    ['colour', { description: 'Weld', colour: 'red' }],
  ]);
  isRefused(await person.ask('POST', path, { id: made.id, description: 'Weld' }), 409, { code: 'conflict' });
  await refusesBodies(person, 'POST', path);
  await isHidden(stranger, 'POST', path, session, { description: 'Theirs' });
});

test('tasks are added to and edited in active sessions only', async () => {
  const { id: session } = await startWork(await person.group());
  const [open, dropped] = [await addTask(session), await addTask(session)];
  await person.does('POST', `/api/sessions/${session}/complete`);
  isRefused(await person.ask('POST', `/api/sessions/${session}/tasks`, { description: 'More' }), 409, { code: 'invalidState' });
  isRefused(await person.ask('PUT', `/api/tasks/${open.id}`, { description: 'Other' }), 409, { code: 'invalidState' });
  const done = await person.does('POST', `/api/tasks/${open.id}/complete`, { qualityResult: 'Good' });
  assert.equal(done.status, 'Completed', 'an open one can still be completed');
  await person.does('DELETE', `/api/tasks/${dropped.id}`);
  const { sessionId: focus } = await person.adds('/api/sessions', { sessionType: 'short' });
  isRefused(await person.ask('POST', `/api/sessions/${focus}/tasks`, { description: 'Read' }), 409, { code: 'invalidState' });
});

test('GET /api/sessions/{sessionId}/tasks lists the tasks', async () => {
  const { id: session } = await startWork(await person.group());
  const made = [];
  for (let i = 0; i < 22; i++) made.push((await addTask(session, `Weld ${i}`)).id);
  const list = await person.gets(`/api/sessions/${session}/tasks`);
  hasExactly(list, envelope);
  assert.deepEqual([list.total, list.limit, list.offset, list.page, list.items.length], [22, 20, 0, 1, 20]);
  list.items.forEach((item) => hasExactly(item, task));
  const rest = await person.gets(`/api/sessions/${session}/tasks?page=2`);
  assert.deepEqual([...list.items, ...rest.items].map(({ id }) => id).sort(), made.sort());
  const one = await person.gets(`/api/tasks/${made[0]}`);
  hasExactly(one, task);
  assert.equal((await person.gets(`/tasks/${made[0]}`)).id, made[0]);
  await isHidden(stranger, 'GET', `/api/sessions/${session}/tasks`, session);
  await isHidden(stranger, 'GET', `/api/tasks/${made[0]}`, made[0]);
});

test('PUT /api/tasks/{taskId} changes what is sent; what was read can be sent back changed', async () => {
  const { id: session } = await startWork(await person.group());
  const { id } = await addTask(session);
  const path = `/api/tasks/${id}`;
  assert.equal((await person.does('PUT', path, { description: 'Weld it again' })).description, 'Weld it again');
  assert.equal((await person.does('PUT', path, { challengesEncountered: 'Thin metal' })).challengesEncountered, 'Thin metal');
  await refusesFields(person, 'PUT', path, [
    ['description', { description: '' }],
    ['description', { description: ofLength(501) }],
    ['challengesEncountered', { challengesEncountered: ofLength(10001) }],
    ['status', { status: 'Completed' }],
    ['timeSpent', { timeSpent: 600 }],
    ['sessionId', { sessionId: uuid() }],
    ['reworkNeeded', { reworkNeeded: true }],
    ['colour', { colour: 'red' }],
  ]);
  // While its session runs, a task's time is another at each look.
  const read = await person.gets(path);
  let later = read;
  while (later.timeSpent === read.timeSpent) later = await person.gets(path);
  const put = await person.does('PUT', path, { ...read, description: 'Grind it' });
  assert.ok(put.timeSpent > read.timeSpent);
  assert.deepEqual(put, { ...read, description: 'Grind it', timeSpent: put.timeSpent });
});

test('POST /api/tasks/{taskId}/complete needs a quality result', async () => {
  const { id: session } = await startWork(await person.group());
  const { id } = await addTask(session);
  const path = `/api/tasks/${id}/complete`;
  await refusesFields(person, 'POST', path, [
    ['qualityResult', {}],
    ['qualityResult', { qualityResult: 'Superb' }],
    ['qualityResult', { qualityResult: null }],
    ['challengesEncountered', { qualityResult: 'Good', challengesEncountered: ofLength(10001) }],
    ['reworkNeeded', { qualityResult: 'Good', reworkNeeded: 'no' }],
    ['timeSpent', { qualityResult: 'Good', timeSpent: 5 }],
  ]);
  isRefused(await person.ask('POST', path), 400, { field: 'qualityResult' });
  const done = await person.does('POST', path, { qualityResult: 'Acceptable', challengesEncountered: 'Thin metal', reworkNeeded: false });
  hasExactly(done, task);
  assert.deepEqual([done.qualityResult, done.challengesEncountered, done.reworkNeeded, done.status], ['Acceptable', 'Thin metal', false, 'Completed']);
  isInstant(done.completionTime);
  for (const qualityResult of ['Excellent', 'Good', 'Acceptable', 'NeedsRework']) {
    const other = await addTask(session);
    const result = await person.does('POST', `/tasks/${other.id}/complete`, { qualityResult });
    assert.equal(result.qualityResult, qualityResult);
    assert.equal(result.reworkNeeded, qualityResult === 'NeedsRework', 'NeedsRework implies rework');
  }
});

test('DELETE /api/tasks/{taskId} deletes the task', async () => {
  const { id: session } = await startWork(await person.group());
  const [one, other] = [await addTask(session), await addTask(session)];
  const gone = await person.does('DELETE', `/api/tasks/${one.id}`);
  hasExactly(gone, task);
  assert.equal(gone.id, one.id);
  isRefused(await person.ask('GET', `/api/tasks/${one.id}`), 404);
  isRefused(await person.ask('POST', `/api/tasks/${one.id}/complete`, { qualityResult: 'Good' }), 404);
  const left = await person.gets(`/api/sessions/${session}/tasks`);
  assert.deepEqual(left.items.map(({ id }) => id), [other.id]);
});

// 60 minutes ago the work begins, with a pause from 40 to 30; the tasks begin and end as their names say.
async function offlineWork(me, project, minutesAgo) {
  const ids = { session: uuid(), whole: uuid(), pause: uuid(), open: uuid() };
  const { session } = ids;
  const at = (type, minutes, more) => ({ type, atMs: minutesAgo(minutes), ...more });
  await me.commands(
    at('addSession', 60, { session, kind: 'work', group: project }),
    at('addTask', 60, { session, task: ids.whole, description: 'From 60 to 10, paused for 10' }),
    at('addTask', 45, { session, task: ids.pause, description: 'From 45 to 35, of which 5 paused' }),
    at('pause', 40, { session }),
    at('completeTask', 35, { task: ids.pause, qualityResult: 'NeedsRework' }),
    at('start', 30, { session }),
    at('addTask', 25, { session, task: ids.open, description: 'From 25 to the end at 5' }),
    at('completeTask', 10, { task: ids.whole, qualityResult: 'Good' }),
    at('complete', 5, { session }),
  );
  return ids;
}

test('time spent is calculated from the timestamps: the running time between start and completion, in minutes', async () => {
  const me = await Person.of(server);
  const now = Date.now();
  const ids = await offlineWork(me, await me.group(), (minutes) => now - minutes * minute);
  const spent = async (id) => (await me.gets(`/api/tasks/${id}`)).timeSpent;
  assert.equal(await spent(ids.whole), 40);
  assert.equal(await spent(ids.pause), 5);
  assert.equal(await spent(ids.open), 20, 'an open one ends with its session');
  assert.equal((await me.does('POST', `/api/tasks/${ids.open}/complete`, { qualityResult: 'Good' })).timeSpent, 20);
  assert.equal((await me.gets(`/api/tasks/${ids.pause}`)).completionTime, iso(now - 35 * minute));
});

// Problems

test('POST /api/projects/{id}/problems reports a problem', async () => {
  const project = await person.group();
  const path = `/api/projects/${project}/problems`;
  const asked = Date.now();
  const bare = await person.adds(path, { description: rust, severity: 'Major' });
  hasExactly(bare, problem);
  isUuid(bare.id);
  isInstant(bare.discoveryDate);
  assert.ok(Math.abs(Date.parse(bare.discoveryDate) - asked) < 5 * second);
  assert.deepEqual(
    { ...bare, id: 0, discoveryDate: 0 },
    { id: 0, projectId: project, discoveryDate: 0, description: rust, severity: 'Major', costImpact: null, timeImpact: null, solutionPlan: '', isCommonProblem: false, resolved: false },
  );
  const said = {
    id: uuid(),
    discoveryDate: iso(asked - 30 * day),
    description: rust,
    severity: 'Critical',
    costImpact: 1250.5,
    timeImpact: 12.25,
    solutionPlan: 'A new floor pan',
    isCommonProblem: true,
  };
  assert.deepEqual(await person.adds(`/projects/${project}/problems`, said), { ...said, projectId: project, resolved: false });
  for (const severity of ['Minor', 'Moderate', 'Major', 'Critical']) {
    assert.equal((await person.adds(path, { description: ofLength(10), severity })).severity, severity);
  }
});

test('a problem needs a description of 10 to 1000 characters and a severity; its other fields have bounds', async () => {
  const project = await person.group();
  const path = `/api/projects/${project}/problems`;
  const good = { description: rust, severity: 'Major' };
  await refusesFields(person, 'POST', path, [
    ['description', { severity: 'Major' }],
    ['description', { ...good, description: ofLength(9) }],
    ['description', { ...good, description: ofLength(1001) }],
    ['severity', { description: rust }],
    ['severity', { ...good, severity: 'Terrible' }],
    ['costImpact', { ...good, costImpact: -1 }],
    ['costImpact', { ...good, costImpact: '5' }],
    ['timeImpact', { ...good, timeImpact: -0.01 }],
    ['solutionPlan', { ...good, solutionPlan: ofLength(1001) }],
    ['isCommonProblem', { ...good, isCommonProblem: 1 }],
    ['discoveryDate', { ...good, discoveryDate: iso(Date.now() + hour) }],
    ['resolved', { ...good, resolved: true }],
    ['colour', { ...good, colour: 'red' }],
  ]);
  await refusesBodies(person, 'POST', path);
  await isHidden(stranger, 'POST', path, project, good);
  await person.adds(path, { ...good, description: ofLength(1000), solutionPlan: ofLength(1000), costImpact: 0, timeImpact: null });
});

test('GET /api/projects/{id}/problems lists the problems', async () => {
  const [project, other] = [await person.group(), await person.group()];
  const made = [];
  for (let i = 0; i < 21; i++) made.push((await person.adds(`/api/projects/${project}/problems`, { description: `${rust} ${i}`, severity: 'Minor' })).id);
  await person.adds(`/api/projects/${other}/problems`, { description: rust, severity: 'Minor' });
  const path = `/api/projects/${project}/problems`;
  const list = await person.gets(path);
  hasExactly(list, envelope);
  list.items.forEach((item) => hasExactly(item, problem));
  assert.deepEqual([list.total, list.limit, list.items.length], [21, 20, 20]);
  const rest = await person.gets(`/projects/${project}/problems?page=2&limit=20`);
  assert.deepEqual([...list.items, ...rest.items].map(({ id }) => id).sort(), made.sort());
  await isHidden(stranger, 'GET', path, project);
});

test('PUT /api/problems/{problemId} changes what is sent; what was read can be sent back changed', async () => {
  const project = await person.group();
  const { id } = await person.adds(`/api/projects/${project}/problems`, { description: rust, severity: 'Major' });
  const path = `/api/problems/${id}`;
  const changes = {
    description: `${rust}, on both sides`,
    severity: 'Moderate',
    costImpact: 99.99,
    timeImpact: 0.5,
    solutionPlan: 'Weld it',
    isCommonProblem: true,
    discoveryDate: iso(Date.now() - day),
  };
  for (const [name, value] of Object.entries(changes)) {
    const earlier = await person.gets(path);
    assert.deepEqual(await person.does('PUT', path, { [name]: value }), { ...earlier, [name]: value });
  }
  const read = await person.gets(path);
  assert.deepEqual(await person.does('PUT', path, { ...read, costImpact: null }), { ...read, costImpact: null });
  await refusesFields(person, 'PUT', path, [
    ['resolved', { resolved: true }],
    ['projectId', { projectId: uuid() }],
    ['severity', { severity: 'Terrible' }],
    ['description', { description: ofLength(9) }],
    ['solutionPlan', { solutionPlan: ofLength(1001) }],
    ['discoveryDate', { discoveryDate: iso(Date.now() + hour) }],
  ]);
  await isHidden(stranger, 'PUT', path, id, { severity: 'Minor' });
  await isHidden(stranger, 'GET', path, id);
});

test('POST /api/problems/{problemId}/resolve marks it resolved, with the solution if it says one', async () => {
  const project = await person.group();
  const report = () => person.adds(`/api/projects/${project}/problems`, { description: rust, severity: 'Major', solutionPlan: 'Weld it' });
  const [plain, told] = [await report(), await report()];
  assert.deepEqual(await person.does('POST', `/api/problems/${plain.id}/resolve`), { ...plain, resolved: true });
  assert.deepEqual(await person.does('POST', `/problems/${told.id}/resolve`, { solutionPlan: 'A new floor pan' }), { ...told, solutionPlan: 'A new floor pan', resolved: true });
  assert.equal((await person.does('POST', `/api/problems/${plain.id}/resolve`)).resolved, true, 'once more changes nothing');
  await refusesFields(person, 'POST', `/api/problems/${plain.id}/resolve`, [
    ['solutionPlan', { solutionPlan: ofLength(1001) }],
    ['colour', { colour: 'red' }],
  ]);
  await isHidden(stranger, 'POST', `/api/problems/${plain.id}/resolve`, plain.id);
});

// Analytics

test('GET /api/projects/{id}/sessions/analytics counts sessions, tasks and problems', async () => {
  const me = await Person.of(server);
  const project = await me.group();
  const path = `/api/projects/${project}/sessions/analytics`;
  const empty = {
    projectId: project,
    sessions: { count: 0, totalMinutes: 0, meanMinutes: 0, longestMinutes: 0 },
    tasks: { count: 0, completed: 0, byQualityResult: { Excellent: 0, Good: 0, Acceptable: 0, NeedsRework: 0 }, reworkRate: 0 },
    problems: { open: 0, resolved: 0, bySeverity: { Minor: 0, Moderate: 0, Major: 0, Critical: 0 }, costImpact: 0, timeImpact: 0 },
  };
  assert.deepEqual(await me.gets(path), empty);
  const now = Date.now();
  await offlineWork(me, project, (minutes) => now - minutes * minute);
  const other = uuid();
  await me.commands(
    { type: 'addSession', session: other, kind: 'work', group: project, atMs: now - 4 * minute },
    { type: 'complete', session: other, atMs: now - minute },
  );
  const report = (severity, more) => me.adds(`/api/projects/${project}/problems`, { description: rust, severity, ...more });
  await report('Minor', { costImpact: 10.25, timeImpact: 1 });
  const { id } = await report('Critical', { costImpact: 100, timeImpact: 0.5 });
  await me.does('POST', `/api/problems/${id}/resolve`);
  assert.deepEqual(await me.gets(path), {
    projectId: project,
    sessions: { count: 2, totalMinutes: 48, meanMinutes: 24, longestMinutes: 45 },
    tasks: { count: 3, completed: 2, byQualityResult: { Excellent: 0, Good: 1, Acceptable: 0, NeedsRework: 1 }, reworkRate: 0.5 },
    problems: { open: 1, resolved: 1, bySeverity: { Minor: 1, Moderate: 0, Major: 0, Critical: 1 }, costImpact: 110.25, timeImpact: 1.5 },
  });
  assert.deepEqual(await me.gets(`/projects/${project}/sessions/analytics`), await me.gets(path));
  await isHidden(stranger, 'GET', path, project);
});

test('GET /api/projects/{id}/time-tracking: minutes by day, by session and by task', async () => {
  const me = await Person.of(server);
  const dayOf = await me.liveAtNoon();
  const project = await me.group();
  const path = `/api/projects/${project}/time-tracking`;
  const now = Date.now();
  const ids = await offlineWork(me, project, (minutes) => now - minutes * minute);
  const earlier = uuid();
  await me.commands(
    { type: 'addSession', session: earlier, kind: 'work', group: project, atMs: now - 2 * day },
    { type: 'complete', session: earlier, atMs: now - 2 * day + 30 * minute },
  );
  const all = await me.gets(path);
  hasExactly(all, ['projectId', 'timeZone', 'from', 'to', 'nowMs', 'totalMinutes', 'days', 'sessions', 'tasks']);
  assert.deepEqual([all.projectId, all.from, all.to, all.totalMinutes], [project, null, null, 75]);
  const spent = all.days.filter(({ minutes }) => minutes > 0);
  assert.deepEqual(spent, [{ date: dayOf(now - 2 * day), minutes: 30 }, { date: dayOf(now), minutes: 45 }]);
  const sessions = new Map(all.sessions.map((row) => [row.sessionId, row]));
  assert.deepEqual(sessions.get(ids.session), { sessionId: ids.session, startTime: iso(now - 60 * minute), minutes: 45 });
  assert.equal(sessions.get(earlier).minutes, 30);
  const tasks = new Map(all.tasks.map((row) => [row.taskId, row]));
  assert.deepEqual(tasks.get(ids.whole), { taskId: ids.whole, sessionId: ids.session, description: 'From 60 to 10, paused for 10', minutes: 40 });
  assert.deepEqual([tasks.size, tasks.get(ids.pause).minutes, tasks.get(ids.open).minutes], [3, 5, 20]);
  const today = await me.gets(`${path}?from=${dayOf(now)}&to=${dayOf(now)}`);
  assert.deepEqual([today.from, today.to, today.totalMinutes], [dayOf(now), dayOf(now), 45]);
  assert.deepEqual(today.sessions.filter(({ minutes }) => minutes > 0).map(({ sessionId }) => sessionId), [ids.session]);
  isRefused(await me.ask('GET', `${path}?from=today`), 400, { field: 'from' });
  await isHidden(stranger, 'GET', path, project);
});

// Projects, which the document presupposes

test('a project is a group: made, read, changed and deleted as either', async () => {
  const made = await person.adds('/api/projects', { name: 'Camper', description: 'A van of 1978' });
  hasExactly(made, ['id', 'userId', 'version', 'name', 'description', 'isDeleted', 'createdAtMs', 'updatedAtMs']);
  assert.deepEqual(await person.gets(`/api/projects/${made.id}`), made);
  assert.ok((await person.gets('/api/projects?limit=100')).items.some(({ id }) => id === made.id));
  assert.ok((await person.gets('/groups?limit=100')).items.some(({ id }) => id === made.id));
  const patched = await person.does('PATCH', `/projects/${made.id}`, { ...made, name: 'Van' });
  assert.deepEqual([patched.name, patched.description, patched.version], ['Van', 'A van of 1978', 2]);
  await refusesFields(person, 'POST', '/api/projects', [
    ['name', {}],
    ['name', { name: '' }],
    ['name', { name: ofLength(201) }],
    ['description', { name: 'A', description: ofLength(2001) }],
  ]);
  for (const method of ['GET', 'PATCH', 'DELETE']) await isHidden(stranger, method, `/api/projects/${made.id}`, made.id, method === 'PATCH' ? { name: 'x' } : undefined);
  const gone = await person.does('DELETE', `/projects/${made.id}`);
  assert.equal(gone.isDeleted, true);
  for (const path of ['', '/sessions', '/problems', '/sessions/analytics', '/time-tracking']) {
    isRefused(await person.ask('GET', `/api/projects/${made.id}${path}`), 404, { code: 'notFound' });
  }
});

test('a project in which work is going on is not deleted; its ended sessions and its problems outlive it', async () => {
  const project = await person.group();
  const { id } = await startWork(project);
  const found = await person.adds(`/api/projects/${project}/problems`, { description: rust, severity: 'Minor' });
  isRefused(await person.ask('DELETE', `/api/projects/${project}`), 409, { code: 'invalidState' });
  await person.does('POST', `/api/sessions/${id}/complete`);
  await person.does('DELETE', `/api/projects/${project}`);
  assert.equal((await person.gets(`/api/sessions/${id}`)).projectId, project);
  assert.equal((await person.gets(`/api/problems/${found.id}`)).projectId, project);
});

// What holds for all of it

test('each change over REST reaches both sockets and nobody else\'s, once for its key, under its domain event', async () => {
  const me = await Person.of(server);
  const watch = await Watch.over(me);
  const group = { entity: 'group', domainEvent: undefined };
  const project = (await watch.change('POST', '/api/projects', { name: 'Camper' }, { ...group, event: 'addGroup', adding: true })).group.id;
  await watch.change('PATCH', `/api/projects/${project}`, { name: 'Van' }, { ...group, event: 'editGroup', of: project });
  const work = { entity: 'session', domainEvent: undefined };
  const started = await watch.change('POST', `/api/projects/${project}/sessions`, { notes: 'a' }, { ...work, event: 'addSession', domainEvent: 'WorkSessionStarted', of: project, adding: true });
  const session = started.session.id;
  assert.deepEqual([started.session.kind, started.session.groupId, started.session.work.notes], ['work', project, 'a']);
  await watch.change('PUT', `/api/sessions/${session}`, { notes: 'b' }, { ...work, event: 'editSession', of: session });
  await watch.change('PATCH', `/api/sessions/${session}`, { notes: 'c' }, { ...work, event: 'editSession', of: session });

  const ofTask = { entity: 'task', domainEvent: undefined };
  const addTaskAt = () => watch.change('POST', `/api/sessions/${session}/tasks`, { description: 'Weld' }, { ...ofTask, event: 'addTask', of: session, adding: true });
  const [good, bad, dropped] = [(await addTaskAt()).task.id, (await addTaskAt()).task.id, (await addTaskAt()).task.id];
  await watch.change('PUT', `/api/tasks/${good}`, { description: 'Grind' }, { ...ofTask, event: 'editTask', of: good });
  const done = { ...ofTask, event: 'completeTask', domainEvent: 'TaskCompleted' };
  await watch.change('POST', `/api/tasks/${good}/complete`, { qualityResult: 'Good' }, { ...done, of: good });
  const rework = await watch.change('POST', `/api/tasks/${bad}/complete`, { qualityResult: 'NeedsRework' }, { ...done, of: bad });
  assert.deepEqual([rework.n, rework.of, rework.task.reworkNeeded], [1, 2, true]);
  const required = await watch.next('reworkRequired');
  assert.deepEqual([required.domainEvent, required.n, required.of, required.task], ['ReworkRequired', 2, 2, rework.task]);
  await watch.change('DELETE', `/api/tasks/${dropped}`, undefined, { ...ofTask, event: 'deleteTask', of: dropped });

  const trouble = { entity: 'problem', domainEvent: undefined };
  const report = { description: rust, severity: 'Minor' };
  const found = (await watch.change('POST', `/api/projects/${project}/problems`, report, { ...trouble, event: 'reportProblem', domainEvent: 'ProblemDiscovered', of: project, adding: true })).problem.id;
  await watch.change('PUT', `/api/problems/${found}`, { severity: 'Major' }, { ...trouble, event: 'editProblem', of: found });
  await watch.change('POST', `/api/problems/${found}/resolve`, { solutionPlan: 'Weld' }, { ...trouble, event: 'resolveProblem', of: found });

  await watch.change('POST', `/api/sessions/${session}/complete`, undefined, { ...work, event: 'complete', domainEvent: 'WorkSessionCompleted', of: session });
  const deleted = await watch.change('DELETE', `/api/sessions/${session}`, undefined, { ...work, event: 'deleteSession', of: session });
  assert.equal(deleted.session.isDeleted, true);
  await watch.change('DELETE', `/api/projects/${project}`, undefined, { ...group, event: 'deleteGroup', of: project });
  await watch.end();
});

test('what is done over the WebSocket shows in REST', async () => {
  const me = await Person.of(server);
  const socket = await me.live();
  const did = async (command) => {
    const result = await socket.ask(command);
    assert.ok(result.ok, JSON.stringify(result));
    return result;
  };
  const { group } = await did({ type: 'addGroup', name: 'Camper' });
  const { session } = await did({ type: 'addSession', kind: 'work', group, plannedTasks: ['Weld'] });
  const { task: open } = await did({ type: 'addTask', session, description: 'Weld' });
  const { task: done } = await did({ type: 'addTask', session, description: 'Grind' });
  await did({ type: 'completeTask', task: done, qualityResult: 'Excellent' });
  const { problem: found } = await did({ type: 'reportProblem', group, description: rust, severity: 'Critical' });
  await did({ type: 'resolveProblem', problem: found, solutionPlan: 'Weld' });
  const result = await did({ type: 'complete', session });
  assert.deepEqual(result.details, { tasks: [open] }, 'the tasks that stay open are named');
  const seen = await me.gets(`/api/sessions/${session}`);
  assert.deepEqual([seen.projectId, seen.plannedTasks, seen.status], [group, ['Weld'], 'Completed']);
  const list = await me.gets(`/api/sessions/${session}/tasks`);
  assert.deepEqual(Object.fromEntries(list.items.map(({ id, status }) => [id, status])), { [open]: 'Pending', [done]: 'Completed' });
  const problems = await me.gets(`/api/projects/${group}/problems`);
  assert.deepEqual([problems.items[0].resolved, problems.items[0].solutionPlan], [true, 'Weld']);
  await socket.end();
});

test('real-time session timer updates: every socket shows the same running time without being told each second', async () => {
  const me = await Person.of(server);
  const watch = await Watch.over(me);
  const project = await me.group();
  await watch.next('addGroup');
  const { id, startTime } = await startWork(project, { startTime: iso(Date.now() - hour) }, me);
  const started = await watch.next('addSession');
  assert.equal(started.session.runningSinceMs, Date.parse(startTime));
  assert.ok(Math.abs(started.session.elapsedSeconds - 3600) < 5);
  await me.does('PUT', `/api/sessions/${id}/pause`);
  const paused = await watch.next('pause');
  assert.equal(paused.session.runningSinceMs, null);
  assert.equal(paused.session.elapsedSeconds * second, paused.atMs - Date.parse(startTime));
  await watch.end();
});

test('a snapshot has the active work session, its tasks and its project, and not what is over', async () => {
  const me = await Person.of(server);
  const project = await me.group();
  const [active, over] = [await startWork(project, {}, me), await startWork(project, {}, me)];
  const made = await me.adds(`/api/sessions/${active.id}/tasks`, { description: 'Weld' });
  await me.adds(`/api/sessions/${over.id}/tasks`, { description: 'Grind' });
  await me.does('POST', `/api/sessions/${over.id}/complete`);
  const { state } = await me.gets('/v1/state');
  hasExactly(state, ['user', 'groups', 'plans', 'sessions', 'tasks']);
  assert.deepEqual(state.groups.map(({ id }) => id), [project]);
  assert.deepEqual(state.sessions.map(({ id }) => id), [active.id]);
  assert.deepEqual(state.tasks.map(({ id, sessionId }) => [id, sessionId]), [[made.id, active.id]]);
  hasExactly(state.tasks[0], ['id', 'sessionId', 'version', 'description', 'startMs', 'completedAtMs', 'status', 'qualityResult', 'challengesEncountered', 'reworkNeeded', 'timeSpentMinutes', 'isDeleted']);
  hasExactly(state.sessions[0].work, ['plannedTasks', 'toolsNeeded', 'partsToInstall', 'helperPresent', 'notes']);
});

test('counts of things are bounded: tasks of a session, open problems of a project, projects', async () => {
  const small = await Server.start(['--max-tasks', '2', '--max-problems', '2', '--max-groups', '1']);
  try {
    const me = await Person.of(small);
    const project = await me.group();
    isRefused(await me.ask('POST', '/api/projects', { name: 'Boat' }), 422, { code: 'limit' });
    const { id: session } = await startWork(project, {}, me);
    const tasks = `/api/sessions/${session}/tasks`;
    for (const description of ['Weld', 'Grind']) await me.adds(tasks, { description });
    isRefused(await me.ask('POST', tasks, { description: 'Paint' }), 422, { code: 'limit' });
    const problems = `/api/projects/${project}/problems`;
    const report = { description: rust, severity: 'Minor' };
    const [first] = [await me.adds(problems, report), await me.adds(problems, report)];
    isRefused(await me.ask('POST', problems, report), 422, { code: 'limit' });
    await me.does('POST', `/api/problems/${first.id}/resolve`);
    await me.adds(problems, report);
  } finally {
    await small.stop();
  }
});

test('a method that a path does not have is 405 with those that it has; lengths, types and sizes of bodies', async () => {
  const { id: session } = await startWork(await person.group());
  const { id } = await addTask(session);
  const project = await person.group();
  const { id: found } = await person.adds(`/api/projects/${project}/problems`, { description: rust, severity: 'Minor' });
  const paths = [
    [`/api/projects/${project}/sessions`, ['GET', 'POST']],
    [`/api/sessions/${session}`, ['GET', 'PUT', 'PATCH', 'DELETE'], 'POST'],
    [`/api/sessions/${session}/complete`, ['POST', 'PUT'], 'DELETE'],
    [`/api/sessions/${session}/tasks`, ['GET', 'POST']],
    [`/api/tasks/${id}`, ['GET', 'PUT', 'DELETE'], 'POST'],
    [`/api/tasks/${id}/complete`, ['POST'], 'GET'],
    [`/api/projects/${project}/problems`, ['GET', 'POST']],
    [`/api/problems/${found}`, ['GET', 'PUT'], 'POST'],
    [`/api/problems/${found}/resolve`, ['POST'], 'GET'],
    [`/api/projects/${project}/sessions/analytics`, ['GET'], 'POST'],
    [`/api/projects/${project}/time-tracking`, ['GET'], 'POST'],
  ];
  for (const [path, methods, wrong = 'DELETE'] of paths) {
    await allowsOnly(person, wrong, path, methods);
    isRefused(await server.request(methods[0], path), 401);
  }
  isRefused(await withoutLength(person, 'POST', `/api/projects/${project}/problems`), 411, { code: 'lengthRequired' });
  assert.equal((await withoutLength(person, 'POST', `/api/problems/${found}/resolve`)).status, 200, 'where nothing is required there may be no body');
  isRefused(await person.ask('GET', `/api/projects/${project}/nothing`), 404, { code: 'notFound' });
  isRefused(await person.ask('POST', `/api/projects/${uuid()}/sessions`, {}), 404, { code: 'notFound', field: 'id' });
});

// Performance

const measure = async (count, what) => {
  const times = [];
  for (let i = 0; i < count; i++) {
    const begin = performance.now();
    await what(i);
    times.push(performance.now() - begin);
  }
  times.sort((a, b) => a - b);
  return { median: times[Math.floor(count / 2)], p95: times[Math.floor(count * 0.95)], worst: times.at(-1) };
};
const shown = ({ median, p95, worst }) => `median ${median.toFixed(1)} ms, 95 of 100 below ${p95.toFixed(1)} ms, worst ${worst.toFixed(1)} ms`;

test('with 2,000 sessions a list takes less than 300 ms, and starting one less than 200 ms', async (t) => {
  const me = await Person.of(server);
  const project = await me.group();
  const start = Date.now() - 6 * day;
  const commands = Array.from({ length: 2000 }, (_, i) => {
    const session = uuid();
    const atMs = start + i * 4 * minute;
    return [
      { type: 'addSession', session, kind: 'work', group: project, notes: `Session ${i}`, atMs },
      { type: 'complete', session, atMs: atMs + 3 * minute },
    ];
  });
  await me.commands(...commands.flat());
  const path = `/api/projects/${project}/sessions`;
  assert.equal((await me.gets(path)).total, 2000);
  const list = await measure(60, (i) => me.gets(`${path}?limit=100&page=${1 + (i % 20)}`));
  const history = await measure(60, () => me.gets('/api/sessions?limit=100&offset=1900'));
  const made = [];
  const creation = await measure(20, async () => made.push(await startWork(project, { notes: 'New' }, me)));
  t.diagnostic(`GET ${path.replace(project, '{id}')}: ${shown(list)}`);
  t.diagnostic(`GET /api/sessions: ${shown(history)}`);
  t.diagnostic(`POST ${path.replace(project, '{id}')}: ${shown(creation)}`);
  assert.equal(made.length, 20);
  assert.ok(list.p95 < 300, shown(list));
  assert.ok(history.p95 < 300, shown(history));
  assert.ok(creation.p95 < 200, shown(creation));
});

// More of its rules

test('maximum duration: 24 hours after its start, were it paused or the server down', async () => {
  const own = await Server.start();
  try {
    const me = await Person.of(own);
    const project = await me.group();
    const start = Date.now() - day + 1200;
    const [running, paused] = [uuid(), uuid()];
    await me.commands(
      { type: 'addSession', session: running, kind: 'work', group: project, startMs: start },
      { type: 'addSession', session: paused, kind: 'work', group: project, atMs: start },
      { type: 'pause', session: paused, atMs: start + hour },
    );
    await own.kill();
    await new Promise((resolve) => setTimeout(resolve, start + day - Date.now()));
    await own.start();
    for (const [id, seconds] of [[running, 24 * 3600], [paused, 3600]]) {
      const { status, endTime } = await me.gets(`/api/sessions/${id}`);
      assert.deepEqual([status, endTime], ['Completed', iso(start + day)]);
      const { value } = await me.does('POST', '/v1/commands', { type: 'getSession', session: id });
      assert.equal(value.elapsedSeconds, seconds);
    }
  } finally {
    await own.stop();
  }
});

test('an open task of a session that ended after 24 hours has its time until that end, completed or not', async () => {
  const me = await Person.of(server);
  const [session, task] = [uuid(), uuid()];
  const start = Date.now() - 2 * day;
  await me.commands(
    { type: 'addSession', session, kind: 'work', group: await me.group(), atMs: start },
    { type: 'addTask', session, task, description: 'From 23:00 on', atMs: start + 23 * hour },
  );
  assert.equal((await me.gets(`/api/tasks/${task}`)).timeSpent, 60);
  const done = await me.does('POST', `/api/tasks/${task}/complete`, { qualityResult: 'Good' });
  assert.deepEqual([done.timeSpent, done.status], [60, 'Completed']);
});

test('a task begins within its session, and its time counts from then', async () => {
  const me = await Person.of(server);
  const now = Date.now();
  const [session, task] = [uuid(), uuid()];
  await me.commands(
    { type: 'addSession', session, kind: 'work', group: await me.group(), atMs: now - hour },
    { type: 'addTask', session, task, description: 'From 50 to 10', startMs: now - 50 * minute, atMs: now - 20 * minute },
    { type: 'completeTask', task, qualityResult: 'Good', atMs: now - 10 * minute },
  );
  assert.equal((await me.gets(`/api/tasks/${task}`)).timeSpent, 40);
  for (const startMs of [now - hour - 1, now + hour]) {
    const { body } = await me.ask('POST', '/v1/commands', { type: 'addTask', session, description: 'x', startMs });
    assert.deepEqual([body.error.code, body.error.field], ['badRequest', 'startMs']);
  }
});

test('ReworkRequired: after NeedsRework even if denied, after a good result if said, else not', async () => {
  const me = await Person.of(server);
  const project = await me.group();
  const { id: session } = await startWork(project, {}, me);
  const watch = await Watch.over(me);
  for (const [qualityResult, reworkNeeded, rework] of [['NeedsRework', false, true], ['Good', true, true], ['Excellent', false, false]]) {
    const { id } = await me.adds(`/api/sessions/${session}/tasks`, { description: 'Weld' });
    await watch.next('addTask');
    assert.equal((await me.does('POST', `/api/tasks/${id}/complete`, { qualityResult, reworkNeeded })).reworkNeeded, rework);
    const done = await watch.next('completeTask');
    assert.deepEqual([done.domainEvent, done.n, done.of], ['TaskCompleted', ...(rework ? [1, 2] : [undefined, undefined])]);
    if (rework) assert.equal((await watch.next('reworkRequired')).domainEvent, 'ReworkRequired');
  }
  assert.equal((await me.gets(`/api/projects/${project}/sessions/analytics`)).tasks.reworkRate, 0.6667);
  await watch.end();
});

test('a task is completed once: the same again changes nothing, another result is refused', async () => {
  const { id: session } = await startWork(await person.group());
  const { id } = await addTask(session);
  const done = await person.does('POST', `/api/tasks/${id}/complete`, { qualityResult: 'Good' });
  assert.deepEqual(await person.does('POST', `/api/tasks/${id}/complete`, { qualityResult: 'Good' }), done);
  isRefused(await person.ask('POST', `/api/tasks/${id}/complete`, { qualityResult: 'Excellent' }), 409, { code: 'invalidState' });
  assert.deepEqual(await person.gets(`/api/tasks/${id}`), done);
});

test('get, change, put of what is completed: a session\'s notes, a task\'s challenges', async () => {
  const { id: session } = await startWork(await person.group(), { plannedTasks: ['Weld'] });
  const { id } = await addTask(session);
  const welded = await person.does('POST', `/api/tasks/${id}/complete`, { qualityResult: 'Good' });
  const change = { ...welded, challengesEncountered: 'Thin metal' };
  assert.deepEqual(await person.does('PUT', `/api/tasks/${id}`, change), change);
  await refusesFields(person, 'PUT', `/api/tasks/${id}`, [['qualityResult', { qualityResult: 'Excellent' }], ['timeSpent', { timeSpent: 5 }]]);
  const done = await person.does('POST', `/api/sessions/${session}/complete`);
  assert.deepEqual(await person.does('PUT', `/api/sessions/${session}`, { ...done, notes: 'It held' }), { ...done, notes: 'It held' });
});

test('21 of a person\'s clients start work at once: 20 may, one is told the limit', async () => {
  const [busy, other] = [await Person.of(server), await Person.of(server)];
  const paths = await Promise.all([busy, other].map(async (who) => `/api/projects/${await who.group()}/sessions`));
  const answers = await Promise.all(Array.from({ length: 21 }, () => busy.ask('POST', paths[0], {})));
  const theirs = await Promise.all(Array.from({ length: 20 }, () => other.ask('POST', paths[1], {})));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(20).fill(201), 422]);
  assert.ok(theirs.every(({ status }) => status === 201));
  isRefused(answers.find(({ status }) => status === 422), 422, { code: 'limit' });
  assert.equal((await busy.gets('/api/sessions')).total, 20);
});

test('the same rules hold over the WebSocket', async () => {
  const me = await Person.of(server);
  const socket = await me.live();
  const group = await me.group();
  const { session } = await socket.ask({ type: 'addSession', kind: 'work', group });
  const { task: open } = await socket.ask({ type: 'addTask', session, description: 'Weld' });
  const refused = [
    ['badRequest', 'group', { type: 'addSession', kind: 'work' }],
    ['badRequest', 'startMs', { type: 'addSession', kind: 'work', group, startMs: Date.now() + minute }],
    ['badRequest', 'startMs', { type: 'addSession', kind: 'work', group, startMs: Date.now() - day - second }],
    ['notFound', 'group', { type: 'addSession', kind: 'work', group: uuid() }],
    ['badRequest', 'description', { type: 'addTask', session, description: ofLength(501) }],
    ['badRequest', 'qualityResult', { type: 'completeTask', task: open }],
    ['badRequest', 'timeSpent', { type: 'completeTask', task: open, qualityResult: 'Good', timeSpent: 5 }],
    ['badRequest', 'severity', { type: 'reportProblem', group, description: rust }],
    ['badRequest', 'description', { type: 'reportProblem', group, description: ofLength(9), severity: 'Minor' }],
    ['invalidState', undefined, { type: 'deleteGroup', group }],
    ['invalidState', undefined, { type: 'abandon', session }],
    ['invalidState', undefined, { type: 'resetSession', session }],
  ];
  for (const [code, field, command] of refused) {
    const { ok, error } = await socket.ask(command);
    assert.deepEqual([ok, error?.code, error?.field], [false, code, field], JSON.stringify(command));
  }
  await socket.ask({ type: 'complete', session });
  assert.equal((await socket.ask({ type: 'addTask', session, description: 'More' })).error.code, 'invalidState');
  assert.equal((await socket.ask({ type: 'editTask', task: open, description: 'Other' })).error.code, 'invalidState');
  await socket.end();
});

test('costs and times of problems are decimals, kept and added up to the hundredth', async () => {
  const me = await Person.of(server);
  const project = await me.group();
  const path = `/api/projects/${project}/problems`;
  for (const costImpact of [0.1, 0.2, 0.01, 1234567.89]) {
    assert.equal((await me.adds(path, { description: rust, severity: 'Minor', costImpact })).costImpact, costImpact);
  }
  assert.equal((await me.gets(`/api/projects/${project}/sessions/analytics`)).problems.costImpact, 1234568.2);
});

test('time tracking splits a session at the end of the day', async () => {
  const me = await Person.of(server);
  const dayOf = await me.liveAtNoon();
  const [group, session] = [await me.group(), uuid()];
  const { dayStartMs } = await me.gets('/me');
  const [yesterday, today] = [dayOf(dayStartMs - 1), dayOf(dayStartMs)];
  await me.commands(
    { type: 'addSession', session, kind: 'work', group, atMs: dayStartMs - 30 * minute },
    { type: 'complete', session, atMs: dayStartMs + 15 * minute },
  );
  const path = `/api/projects/${group}/time-tracking`;
  const all = await me.gets(path);
  assert.deepEqual(all.days.filter(({ minutes }) => minutes > 0), [{ date: yesterday, minutes: 30 }, { date: today, minutes: 15 }]);
  assert.equal(all.sessions[0].minutes, 45);
  assert.equal((await me.gets(`${path}?from=${today}`)).totalMinutes, 15);
  assert.equal((await me.gets(`${path}?from=${yesterday}&to=${yesterday}`)).sessions[0].minutes, 30);
});

test('a deleted session comes back, ended, with its tasks', async () => {
  const me = await Person.of(server);
  const project = await me.group();
  const { id: session } = await startWork(project, {}, me);
  const { id } = await me.adds(`/api/sessions/${session}/tasks`, { description: 'Weld' });
  const gone = await me.does('DELETE', `/api/sessions/${session}`);
  isRefused(await me.ask('GET', `/api/tasks/${id}`), 404, { code: 'notFound' });
  await me.commands({ type: 'restoreSession', session });
  assert.deepEqual(await me.gets(`/api/sessions/${session}`), { ...gone, status: 'Completed' });
  assert.deepEqual((await me.gets(`/api/sessions/${session}/tasks`)).items.map((one) => one.id), [id]);
  assert.equal((await me.gets(`/api/projects/${project}/sessions`)).total, 1);
});

test('what was answered is there after the server was killed', async () => {
  const own = await Server.start();
  try {
    const me = await Person.of(own);
    const project = await me.group();
    const { id: session } = await startWork(project, { notes: 'Bring the mask', plannedTasks: ['Weld'] }, me);
    const { id } = await me.adds(`/api/sessions/${session}/tasks`, { description: 'Weld' });
    const done = await me.does('POST', `/api/tasks/${id}/complete`, { qualityResult: 'NeedsRework' });
    const found = await me.adds(`/api/projects/${project}/problems`, { description: rust, severity: 'Major', costImpact: 10.25 });
    const ended = await me.does('POST', `/api/sessions/${session}/complete`);
    await own.kill();
    await own.start();
    const paths = [`/api/sessions/${session}`, `/api/tasks/${id}`, `/api/problems/${found.id}`];
    assert.deepEqual(await Promise.all(paths.map((path) => me.gets(path))), [ended, done, found]);
  } finally {
    await own.stop();
  }
});
