// The disk breaks, is full, locked or slow under a server that has people on it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '../integration/support/client.mjs';
import { Person } from '../integration/support/person.mjs';
import { Server } from '../integration/support/server.mjs';
import { Disk } from './disk.mjs';
import { ends } from './ends.mjs';
import { random } from './history.mjs';
import { Load, options } from './load.mjs';
import { lookAt } from './look.mjs';
import { EIO, ENOSPC, Shim } from './shim.mjs';

const long = process.env.FAULTS === 'long';
const seed = Number(process.env.FAULTS_SEED ?? 1);

// A server behind the shim, and what is left of both when `use` is done.
async function withShim(use, { log = false, more = options } = {}) {
  const server = new Server(more);
  try {
    const shim = new Shim(server, { log });
    await server.start(shim.wrapper);
    return await use(server, shim);
  } finally {
    await server.stop();
  }
}

const told = (client) => client.messages.filter(({ type }) => type === 'event' || type === 'result');

async function until(holds, ms = 30000) {
  for (const end = Date.now() + ms; !(await holds()); ) {
    assert.ok(Date.now() < end, `waited in vain for ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// --- A sync that fails -------------------------------------------------------------------------------------------

for (const [word, number] of [['EIO', EIO], ['ENOSPC', ENOSPC]]) {
  test(`${word} at fdatasync: no answer, no event, sockets closed, exit code 1; the key settles it`, () =>
    withShim(async (server, shim) => {
      const person = await Person.of(server);
      const [a, b] = await Promise.all([person.live(), person.live()]);
      const command = { type: 'addSession', id: 'lost', key: 'lost', title: 'Lost?' };
      shim.set({ failSyncWith: number, failSyncAt: shim.get('syncs') + 1 });
      const asked = person.ask('POST', '/v1/commands', { type: 'addGroup', key: 'http', name: 'Lost too?' }).then((answer) => answer.status, () => 'closed');
      a.send(command);
      assert.deepEqual(await ends(server), { code: 1, signal: null });
      const codes = (await Promise.all([a.closed, b.closed])).map(({ code }) => code);
      assert.deepEqual(codes, [1001, 1001]);
      assert.deepEqual([...told(a), ...told(b)], []);
      assert.equal(await asked, 'closed');
      assert.match(server.log, /the outcome of a commit is unknown: .*(Input\/output error|No space left on device)/);

      shim.clear();
      await server.start(shim.wrapper);
      const back = await person.live();
      const first = await back.ask({ ...command, id: 'first' });
      assert.equal(first.ok, true);
      const again = await back.ask({ ...command, id: 'again' });
      assert.deepEqual([again.ok, again.duplicate, again.seq, again.session], [true, true, first.seq, first.session]);
      const { state } = await person.gets('/v1/state');
      assert.equal(state.sessions.length, 1);
    }));
}

test('EIO at a sync under load, with and without what was not synced', () =>
  withShim(
    async (server, shim) => {
      const load = await Load.of(server, { seed });
      const luck = random(seed);
      for (let round = 0; round < (long ? 30 : 4); round++) {
        load.start();
        // Whichever it is, the server ends.
        let ended = false;
        server.exited.then(() => (ended = true));
        for (let tries = 0; !ended && tries < 50; tries++) {
          const at = shim.get('syncs') + 1 + luck.below(40);
          shim.set({ failSyncWith: EIO, failSyncAt: at });
          await load.until(() => ended || shim.get('syncs') > at);
        }
        assert.deepEqual(await ends(server), { code: 1, signal: null });
        await load.closed();
        load.stop();
        if (round % 2) {
          // The kernel has dropped what it could not write, as it may.
          const disk = new Disk();
          for (const record of shim.records()) disk.apply(record);
          for (const [name, bytes] of disk.cut('all lost', luck)) writeFileSync(join(server.dir, name), bytes);
        }
        writeFileSync(shim.log, '');
        shim.clear();
        await server.start(shim.wrapper);
        await load.comeBack();
        await load.check();
      }
      await load.end();
      await server.kill('SIGTERM');
      load.checkFile(await lookAt(server.db));
    },
    { log: true },
  ));

// --- No room -----------------------------------------------------------------------------------------------------

const isUnavailable = (result) => assert.deepEqual([result.ok, result.error?.code, result.error?.retryable], [false, 'unavailable', true], JSON.stringify(result));

// What can be read while nothing can be written.
async function readsGoOn(server, person, { sessions }) {
  const state = await person.gets('/v1/state');
  assert.equal(state.state.sessions.length, sessions);
  const client = await person.live();
  assert.equal(client.messages.find(({ type }) => type === 'snapshot').state.sessions.length, sessions);
  const snapshot = await client.ask({ type: 'getSnapshot' });
  assert.equal(snapshot.type, 'snapshot', JSON.stringify(snapshot));
  assert.equal(snapshot.state.sessions.length, sessions);
  const one = await client.ask({ type: 'getSession', session: state.state.sessions[0].id });
  assert.equal(one.ok, true, JSON.stringify(one));
  await client.end();
  await person.gets('/sessions');
  await person.gets('/analytics?period=daily');
  await person.gets(`/v1/events?epoch=${state.epoch}&seq=0`);
  assert.equal((await server.request('GET', '/healthz')).status, 200);
}

async function isUnready(server) {
  const answer = await server.request('GET', '/readyz');
  assert.equal(answer.status, 503, answer.text);
  assert.match(answer.text, /cannot be written/);
}

const isReady = async (server) => (await server.request('GET', '/readyz')).status === 200;

test('no room: `unavailable`, /readyz says why, reads go on, and writes come back by themselves', () =>
  withShim(async (server, shim) => {
    const person = await Person.of(server);
    const a = await person.live();
    const { session } = await a.ask({ type: 'addSession', title: 'Read', initialDuration: 3600 });
    shim.full();
    const start = { type: 'start', key: 'start', session };
    isUnavailable(await a.ask(start));
    const commands = [1, 2, 3].map((n) => ({ type: 'addSession', id: n, key: `batch${n}`, title: `${n}` }));
    const batch = await person.ask('POST', '/v1/commands', { type: 'batch', commands });
    assert.equal(batch.status, 503, batch.text);
    const rest = await person.ask('POST', '/groups', { name: 'Garage' });
    assert.deepEqual([rest.status, rest.body.error.type, rest.body.error.code], [503, 'ServiceUnavailable', 'unavailable']);
    await isUnready(server);
    await readsGoOn(server, person, { sessions: 1 });
    assert.equal(a.close, undefined);

    shim.roomAgain();
    await until(() => isReady(server));
    const started = await a.ask(start);
    assert.deepEqual([started.ok, started.changed, started.duplicate], [true, true, false]);
    assert.equal((await person.ask('POST', '/v1/commands', { type: 'batch', commands })).status, 200);
    await readsGoOn(server, person, { sessions: 4 });
    assert.deepEqual(told(a).filter(({ type }) => type === 'event').map(({ event, seq }) => [event, seq]), [['addSession', 1], ['start', 2], ['addSession', 3], ['addSession', 4], ['addSession', 5]]);
  }));

test('no room while something falls due: reads go on, and it happens once there is room', () =>
  withShim(async (server, shim) => {
    const [person, other] = [await Person.of(server), await Person.of(server)];
    const [a, b] = await Promise.all([person.live(), other.live()]);
    await b.ask({ type: 'addSession', title: 'Read' });
    const { session } = await a.ask({ type: 'addSession', title: 'Short', initialDuration: 1 });
    const { seq } = await a.ask({ type: 'start', session });
    const target = (await a.event('start')).session.targetTimeMs;
    shim.full();
    await until(() => Date.now() > target + 200);
    await until(async () => !(await isReady(server)));
    await readsGoOn(server, other, { sessions: 1 });
    // Whose time stands still is told so: an answer would be of a state that nobody has seen yet.
    isUnavailable((await person.ask('GET', '/v1/state')).body);

    shim.roomAgain();
    const done = await a.event('complete', 30000);
    assert.deepEqual([done.seq, done.atMs], [seq + 1, target]);
    await readsGoOn(server, person, { sessions: 1 });
  }));

test('room ends in the middle of a batch, at every write of it: all of it or nothing', () =>
  withShim(async (server, shim) => {
    const person = await Person.of(server);
    const a = await person.live();
    const batch = (n) => Array.from({ length: 30 }, (_, i) => ({ type: 'addSession', id: `${n}.${i}`, key: `${n}.${i}`, title: `${n}.${i}` }));
    let n = 0;
    for (let at = 1, failed = true; failed; at += long ? 1 : 4) {
      const commands = batch(++n);
      shim.set({ failWritesWith: ENOSPC, failWritesFrom: shim.get('writes') + at });
      const ask = async () => {
        a.send({ type: 'batch', id: 'batch', commands });
        return Promise.all(commands.map(({ id }) => a.next((m) => m.id === id, 30000)));
      };
      const results = await ask();
      failed = !results[0].ok;
      assert.ok(results.every(({ ok }) => ok === !failed));
      if (failed) results.forEach(isUnavailable);
      assert.equal((await person.gets('/v1/state')).state.sessions.length, 30 * (failed ? n - 1 : n));
      shim.roomAgain();
      if (failed) (await ask()).forEach(({ ok, duplicate }) => assert.deepEqual([ok, duplicate], [true, false]));
    }
    assert.ok(n > 4, `${n} writes`);
    const seqs = told(a).filter(({ type }) => type === 'event').map(({ seq }) => seq);
    assert.deepEqual(seqs, Array.from({ length: 30 * n }, (_, i) => i + 1));
  }));

test('no room now and then under load, then killed', () =>
  withShim(async (server, shim) => {
    const load = await Load.of(server, { seed });
    const luck = random(seed);
    for (let round = 0; round < (long ? 20 : 3); round++) {
      load.start();
      for (let i = 0; i < 3; i++) {
        const { unavailable } = load;
        shim.set({ failWritesWith: ENOSPC, failWritesFrom: shim.get('writes') + 1 + luck.below(100) });
        await load.until(() => load.unavailable > unavailable + 10);
        shim.roomAgain();
      }
      await server.kill();
      await load.closed();
      load.stop();
      shim.clear();
      await server.start(shim.wrapper);
      await load.comeBack();
      await load.check();
    }
    await load.end();
    await server.kill('SIGTERM');
    load.checkFile(await lookAt(server.db));
  }));

// --- A lock that is another's --------------------------------------------------------------------------------------

// Holds the database's lock for writing until it is told to go. `how` is what SQLite is told.
async function holder(path, how) {
  const script = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
for statement in sys.argv[2].split(";"): db.execute(statement)
print("held", flush=True)
sys.stdin.read()`;
  const process = spawn('python3', ['-c', script, path, how], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(process.stdout, 'data');
  return async () => {
    process.stdin.end();
    await once(process, 'exit');
  };
}

test("somebody else's lock: `unavailable`, reads go on, and writes come back", async () => {
  const server = await Server.start();
  try {
    const person = await Person.of(server);
    const a = await person.live();
    const { session } = await a.ask({ type: 'addSession', title: 'Read' });
    const release = await holder(server.db, 'BEGIN EXCLUSIVE');
    try {
      isUnavailable(await a.ask({ type: 'start', key: 'start', session }));
      await isUnready(server);
      await readsGoOn(server, person, { sessions: 1 });
    } finally {
      await release();
    }
    await until(() => isReady(server));
    assert.equal((await a.ask({ type: 'start', key: 'start', session })).duplicate, false);
  } finally {
    await server.stop();
  }
});

test('a database that somebody else holds alone: a start is refused in one line', async () => {
  const server = await Server.start();
  try {
    await server.kill('SIGTERM');
    const release = await holder(server.db, 'PRAGMA locking_mode=EXCLUSIVE;BEGIN EXCLUSIVE');
    try {
      server.log = '';
      await assert.rejects(server.start(), /server ended \(1\).*locked/s);
      assert.equal(server.log.split('\n').filter((line) => /error/.test(line)).length, 1, server.log);
    } finally {
      await release();
    }
    await server.start();
  } finally {
    await server.stop();
  }
});

// --- A slow disk -------------------------------------------------------------------------------------------------

test('a slow disk: answers come late but right; what needs no disk does not wait for it', () =>
  withShim(async (server, shim) => {
    const [person, other] = [await Person.of(server), await Person.of(server)];
    const [a, idle] = await Promise.all([person.live(), other.live()]);
    const { session } = await a.ask({ type: 'addSession', title: 'Read' });
    shim.set({ syncMs: 300 });
    const begun = Date.now();
    let writing = true;
    const writes = (async () => {
      for (let i = 0; i < 8; i++) {
        const result = await a.ask({ type: i % 2 ? 'pause' : 'start', session });
        assert.deepEqual([result.ok, result.changed], [true, true]);
      }
      writing = false;
    })();
    // Half of a write's time is well over what a loaded machine takes for these; the shortest is what counts.
    const shortest = { time: Infinity, ping: Infinity, health: Infinity, state: Infinity };
    const measure = async (name, act) => {
      const start = Date.now();
      await act();
      shortest[name] = Math.min(shortest[name], Date.now() - start);
    };
    while (writing) {
      await measure('time', () => idle.ask({ type: 'time', t0: 1 }));
      await measure('ping', async () => {
        idle.socket.ping();
        await once(idle.socket, 'pong');
      });
      await measure('health', () => server.request('GET', '/healthz'));
      await measure('state', () => other.gets('/v1/state'));
    }
    await writes;
    assert.ok(Date.now() - begun >= 8 * 300);
    assert.ok(shortest.time < 150 && shortest.ping < 150 && shortest.health < 150, JSON.stringify(shortest));
    assert.deepEqual(told(a).filter(({ type }) => type === 'event').map(({ seq }) => seq), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.equal(idle.close, undefined);
  }));

test('a slow disk under load', () =>
  withShim(async (server, shim) => {
    const load = await Load.of(server, { seed });
    shim.set({ syncMs: 300 });
    load.start();
    await load.until(() => load.answers >= 100);
    load.stop();
    shim.clear();
    await load.until(() => load.devices.every((device) => device.pending.size === 0));
    await load.check();
    await load.end();
  }));

// It takes as long as a heartbeat.
const heartbeats = () =>
  withShim(async (server, shim) => {
    const [person, other] = [await Person.of(server), await Person.of(server)];
    const [a, idle] = await Promise.all([person.live(), other.live()]);
    const { session } = await a.ask({ type: 'addSession', title: 'Read' });
    shim.set({ syncMs: 300 });
    let beats = 0;
    idle.socket.on('message', () => (beats += idle.messages.at(-1).type === 'hb'));
    for (let i = 0; beats < 2; i++) {
      assert.ok(i < 400, 'no heartbeat');
      await a.ask({ type: i % 2 ? 'pause' : 'start', session });
    }
    assert.equal(idle.close, undefined);
    const client = await Client.live(server, { token: person.token });
    await client.end();
  });
if (long) test('a slow disk: whoever is idle still gets heartbeats', heartbeats);
