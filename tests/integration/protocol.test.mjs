// The wire, rule by rule: what is refused, how, and what closes a socket.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { Client, uuid } from './support/client.mjs';
import { Server } from './support/server.mjs';

let server;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

const live = (user, options = {}) => Client.live(server, { token: server.token(user), ...options });

test('the upgrade: subprotocols, origins, path', async () => {
  const status = (path, protocols, headers = {}) =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, protocols, { headers });
      socket.on('open', () => {
        resolve(`open ${socket.protocol}`);
        socket.terminate();
      });
      socket.on('unexpected-response', (_, response) => {
        resolve(response.statusCode >= 400 ? 'refused' : response.statusCode);
        socket.terminate();
      });
      socket.on('error', () => resolve('refused'));
    });
  assert.equal(await status('/v1/ws', ['lockstep.v1']), 'open lockstep.v1');
  assert.equal(await status('/v1/ws', ['other', 'lockstep.v1']), 'open lockstep.v1');
  assert.equal(await status('/v1/ws', []), 'open ');
  assert.equal(await status('/v1/ws', ['other']), 'refused');
  assert.equal(await status('/v1/wss', []), 'refused');
  assert.equal(await status('/', []), 'refused');
  assert.equal(await status('/v1/ws', [], { origin: `http://127.0.0.1:${server.port}` }), 'open ');
  assert.equal(await status('/v1/ws', [], { origin: 'https://evil.example' }), 'refused');
  assert.equal(await status('/v1/ws', [], { origin: 'null' }), 'refused');
});

test('a bad token in the header is told after the upgrade', async () => {
  const client = new Client(server, { token: 'no.such.token' });
  assert.equal((await client.next()).type, 'hello');
  const result = await client.next();
  assert.equal(result.ok, false);
  assert.equal(result.error.code, 'tokenInvalid');
  const { code, reason } = await client.closed;
  assert.equal(code, 4401);
  assert.equal(reason, 'tokenInvalid');
});

test('an unauthenticated socket may send nothing but auth', async () => {
  const client = new Client(server);
  await client.next((m) => m.type === 'hello');
  for (const message of [{ type: 'help', id: 1 }, { type: 'start', id: 2, session: uuid() }]) {
    const result = await client.ask(message);
    assert.equal(result.error.code, 'unauthenticated');
  }
  const bad = await client.ask({ type: 'auth', token: 'x' });
  assert.equal(bad.error.code, 'tokenInvalid');
  await client.end();
});

test('commands sent right behind auth are held until live', async () => {
  const client = new Client(server);
  await client.next((m) => m.type === 'hello');
  client.send({ type: 'auth', id: 'a', token: server.token('held') });
  client.send({ type: 'addSession', id: 'b', title: 'Held' });
  await client.next((m) => m.type === 'result' && m.id === 'b' && m.ok);
  const types = client.messages.map((m) => m.type);
  assert.deepEqual(types, ['hello', 'ready', 'snapshot', 'live', 'event', 'result']);
  await client.end();
});

test('bad messages are answered and do not close the socket', async () => {
  const client = await live('mallory');
  const cases = [
    ['{', 'badJson', undefined],
    ['[]', 'badJson', undefined],
    ['{"type":"start","type":"pause"}', 'badJson', undefined],
    [`{"type":"start","id":${'['.repeat(20)}${']'.repeat(20)}}`, 'badJson', undefined],
    ['{"type":"addSession","title":"a\\u0000b"}', 'badJson', undefined],
    ['{"type":"fly"}', 'unknownCommand', undefined],
    ['{"id":1}', 'badRequest', 'type'],
    ['{"type":"start"}', 'badRequest', 'session'],
    ['{"type":"start","session":"x"}', 'badRequest', 'session'],
    ['{"type":"addSession","title":""}', 'badRequest', 'title'],
    [`{"type":"addSession","title":"${'ä'.repeat(201)}"}`, 'badRequest', 'title'],
    ['{"type":"addSession","title":"x","initialDuration":0.5}', 'badRequest', 'initialDuration'],
    ['{"type":"addSession","title":"x","initialDuration":86401}', 'badRequest', 'initialDuration'],
    ['{"type":"addSession","title":"x","color":"red"}', 'badRequest', 'color'],
  ];
  for (const [text, code, field] of cases) {
    client.send(text);
    const result = await client.next((m) => m.type === 'result');
    assert.equal(result.ok, false, text);
    assert.equal(result.error.code, code, text);
    assert.equal(result.error.retryable, false);
    if (field) assert.equal(result.error.field, field, text);
  }
  assert.equal((await client.ask({ type: 'addSession', title: 'ä'.repeat(200) })).ok, true);
  await client.end();
});

test('more than 20 invalid messages within ten seconds close 1008', async () => {
  const client = await live('flood');
  for (let i = 0; i < 25; i++) client.send('{');
  assert.equal((await client.closed).code, 1008);
});

test('binary 1003, invalid UTF-8 1007, too large 1009', async () => {
  const binary = await live('frames');
  binary.socket.send(Buffer.from('{}'), { binary: true });
  assert.equal((await binary.closed).code, 1003);

  const utf8 = await live('frames');
  utf8.socket.send(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), { binary: false });
  assert.equal((await utf8.closed).code, 1007);

  const large = await live('frames');
  large.send(`{"type":"addSession","title":"${'x'.repeat(66000)}"}`);
  assert.equal((await large.closed).code, 1009);

  const early = new Client(server);
  await early.next((m) => m.type === 'hello');
  early.send(`{"type":"auth","token":"${'x'.repeat(13000)}"}`);
  assert.equal((await early.closed).code, 1009);
});

test('a message may come in any number of fragments', async () => {
  const client = await live('fragments');
  const text = '{"type":"addSession","id":"f","title":"in pieces"}';
  for (let i = 0; i < text.length; i++) client.socket.send(text[i], { fin: i === text.length - 1 });
  const result = await client.next((m) => m.type === 'result');
  assert.equal(result.id, 'f');
  assert.equal(result.ok, true);
  await client.end();
});

test('time and help', async () => {
  const client = await live('clock');
  const before = Date.now();
  const time = await client.ask({ type: 'time', t0: 12345.5 });
  assert.equal(time.type, 'time');
  assert.equal(time.t0, 12345.5);
  assert.ok(time.t1Ms >= before - 5 && time.t2Ms >= time.t1Ms && time.t2Ms <= Date.now() + 5);
  const help = await client.ask({ type: 'help' });
  assert.equal(help.type, 'help');
  const names = help.commands.map((c) => c.name);
  for (const name of ['addSession', 'start', 'pause', 'resetAll', 'autoResetTimeChange', 'addGroup', 'getSnapshot']) {
    assert.ok(names.includes(name), name);
  }
  const one = await client.ask({ type: 'help', command: 'start' });
  assert.ok(JSON.stringify(one).includes('session'));
  await client.end();
});

test('getSnapshot and getSession', async () => {
  const client = await live('reader');
  const session = uuid();
  await client.ask({ type: 'addSession', session, title: 'Read' });
  const snapshot = await client.ask({ type: 'getSnapshot' });
  assert.equal(snapshot.type, 'snapshot');
  assert.equal(snapshot.state.sessions[0].id, session);
  const got = await client.ask({ type: 'getSession', session });
  assert.equal(got.ok, true);
  assert.deepEqual(got.value, snapshot.state.sessions[0]);
  await client.end();
});

test('token renewal: the same person, another person, a bad token', async () => {
  const client = await live('renew');
  const token = server.token('renew', '--minutes', '90');
  const result = await client.ask({ type: 'auth', token });
  assert.equal(result.ok, true);
  assert.ok(result.tokenExpiresAtMs > client.ready.tokenExpiresAtMs);
  assert.equal((await client.ask({ type: 'auth', token: 'bad' })).error.code, 'tokenInvalid');
  assert.equal((await client.ask({ type: 'addSession', title: 'still here' })).ok, true);
  client.send({ type: 'auth', token: server.token('another') });
  assert.equal((await client.closed).code, 4403);
});

test('rateLimited: a burst over 60 is told when to come back', async () => {
  const client = await live('hasty');
  const session = uuid();
  await client.ask({ type: 'addSession', session, title: 'x' });
  for (let i = 0; i < 80; i++) client.send({ type: 'getSession', id: i, session });
  const last = await client.next((m) => m.id === 79);
  assert.equal(last.error.code, 'rateLimited');
  assert.equal(last.error.retryable, true);
  assert.ok(last.error.details.retryAfterMs > 0);
  await new Promise((resolve) => setTimeout(resolve, last.error.details.retryAfterMs + 20));
  assert.equal((await client.ask({ type: 'getSession', session })).ok, true);
  await client.end();
});

test('too many sockets of one user: the new one gets 4409', async () => {
  const own = await Server.start(['--max-sockets-user', '2']);
  const token = own.token('many');
  const first = await Client.live(own, { token });
  const second = await Client.live(own, { token });
  const third = new Client(own, { token });
  assert.equal((await third.closed).code, 4409);
  assert.equal((await first.ask({ type: 'addSession', title: 'x' })).ok, true);
  await Promise.all([first.end(), second.end()]);
  await own.stop();
});

test('a burst of answers over the limit of the outbox is not slowness', async () => {
  const client = await live('burst');
  for (let i = 0; i < 40; i++) client.send({ type: 'help', id: i });
  await client.next((m) => m.type === 'help' && m.id === 39);
  await client.end();
});

test('what queued up for a reader arrives as it was sent, short and long', async () => {
  const token = server.token('queue');
  const reader = await Client.live(server, { token });
  const busy = await Client.live(server, { token });
  reader.socket._socket.pause();
  // Around the lengths at which a frame has another header, and beyond what one write takes.
  const commands = [0, 60, 400, 30_000, 1, 1000, 45_000, 10, 20].map((length, i) => (
    { type: 'addPlan', id: i, name: `Plan ${i}`, structure: { text: 'ä'.repeat(length / 2) } }
  ));
  for (const command of commands) busy.send(command);
  await busy.next((m) => m.type === 'result' && m.id === commands.length - 1);
  reader.socket._socket.resume();
  const last = (await busy.ask({ type: 'getSnapshot' })).seq;
  await reader.next((m) => m.seq === last);
  const events = ({ messages }) => messages.filter(({ type }) => type === 'event');
  assert.deepEqual(events(reader), events(busy));
  assert.deepEqual(events(reader).map(({ plan }) => plan.structure.text.length), commands.map(({ structure }) => structure.text.length));
  await Promise.all([reader.end(), busy.end()]);
});

test('who does not read is closed 4408, nobody else waits, and coming back catches up', async () => {
  const token = server.token('slow');
  const slow = await Client.live(server, { token });
  const busy = await Client.live(server, { token });
  const session = uuid();
  await busy.ask({ type: 'addSession', session, title: 'x' });
  await slow.event('addSession');
  slow.socket._socket.pause();
  const title = (i, k) => `${i}.${k} `.padEnd(200, 'ä');
  for (let i = 0; i < 12; i++) {
    const commands = Array.from({ length: 64 }, (_, k) => ({ type: 'renameSession', id: `${i}.${k}`, session, title: title(i, k) }));
    const start = Date.now();
    busy.send({ type: 'batch', commands });
    await busy.next((m) => m.type === 'result' && m.id === `${i}.63`);
    assert.ok(Date.now() - start < 2000, 'nobody waits for the slow one');
  }
  await new Promise((resolve) => setTimeout(resolve, 1500));
  slow.socket._socket.resume();
  assert.equal((await slow.closed).code, 4408);
  const { epoch, seq, tag } = slow.position;
  const back = await Client.live(server, { token, query: `?epoch=${epoch}&seq=${seq}&tag=${tag}` });
  assert.equal((await back.ask({ type: 'getSession', session })).value.title, title(11, 63));
  await Promise.all([busy.end(), back.end()]);
});

test('limits of things: one timer more than allowed is `limit`', async () => {
  const own = await Server.start(['--max-timers', '2', '--max-groups', '1']);
  const client = await Client.live(own, { token: own.token('few') });
  const ids = [];
  for (let i = 0; i < 2; i++) ids.push((await client.ask({ type: 'addSession', title: 'x' })).session);
  assert.equal((await client.ask({ type: 'addSession', title: 'x' })).error.code, 'limit');
  await client.ask({ type: 'deleteSession', session: ids[0] });
  await client.ask({ type: 'addSession', title: 'y' });
  assert.equal((await client.ask({ type: 'restoreSession', session: ids[0] })).error.code, 'limit');
  await client.ask({ type: 'addGroup', name: 'x' });
  assert.equal((await client.ask({ type: 'addGroup', name: 'y' })).error.code, 'limit');
  await client.end();
  await own.stop();
});
