// Server-sent events: GET /v1/events with Accept: text/event-stream.
import assert from 'node:assert/strict';
import { randomUUID as uuid } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Client } from './support/client.mjs';
import { Stream } from './support/events.mjs';
import { Server } from './support/server.mjs';

let server;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

const add = (token, title) => server.request('POST', '/v1/commands', { token, body: { type: 'addSession', title } });
const isSeq = (seq) => (frames) => frames.some((frame) => frame.data?.seq === seq);

test('a stream without a position begins with a snapshot and goes live', async () => {
  const token = server.token('fresh');
  await add(token, 'before');
  const stream = await Stream.open(server, { token });
  assert.equal(stream.status, 200);
  assert.equal(stream.response.headers['content-type'], 'text/event-stream');
  assert.equal(stream.response.headers['cache-control'], 'no-store');
  assert.equal(stream.response.headers['content-length'], undefined);
  const [snapshot] = await stream.until((frames) => frames.length === 1);
  assert.equal(snapshot.data.type, 'snapshot');
  assert.equal(snapshot.data.state.sessions.length, 1);
  assert.equal(snapshot.id, `${snapshot.data.epoch}:${snapshot.data.seq}:${snapshot.data.tag}`);
  await add(token, 'after');
  const [, event] = await stream.until((frames) => frames.length === 2);
  assert.equal(event.data.event, 'addSession');
  assert.equal(event.data.session.title, 'after');
  assert.equal(event.id, `${snapshot.data.epoch}:2:${event.data.tag}`);
  stream.close();
});

test('an event is the same on a stream and on a WebSocket', async () => {
  const token = server.token('same');
  const client = await Client.live(server, { token });
  const stream = await Stream.open(server, { token });
  await stream.until((frames) => frames.length === 1);
  await add(token, 'x');
  const heard = await client.event('addSession');
  const [, { data }] = await stream.until((frames) => frames.length === 2);
  assert.deepEqual(data, heard);
  stream.close();
  await client.end();
});

test('a user without events: the snapshot has no tag, and nothing is missed behind it', async () => {
  const token = server.token('nobody');
  const stream = await Stream.open(server, { token });
  const [snapshot] = await stream.until((frames) => frames.length === 1);
  assert.equal(snapshot.id, `${snapshot.data.epoch}:0`);
  stream.close();
  await add(token, 'first');
  const again = await Stream.open(server, { token, headers: { 'last-event-id': snapshot.id } });
  const [event] = await again.until((frames) => frames.length === 1);
  assert.equal(event.data.seq, 1);
  again.close();
});

test('a stream from a position replays and goes live without a gap while commands run', async () => {
  const own = await Server.start(['--rate-commands', '1000/2000', '--max-groups', '1000']);
  const token = own.token('gapless');
  const client = await Client.live(own, { token });
  const { body } = await own.request('GET', '/v1/state', { token });
  const opening = [];
  for (let i = 1; i <= 200; i++) {
    client.send({ type: 'addGroup', id: i, name: `group ${i}` });
    if (i % 20) continue;
    opening.push(Stream.open(own, { token, query: `?epoch=${body.epoch}&seq=0` }));
    await client.next((message) => message.type === 'result' && message.id === i);
  }
  for (const stream of await Promise.all(opening)) {
    const frames = await stream.until(isSeq(200));
    assert.deepEqual(frames.map((frame) => frame.data.seq), Array.from({ length: 200 }, (_, i) => i + 1));
    stream.close();
  }
  await client.end();
  await own.stop();
});

test('Last-Event-ID wins over the query; one that is none is refused', async () => {
  const token = server.token('last');
  for (const title of ['a', 'b', 'c']) await add(token, title);
  const { body } = await server.request('GET', '/v1/state', { token });
  const query = `?epoch=${body.epoch}&seq=0`;
  const whole = await Stream.open(server, { token, query });
  const frames = await whole.until(isSeq(3));
  whole.close();
  const rest = await Stream.open(server, { token, query, headers: { 'last-event-id': frames[1].id } });
  assert.deepEqual((await rest.until((seen) => seen.length === 1))[0].data, frames[2].data);
  rest.close();
  const other = await Stream.open(server, { token, headers: { 'last-event-id': frames[1].id.replace(/........$/, '00000000') } });
  const [snapshot] = await other.until((seen) => seen.length === 1);
  assert.equal(snapshot.data.reason, 'epoch');
  other.close();
  for (const id of ['nonsense', 'x:y', `${body.epoch}:-1`]) {
    const headers = { accept: 'text/event-stream', 'last-event-id': id };
    const refused = await server.request('GET', '/v1/events', { token, headers });
    assert.equal(refused.status, 400);
    assert.equal(refused.body.error.field, 'Last-Event-ID');
  }
});

test('what goes wrong is said before the stream begins', async () => {
  const headers = { accept: 'text/event-stream' };
  assert.equal((await server.request('GET', '/v1/events', { headers })).status, 401);
  const token = server.token('wrong');
  const waits = await server.request('GET', '/v1/events?waitMs=5', { token, headers });
  assert.equal(waits.status, 400);
  assert.equal(waits.body.error.field, 'waitMs');
  const head = await fetch(`${server.http}/v1/events`, { method: 'HEAD', headers: { ...headers, authorization: `Bearer ${token}` } });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), '');
});

test('nobody hears another user', async () => {
  const stream = await Stream.open(server, { token: server.token('deaf') });
  await stream.until((frames) => frames.length === 1);
  await add(server.token('loud'), 'secret');
  await add(server.token('deaf'), 'own');
  const frames = await stream.until((seen) => seen.length === 2);
  assert.equal(frames[1].data.session.title, 'own');
  stream.close();
});

test('a stream counts as a socket of its user', async () => {
  const own = await Server.start(['--max-sockets-user', '2']);
  const token = own.token('many');
  const first = await Stream.open(own, { token });
  const client = await Client.live(own, { token });
  const third = await own.request('GET', '/v1/events', { token, headers: { accept: 'text/event-stream' } });
  assert.equal(third.status, 429);
  assert.equal(third.body.error.code, 'rateLimited');
  const socket = new Client(own, { token });
  assert.equal((await socket.closed).code, 4409);
  await client.end();
  first.close();
  // Its place is free again as soon as the server has noticed.
  for (let status = 429; status !== 200; ) {
    const again = await Stream.open(own, { token });
    status = again.status;
    again.close();
  }
  await own.stop();
});

test('who does not read is dropped, nobody else waits, and Last-Event-ID brings the rest', async () => {
  const own = await Server.start(['--max-outbox', '65536', '--rate-commands', '1000/2000', '--max-replay', '5000/100000000']);
  const token = own.token('slow');
  const slow = await Stream.open(own, { token });
  const [snapshot] = await slow.until((frames) => frames.length === 1);
  slow.response.pause();
  const busy = await Client.live(own, { token });
  const notes = 'ä'.repeat(2000);
  const session = uuid();
  await busy.ask({ type: 'addGroup', group: session, name: 'x' });
  for (let i = 0; i < 600; i++) await busy.ask({ type: 'editGroup', group: session, description: `${i}${notes.slice(4)}` });
  const late = Date.now() + 10000;
  while (!own.log.includes('read too slowly') && Date.now() < late && !slow.closed) await new Promise((r) => setTimeout(r, 50));
  slow.response.resume();
  await slow.ended;
  const seen = slow.frames.at(-1).data.seq;
  assert.ok(seen < 601, `${seen}`);
  const again = await Stream.open(own, { token, headers: { 'last-event-id': slow.frames.at(-1).id } });
  const frames = await again.until(isSeq(601));
  assert.equal(frames[0].data.seq, seen + 1);
  assert.equal(snapshot.data.seq, 0);
  again.close();
  await busy.end();
  await own.stop();
});

test('the server says goodbye to a stream', async () => {
  const own = await Server.start();
  const stream = await Stream.open(own, { token: own.token('bye') });
  await stream.until((frames) => frames.length === 1);
  const { code } = await own.kill('SIGTERM');
  await stream.ended;
  assert.equal(code, 0);
  await own.stop();
});

test('time: a comment at each heartbeat, and the end with the token', { concurrency: true }, async (t) => {
  await Promise.all([
    t.test('a comment comes whenever heartbeatMs passed without anything else', async () => {
      const stream = await Stream.open(server, { token: server.token('quiet') });
      await stream.until((frames) => frames.length === 1);
      const start = Date.now();
      const frames = await stream.until((seen) => seen.length === 2);
      assert.equal(frames[1].comment, ':');
      assert.ok(Math.abs(Date.now() - start - 25000) < 1500, `${Date.now() - start} ms`);
      stream.close();
    }),
    t.test('it ends with its token', async () => {
      const stream = await Stream.open(server, { token: server.token('brief', '--minutes', '1') });
      const start = Date.now();
      await stream.ended;
      assert.ok(Math.abs(Date.now() - start - 60000) < 3000, `${Date.now() - start} ms`);
    }),
  ]);
});
