// Tokens of devices (operations.md): made once, used like any other, revoked at once; what `read` may not do.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Client, uuid } from './support/client.mjs';
import { Server } from './support/server.mjs';

let server;
before(async () => {
  server = await Server.start(['--rate-commands', '1000']);
});
after(() => server.stop());

let people = 0;
// Somebody nobody else is, with the operator's token.
const somebody = () => {
  const user = `person${people++}`;
  return { user, token: server.token(user) };
};
const make = async (token, name = 'bar', scope = 'full') => {
  const answer = await server.request('POST', '/v1/tokens', { token, body: { name, scope } });
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
};
const addTimer = (client) => client.ask({ type: 'addSession', title: 'Tea', initialDuration: 60 });

test('a token is shown once, and is its person everywhere', async () => {
  const { user, token } = somebody();
  const made = await make(token, 'Waybar ☕');
  assert.match(made.id, /^[0-9a-f-]{36}$/);
  assert.equal(made.name, 'Waybar ☕');
  assert.equal(made.scope, 'full');
  assert.match(made.token, /^[A-Za-z0-9_-]{40,}$/);

  const client = await Client.live(server, { token: made.token });
  assert.equal(client.ready.userId, user);
  assert.equal(client.ready.tokenExpiresAtMs, null);
  const added = await addTimer(client);
  assert.equal(added.ok, true);
  const state = await server.request('GET', '/v1/state', { token: made.token });
  assert.deepEqual(state.body.state.sessions.map((s) => s.id), [added.session]);
  await client.end();

  const list = await server.request('GET', '/v1/tokens', { token });
  assert.equal(list.status, 200);
  assert.equal(list.body.total, 1);
  const [shown] = list.body.items;
  assert.deepEqual([shown.id, shown.name, shown.scope], [made.id, 'Waybar ☕', 'full']);
  assert.ok(shown.lastUsedAtMs > 0 && shown.lastUsedAtMs >= shown.createdAtMs - 1);
  assert.ok(!list.text.includes(made.token));
});

test('never used, there is no last use', async () => {
  const { token } = somebody();
  await make(token);
  const list = await server.request('GET', '/v1/tokens', { token });
  assert.equal(list.body.items[0].lastUsedAtMs, null);
});

test('only a hash is kept: the token is in no file', async () => {
  const { token } = somebody();
  const made = await make(token);
  for (const file of [server.db, `${server.db}-wal`]) assert.ok(!readFileSync(file).includes(made.token));
  assert.ok(!server.log.includes(made.token));
});

test('revoking closes its sockets at once and nobody else is', async () => {
  const { token } = somebody();
  const lost = await make(token, 'lost phone');
  const kept = await make(token, 'kept');
  const sockets = await Promise.all([lost, lost, kept].map((t) => Client.live(server, { token: t.token })));
  const stream = await fetch(`${server.http}/v1/events`, { headers: { authorization: `Bearer ${lost.token}`, accept: 'text/event-stream' } });
  const streamed = stream.text();
  const waiting = server.request('GET', `/v1/events?epoch=${sockets[0].ready.epoch}&seq=0&waitMs=30000`, { token: lost.token });
  await new Promise((resolve) => setTimeout(resolve, 200));

  const answer = await server.request('DELETE', `/v1/tokens/${lost.id}`, { token });
  assert.equal(answer.status, 200);
  assert.equal(answer.body.id, lost.id);
  for (const socket of sockets.slice(0, 2)) assert.deepEqual(await socket.closed, { code: 4401, reason: 'revoked' });
  await streamed;
  assert.equal((await waiting).status, 401);
  assert.equal((await addTimer(sockets[2])).ok, true);
  await sockets[2].end();

  const again = await server.request('GET', '/v1/state', { token: lost.token });
  assert.equal(again.status, 401);
  assert.equal(again.body.error.code, 'tokenInvalid');
  const back = new Client(server, { token: lost.token });
  assert.deepEqual(await back.closed, { code: 4401, reason: 'tokenInvalid' });
  assert.equal(back.messages.find((m) => m.type === 'result').error.code, 'tokenInvalid');
  const list = await server.request('GET', '/v1/tokens', { token });
  assert.deepEqual(list.body.items.map((t) => t.id), [kept.id]);
});

test('a token can revoke itself, and is told so', async () => {
  const { token } = somebody();
  const made = await make(token);
  const answer = await server.request('DELETE', `/v1/tokens/${made.id}`, { token: made.token });
  assert.equal(answer.status, 200);
  assert.equal((await server.request('GET', '/v1/state', { token: made.token })).status, 401);
});

test('a restart changes nothing', async () => {
  const { user, token } = somebody();
  const made = await make(token, 'script', 'read');
  await server.kill();
  await server.start();
  const client = await Client.live(server, { token: made.token });
  assert.equal(client.ready.userId, user);
  assert.equal((await addTimer(client)).error.code, 'forbidden');
  await client.end();
});

test('scope read: whatever changes something is forbidden, reading is not', async () => {
  const { token } = somebody();
  const owner = await Client.live(server, { token });
  const { session } = await addTimer(owner);
  const read = (await make(token, 'wall', 'read')).token;
  const client = await Client.live(server, { token: read });
  for (const command of [
    { type: 'addSession', title: 'x' },
    { type: 'start', session },
    { type: 'resetAll' },
    { type: 'deleteSession', session: uuid() },
    { type: 'start', session, key: 'k' },
  ]) {
    const answer = await client.ask(command);
    assert.deepEqual([answer.ok, answer.error?.code], [false, 'forbidden'], command.type);
    assert.equal(answer.error.retryable, false);
  }
  assert.equal((await client.ask({ type: 'getSession', session })).value.title, 'Tea');
  assert.equal((await client.ask({ type: 'getSnapshot' })).type, 'snapshot');
  client.send({ type: 'batch', commands: [{ type: 'start', id: 'b1', session }, { type: 'getSession', id: 'b2', session }] });
  assert.equal((await client.next((m) => m.id === 'b1')).error.code, 'forbidden');
  assert.equal((await client.next((m) => m.id === 'b2')).ok, true);
  await owner.ask({ type: 'start', session });
  assert.equal((await client.event('start')).session.id, session); // it still hears what others do

  for (const [method, path, body] of [
    ['POST', '/v1/commands', { type: 'start', session }],
    ['POST', '/sessions', { title: 'x' }],
    ['POST', `/sessions/${session}/actions/start`],
    ['DELETE', `/sessions/${session}`],
    ['PATCH', '/me', { timeZone: 'Europe/Berlin' }],
    ['POST', '/v1/tokens', { name: 'more', scope: 'full' }],
    ['DELETE', `/v1/tokens/${uuid()}`],
  ]) {
    const answer = await server.request(method, path, { token: read, body });
    assert.equal(answer.status, 403, `${method} ${path}: ${answer.text}`);
    assert.equal(answer.body.error.code, 'forbidden');
  }
  for (const path of ['/v1/state', '/sessions', '/me', '/v1/tokens', '/analytics']) {
    assert.equal((await server.request('GET', path, { token: read })).status, 200, path);
  }
  await owner.end();
  await client.end();
});

test('scope: told by ready, and by a renewal', async () => {
  const { token } = somebody();
  const read = (await make(token, 'wall', 'read')).token;
  const wall = await Client.live(server, { token: read });
  assert.equal(wall.ready.scope, 'read');
  const { epoch, seq, tag } = wall.ready;
  const again = await wall.ask({ type: 'resume', epoch, seq, tag });
  assert.equal(again.scope, 'read');
  const owner = await Client.live(server, { token });
  assert.equal(owner.ready.scope, 'full');
  assert.equal((await owner.ask({ type: 'auth', token: read })).scope, 'read');
  assert.equal((await addTimer(owner)).error.code, 'forbidden');
  assert.equal((await owner.ask({ type: 'auth', token })).scope, 'full');
  assert.equal((await addTimer(owner)).ok, true);
  await Promise.all([wall.end(), owner.end()]);
});

test('what is wrong with a body is said of its field', async () => {
  const { token } = somebody();
  for (const [body, field] of [
    [{ scope: 'full' }, 'name'],
    [{ name: 'x' }, 'scope'],
    [{ name: '', scope: 'full' }, 'name'],
    [{ name: 'n'.repeat(201), scope: 'full' }, 'name'],
    [{ name: 7, scope: 'full' }, 'name'],
    [{ name: 'x', scope: 'write' }, 'scope'],
    [{ name: 'x', scope: null }, 'scope'],
    [{ name: 'x', scope: 'full', token: 'mine' }, 'token'],
  ]) {
    const answer = await server.request('POST', '/v1/tokens', { token, body });
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.equal(answer.body.error.field, field, JSON.stringify(body));
  }
  assert.equal((await server.request('GET', '/v1/tokens', { token })).body.total, 0);
});

test("nobody sees another's tokens, nor that they exist", async () => {
  const { token } = somebody();
  const other = somebody();
  const made = await make(token);
  const answer = await server.request('DELETE', `/v1/tokens/${made.id}`, { token: other.token });
  const nothing = await server.request('DELETE', `/v1/tokens/${uuid()}`, { token: other.token });
  assert.deepEqual([answer.status, answer.body], [404, nothing.body]);
  assert.equal((await server.request('GET', '/v1/tokens', { token: other.token })).body.total, 0);
  assert.equal((await server.request('GET', '/v1/state', { token: made.token })).status, 200);
});

test('a hundred are enough', async () => {
  const { token } = somebody();
  const statuses = new Set();
  for (let i = 0; i < 100; i += 1) {
    statuses.add((await server.request('POST', '/v1/tokens', { token, body: { name: `t${i}`, scope: 'read' } })).status);
  }
  assert.deepEqual([...statuses], [201]);
  const { status, body } = await server.request('POST', '/v1/tokens', { token, body: { name: 'one more', scope: 'read' } });
  assert.deepEqual([status, body.error.code], [422, 'limit']);
  const list = await server.request('GET', '/v1/tokens?limit=100', { token });
  assert.equal(list.body.items.length, 100);
  assert.deepEqual(list.body.items.map((t) => t.name), Array.from({ length: 100 }, (_, i) => `t${i}`));
});

test('renewal: with a token of the same person, and no other', async () => {
  const { token } = somebody();
  const made = await make(token);
  const client = await Client.live(server, { token });
  client.send({ type: 'auth', id: 'r', token: made.token });
  const renewed = await client.next((m) => m.id === 'r');
  assert.deepEqual([renewed.ok, renewed.tokenExpiresAtMs, renewed.scope], [true, null, 'full']);
  await server.request('DELETE', `/v1/tokens/${made.id}`, { token });
  assert.deepEqual(await client.closed, { code: 4401, reason: 'revoked' });

  const other = await make(somebody().token);
  const second = await Client.live(server, { token });
  second.send({ type: 'auth', id: 'r', token: other.token });
  assert.equal((await second.closed).code, 4403);
});

test('what only looks like a token is none', async () => {
  for (const token of [`lockstep_${'A'.repeat(43)}`, `lockstep_${'A'.repeat(42)}`, 'lockstep_', `lockstep_${'é'.repeat(21)}A`]) {
    const answer = await server.request('GET', '/v1/state', { headers: { authorization: `Bearer ${encodeURI(token)}` } });
    assert.deepEqual([answer.status, answer.body.error.code], [401, 'tokenInvalid']);
  }
});
