// A crowd of timers that are all due at one instant: domain.md section 2: "a hundred thousand at one instant delay nobody
// else", "start-up waits for none of it", and each happens exactly once, at its own instant. Prints what it measured.
//   CROWD=100000 node --test tests/faults/crowd.test.mjs
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { uuid } from '../integration/support/client.mjs';
import { Clocked } from '../integration/support/clocked.mjs';
import { hour, minute, second } from '../integration/support/person.mjs';
import { patience } from '../integration/support/server.mjs';
import { does } from '../integration/support/tool.mjs';

const crowd = process.env.FAULTS === 'long' ? 100000 : 10000;
const each = 500; // "500 timers not deleted"
const watched = 16; // of the users have a socket, the last one too

let server;
let people;
let begunMs;
let calmMs = 0; // the longest that the machine alone made somebody wait
before(async () => {
  const flags = ['--rate-commands', '1000000/1000000', '--max-replay', '100000/268435456', '--max-sockets-address', '1000', '--max-unauthenticated', '1000'];
  server = await Clocked.start(flags);
  people = await Promise.all(Array.from({ length: Math.max(1, Math.round(crowd / each)) }, (_, i) => server.person(`user-${i}`)));
  for (const person of people) person.timers = Array.from({ length: each }, uuid);
  begunMs = Date.now();
  // The clock will be set ahead, and nobody's day shall end meanwhile.
  for (const person of people) await person.liveAtNoon();
  await send((session) => [
    { type: 'addSession', session, title: 'One of a crowd', initialDuration: 3600, atMs: begunMs },
    { type: 'start', session, atMs: begunMs },
  ]);
});
after(async () => {
  try {
    assert.match(await does('check-db', '--db', server.db), /^ok: /);
  } finally {
    await server.stop();
  }
});

// The same commands for every timer, a few people at a time; and where everybody's log stands then.
async function send(make) {
  const waiting = [...people];
  const work = async () => {
    for (let person = waiting.pop(); person; person = waiting.pop()) {
      await person.commands(...person.timers.flatMap(make));
      await note(person);
    }
  };
  await Promise.all(Array.from({ length: 6 }, work));
}

// Where the person's log stands, and all that comes after.
async function note(person) {
  const { epoch, seq } = await person.gets('/v1/state');
  person.position = { epoch, seq };
}
const eventsSince = async (person) => (await person.gets(`/v1/events?epoch=${person.position.epoch}&seq=${person.position.seq}`)).events;

const watchedPeople = () => people.filter((_, i) => i === people.length - 1 || i % Math.ceil(people.length / watched) === 0);

// Somebody who has nothing to do with it: pings and commands, and how long they took.
class Bystander {
  static async of(where) {
    const bystander = Object.assign(new Bystander(), { pings: [], commands: [], over: false });
    bystander.client = await (await where.person()).live();
    const { client } = bystander;
    client.socket.on('pong', (sent) => bystander.pings.push(performance.now() - Number(sent)));
    const { session } = await client.ask({ type: 'addSession', title: 'Mine' });
    bystander.pinging = setInterval(() => client.socket.ping(String(performance.now())), 20).unref();
    bystander.working = bystander.work(session);
    return bystander;
  }

  async work(session) {
    for (let i = 0; !this.over; i++) {
      const begun = performance.now();
      const { ok } = await this.client.ask({ type: i % 2 ? 'pause' : 'start', session });
      assert.ok(ok);
      this.commands.push(performance.now() - begun);
      await sleep(10);
    }
  }

  async end(t, when) {
    this.over = true;
    await this.working;
    clearInterval(this.pinging);
    await this.client.end();
    for (const name of ['pings', 'commands']) {
      const sorted = this[name].sort((a, b) => a - b);
      const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1);
      t.diagnostic(`${when}: ${sorted.length} ${name}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`);
      assert.ok(sorted.at(-1) < (second + calmMs) * patience, `${name} within a second, ${when}`);
    }
    return Math.max(...this.pings, ...this.commands);
  }
}

// Processor time of the server so far, in hundredths of a second.
const used = () => readFileSync(`/proc/${server.process.pid}/stat`, 'utf8').split(' ').slice(13, 15).map(Number).reduce((a, b) => a + b);

// Waits until the server has nothing to do; nobody asks it for anything meanwhile, for that would settle the asker's.
async function idle() {
  for (let quiet = 0, last = used(); quiet < 5; ) {
    await sleep(200);
    const now = used();
    quiet = now - last <= 2 ? quiet + 1 : 0;
    last = now;
  }
}

// Each timer has ended once, at its instant, and not before it; by itself, before anybody asked. When the last one did.
async function allEnded(dueMs) {
  const askedMs = server.now();
  let lastMs = 0;
  for (const person of people) {
    const from = person.position.seq;
    const events = await eventsSince(person);
    assert.deepEqual(events.map(({ seq }) => seq), Array.from({ length: each }, (_, i) => from + 1 + i));
    assert.deepEqual(events.map(({ session }) => session.id).sort(), [...person.timers].sort());
    for (const { event, atMs, nowMs, origin, session } of events) {
      assert.deepEqual([event, atMs, origin, session.status, session.timeLeft], ['complete', dueMs, { via: 'server' }, 'completed', 0]);
      assert.ok(nowMs >= dueMs, `${nowMs} is before ${dueMs}`);
      lastMs = Math.max(lastMs, nowMs);
    }
    const { state, seq } = await person.gets('/v1/state');
    assert.equal(seq, from + each);
    assert.ok(state.sessions.every(({ status }) => status === 'completed'));
  }
  assert.ok(lastMs < askedMs, 'all had ended before anybody asked');
  return lastMs - dueMs;
}

const timers = () => people.length * each;

test('all due at one instant: each ends once, none early, and nobody else waits', { timeout: 600 * second }, async (t) => {
  const dueMs = begunMs + hour;
  const sockets = await Promise.all(watchedPeople().map((person) => person.live()));
  await idle();
  const calm = await Bystander.of(server);
  await sleep(2 * second);
  calmMs = await calm.end(t, 'before');

  const bystander = await Bystander.of(server);
  server.set(dueMs - Date.now() - second);
  const early = Promise.all(sockets.map((socket) => socket.event('complete', 60 * second).then(() => server.now())));
  assert.ok(Math.min(...(await early)) >= dueMs, 'nobody was told early');
  for (const socket of sockets) {
    const told = () => socket.messages.filter((m) => m.type === 'event');
    while (told().length < each) await socket.event('complete', 60 * second);
    await socket.ask({ type: 'time', t0: 0 });
    assert.equal(new Set(told().map(({ session }) => session.id)).size, each);
    assert.equal(told().length, each);
  }
  await Promise.all(sockets.map((socket) => socket.end()));
  await bystander.end(t, 'during');
  await idle();
  t.diagnostic(`${timers()} timers of ${people.length} users: the last one ended ${await allEnded(dueMs)} ms after its instant`);
});

test('all overdue at a start: ready at once, each ends once, and nobody else waits', { timeout: 600 * second }, async (t) => {
  const againMs = begunMs + hour + 10 * minute;
  server.set(againMs + minute - Date.now());
  await send((session) => [{ type: 'start', session, atMs: againMs }]);
  await server.kill('SIGTERM');
  const dueMs = againMs + hour;
  server.set(dueMs + minute - Date.now());
  const begun = performance.now();
  await server.start();
  for (;;) {
    const { status } = await server.request('GET', '/readyz');
    if (status === 200) break;
  }
  const ready = performance.now() - begun;
  const bystander = await Bystander.of(server);
  // What is due is "settled before its user's next answer".
  const asked = performance.now();
  const { state } = await people.at(-1).gets('/v1/state');
  const took = performance.now() - asked;
  assert.ok(state.sessions.every(({ status }) => status === 'completed'));
  t.diagnostic(`one of the crowd has its answer, with all of its ${each} settled, after ${took.toFixed(0)} ms`);
  assert.ok(took < second * patience);
  await sleep(Math.max(3, crowd / 8000) * second);
  await bystander.end(t, 'after the start');
  await idle();
  t.diagnostic(`ready after ${ready.toFixed(0)} ms; the last of ${timers()} ended ${(await allEnded(dueMs)) - minute} ms after the start`);
  assert.ok(ready < 3 * second, `ready after ${ready} ms`);
});

test('everybody\'s day ends at one instant: each timer is reset once, and nobody else waits', { timeout: 600 * second }, async (t) => {
  const { state } = await people[0].gets('/v1/state');
  const dueMs = state.user.dayEndMs;
  for (const person of people) await note(person);
  const sockets = await Promise.all(watchedPeople().map((person) => person.live()));
  const bystander = await Bystander.of(server);
  server.set(dueMs - Date.now() - second);
  for (const socket of sockets) await socket.event('resetAll', 60 * second);
  await bystander.end(t, 'at the end of the day');
  await Promise.all(sockets.map((socket) => socket.end()));
  await idle();
  const passes = [];
  for (const person of people) {
    const events = await eventsSince(person);
    assert.deepEqual(events.map(({ event, atMs }) => [event, atMs]), [['resetAll', dueMs]]);
    assert.deepEqual(events[0].sessions.map(({ id }) => id).sort(), [...person.timers].sort());
    passes.push(events[0].nowMs);
  }
  t.diagnostic(`${timers()} timers of ${people.length} users: the last one was reset ${Math.max(...passes) - dueMs} ms after the boundary`);
  // "In small slices between commands": each has a time of its own, and one such reset fills it.
  assert.ok(passes.length === 1 || new Set(passes).size > passes.length / 2, `${new Set(passes).size} slices`);
});
