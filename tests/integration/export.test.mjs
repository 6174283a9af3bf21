// lockstepd export: all that is kept of a person, as the interfaces tell it, and nothing of anybody else.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Load, options } from '../faults/load.mjs';
import { uuid } from './support/client.mjs';
import { Person, hasExactly } from './support/person.mjs';
import { Server } from './support/server.mjs';
import { does, refuses, run } from './support/tool.mjs';

const lists = ['dayRules', 'groups', 'plans', 'sessions', 'tasks', 'problems', 'intervals', 'goals', 'devices', 'events', 'keys', 'audit'];

async function serving(t, more) {
  const server = await Server.start(more);
  t.after(() => server.stop());
  const exported = async (user) => JSON.parse(await does('export', '--db', server.db, '--user', user));
  return { server, exported };
}

// What moves by itself.
const moving = ['timeLeft', 'elapsedSeconds', 'trackedSeconds', 'focusSeconds', 'timeSpentMinutes', 'day'];
const still = (entity) => Object.fromEntries(Object.entries(entity).filter(([name]) => !moving.includes(name)));
const stills = (entities) => entities.map(still).sort((a, b) => (a.id < b.id ? -1 : 1));
const byId = (entities) => new Map(entities.map((entity) => [entity.id, entity]));

// Something of every kind, some of it ended or deleted.
async function live(anna) {
  const [group, lost, plan, tea, read, work, task, focus, training] = Array.from({ length: 9 }, uuid);
  await anna.commands(
    { type: 'addGroup', group, name: 'Garage "1"', description: 'ä\u2028\n' },
    { type: 'addGroup', group: lost, name: 'Attic' },
    { type: 'deleteGroup', group: lost },
    { type: 'addPlan', plan, name: 'Legs', structure: { sets: [1, 2, { reps: 8 }] } },
    { type: 'addSession', session: tea, title: 'Tea', initialDuration: 180, dailyGoalMinutes: 20 },
    { type: 'start', session: tea },
    { type: 'addSession', session: read, title: 'Read' },
    { type: 'start', session: read },
    { type: 'deleteSession', session: read },
    { type: 'addSession', session: work, kind: 'work', group, plannedTasks: ['Door'], notes: 'Mind the paint' },
    { type: 'addTask', task, session: work, description: 'Hinges' },
    { type: 'completeTask', task, qualityResult: 'NeedsRework', challengesEncountered: 'Rust' },
    { type: 'reportProblem', group, description: 'The hinge is broken', severity: 'Minor', costImpact: 12.5 },
    { type: 'addSession', session: focus, kind: 'focus', sessionType: 'pomodoro', task },
    { type: 'pause', session: focus, reason: 'Door bell' },
    { type: 'complete', session: focus, taskProgress: 'Half' },
    { type: 'addSession', session: training, kind: 'training', plan, date: '2026-03-10' },
    { type: 'autoResetTimeChange', sessionsResetTime: '04:30', timeZone: 'Europe/Berlin' },
  );
  await anna.ask('POST', '/v1/commands', { type: 'renameSession', session: tea, title: 'Green tea', key: 'phone:1' });
  return { tea, read, lost };
}

test('it is what the interfaces tell', async (t) => {
  const { server, exported } = await serving(t);
  const anna = await Person.of(server, 'anna');
  const { tea, read, lost } = await live(anna);
  const { id: device, token } = await anna.adds('/v1/tokens', { name: 'Phone', scope: 'read' });
  const all = await exported('anna');
  hasExactly(all, ['format', 'formatVersion', 'exportedAtMs', 'seq', 'issuer', 'subject', 'user', ...lists]);
  assert.deepEqual([all.format, all.formatVersion, all.issuer, all.subject], ['lockstep-export', 1, 'lockstep', 'anna']);

  const socket = await anna.live();
  const { state } = socket.messages.find((m) => m.type === 'snapshot');
  assert.deepEqual(still(all.user), still(await anna.gets('/me')));
  assert.deepEqual(stills(all.groups.filter(({ isDeleted }) => !isDeleted)), stills(state.groups));
  assert.deepEqual(stills(all.plans.map(({ structure, ...plan }) => plan)), stills(state.plans.map(({ structure, ...plan }) => plan)));
  for (const session of all.sessions.filter(({ isDeleted }) => !isDeleted)) {
    const { value } = await socket.ask({ type: 'getSession', session: session.id });
    assert.deepEqual(still(session), still(value));
  }
  assert.equal(all.sessions.length, 5);
  assert.ok(byId(all.sessions).get(read).isDeleted);
  assert.ok(byId(all.groups).get(lost).isDeleted);

  const audit = (await anna.gets('/api/audit-log?limit=100')).items;
  assert.deepEqual(all.audit, audit.reverse());
  assert.equal(all.seq, all.audit.length);
  assert.deepEqual(all.events.map(({ seq }) => seq), all.audit.map(({ seq }) => seq));
  assert.equal(all.events.at(-1).session.title, 'Green tea');
  for (const kind of ['tasks', 'problems']) {
    const told = all.events.map((event) => event[kind.slice(0, -1)]).filter(Boolean);
    assert.deepEqual(stills(all[kind]), stills([...byId(told).values()]));
    assert.equal(all[kind].length, 1);
  }
  assert.deepEqual(all.keys.map(({ key, asked, result }) => [key, asked.title, result.seq]), [['phone:1', 'Green tea', all.seq]]);
  assert.deepEqual(all.goals.map(({ sessionId, minutes }) => [sessionId, minutes]), [[tea, 20]]);
  assert.deepEqual(all.dayRules.map(({ timeZone, sessionsResetTime }) => `${timeZone} ${sessionsResetTime}`).at(-1), 'Europe/Berlin 04:30');
  assert.equal(all.dayRules[0].fromMs, null);
  assert.deepEqual(all.intervals.filter(({ endMs }) => endMs === null).map(({ sessionId }) => sessionId).length, 3, 'the timer, the work and the training run');
  for (const { sessionId, startMs } of all.intervals) {
    assert.ok(byId(all.sessions).has(sessionId));
    assert.ok(startMs <= all.exportedAtMs);
  }
  assert.deepEqual(all.devices, (await anna.gets('/v1/tokens')).items);
  assert.equal(all.devices[0].id, device);
  assert.ok(!JSON.stringify(all).includes(token));
  await socket.end();
});

test('nothing of anybody else is in it', async (t) => {
  const { server, exported } = await serving(t);
  const [anna, ben] = [await Person.of(server, 'anna'), await Person.of(server, 'ben')];
  await Promise.all([live(anna), live(ben)]);
  const all = await exported('ben');
  assert.ok(!JSON.stringify(all).includes('anna'));
  assert.equal(all.sessions.length, 5);
  for (const name of ['sessions', 'groups', 'plans']) assert.ok(all[name].every(({ userId }) => userId === 'ben'));
});

test('into a file of its owner’s; and what cannot be is said in a line', async (t) => {
  const { server, exported } = await serving(t);
  const anna = await Person.of(server, 'anna');
  await live(anna);
  const to = join(server.dir, 'anna.json');
  assert.equal(await does('export', '--db', server.db, '--user', 'anna', '--to', to), `exported anna to ${to}\n`);
  assert.equal(statSync(to).mode & 0o777, 0o600);
  const { exportedAtMs, ...all } = JSON.parse(readFileSync(to, 'utf8'));
  assert.deepEqual(all.events, (await exported('anna')).events);
  await refuses(1, /cannot write .*anna\.json: File exists/, 'export', '--db', server.db, '--user', 'anna', '--to', to);
  await refuses(1, /nobody here has the user id carl/, 'export', '--db', server.db, '--user', 'carl');
  await refuses(1, /cannot read /, 'export', '--db', join(server.dir, 'nowhere'), '--user', 'anna');
  await refuses(2, /needs --user/, 'export', '--db', server.db);
  const { status, stderr } = await run(['export', '--db', server.db, '--user', 'anna'], { wrapper: ['sh', '-c', 'exec "$@" >/dev/full', 'sh'] });
  assert.equal(status, 1);
  assert.equal(stderr, 'lockstepd: cannot export anna: No space left on device\n');
});

test('a person whose every socket is busy is told of as at one moment', async (t) => {
  const { server, exported } = await serving(t, options);
  const load = await Load.of(server);
  load.start();
  await load.until(() => load.answers >= 500);
  for (let n = 0; n < 3; n++) {
    const all = await exported('user0');
    assert.equal(all.seq, all.events.length);
    assert.equal(all.audit.length, all.seq);
    const made = new Map();
    for (const { session } of all.events) if (session) made.set(session.id, session);
    assert.deepEqual(stills(all.sessions), stills([...made.values()]));
    assert.deepEqual(new Set(all.intervals.filter(({ endMs }) => !endMs).map(({ sessionId }) => sessionId)), new Set(all.sessions.filter(({ state }) => state === 'RUNNING').map(({ id }) => id)));
  }
  load.stop();
  await load.end();
});
