// Bits flip and files lose their ends: on each damaged copy the server, built with the sanitizers, starts and tells
// whoever is ahead of it so, or refuses in one line. It never crashes, and it never goes on as if nothing were missing.
// FAULTS=long damages hundreds of copies.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { ends } from './ends.mjs';
import { random } from './history.mjs';

process.env.LOCKSTEPD ??= fileURLToPath(new URL('../../build/asan/lockstepd', import.meta.url));
process.env.ASAN_OPTIONS = `${process.env.ASAN_OPTIONS ?? ''}:exitcode=99`;
const { uuid } = await import('../integration/support/client.mjs');
const { Person } = await import('../integration/support/person.mjs');
const { Server } = await import('../integration/support/server.mjs');
const { Load, options } = await import('./load.mjs');

const long = process.env.FAULTS === 'long';
const seed = Number(process.env.FAULTS_SEED ?? 1);
const copies = long ? 400 : 18;

const PAGE = 2048;
const FRAME = PAGE + 24;
const WAL_HEAD = 32;

// --- What is damaged -----------------------------------------------------------------------------------------------

const files = ['test.db', 'test.db-wal', 'test.db.key'];
let folder;
let people; // who had been told what
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-damage-'));
  const server = new Server(options);
  try {
    await server.start();
    const load = await Load.of(server, { seed, people: 2, sockets: 2 });
    load.start();
    await load.until(() => load.answers >= 1000);
    await server.kill();
    await load.closed();
    load.stop();
    for (const file of files) copyFileSync(join(server.dir, file), join(folder, file));
    people = load.people.map(({ name, token, sessions, history }) => ({ name, token, sessions, last: history.log.at(-1), earlier: history.log.at(-4), epoch: load.devices[0].epoch }));
  } finally {
    await server.stop();
  }
});
after(() => rmSync(folder, { recursive: true, force: true }));

function flip(bytes, at, luck) {
  bytes[at] ^= 1 << luck.below(8);
  return bytes;
}

const pages = (bytes) => Math.floor(bytes.length / PAGE);
const frames = (bytes) => Math.floor((bytes.length - WAL_HEAD) / FRAME);

// Of each kind one in turn: which file, and what becomes of its bytes.
const damages = [
  ['a bit of a page', 'test.db', (bytes, luck) => flip(bytes, luck.below(bytes.length), luck)],
  ['a bit of a frame', 'test.db-wal', (bytes, luck) => flip(bytes, luck.below(bytes.length), luck)],
  ['a bit of a page head', 'test.db', (bytes, luck) => flip(bytes, luck.below(pages(bytes)) * PAGE + luck.below(12), luck)],
  ['a bit of a frame head', 'test.db-wal', (bytes, luck) => flip(bytes, WAL_HEAD + luck.below(frames(bytes)) * FRAME + luck.below(24), luck)],
  ['the end of the database', 'test.db', (bytes, luck) => bytes.subarray(0, luck.below(bytes.length))],
  ['the end of the WAL', 'test.db-wal', (bytes, luck) => bytes.subarray(0, luck.below(bytes.length))],
  ['a bit of the head of the database', 'test.db', (bytes, luck) => flip(bytes, luck.below(100), luck)],
  ['a bit of the head of the WAL', 'test.db-wal', (bytes, luck) => flip(bytes, luck.below(WAL_HEAD), luck)],
  ['a sector of the database', 'test.db', (bytes, luck) => zero(bytes, luck.below(bytes.length) & ~511, 512)],
  ['a whole page', 'test.db', (bytes, luck) => zero(bytes, luck.below(pages(bytes)) * PAGE, PAGE)],
  ['the whole WAL', 'test.db-wal', () => Buffer.alloc(0)],
  ['the whole database', 'test.db', () => Buffer.alloc(0)],
];

function zero(bytes, at, length) {
  bytes.fill(0, at, at + length);
  return bytes;
}

// --- Whoever comes to a damaged server -------------------------------------------------------------------------------

// What comes may be no JSON at all; such a message is `undefined`.
class Visitor {
  constructor(server, { token, epoch, last }) {
    this.messages = [];
    this.socket = new WebSocket(`${server.ws}?epoch=${epoch}&seq=${last.seq}&tag=${last.tag}`, ['lockstep.v1'], { headers: { authorization: `Bearer ${token}` } });
    this.socket.on('message', (data) => {
      try {
        this.messages.push(JSON.parse(data.toString()));
      } catch {
        this.messages.push(undefined);
      }
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => (this.closed = true));
  }

  find(fits) {
    return this.messages.find((message) => message && fits(message));
  }

  // The message, or undefined when the socket was closed before it came.
  async next(fits) {
    for (const end = Date.now() + 60000; !this.find(fits) && !this.closed; ) {
      assert.ok(Date.now() < end, `no answer, and not closed: ${JSON.stringify(this.messages.at(-1))}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return this.find(fits);
  }

  async ask(message) {
    if (this.closed) return undefined;
    const id = `q${(this.asked = (this.asked ?? 0) + 1)}`;
    this.socket.send(JSON.stringify({ ...message, id }));
    return this.next((m) => m.id === id);
  }

  end() {
    this.socket.terminate();
  }
}

// Where it stands after its return: `ready`, which must be true of what it was told.
async function comesBack(server, person) {
  const visitor = new Visitor(server, person);
  const ready = await visitor.next((m) => m.type === 'ready');
  if (!ready) return { visitor };
  const { last, epoch } = person;
  const live = await visitor.next((m) => m.type === 'live');
  if (ready.mode === 'replay') {
    assert.equal(ready.epoch, epoch);
    const end = last.seq + ready.replayCount;
    assert.deepEqual([ready.seq, live?.seq ?? end], [end, end], 'a replay that is not whole');
  } else {
    assert.match(ready.reason, /^(epoch|future|pruned|tooMany)$/);
    if (ready.epoch === epoch && ready.seq < last.seq) assert.equal(ready.reason, 'future');
  }
  return { visitor, ready };
}

// Uses whatever there is to be used; each answer may be a refusal.
async function uses(server, person, visitor) {
  for (const session of person.sessions.slice(0, 8)) {
    for (const type of ['start', 'pause', 'getSession', 'deleteSession']) await visitor.ask({ type, session });
  }
  await visitor.ask({ type: 'addSession', title: 'New', initialDuration: 60 });
  await visitor.ask({ type: 'resetAll' });
  await visitor.ask({ type: 'autoResetTimeChange', sessionsResetTime: '04:00' });
  await visitor.ask({ type: 'getSnapshot' });
  const paths = ['/v1/state', '/v1/events', '/sessions', '/groups', '/analytics?period=weekly', '/api/audit-log', '/api/sessions', '/me', '/v1/tokens'];
  for (const path of paths) {
    await fetch(server.http + path, { headers: { authorization: `Bearer ${person.token}` } }).then((answer) => answer.text(), () => '');
  }
}

// Makes the log longer than the one that the person knew. False when it can't be written.
async function outgrows(person, visitor) {
  for (let i = 0; i < 20; i++) {
    const commands = Array.from({ length: 64 }, (_, n) => ({ type: 'addGroup', id: `${i}.${n}`, name: 'Another' }));
    if (visitor.closed) return false;
    visitor.socket.send(JSON.stringify({ type: 'batch', commands }));
    const result = await visitor.next((m) => m.id === `${i}.63`);
    if (!result?.ok) return false;
    if (result.seq > person.last.seq) return true;
  }
  return false;
}

async function visits(server, person) {
  const { visitor, ready } = await comesBack(server, person);
  await uses(server, person, visitor);
  // Who was ahead of the log, or in another, is told so even when it has become longer than theirs.
  const lost = ready && ready.mode === 'snapshot' && (ready.reason === 'future' || ready.reason === 'epoch');
  if (lost && (await outgrows(person, visitor))) {
    const again = await comesBack(server, person);
    again.visitor.end();
    if (again.ready) assert.equal(`${again.ready.mode} ${again.ready.reason}`, 'snapshot epoch', 'whoever was ahead is told nothing');
  }
  visitor.end();
  return ready ? `${ready.mode} ${ready.reason ?? ''}` : 'closed';
}

// --- The tests ---------------------------------------------------------------------------------------------------

const complaints = (log) => log.split('\n').filter((line) => / error |^lockstepd: /.test(line));

// Ends as a program does that knows what happened: never by a signal, a sanitizer, or an assertion.
async function endsWell(server, word) {
  const { code, signal } = await ends(server);
  assert.doesNotMatch(server.log, /Sanitizer|runtime error:|Assertion/, word);
  assert.ok(signal === null && (code === 0 || code === 1), `${word}: ${code ?? signal}\n${server.log}`);
  if (code === 1) assert.ok(complaints(server.log).length >= 1, `${word}: no word of why\n${server.log}`);
}

async function survives(name, file, damage, luck) {
  const server = new Server(options);
  let outcome;
  try {
    for (const one of files) copyFileSync(join(folder, one), join(server.dir, one));
    writeFileSync(join(server.dir, file), damage(readFileSync(join(folder, file)), luck));
    const started = await server.start().then(() => true, () => false);
    if (started) {
      outcome = (await Promise.all(people.map((person) => visits(server, person)))).join(', ');
      server.process.kill('SIGTERM');
    } else {
      outcome = 'refused';
      assert.equal(complaints(server.log).length, 1, `${name}: ${server.log}`);
    }
    await endsWell(server, name);
    return outcome;
  } catch (error) {
    error.message = `${name}: ${error.message}\n${server.log}`;
    throw error;
  } finally {
    await server.stop();
  }
}

test('damaged copies', async (t) => {
  const outcomes = new Map();
  for (let n = 0; n < copies; n++) {
    const [name, file, damage] = damages[n % damages.length];
    const outcome = await survives(`${name} (copy ${n})`, file, damage, random(seed * 10000 + n));
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  for (const [outcome, count] of outcomes) t.diagnostic(`${count} times ${outcome}`);
});

// What lies between cannot be replayed.
test('a log that lacks an event: a snapshot, never a replay that is not whole', async () => {
  const server = new Server(options);
  try {
    for (const one of files) copyFileSync(join(folder, one), join(server.dir, one));
    const remove = 'DELETE FROM events WHERE row IN (SELECT row FROM audit JOIN users USING (uid) WHERE user_id = ? AND seq = ?)';
    for (const { name, earlier } of people) {
      const script = 'import sqlite3, sys; sqlite3.connect(sys.argv[1], isolation_level=None).execute(sys.argv[2], sys.argv[3:])';
      execFileSync('python3', ['-c', script, server.db, remove, name, String(earlier.seq + 2)]);
    }
    await server.start();
    for (const person of people) {
      const { visitor, ready } = await comesBack(server, { ...person, last: person.earlier });
      assert.deepEqual([ready.mode, ready.reason], ['snapshot', 'pruned']);
      visitor.end();
    }
  } finally {
    await server.stop();
  }
});

// What happens by itself reads these tables; a command that needs nothing of them must not fail with it.
for (const table of ['keys', 'sessions', 'events']) {
  test(`damage in one table (${table}): whoever needs nothing of it goes on`, async () => {
    const server = new Server(options);
    try {
      await server.start();
      const [due, other] = [await Person.of(server), await Person.of(server)];
      const session = uuid();
      await due.commands({ type: 'addSession', key: 'add', session, title: 'Short', initialDuration: 1 }, { type: 'start', session });
      await other.gets('/me');
      await server.kill('SIGTERM');
      const root = Number(execFileSync('python3', ['-c', 'import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", [sys.argv[2]]).fetchone()[0])', server.db, table]));
      writeFileSync(server.db, zero(readFileSync(server.db), (root - 1) * PAGE, PAGE));
      await new Promise((resolve) => setTimeout(resolve, 1200));
      await server.start();
      for (let i = 0; i < 3; i++) assert.equal((await other.ask('GET', '/me')).status, 200, server.log);
      if (table !== 'events') await other.group();
      assert.equal((await server.request('GET', '/readyz')).status, 200);
    } finally {
      await server.stop();
    }
  });
}
