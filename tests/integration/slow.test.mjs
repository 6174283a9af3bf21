// Who does not read: protocol.md sections 5 and 6. Such a socket costs a bounded amount of memory for a bounded time,
// nobody else notices, and coming back it has missed nothing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import WebSocket from 'ws';
import { startBystander } from './support/bystander.mjs';
import { Client, uuid } from './support/client.mjs';
import { Person } from './support/person.mjs';
import { binary, Server } from './support/server.mjs';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const fast = ['--rate-commands', '100000/100000', '--max-replay', '5000/100000000'];
// A sanitizer's or valgrind's memory and time say nothing of the server's.
const sanitized = /asan|tsan|valgrind/.test(binary);

async function serve(t, ...how) {
  const server = await Server.start(...how);
  t.after(() => server.stop());
  return server;
}

// What the kernel says of the server's memory, in MiB.
const memory = (server, what) =>
  Number(new RegExp(`^${what}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'))[1]) / 1024;

// When the server has no more than so many sockets open, in ms from now.
async function untilSockets(server, most, ms) {
  const begun = Date.now();
  while (server.sockets.length > most) {
    assert.ok(Date.now() - begun < ms, `still ${server.sockets.length} sockets, not ${most}`);
    await sleep(50);
  }
  return Date.now() - begun;
}

// A socket that keeps no more of its messages than which events they were: a thousand of them must fit into this process.
class Reader {
  constructor(server, person, { from, position } = {}) {
    this.seqs = [];
    const query = position ? `?epoch=${position.epoch}&seq=${position.seq}&tag=${position.tag}` : '';
    this.socket = new WebSocket(server.ws + query, ['lockstep.v1'], {
      headers: { authorization: `Bearer ${person.token}` },
      perMessageDeflate: false,
      localAddress: from,
    });
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => this.socket.on('close', (code) => resolve(code)));
    this.live = new Promise((resolve, reject) => {
      this.closed.then((code) => reject(new Error(`closed ${code}`)));
      this.socket.on('message', (data) => {
        const head = data.subarray(0, 200).toString();
        if (head.startsWith('{"type":"event"')) {
          this.seqs.push(Number(/"seq":(\d+)/.exec(head)[1]));
          this.tag = /"tag":"(\w+)"/.exec(head)[1];
        }
        if (head.startsWith('{"type":"ready"')) this.epoch = /"epoch":"(\w+)"/.exec(head)[1];
        if (head.startsWith('{"type":"live"')) resolve(this);
      });
    });
    this.live.catch(() => {});
  }

  get position() {
    return { epoch: this.epoch, seq: this.seqs.at(-1), tag: this.tag };
  }

  async until(seq) {
    while (this.seqs.at(-1) !== seq) await sleep(20);
  }

  stop() {
    this.socket._socket.pause();
  }

  go() {
    this.socket._socket.resume();
  }

  end() {
    this.socket.terminate();
  }
}

// A plan of 40 KiB is in each event.
const structure = (n) => ({ n, text: 'x'.repeat(40000) });

const say = ({ count, p50, p99 }) => `${count}, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;

test('a thousand that do not read: bounded memory, nobody else waits, 4408, and nothing is missed', async (t) => {
  const [users, each, edits] = [sanitized ? 8 : 32, 32, 24];
  const server = await serve(t, [...fast, '--max-unauthenticated', '2000']);
  const listening = server.sockets.length;
  const bystander = await startBystander(server, await Person.of(server));
  const people = await Promise.all(Array.from({ length: users }, () => Person.of(server)));
  const plans = new Map(people.map((person) => [person, uuid()]));
  const readers = [];
  for (const [i, person] of people.entries()) {
    const some = Array.from({ length: each }, () => new Reader(server, person, { from: `127.0.0.${2 + (i % 16)}` }));
    await Promise.all(some.map((reader) => reader.live));
    await person.commands({ type: 'addPlan', plan: plans.get(person), name: 'x', structure: structure(0) });
    await Promise.all(some.map((reader) => reader.until(1)));
    readers.push(...some.map((reader) => Object.assign(reader, { person })));
  }
  for (const reader of readers) reader.stop();

  const before = memory(server, 'VmRSS');
  bystander.phase('meanwhile');
  for (let n = 1; n <= edits; n++) {
    const edit = (person) => person.commands({ type: 'editPlan', plan: plans.get(person), structure: structure(n) });
    await Promise.all(people.map(edit));
  }
  bystander.phase('then');
  const gone = await untilSockets(server, listening + 1, 30000);
  const after = memory(server, 'VmHWM');
  const taken = await bystander.end();
  const bound = (256 * readers.length) / 1024;
  t.diagnostic(`${readers.length} sockets: ${before.toFixed(0)} MiB before, at most ${after.toFixed(0)}; bound ${bound.toFixed(0)} MiB more`);
  for (const [phase, how] of Object.entries(taken)) t.diagnostic(`another user's commands ${phase}: ${say(how)}`);
  t.diagnostic(`all gone ${gone} ms after the last event`);
  if (!sanitized) {
    assert.ok(after - before < bound, `${after - before} MiB more`);
    assert.ok(taken.meanwhile.p50 < 300 && taken.meanwhile.p99 < 2500, say(taken.meanwhile));
  }
  assert.ok(gone < 14000, `${gone} ms`);

  // They come back, long after the server is done with them.
  const last = 1 + edits;
  for (let i = 0; i < readers.length; i += each) {
    const some = readers.slice(i, i + each);
    for (const reader of some) reader.go();
    assert.deepEqual([...new Set(await Promise.all(some.map((reader) => reader.closed)))], [4408]);
    for (const { seqs } of some) assert.ok(seqs.length < last && seqs.every((seq, n) => seq === n + 1), seqs.join());
    const again = some.slice(0, 4).map((reader) => [reader, new Reader(server, reader.person, { position: reader.position })]);
    for (const [reader, next] of again) {
      await next.live;
      const all = [...reader.seqs, ...next.seqs];
      assert.deepEqual(all, Array.from({ length: last }, (_, n) => n + 1));
      next.end();
    }
  }
});

test('who stops in the middle of a long snapshot is cut off as soon', async (t) => {
  const server = await serve(t, fast);
  const listening = server.sockets.length;
  const person = await Person.of(server);
  // As many as there may be, as long as they may be: 1.6 MB.
  const add = { type: 'addGroup', name: 'x', description: '🎈'.repeat(2000) };
  for (let i = 0; i < 196; i += 7) await person.commands(...Array(7).fill(add));
  const group = await person.group();
  const reader = new Client(server, { token: person.token });
  await new Promise((resolve) => reader.socket.once('open', resolve));
  reader.socket._socket.pause();
  for (let i = 0; i < 300; i += 15) {
    const edits = Array.from({ length: 15 }, (_, n) => ({ type: 'editGroup', group, description: `${i + n}`.padEnd(2000, 'ä') }));
    await person.commands(...edits);
  }
  const gone = await untilSockets(server, listening, 30000);
  assert.ok(gone < 14000, `${gone} ms`);
  reader.socket._socket.resume();
  assert.notEqual((await reader.closed).code, 1000);
  const back = await person.live();
  assert.equal(back.messages.find((m) => m.type === 'snapshot').state.groups.length, 197);
  await back.end();
});

test('who reads slowly, but reads, stays', async (t) => {
  const server = await serve(t, fast);
  const person = await Person.of(server);
  const [slow, busy] = [await new Reader(server, person).live, await person.live()];
  const plan = uuid();
  await busy.ask({ type: 'addPlan', plan, name: 'x', structure: structure(0) });
  // Each burst is more than the limit of its queue; between them it catches up.
  for (let n = 1; n <= 60; n++) {
    if (n % 15 === 0) {
      slow.go();
      await slow.until(n);
    } else if (n % 15 === 1) {
      slow.stop();
    }
    await busy.ask({ type: 'editPlan', plan, structure: structure(n) });
  }
  slow.go();
  await slow.until(61);
  assert.deepEqual(slow.seqs, Array.from({ length: 61 }, (_, n) => n + 1));
  assert.equal(slow.socket.readyState, WebSocket.OPEN);
  slow.end();
  await busy.end();
});
