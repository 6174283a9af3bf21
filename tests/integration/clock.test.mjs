// The wall clock is set while the server runs, or was wrong when it started; the process stands still for a while.
// domain.md section 2: "The server's clock rules, and never runs backwards for a user", and what is due happens "exactly
// once", "at its own time". Deadlines of sockets and requests are none of the wall clock's business.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, uuid } from './support/client.mjs';
import { Clocked } from './support/clocked.mjs';
import { Person, day, hour, minute, second } from './support/person.mjs';
import { patience } from './support/server.mjs';
import { does } from './support/tool.mjs';

// How long the process stands still.
const stopped = process.env.FAULTS === 'long' ? minute : 5 * second;
// What is instrumented, and shares the machine with other tests, may take longer.
const late = (process.env.LOCKSTEPD ? 4 * second : second) * patience;
// Seconds of a timer that must not end before the clock is set.
const soonOver = 4 * patience;
// What follows a step is noticed within a second; the rest is for the machine.
const soon = 10 * second;

async function withServer(use) {
  const server = await Clocked.start();
  try {
    await use(server);
    assert.match(await does('check-db', '--db', server.db), /^ok: /);
  } finally {
    await server.stop();
  }
}

// Somebody else's socket, which wants an answer to a ping ten times a second.
class Pulse {
  static async of(server) {
    const pulse = new Pulse();
    pulse.client = await (await server.person()).live();
    pulse.trips = [];
    pulse.client.socket.on('pong', (sent) => pulse.trips.push(performance.now() - Number(sent)));
    pulse.timer = setInterval(() => pulse.client.socket.ping(String(performance.now())), 100).unref();
    return pulse;
  }

  async end() {
    clearInterval(this.timer);
    assert.equal(this.client.close, undefined);
    await this.client.end();
    assert.ok(this.trips.length > 0);
    assert.ok(Math.max(...this.trips) < late, `a ping took ${Math.max(...this.trips)} ms`);
  }
}

const timer = (seconds) => ({ type: 'addSession', session: uuid(), title: 'Egg', initialDuration: seconds });
const start = ({ session }) => ({ type: 'start', session });
const eventsOf = (client, id) => client.messages.filter((m) => m.type === 'event' && m.session?.id === id);
const names = (events) => events.map(({ event }) => event).join(' ');
const sessionOf = async (client, session) => (await client.ask({ type: 'getSession', session })).value;

// What the server makes it, on each of the messages that a client may take the time from.
async function tells(client, expected) {
  const before = expected();
  const { t1Ms, t2Ms } = await client.ask({ type: 'time', t0: 0 });
  const { nowMs } = await client.ask({ type: 'getSession', session: uuid() });
  const read = await client.ask({ type: 'help' });
  assert.equal(read.type, 'help');
  const after = expected();
  for (const told of [t1Ms, t2Ms, nowMs]) assert.ok(told >= before - 5 && told <= after + 5, `${told} is not within ${before} and ${after}`);
}

// "nowMs is the server's time": all sources of an offset agree, or two screens would show different times.
async function sourcesAgree(server, person, session) {
  const before = server.now();
  const client = await person.live();
  const told = [client.messages.find((m) => m.type === 'hello').nowMs, client.ready.nowMs];
  const time = await client.ask({ type: 'time', t0: 0 });
  told.push(time.t1Ms, time.t2Ms, (await client.ask({ type: 'getSession', session })).nowMs, (await client.ask({ type: 'pause', session })).nowMs);
  told.push((await client.ask({ type: 'start', session: uuid() })).nowMs);
  const after = server.now();
  for (const ms of told) assert.ok(ms >= before - 5 && ms <= after + 5, `${told} should all be within ${before} and ${after}`);
  await client.end();
}

// A request that is never finished: how long until the server has enough of it.
function halfARequest({ port }) {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET /healthz HTTP/1.1\r\nHost: 127.0'));
    socket.resume();
    socket.on('close', () => resolve(performance.now() - begun));
    socket.on('error', reject);
  });
}

describe('the wall clock', { concurrency: true }, () => {
  test('an hour ahead: what became due happens at its own instants, in their order, once; the rest goes on', () =>
    withServer(async (server) => {
      const person = await server.person();
      const [client, other] = [await person.live(), await person.live()];
      const pulse = await Pulse.of(server);
      const [half, two, open] = [timer(1800), timer(7200), timer(null)];
      const focus = { type: 'addSession', session: uuid(), kind: 'focus', sessionType: 'pomodoro' };
      for (const add of [half, two, open]) await person.commands(add, start(add));
      await person.commands(focus, { type: 'pause', session: focus.session, reason: 'bell' });
      const was = await sessionOf(client, two.session);

      server.set(hour);
      const ended = await client.next((m) => m.event === 'complete' && m.session.id === focus.session, soon);
      await other.next((m) => m.event === 'complete' && m.session.id === focus.session, soon);
      const [, pause, resumed, completed] = eventsOf(client, focus.session);
      assert.equal(names(eventsOf(client, focus.session)), 'addSession pause start complete');
      // "a pause that reaches 10 minutes ends by itself: the server makes `start` at that instant", and then its target.
      assert.equal(resumed.atMs, pause.atMs + 10 * minute);
      assert.equal(completed.atMs, resumed.session.targetTimeMs);
      const [, started, done] = eventsOf(client, half.session);
      assert.equal(names(eventsOf(client, half.session)), 'addSession start complete');
      assert.equal(done.atMs, started.session.targetTimeMs);
      assert.deepEqual([resumed.seq < done.seq, done.seq < ended.seq], [true, true], 'in the order of their instants');
      assert.deepEqual(other.messages.filter((m) => m.type === 'event'), client.messages.filter((m) => m.type === 'event'));

      const is = await sessionOf(client, two.session);
      assert.deepEqual([is.state, is.targetTimeMs, is.version], ['RUNNING', was.targetTimeMs, was.version]);
      assert.ok(Math.abs(is.elapsedSeconds - 3600) < 30);
      assert.equal((await sessionOf(client, open.session)).state, 'RUNNING');
      await tells(client, () => server.now());
      await pulse.end();
      await Promise.all([client.end(), other.end()]);
    }));

  test('an hour back: nothing ends early, nothing runs backwards, and once it is right again all ends once', () =>
    withServer(async (server) => {
      const person = await server.person();
      const client = await person.live();
      const pulse = await Pulse.of(server);
      const [egg, tea, open] = [timer(soonOver), timer(60), timer(null)];
      for (const add of [egg, tea, open]) await person.commands(add, start(add));

      server.set(-hour);
      await sleep((soonOver + 1) * second);
      assert.equal(names(eventsOf(client, egg.session)), 'addSession start', 'its target is an hour away');
      // "an event's atMs is at least that of the session's last change", for every command that moves the clock.
      for (const type of ['pause', 'start', 'pause', 'resetSession', 'start']) {
        const { ok, changed } = await client.ask({ type, session: tea.session });
        assert.deepEqual([ok, changed], [true, type !== 'resetSession' || changed], type);
      }
      const moved = eventsOf(client, tea.session);
      for (let i = 1; i < moved.length; i++) assert.ok(moved[i].atMs >= moved[i - 1].atMs && moved[i].nowMs >= moved[i - 1].nowMs);
      for (const { session } of moved) {
        assert.ok(session.timeLeft >= 0 && session.timeLeft <= 60 && session.elapsedSeconds >= 0 && session.trackedSeconds >= 0, JSON.stringify(session));
      }
      const { elapsedSeconds, trackedSeconds } = await sessionOf(client, open.session);
      assert.ok(elapsedSeconds >= 0 && elapsedSeconds < 60 && trackedSeconds >= 0 && trackedSeconds < 60);
      // When the person acted may be told, and is still not in the server's future.
      assert.equal((await client.ask({ type: 'pause', session: open.session, atMs: Date.now() })).ok, true);
      await tells(client, () => server.now());

      server.set(0);
      const ended = await client.next((m) => m.event === 'complete' && m.session.id === egg.session, soon);
      const [, started] = eventsOf(client, egg.session);
      assert.equal(ended.atMs, started.session.targetTimeMs);
      await client.ask({ type: 'time', t0: 0 });
      assert.equal(names(eventsOf(client, egg.session)), 'addSession start complete');
      const seqs = client.messages.filter((m) => m.type === 'event').map(({ seq }) => seq);
      assert.deepEqual(seqs, seqs.map((_, i) => i + 1));
      await pulse.end();
      await client.end();
    }));

  test('after a step back hello, ready, time and results tell one and the same time', () =>
    withServer(async (server) => {
      const person = await server.person();
      const egg = timer(600);
      server.set(30 * minute);
      await person.commands(egg, start(egg));
      server.set(0);
      await sourcesAgree(server, person, egg.session);
    }));

  test('a second to and fro: forty targets are each met once, at their instant, and not before', () =>
    withServer(async (server) => {
      const person = await server.person();
      const client = await person.live();
      const pulse = await Pulse.of(server);
      const all = Array.from({ length: 40 }, (_, i) => timer(1 + i / 10));
      client.socket.on('message', (data) => {
        const message = JSON.parse(data.toString());
        if (message.event !== 'complete') return;
        assert.ok(message.atMs <= Date.now() + second, 'not before its target, as far ahead as the clock may be');
        assert.ok(message.nowMs >= message.atMs, 'not before its target');
      });
      await person.commands(...all, ...all.map(start));
      for (let i = 0; eventsOf(client, all.at(-1).session).length < 3; i++) {
        assert.ok(i < 300 * patience, 'the last one ends');
        server.set([0, second, 0, -second][i % 4]);
        await sleep(100);
      }
      server.set(second);
      for (const { session } of all) {
        while (eventsOf(client, session).length < 3) await client.event('complete', soon);
        const [, started, ended] = eventsOf(client, session);
        assert.equal(names(eventsOf(client, session)), 'addSession start complete');
        assert.equal(ended.atMs, started.session.targetTimeMs);
      }
      await pulse.end();
      await client.end();
    }));

  test('started with a clock in the past: it serves, changes come after the last ones, and what runs is not early', () =>
    withServer(async (server) => {
      const person = await server.person();
      const [egg, tea] = [timer(soonOver), timer(600)];
      await person.commands(egg, start(egg), tea, start(tea));
      const last = (await person.gets('/v1/state')).seq;
      const { token: device } = await person.adds('/v1/tokens', { name: 'wall', scope: 'full' });
      await server.kill('SIGTERM');

      server.set(-day);
      await server.start();
      assert.equal((await server.request('GET', '/readyz')).status, 200);
      // A device's token is good at any time; one that the server makes now is of this time.
      const client = await Client.live(server, { token: device });
      const then = await Person.of(server, person.name);
      assert.equal(client.ready.userId, person.name);
      assert.equal(client.ready.seq, last);
      await sleep((soonOver + 1) * second);
      assert.equal((await sessionOf(client, egg.session)).state, 'RUNNING');
      const before = await sessionOf(client, tea.session);
      assert.ok(before.timeLeft <= 600 && before.timeLeft > 500 && before.elapsedSeconds >= 0);
      const paused = await client.ask({ type: 'pause', session: tea.session });
      assert.deepEqual([paused.ok, paused.changed, paused.seq], [true, true, last + 1]);
      const { atMs, session } = eventsOf(client, tea.session)[0];
      assert.ok(atMs >= before.updatedAtMs && session.timeLeft <= 600);
      await sourcesAgree(server, then, tea.session);

      server.set(0);
      const ended = await client.next((m) => m.event === 'complete', soon);
      assert.deepEqual([ended.session.id, ended.atMs], [egg.session, (await sessionOf(client, egg.session)).endedAtMs]);
      assert.equal(ended.atMs, ended.session.startedAtMs + soonOver * second);
      await client.end();
    }));

  test('a machine without a battery: at the epoch, where west of Greenwich it is still 1969', () =>
    withServer(async (server) => {
      await server.kill('SIGTERM');
      server.set(30 * minute - Date.now());
      await server.start();
      const person = await Person.of(server, 'early');
      const client = await person.live();
      const tea = timer(600);
      for (const command of [{ type: 'autoResetTimeChange', timeZone: 'America/New_York', sessionsResetTime: '23:00' }, tea, start(tea)]) {
        assert.equal((await client.ask(command)).ok, true, command.type);
      }
      assert.equal((await server.request('GET', '/analytics', { token: person.token })).status, 200);
      assert.equal((await client.ask({ type: 'getSession', session: tea.session })).value.state, 'RUNNING');
      await client.end();
    }));

  test('the daily reset comes once a day, however often the clock passes the boundary', () =>
    withServer(async (server) => {
      // Far enough ahead that the server's clock is never behind the one by which tokens are made.
      const midnight = Math.ceil((Date.now() + hour) / day) * day;
      const to = (ms) => server.set(ms - Date.now());
      to(midnight - 10 * minute);
      const person = await server.person();
      const client = await person.live();
      const tea = timer(3600);
      const resets = () => client.messages.filter((m) => m.event === 'resetAll');
      // Some of it is used, so that there is something to reset.
      const use = async () => {
        await person.commands(start(tea));
        server.set(server.offset + 2 * second);
        await person.commands({ type: 'pause', session: tea.session });
      };
      await person.commands(tea);
      await use();
      for (const step of [second, hour, -hour, -second, hour, second]) {
        to(midnight + step);
        await client.ask({ type: 'getSession', session: tea.session });
        await use();
        await sleep(1200);
      }
      assert.deepEqual(resets().map(({ atMs }) => atMs), [midnight]);
      assert.deepEqual(resets()[0].sessions.map(({ id, timeLeft }) => [id, timeLeft]), [[tea.session, 3600]]);
      to(midnight + 3 * day + minute);
      await client.event('resetAll', soon);
      await use();
      to(midnight + 3 * day - minute);
      await sleep(1200);
      to(midnight + 3 * day + hour);
      await client.ask({ type: 'getSession', session: tea.session });
      // "Days missed … make one reset, stamped with the last boundary."
      assert.deepEqual(resets().map(({ atMs }) => atMs), [midnight, midnight + 3 * day]);
      await client.end();
    }));

  test('the process stands still: what fell due meanwhile happens at its instant, and nobody is cut off', () =>
    withServer(async (server) => {
      const person = await server.person();
      const [client, idle] = [await person.live(), await person.live()];
      const newcomer = server.token('newcomer');
      const egg = timer(2);
      await person.commands(egg, start(egg));
      const { targetTimeMs } = (await client.event('start')).session;
      server.process.kill('SIGSTOP');
      try {
        client.send({ type: 'pause', id: 'late', session: egg.session });
        var arriving = new Client(server, { token: newcomer });
        await sleep(stopped);
      } finally {
        server.process.kill('SIGCONT');
      }
      const ended = await client.event('complete', soon);
      assert.equal(ended.atMs, targetTimeMs);
      // "a pause that arrives after the target finds a completed session (and, being satisfied, changes nothing)"
      const { ok, changed } = await client.next((m) => m.id === 'late', soon);
      assert.deepEqual([ok, changed], [true, false]);
      await idle.event('complete', soon);
      await arriving.next((m) => m.type === 'live', soon);
      for (const socket of [client, idle, arriving]) {
        assert.equal((await socket.ask({ type: 'help', command: 'start' })).type, 'help');
        assert.equal(socket.close, undefined);
      }
      assert.equal(names(eventsOf(idle, egg.session)), 'addSession start complete');
      await Promise.all([client, idle, arriving].map((socket) => socket.end()));
    }));

  test('deadlines don\'t follow the wall clock; a token\'s end does', () =>
    withServer(async (server) => {
      const person = await server.person();
      const token = server.token('brief', '--minutes', '50');
      const begun = performance.now();
      const since = () => performance.now() - begun;
      const stranger = new Client(server);
      const [quiet, brief] = await Promise.all([person.live(), Client.live(server, { token })]);
      const [asked, left, expired] = [halfARequest(server), stranger.closed.then(since), brief.closed.then(since)];
      const hb = quiet.next((m) => m.type === 'hb', 40 * second).then((message) => ({ ...message, after: since() }));
      for (let i = 0; i < 9; i++) {
        server.set([-hour, -second, second, 0][i % 4]);
        await sleep(second);
      }
      assert.equal(stranger.close, undefined, 'authTimeoutMs is ten seconds');
      assert.equal(brief.close, undefined, 'the token lives');
      server.set(hour);
      for (const took of [await asked, await left]) assert.ok(took > 9 * second && took < 12 * second + late, `${took} ms`);
      assert.deepEqual((await stranger.closed).reason, 'authTimeout');
      const { nowMs, seq, after } = await hb;
      assert.ok(after > 24 * second && after < 27 * second + late, `${after} ms`);
      assert.equal(seq, 0);
      assert.ok(Math.abs(nowMs - server.now()) < late);
      // It is looked at once a heartbeat at least.
      assert.ok((await expired) < 12 * second + 25 * second + late);
      assert.deepEqual(await brief.closed, { code: 4401, reason: 'tokenExpired' });
      assert.equal((await server.request('GET', '/v1/state', { token })).status, 401);
      assert.equal((await person.ask('GET', '/v1/state')).status, 200);
      await quiet.end();
    }));
});
