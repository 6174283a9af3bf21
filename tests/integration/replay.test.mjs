// `--record` keeps what people say; `lockstepd replay` plays it, in a database of its own, and says what doesn't hold.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { random } from '../faults/history.mjs';
import { uuid } from './support/client.mjs';
import { day, hour, Person } from './support/person.mjs';
import { binary, Server } from './support/server.mjs';

const traces = fileURLToPath(new URL('../scenario/traces/', import.meta.url));

let dir;
before(() => (dir = mkdtempSync(join(tmpdir(), 'lockstep-replay-test-'))));
after(() => rmSync(dir, { recursive: true, force: true }));

// In memory where there is such a place: nobody asks for its database afterwards.
const env = { ...process.env, TMPDIR: existsSync('/dev/shm') ? '/dev/shm' : tmpdir() };

function replay(...args) {
  const { status, stdout, stderr } = spawnSync(binary, ['replay', ...args], { encoding: 'utf8', maxBuffer: 1e9, env });
  return { status, stdout, stderr };
}

function replayLines(...lines) {
  const path = join(dir, `${uuid()}.trace`);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return { path, ...replay(path) };
}

const sentBy = (text) => text.split('\n').filter((line) => line.startsWith('< ')).map((line) => JSON.parse(line.slice(2)));
const eventsBy = (text) => sentBy(text).filter(({ type }) => type === 'event');

async function recording(t, options = []) {
  const path = join(dir, `${uuid()}.trace`);
  const server = await Server.start(['--rate-commands', '1000000/1000000', '--record', path, ...options]);
  t.after(() => server.stop());
  return { server, path };
}

// What somebody might say, sensible or not.
class Talk {
  constructor(seed) {
    this.random = random(seed);
    this.ids = { session: [], work: [], group: [], task: [], problem: [], plan: [] };
    this.keys = [];
  }

  below(n) {
    return this.random.below(n);
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  // Mostly one that is there.
  some(entity) {
    return this.below(12) && this.ids[entity].length ? this.pick(this.ids[entity].slice(-6)) : uuid();
  }

  // The server makes the id, or not.
  own(entity) {
    return this.below(2) ? {} : { [entity]: uuid() };
  }

  adds() {
    const title = this.pick(['A', 'at @2026-01-01T00:00:00Z', 'Ü\n"<> \\', '😀']);
    return this.pick([
      { type: 'addSession', ...this.own('session'), title, initialDuration: this.pick([0.5, 1, 1.25, 600, null]) },
      { type: 'add', ...this.own('session'), title, dailyGoalMinutes: this.below(3) },
      { type: 'addSession', kind: 'focus', sessionType: this.pick(['pomodoro', 'long']) },
      { type: 'addSession', kind: 'work', group: this.some('group'), plannedTasks: ['x'], startMs: Date.now() - hour },
      { type: 'addSession', kind: 'training', plan: this.some('plan'), date: '2026-11-21' },
      { type: 'addGroup', ...this.own('group'), name: title },
      { type: 'addTask', session: this.some('work'), description: title },
      { type: 'reportProblem', group: this.some('group'), description: 'It does not work.', severity: 'Major', costImpact: 1.25 },
      { type: 'addPlan', ...this.own('plan'), name: title, structure: { epoch: [{ 'a@2026': 1.5 }] } },
    ]);
  }

  clock() {
    const types = ['start', 'start', 'pause', 'resetSession', 'complete', 'abandon', 'deleteSession', 'restoreSession', 'distraction'];
    const atMs = this.below(4) ? undefined : Date.now() - this.pick([0, 20, 300, 8 * day]);
    return { type: this.pick(types), session: this.some('session'), atMs };
  }

  changes() {
    const session = this.some('session');
    return this.pick([
      { type: 'editSession', session, initialDuration: this.pick([1, 60]), ...(this.below(3) ? {} : { ifVersion: this.below(4) }) },
      { type: 'renameSession', session, title: 'B' },
      { type: 'moveSession', session, group: this.below(2) ? null : this.some('group') },
      { type: 'resetAll' },
      { type: 'autoResetTimeChange', sessionsResetTime: this.pick(['00:00', '04:00', '23:59']), timeZone: this.pick(['UTC', 'Asia/Tokyo']) },
      { type: 'deleteGroup', group: this.some('group') },
      { type: 'completeTask', task: this.some('task'), qualityResult: this.pick(['Good', 'NeedsRework']) },
      { type: 'resolveProblem', problem: this.some('problem') },
      { type: 'editPlan', plan: this.some('plan'), name: 'C' },
      { type: 'getSession', session },
      { type: 'getSnapshot' },
    ]);
  }

  unread() {
    return this.pick([{ type: 'start', session: 'nobody' }, { type: 'dance' }]);
  }

  // Too many that cannot be read would close the socket.
  command() {
    if (this.below(40) === 0) return this.unread();
    const command = this.pick([() => this.clock(), () => this.clock(), () => this.changes(), () => this.adds()])();
    if (this.below(3) === 0) this.keys.push({ ...command, key: `k${this.keys.length}` });
    return this.keys.length && this.below(6) === 0 ? this.pick(this.keys) : command;
  }

  message() {
    if (this.below(6)) return this.command();
    return { type: 'batch', commands: Array.from({ length: 1 + this.below(4) }, () => this.command()) };
  }

  // Over the requirement documents' endpoints.
  request() {
    const session = this.some('session');
    return this.pick([
      ['POST', '/sessions', { title: 'R', initialDuration: 60 }],
      ['POST', `/sessions/${session}/actions/start`],
      ['PATCH', `/sessions/${session}`, { dailyGoalMinutes: 10, version: this.below(3) }],
      ['POST', '/api/sessions', { sessionType: 'pomodoro' }],
      ['PUT', `/api/sessions/${session}/abandon`],
      ['DELETE', `/groups/${this.some('group')}`],
      ['POST', '/v1/commands', this.message()],
      ['POST', '/v1/commands', { type: 'batch', commands: [this.command(), this.command()] }],
      ['GET', '/sessions'],
    ]);
  }

  hears(event) {
    if (event.type !== 'event') return;
    for (const entity of Object.keys(this.ids)) if (event[entity]) this.ids[entity].push(event[entity].id);
    if (event.session?.kind === 'work') this.ids.work.push(event.session.id);
  }
}

// A batch is answered by its commands' ids; what is said next waits for it anyway.
async function says(socket, message) {
  if (message.type === 'batch') socket.send(message);
  else await socket.ask(message);
}

// What chance alone seldom makes.
async function works(person) {
  const [group, session, task, problem] = Array.from({ length: 4 }, () => uuid());
  await person.commands(
    { type: 'addGroup', group, name: 'Garage' },
    { type: 'addSession', session, kind: 'work', group, startMs: Date.now() - hour },
    { type: 'addTask', session, task, description: 'Sand' },
    { type: 'completeTask', task, qualityResult: 'NeedsRework' },
    { type: 'reportProblem', group, problem, description: 'It does not fit.', severity: 'Major', timeImpact: 0.5 },
    { type: 'resolveProblem', problem },
    { type: 'complete', session },
  );
}

// Two sockets; what one of them is told is what there is to know.
async function talks(person, seed, count) {
  const talk = new Talk(seed);
  const sockets = await Promise.all([person.live(), person.live()]);
  const [ear] = sockets;
  ear.socket.on('message', () => talk.hears(ear.messages.at(-1)));
  await works(person);
  for (let i = 0; i < count; i++) {
    if (talk.below(4) === 0) await person.ask(...talk.request());
    else await says(talk.pick(sockets), talk.message());
  }
  return ear;
}

// What comes by itself has come: its last event is the log's.
async function heardAll(person, ear) {
  const { seq } = await person.gets('/v1/state');
  const events = () => ear.messages.filter(({ type }) => type === 'event');
  while ((events().at(-1)?.seq ?? 0) < seq) await ear.next(({ type }) => type === 'event');
  return events();
}

test('what two people say is replayed with the same events and answers, across a restart', async (t) => {
  const { server, path } = await recording(t, ['--max-timers', '12']);
  const alice = Object.assign(new Person(), { server, name: 'alice', token: server.token('alice', '--name', 'Alice', '--email', 'a@x.org') });
  const bob = await Person.of(server, '{"bob"} of "x"');
  const first = await Promise.all([talks(alice, 1, 200), talks(bob, 2, 200)]);
  const told = [await heardAll(alice, first[0]), await heardAll(bob, first[1])];
  assert.deepEqual(await server.kill('SIGTERM'), { code: 0, signal: null });
  await server.start();
  alice.token = server.token('alice', '--name', 'Alice II');
  const second = await Promise.all([talks(alice, 3, 100), talks(bob, 4, 100)]);
  told.push(await heardAll(alice, second[0]), await heardAll(bob, second[1]));
  assert.deepEqual(await server.kill('SIGTERM'), { code: 0, signal: null });

  assert.equal(statSync(path).mode & 0o777, 0o600);
  const { status, stdout, stderr } = replay(path);
  assert.deepEqual([status, stderr], [0, '']);
  const replayed = new Map(eventsBy(stdout).map((event) => [event.tag, event]));
  const events = new Map(told.flat().map((event) => [event.tag, event]));
  assert.ok(events.size > 100, `${events.size} events`);
  assert.equal(replayed.size, events.size);
  for (const [tag, event] of events) assert.deepEqual(replayed.get(tag), event);
  t.diagnostic(`${events.size} events, ${sentBy(stdout).length - events.size} answers`);
});

test('a trace that begins with a database that is not empty is replayed on a copy of it', async (t) => {
  const server = await Server.start();
  t.after(() => server.stop());
  const person = await Person.of(server);
  const { id } = await person.adds('/sessions', { title: 'A' });
  await server.kill('SIGTERM');
  const [before, path] = [join(dir, `${uuid()}.db`), join(dir, `${uuid()}.trace`)];
  assert.equal(spawnSync(binary, ['backup', '--db', server.db, '--to', before]).status, 0);
  server.options.push('--record', path);
  await server.start();
  await person.does('PATCH', `/sessions/${id}`, { dailyGoalMinutes: 5 });
  await server.kill('SIGTERM');
  for (let i = 0; i < 2; i++) assert.deepEqual([replay('--db', before, path).status, eventsBy(replay(path, '--db', before).stdout)[0].session.id], [0, id]);
  assert.equal(replay(path).status, 1);
  assert.equal(replay('--db', join(dir, 'nothing'), path).status, 1);
});

test('somebody who is deleted is nobody in the replay, too, and somebody new afterwards', async (t) => {
  const { server, path } = await recording(t);
  const person = await Person.of(server, 'carol');
  for (let i = 0; i < 2; i++) {
    await person.adds('/sessions', { title: 'A' });
    assert.equal((await person.gets('/v1/state')).seq, 1);
    assert.equal(spawnSync(binary, ['delete-user', '--db', server.db, '--user', 'carol']).status, 0);
    person.token = (await Person.of(server, 'carol')).token;
  }
  await server.kill('SIGTERM');
  assert.match(server.log, /a person is deleted, but not from what is recorded/);
  const { status, stdout, stderr } = replay(path);
  assert.deepEqual([status, stderr], [0, '']);
  assert.deepEqual(eventsBy(stdout).map(({ seq }) => seq), [1, 1]);
});

test('what happens by itself is in the trace, and at the same instant in the replay', async (t) => {
  const { server, path } = await recording(t);
  const person = await Person.of(server);
  const socket = await person.live();
  await person.commands({ type: 'addSession', session: uuid(), title: 'A', initialDuration: 1 });
  const { session } = await socket.event('addSession');
  await socket.ask({ type: 'start', session: session.id });
  const completed = await socket.event('complete');
  assert.deepEqual(completed.origin, { via: 'server' });
  await server.kill('SIGTERM');
  assert.match(readFileSync(path, 'utf8'), /^~ 64$/m);
  assert.deepEqual(eventsBy(replay(path).stdout).at(-1), completed);
});

test('a request of rest.md that is refused is a remark: a socket would not have been', async (t) => {
  const { server, path } = await recording(t);
  const person = await Person.of(server);
  const { id } = await person.adds('/sessions', { title: 'A' });
  // The same command, on the path of another kind.
  assert.equal((await person.ask('PUT', `/api/sessions/${id}/abandon`)).status, 404);
  await person.does('PATCH', `/sessions/${id}`, { dailyGoalMinutes: 5 });
  await server.kill('SIGTERM');
  assert.match(readFileSync(path, 'utf8'), /^# refused: /m);
  const { status, stdout, stderr } = replay(path);
  assert.deepEqual([status, stderr], [0, '']);
  assert.deepEqual(eventsBy(stdout).map(({ event }) => event), ['addSession', 'editSession']);
});

test('a place where nothing can be recorded is told at the start, with exit code 1', async (t) => {
  const server = new Server(['--record', dir]);
  t.after(() => server.stop());
  await assert.rejects(server.start(), /server ended \(1\).*cannot record to /s);
});

const time = '@ 2026-03-28T23:00:00.000Z';
const add = '> {"type":"addSession","session":"00000000-0000-7000-8000-00000000000a","title":"A","initialDuration":60}';
const start = '> {"type":"start","session":"00000000-0000-7000-8000-00000000000a"}';

test('commands alone expect nothing; what is printed is a trace itself', () => {
  const { status, stdout, stderr } = replayLines('# A timer', add, time, start, '@ 2026-03-28T23:02:00.000Z', '~');
  assert.deepEqual([status, stderr], [0, '']);
  assert.deepEqual(eventsBy(stdout).map(({ event }) => event), ['addSession', 'start', 'complete']);
  assert.deepEqual(stdout.split('\n').filter((line) => !line.startsWith('<')), ['# A timer', add, time, start, '@ 2026-03-28T23:02:00.000Z', '~', '']);
  const again = replayLines(stdout.trimEnd());
  assert.deepEqual([again.status, again.stderr, again.stdout], [0, '', stdout]);
});

test('what does not hold is told with its line, and the exit code is 1', () => {
  const wrong = replayLines(time, add, '< {"event":"addSession","session":{"title":"B"}}', '< {"ok":true}', start);
  assert.equal(wrong.status, 1);
  const [first, ...rest] = wrong.stderr.split(/\n(?=\S)/);
  assert.match(first, new RegExp(`^${wrong.path}:3: expected .*"title":"B".*\\n {2}but was: .*"title":"A"`, 's'));
  assert.equal(rest.length, 2);
  for (const line of rest) assert.match(line, /:5: nothing was expected, but: /);
  const missing = replayLines(time, add, '< {"event":"addSession"}', '< {"ok":true}', '< {}');
  assert.deepEqual([missing.status, missing.stderr], [1, `${missing.path}:5: nothing was sent\n`]);
});

test('lines that cannot be understood are told, and the others played', () => {
  const lines = [time, '? {}', '@ yesterday', '@ 1970-01-01T00:00:00Z', '@ 9999-12-31T00:00:00Z', '= {"user":1}', '^ []', '> {"type":"start","atMs":@soon}', '> {"type":"help"}', '% 5', '~ all', '! max-timers many', '! stop', add, '< {'];
  const { status, stderr, path } = replayLines(...lines);
  assert.equal(status, 1);
  const told = stderr.trimEnd().split('\n').map((line) => Number(line.slice(path.length + 1).split(':')[0]));
  assert.deepEqual(told, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 15]);
});

test('a limit of the trace holds', () => {
  const { stdout } = replayLines('! max-timers 1', time, '> {"type":"add","title":"A"}', '> {"type":"add","title":"B"}');
  assert.equal(sentBy(stdout).at(-1).error.code, 'limit');
});

test('no file, or more than one, is wrong use', () => {
  assert.equal(replay().status, 2);
  assert.equal(replay('a', 'b').status, 2);
  assert.equal(replay(join(dir, 'nothing')).status, 1);
  assert.equal(replay(dir).status, 1);
});

test('every trace of the scenario tests holds', () => {
  for (const name of readdirSync(traces)) assert.deepEqual([name, replay(join(traces, name)).stderr], [name, '']);
});
