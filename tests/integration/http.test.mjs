// The same over HTTP, and the endpoints of requirement document 002 as it writes them.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { Client, uuid } from './support/client.mjs';
import { Server } from './support/server.mjs';

let server;
let token;
before(async () => {
  server = await Server.start();
  token = server.token('rest');
});
after(() => server.stop());

const call = (method, path, body, headers, as = token) => server.request(method, path, { token: as, body, headers });

test('health, readiness, version', async () => {
  assert.equal((await call('GET', '/healthz')).status, 200);
  assert.equal((await call('GET', '/readyz')).status, 200);
  const version = await call('GET', '/version');
  assert.equal(version.body.protocol, 'lockstep.v1');
});

test('POST /v1/commands: command, batch, errors, keys', async () => {
  const session = uuid();
  const added = await call('POST', '/v1/commands', { type: 'addSession', session, title: 'A', key: 'h1' });
  assert.equal(added.status, 200);
  assert.equal(added.body.ok, true);
  assert.match(added.headers.get('lockstep-position'), new RegExp(`^[0-9a-f]{32}:${added.body.seq}$`));
  const again = await call('POST', '/v1/commands', { type: 'addSession', session, title: 'A' }, { 'idempotency-key': '"h1"' });
  assert.equal(again.body.duplicate, true);
  assert.equal(again.body.seq, added.body.seq);
  const both = await call('POST', '/v1/commands', { type: 'start', session, key: 'x' }, { 'idempotency-key': 'y' });
  assert.equal(both.status, 400);
  assert.equal(both.body.error.code, 'badRequest');
  const stale = await call('POST', '/v1/commands', { type: 'start', session }, { 'if-match': '"7"' });
  assert.equal(stale.status, 409);
  assert.equal(stale.body.error.details.version, 1);
  const unknown = await call('POST', '/v1/commands', { type: 'fly' });
  assert.equal(unknown.status, 404);
  assert.deepEqual(Object.keys(unknown.body).sort(), ['error', 'ok']);
  const batch = await call('POST', '/v1/commands', {
    type: 'batch',
    commands: [{ type: 'start', id: 1, session }, { type: 'start', id: 2, session: uuid() }, { type: 'pause', id: 3, session }],
  });
  assert.equal(batch.status, 200);
  assert.deepEqual(batch.body.results.map((r) => [r.id, r.ok]), [[1, true], [2, false], [3, true]]);
});

test('state, events, long poll', async () => {
  const mine = server.token('poll');
  const state = await call('GET', '/v1/state', undefined, {}, mine);
  assert.equal(state.body.type, 'snapshot');
  const { epoch, seq } = state.body;
  const empty = await call('GET', `/v1/events?epoch=${epoch}&seq=${seq}`, undefined, {}, mine);
  assert.deepEqual(empty.body.events, []);
  const waiting = call('GET', `/v1/events?epoch=${epoch}&seq=${seq}&waitMs=10000`, undefined, {}, mine);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const start = Date.now();
  await call('POST', '/v1/commands', { type: 'addSession', title: 'A' }, {}, mine);
  const came = await waiting;
  assert.ok(Date.now() - start < 1000);
  assert.equal(came.body.mode, 'replay');
  assert.deepEqual(came.body.events.map((e) => e.event), ['addSession']);
  assert.equal(came.body.events[0].origin.via, 'http');
  assert.equal((await call('GET', '/v1/events', undefined, {}, mine)).body.reason, 'fresh');
  const bad = await call('GET', '/v1/events?epoch=other&seq=0', undefined, {}, mine);
  assert.equal(bad.body.type, 'snapshot');
  assert.equal(bad.body.reason, 'epoch');
  const timed = Date.now();
  const none = await call('GET', `/v1/events?epoch=${epoch}&seq=${came.body.seq}&waitMs=300`, undefined, {}, mine);
  assert.deepEqual(none.body.events, []);
  assert.ok(Date.now() - timed >= 250);
});

test('002: sessions as it writes them, and each change reaches the sockets', async () => {
  const mine = server.token('two');
  const socket = await Client.live(server, { token: mine });
  const posted = await call('POST', '/sessions', { title: 'Read', initialDuration: 1500, dailyGoalMinutes: 60 }, {}, mine);
  assert.equal(posted.status, 201);
  const { id } = posted.body;
  assert.equal(posted.body.noGoal, false);
  assert.equal((await socket.event('addSession')).session.id, id);
  const started = await call('POST', `/sessions/${id}/actions/start`, undefined, {}, mine);
  assert.equal(started.status, 200);
  assert.equal(started.body.state, 'RUNNING');
  const event = await socket.event('start');
  assert.equal(event.session.targetTimeMs, started.body.targetTimeMs);
  await call('POST', `/sessions/${id}/actions/pause`, undefined, {}, mine);
  await socket.event('pause');
  // Get, change, put: read-only fields may come along unchanged.
  const got = await call('GET', `/sessions/${id}`, undefined, {}, mine);
  const patched = await call('PATCH', `/sessions/${id}`, { ...got.body, dailyGoalMinutes: 90 }, {}, mine);
  assert.equal(patched.status, 200, patched.text);
  assert.equal(patched.body.dailyGoalMinutes, 90);
  const refused = await call('PATCH', `/sessions/${id}`, { title: 'Other' }, {}, mine);
  assert.equal(refused.status, 400);
  assert.equal(refused.body.error.field, 'title');
  assert.equal(refused.body.error.type, 'ValidationError');
  const renamed = await call('POST', `/sessions/${id}/actions/rename`, { title: 'Other' }, {}, mine);
  assert.equal(renamed.body.title, 'Other');
  const reset = await call('POST', `/sessions/${id}/actions/reset`, undefined, {}, mine);
  assert.equal(reset.body.timeLeft, 1500);
  const list = await call('GET', '/sessions', undefined, {}, mine);
  assert.deepEqual(Object.keys(list.body).sort(), ['items', 'limit', 'offset', 'page', 'total']);
  assert.equal(list.body.items.length, 1);
  assert.equal(list.body.limit, 20);
  const gone = await call('DELETE', `/sessions/${id}`, undefined, {}, mine);
  assert.equal(gone.status, 200);
  assert.equal(gone.body.isDeleted, true);
  assert.equal((await call('POST', `/sessions/${id}/actions/start`, undefined, {}, mine)).status, 404);
  assert.equal((await call('POST', `/sessions/${id}/actions/restore`, undefined, {}, mine)).body.isDeleted, false);
  assert.equal((await call('GET', `/sessions/${id}`)).status, 404, "another user's");
  await socket.end();
});

test('groups, me, analytics; with and without /api', async () => {
  const mine = server.token('three');
  const group = await call('POST', '/api/groups', { name: 'Work' }, {}, mine);
  assert.equal(group.status, 201);
  const id = group.body.id;
  const posted = await call('POST', '/sessions', { title: 'A', groupId: id }, {}, mine);
  assert.equal(posted.body.groupId, id);
  const lost = await call('POST', '/sessions', { title: 'A', groupId: uuid() }, {}, mine);
  assert.equal(lost.status, 404);
  assert.equal(lost.body.error.field, 'groupId', 'by the name that the body has for it');
  const moved = await call('POST', `/sessions/${posted.body.id}/actions/move`, { groupId: null }, {}, mine);
  assert.equal(moved.body.groupId, null);
  assert.equal((await call('PATCH', `/groups/${id}`, { name: 'Play' }, {}, mine)).body.name, 'Play');
  assert.equal((await call('GET', '/groups', undefined, {}, mine)).body.total, 1);
  assert.equal((await call('DELETE', `/groups/${id}`, undefined, {}, mine)).body.isDeleted, true);
  const me = await call('PATCH', '/me', { timeZone: 'Europe/Berlin', sessionsResetTime: '04:00' }, {}, mine);
  assert.equal(me.body.timeZone, 'Europe/Berlin');
  assert.equal((await call('GET', '/api/me', undefined, {}, mine)).body.sessionsResetTime, '04:00');
  assert.equal((await call('PATCH', '/me', { timeZone: 'Mars/Base' }, {}, mine)).body.error.field, 'timeZone');
  await call('POST', `/sessions/${posted.body.id}/actions/start`, undefined, {}, mine);
  for (const path of ['/analytics', '/api/analytics', '/v1/analytics']) {
    const analytics = await call('GET', `${path}?period=daily`, undefined, {}, mine);
    assert.equal(analytics.status, 200);
    assert.equal(analytics.body.periods.length, 7);
    assert.equal(analytics.body.timeZone, 'Europe/Berlin');
  }
  assert.equal((await call('GET', '/analytics?period=yearly', undefined, {}, mine)).body.error.field, 'period');
  // 002's list is not under /api: another document has that path.
  assert.notEqual((await call('GET', `/api/sessions/${posted.body.id}`, undefined, {}, mine)).status, 200);
});

test('analytics: sum and union, goal and streak, of what was tracked offline', async () => {
  const mine = server.token('four');
  // A zone in which it is about noon, so that three hours ago is today.
  const offset = 12 - new Date().getUTCHours();
  const zone = offset === 0 ? 'Etc/GMT' : `Etc/GMT${offset > 0 ? '-' : '+'}${Math.abs(offset)}`;
  assert.equal((await call('PATCH', '/me', { timeZone: zone }, {}, mine)).status, 200);
  const [a, b] = [uuid(), uuid()];
  const minute = 60000;
  const start = Date.now() - 180 * minute;
  const batch = await call('POST', '/v1/commands', {
    type: 'batch',
    commands: [
      { type: 'addSession', session: a, title: 'A', dailyGoalMinutes: 60, atMs: start },
      { type: 'addSession', session: b, title: 'B', atMs: start },
      { type: 'start', session: a, atMs: start },
      { type: 'start', session: b, atMs: start + 30 * minute },
      { type: 'pause', session: a, atMs: start + 60 * minute },
      { type: 'pause', session: b, atMs: start + 90 * minute },
    ],
  }, {}, mine);
  assert.deepEqual(batch.body.results.map((r) => r.ok), Array(6).fill(true), batch.text);
  const daily = (await call('GET', '/analytics?period=daily', undefined, {}, mine)).body;
  const today = daily.periods.at(-1);
  assert.equal(today.from, daily.to);
  assert.equal(today.sumMinutes, 120);
  assert.equal(today.unionMinutes, 90);
  assert.equal(daily.streakDays, 1);
  const row = today.sessions.find((s) => s.session === a);
  assert.deepEqual([row.kind, row.title, row.minutes, row.goalMinutes, row.goalMet], ['timer', 'A', 60, 60, true]);
  const only = (await call('GET', `/analytics?period=weekly&session=${b}`, undefined, {}, mine)).body;
  assert.equal(only.periods.length, 8);
  assert.equal(only.periods.at(-1).sumMinutes, 60);
  // Deleting keeps the time.
  await call('DELETE', `/sessions/${b}`, undefined, {}, mine);
  assert.equal((await call('GET', '/analytics?period=monthly', undefined, {}, mine)).body.periods.at(-1).sumMinutes, 120);
});

test('errors in rest.md shape: 401, 404, 405, 413, 415, 400', async () => {
  const bare = await server.request('GET', '/sessions');
  assert.equal(bare.status, 401);
  assert.equal(bare.body.error.type, 'Unauthorized');
  assert.equal((await call('GET', '/nothing')).status, 404);
  const method = await call('PUT', '/groups', { name: 'x' });
  assert.equal(method.status, 405);
  assert.match(method.headers.get('allow'), /GET/);
  assert.match(method.headers.get('allow'), /POST/);
  assert.equal(method.body.error.code, 'methodNotAllowed');
  assert.equal((await call('POST', '/groups', `{"name":"${'x'.repeat(70000)}"}`)).status, 413);
  assert.equal((await call('POST', '/groups', 'name=x', { 'content-type': 'text/plain' })).status, 415);
  assert.equal((await call('POST', '/groups', '{')).status, 400);
  assert.equal((await call('POST', '/groups', {})).body.error.field, 'name');
  assert.equal((await call('GET', '/sessions?limit=0')).body.error.field, 'limit');
  assert.equal((await call('GET', '/sessions?colour=red')).body.error.field, 'colour');
});

test('one allowance of commands a person, over sockets and requests together', async (t) => {
  // It is given back slowly, since the server may be slow as well.
  const strict = await Server.start(['--rate-commands', '1/60']);
  t.after(() => strict.stop());
  const token = strict.token('both');
  const socket = await Client.live(strict, { token });
  for (let i = 0; i < 60; i++) socket.send({ type: 'help', id: 'free' });
  for (let i = 0; i < 80; i++) socket.send({ type: 'resetAll', id: i });
  assert.equal((await socket.next((m) => m.id === 79)).error.code, 'rateLimited');
  const over = await strict.request('POST', '/v1/commands', { token, body: { type: 'resetAll' } });
  assert.equal(over.status, 429);
  assert.ok(over.body.error.details.retryAfterMs > 0);
  await socket.end();
});

test('dev token: only for local hosts', async () => {
  const made = await server.request('POST', '/v1/dev/token', { body: { user: 'alice' } });
  assert.equal(made.status, 200);
  assert.ok(made.body.expiresAtMs > Date.now());
  assert.equal((await call('GET', '/me', undefined, {}, made.body.token)).body.id, 'alice');
});

// Bytes as a client library would not send them.
function raw(text) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(server.port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (data) => (answer += data));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    setTimeout(() => socket.destroy(), 3000);
  });
}

test('requests that nobody should send are refused and the connection is never reused', async () => {
  const host = `Host: 127.0.0.1:${server.port}\r\n`;
  const ok = await raw(`GET /healthz HTTP/1.1\r\n${host}\r\nGET /healthz HTTP/1.1\r\n${host}\r\n`);
  assert.match(ok, /^HTTP\/1.1 200/);
  assert.match(ok.toLowerCase(), /connection: close/);
  assert.equal(ok.split('HTTP/1.1 200').length, 2, 'one answer only');
  const status = async (text) => Number(/^HTTP\/1\.[01] (\d+)/.exec(await raw(text))?.[1] ?? 0);
  assert.equal(await status(`POST /groups HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`), 501);
  assert.equal(await status(`POST /groups HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`), 400);
  assert.equal(await status(`POST /groups HTTP/1.1\r\n${host}Content-Length: +2\r\n\r\n{}`), 400);
  const connect = await raw(`CONNECT x:1 HTTP/1.1\r\n${host}\r\n`);
  assert.doesNotMatch(connect, /^HTTP\/1.1 200/);
  const h2c = await raw(`GET /healthz HTTP/1.1\r\n${host}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n`);
  assert.doesNotMatch(h2c, /101/);
  const rebound = await raw(`POST /v1/dev/token HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"user":"x"}`);
  assert.doesNotMatch(rebound, /^HTTP\/1.1 200/);
  assert.equal((await call('GET', '/healthz')).status, 200);
});
