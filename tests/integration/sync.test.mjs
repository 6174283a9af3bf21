// Staying in step: every socket of a user gets every event, nobody else does, and nothing acknowledged is ever missing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, replayed, uuid } from './support/client.mjs';
import { Server } from './support/server.mjs';

let server;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

test('hello, auth, ready, snapshot, live', async () => {
  const client = new Client(server);
  const hello = await client.next();
  assert.equal(hello.type, 'hello');
  assert.equal(hello.protocol, 'lockstep.v1');
  assert.match(hello.server, /^lockstep\/\d/);
  assert.equal(hello.authTimeoutMs, 10000);
  client.send({ type: 'auth', id: 1, token: server.token('fresh'), client: { name: 'laptop/firefox' } });
  const ready = await client.next();
  assert.equal(ready.type, 'ready');
  assert.equal(ready.id, 1);
  assert.equal(ready.userId, 'fresh');
  assert.equal(ready.mode, 'snapshot');
  assert.equal(ready.reason, 'fresh');
  assert.equal(ready.seq, 0);
  assert.equal(ready.heartbeatMs, 25000);
  assert.ok(ready.tokenExpiresAtMs > ready.nowMs);
  const snapshot = await client.next();
  assert.equal(snapshot.type, 'snapshot');
  assert.deepEqual(Object.keys(snapshot.state).sort(), ['groups', 'plans', 'sessions', 'tasks', 'user']);
  assert.equal(snapshot.state.user.timeZone, 'UTC');
  assert.equal(snapshot.state.user.sessionsResetTime, '00:00');
  assert.equal((await client.next()).type, 'live');
  await client.end();
});

test('a command reaches all sockets of the user and none of another', async () => {
  const token = server.token('alice');
  const [a, b, stranger] = await Promise.all([
    Client.live(server, { token }),
    Client.live(server, { token, protocols: [] }),
    Client.live(server, { token: server.token('bob') }),
  ]);
  const session = uuid();
  const added = await a.ask({ type: 'add', session, title: 'Read', initialDuration: 1500 });
  assert.equal(added.ok, true);
  assert.equal(added.session, session);
  const event = await b.event('addSession');
  assert.equal(event.seq, added.seq);
  assert.equal(event.origin.via, 'ws');
  assert.match(event.tag, /^[0-9a-f]{8}$/);
  await b.ask({ type: 'start', session });
  const started = await a.event('start');
  assert.equal(started.session.targetTimeMs, started.atMs + 1500000);
  // The sender's event comes before its result.
  const order = b.messages.filter((m) => m.seq === started.seq && (m.type === 'event' || m.type === 'result'));
  assert.deepEqual(order.map((m) => m.type), ['event', 'result']);
  const theirs = await stranger.ask({ type: 'start', session });
  assert.equal(theirs.error.code, 'notFound');
  assert.deepEqual(stranger.messages.filter((m) => m.type === 'event'), []);
  await Promise.all([a.end(), b.end(), stranger.end()]);
});

test('a client that was away gets the events it missed, by replay', async () => {
  const token = server.token('carol');
  const a = await Client.live(server, { token });
  const b = await Client.live(server, { token });
  const session = uuid();
  await a.ask({ type: 'addSession', session, title: 'Away' });
  await b.event('addSession');
  const { epoch, seq, tag } = b.position;
  await b.end();
  await a.ask({ type: 'start', session });
  await a.ask({ type: 'pause', session });
  const back = await Client.live(server, { token, query: `?epoch=${epoch}&seq=${seq}&tag=${tag}` });
  assert.equal(back.ready.mode, 'replay');
  assert.equal(back.ready.replayCount, 2);
  const events = back.messages.filter((m) => m.type === 'event');
  assert.deepEqual(events.map((e) => [e.seq, e.event]), [[seq + 1, 'start'], [seq + 2, 'pause']]);
  // Byte for byte what the others got.
  assert.deepEqual(events, a.messages.filter((m) => m.type === 'event' && m.seq > seq));
  await Promise.all([a.end(), back.end()]);
});

test('a position that cannot be replayed is told why', async () => {
  const token = server.token('dave');
  const a = await Client.live(server, { token });
  await a.ask({ type: 'addSession', title: 'One' });
  const { epoch, seq, tag } = a.position;
  const cases = [
    [{ epoch: 'f'.repeat(32), seq, tag }, 'epoch'],
    [{ epoch, seq, tag: tag === '00000000' ? '00000001' : '00000000' }, 'epoch'],
    [{ epoch, seq: seq + 5 }, 'future'],
  ];
  for (const [resume, reason] of cases) {
    const client = new Client(server);
    client.send = client.send.bind(client);
    await client.next((m) => m.type === 'hello');
    client.send({ type: 'auth', token, resume });
    const ready = await client.next((m) => m.type === 'ready');
    assert.equal(ready.mode, 'snapshot');
    assert.equal(ready.reason, reason);
    assert.equal((await client.next()).reason, reason);
    await client.end();
  }
  // On a live socket, a gap is closed by `resume`.
  a.send({ type: 'resume', id: 'r', epoch, seq: 0 });
  const ready = await a.next((m) => m.type === 'ready' && m.id === 'r');
  assert.equal(ready.mode, 'replay');
  assert.equal(ready.replayCount, 1);
  assert.equal((await a.next()).event, 'addSession');
  assert.equal((await a.next()).type, 'live');
  await a.end();
});

test('more than 500 events behind is a snapshot, tooMany', async () => {
  const token = server.token('erin');
  const a = await Client.live(server, { token });
  const session = uuid();
  await a.ask({ type: 'addSession', session, title: '0' });
  const start = a.position;
  for (let i = 0; i < 8; i++) {
    const commands = [];
    for (let k = 1; k <= 64; k++) commands.push({ type: 'renameSession', id: `${i}.${k}`, session, title: `${i}.${k}` });
    a.send({ type: 'batch', id: i, commands });
    await a.next((m) => m.type === 'result' && m.id === `${i}.64`);
  }
  const back = await Client.live(server, { token, query: `?epoch=${start.epoch}&seq=${start.seq}` });
  assert.equal(back.ready.mode, 'snapshot');
  assert.equal(back.ready.reason, 'tooMany');
  assert.equal(replayed(back.messages).state.get(session).title, '7.64');
  await Promise.all([a.end(), back.end()]);
});

test('kill -9 in the middle: nothing acknowledged is missing, all come back by replay', async () => {
  const token = server.token('frank');
  let a = await Client.live(server, { token });
  let b = await Client.live(server, { token });
  const sessions = Array.from({ length: 5 }, uuid);
  for (const session of sessions) await a.ask({ type: 'addSession', session, title: 'x', initialDuration: 3600 });
  // Commands go out without waiting; the server dies under them.
  for (let i = 0; i < 50; i++) a.send({ type: i % 2 ? 'pause' : 'start', id: `k${i}`, key: `k${i}`, session: sessions[i % 5] });
  await a.next((m) => m.type === 'result' && m.id === 'k10');
  await server.kill();
  await Promise.all([a.closed, b.closed]);
  const acknowledged = a.messages.filter((m) => m.type === 'result' && m.ok);
  const seen = b.messages.filter((m) => m.type === 'event');
  const position = b.position;
  await server.start();
  b = await Client.live(server, { token, query: `?epoch=${position.epoch}&seq=${position.seq}&tag=${position.tag}` });
  assert.equal(b.ready.mode, 'replay');
  const all = [...seen, ...b.messages.filter((m) => m.type === 'event')];
  assert.deepEqual(all.map((e) => e.seq), all.map((_, i) => i + 1));
  for (const result of acknowledged) assert.ok(result.seq <= all.length, `seq ${result.seq} was acknowledged`);
  // What was in flight is settled by its key: applied once, be it before or after.
  a = await Client.live(server, { token });
  for (const result of acknowledged.filter((r) => `${r.id}`.startsWith('k'))) {
    const i = Number(result.id.slice(1));
    const again = await a.ask({ type: i % 2 ? 'pause' : 'start', key: result.id, session: sessions[i % 5] });
    assert.equal(again.duplicate, true);
    assert.equal(again.seq, result.seq);
  }
  await Promise.all([a.end(), b.end()]);
});

test('a target that passed while the server was down: completed once, stamped with it', async () => {
  const token = server.token('grace');
  const a = await Client.live(server, { token });
  const session = uuid();
  await a.ask({ type: 'addSession', session, title: 'Tea', initialDuration: 1 });
  const started = await a.ask({ type: 'start', session });
  const event = await a.event('start');
  const position = a.position;
  await server.kill();
  await new Promise((resolve) => setTimeout(resolve, event.session.targetTimeMs - Date.now() + 300));
  await server.start();
  const back = await Client.live(server, { token, query: `?epoch=${position.epoch}&seq=${position.seq}&tag=${position.tag}` });
  const completions = back.messages.filter((m) => m.type === 'event');
  assert.equal(completions.length, 1);
  assert.equal(completions[0].event, 'complete');
  assert.equal(completions[0].seq, started.seq + 1);
  assert.equal(completions[0].atMs, event.session.targetTimeMs);
  assert.deepEqual(completions[0].origin, { via: 'server' });
  assert.equal(completions[0].session.isCompleted, true);
  await back.end();
});

test('a running timer completes by itself, on time, for those who watch', async () => {
  const token = server.token('heidi');
  const a = await Client.live(server, { token });
  const session = uuid();
  await a.ask({ type: 'addSession', session, title: 'Blink', initialDuration: 1.25 });
  await a.ask({ type: 'start', session });
  const event = await a.event('complete', 4000);
  assert.ok(event.nowMs - event.atMs < 100, `late by ${event.nowMs - event.atMs} ms`);
  await a.end();
});
