// The power goes at any moment: from a log of what the server did to its disk, with what it sent in between, states are
// rebuilt that the disk could have been in, and each is opened and compared with what had been told by then.
// FAULTS=long looks at thousands of them.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../integration/support/client.mjs';
import { Server } from '../integration/support/server.mjs';
import { Disk, losses } from './disk.mjs';
import { History, checkState, random, textOf } from './history.mjs';
import { Load, options } from './load.mjs';
import { Looker, lookAt } from './look.mjs';
import { Shim, messagesIn } from './shim.mjs';

const long = process.env.FAULTS === 'long';
const seed = Number(process.env.FAULTS_SEED ?? 1);
const states = long ? 4000 : 150;
const answers = long ? 3000 : 1000;
const recoveries = long ? 40 : 3;
const starts = long ? 40 : 4;

// In memory, where there is such a folder: what syncs cost has no part in this.
let folder;
before(() => {
  folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'lockstep-power-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

// A life of a server with its log: from an empty folder on, killed under load.
async function live() {
  const server = new Server(options);
  try {
    const shim = new Shim(server, { log: true });
    await server.start(shim.wrapper);
    const load = await Load.of(server, { seed });
    load.start();
    await load.until(() => load.answers >= answers);
    // The log's header counts how often it has begun anew.
    const begun = () => readFileSync(`${server.db}-wal`).readUInt32BE(12);
    const before = begun();
    await load.until(() => begun() !== before);
    const again = load.answers + 200;
    await load.until(() => load.answers >= again);
    load.stop();
    await server.kill();
    await load.closed();
    copyFileSync(`${server.db}.key`, join(folder, 'key'));
    const records = shim.records();
    return { records, load, messages: messagesIn(records), whole: await lookAt(server.db) };
  } finally {
    await server.stop();
  }
}

// What had been told when record number `at` was written, by person.
class Told {
  constructor(messages, load) {
    Object.assign(this, { messages, next: 0, people: new Map(), byFd: new Map() });
    this.asked = new Map(load.people.map((person) => [person.name, person.history.asked]));
  }

  upTo(at) {
    for (; this.next < this.messages.length && this.messages[this.next].at <= at; this.next++) this.take(this.messages[this.next]);
  }

  take({ fd, message }) {
    if (message.type === 'ready') this.byFd.set(fd, this.historyOf(message.userId));
    else if (message.type === 'event') this.byFd.get(fd).hears(message);
    else if (message.type === 'result') this.byFd.get(fd).answered(message.id, message);
  }

  historyOf(name) {
    if (!this.people.has(name)) this.people.set(name, Object.assign(new History(name), { asked: this.asked.get(name) ?? new Map() }));
    return this.people.get(name);
  }

  // `whole` is what the log became in the end: a state may end earlier, never otherwise.
  check(seen, whole) {
    for (const history of this.people.values()) {
      const user = seen.users.find(({ userId }) => userId === history.name);
      assert.ok(user, `${history.name} was signed in, and is not there`);
      assert.equal(seen.epoch, whole.epoch, 'a log that was told of is another now');
      history.check(user);
      checkState(user.events, user.snapshot);
      const later = whole.users.find(({ userId }) => userId === history.name).events;
      const other = user.events.findIndex((event, i) => textOf(event) !== textOf(later[i] ?? {}));
      assert.equal(other, -1, 'the log grew another end');
    }
  }
}

function write(state, name) {
  const path = join(folder, name);
  mkdirSync(path);
  for (const [file, bytes] of state) writeFileSync(join(path, file), bytes);
  return path;
}

// By chance about so many of the moments, more of those when all is new; where nothing is open there is but one state.
function* cuts(records, count, luck) {
  const disk = new Disk();
  const share = count / (records.filter(({ kind }) => kind !== 'send').length * losses.length);
  for (const [at, record] of records.entries()) {
    disk.apply(record);
    if (record.kind === 'send') continue;
    for (const loss of disk.open ? losses : losses.slice(0, 1)) {
      if (luck() < (at < 200 ? 10 * share : share)) yield { at, loss, state: disk.cut(loss, luck) };
    }
  }
}

let life;
test('a life of the server is logged as it happened', async (t) => {
  life = await live();
  const disk = new Disk();
  for (const record of life.records) disk.apply(record);
  // The log says the same as the folder did: what was written, and what was told.
  const path = write(disk.cut('none lost'), 'whole');
  assert.deepEqual(await lookAt(join(path, 'test.db')), life.whole);
  const heard = life.messages.filter(({ message }) => message.type === 'event').length;
  assert.ok(heard > answers, `${heard} events`);
  const resets = life.records.filter(({ kind, name, offset }) => kind === 'write' && name === 'test.db-wal' && offset === 0).length;
  assert.ok(resets >= 2, `${resets} beginnings of the WAL`);
  t.diagnostic(`${life.records.length} records`);
});

test('whatever a power cut leaves, what was told is there', async (t) => {
  const looker = new Looker();
  const told = new Told(life.messages, life.load);
  let looked = 0;
  try {
    for (const { at, loss, state } of cuts(life.records, states, random(seed))) {
      told.upTo(at);
      const path = write(state, 'cut');
      try {
        told.check(await looker.at(join(path, 'test.db')), life.whole);
      } catch (error) {
        error.message = `record ${at} (${life.records[at].kind} ${life.records[at].name}), ${loss}: ${error.message}`;
        throw error;
      }
      rmSync(path, { recursive: true });
      looked++;
    }
  } finally {
    looker.end();
  }
  assert.ok(looked > states / 4, `${looked} states`);
  t.diagnostic(`${looked} states`);
});

// What the store does to a file that it recovers, and to its folder, can be cut as well.
test('the power goes again while the store recovers', async (t) => {
  const told = new Told(life.messages, life.load);
  const luck = random(seed + 2);
  const looker = new Looker();
  let looked = 0;
  try {
    for (const { at, state } of cuts(life.records, recoveries, luck)) {
      told.upTo(at);
      const first = write(state, 'first');
      const shim = new Shim({ dir: first }, { log: true });
      told.check(await lookAt(join(first, 'test.db'), shim.wrapper), life.whole);
      const disk = new Disk(state);
      for (const record of shim.records()) {
        disk.apply(record);
        for (const loss of disk.open ? losses : losses.slice(0, 1)) {
          if (luck.below(long ? 8 : 64)) continue;
          const path = write(disk.cut(loss, luck), 'second');
          told.check(await looker.at(join(path, 'test.db')), life.whole);
          rmSync(path, { recursive: true });
          looked++;
        }
      }
      rmSync(first, { recursive: true });
    }
  } finally {
    looker.end();
  }
  t.diagnostic(`${looked} states`);
});

// The program itself: whoever had been told something comes back by replay.
test('the server starts on what a power cut leaves, and nobody is ahead of it', async () => {
  const told = new Told(life.messages, life.load);
  const luck = random(seed + 1);
  for (const { at, state } of cuts(life.records, starts, luck)) {
    told.upTo(at);
    const server = new Server(options);
    try {
      for (const [file, bytes] of state) writeFileSync(join(server.dir, file), bytes);
      copyFileSync(join(folder, 'key'), `${server.db}.key`);
      await server.start();
      for (const [name, { log }] of told.people) {
        const last = log.at(-1) ?? { seq: 0 };
        const query = `?epoch=${life.whole.epoch}&seq=${last.seq}${last.tag ? `&tag=${last.tag}` : ''}`;
        const client = await Client.live(server, { token: server.token(name), query });
        assert.equal(client.ready.mode, 'replay', JSON.stringify(client.ready));
        await client.end();
      }
    } finally {
      await server.stop();
    }
  }
});
