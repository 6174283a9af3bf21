// Which web pages may use the server: over WebSocket by their Origin, over HTTP by CORS, and what the own page is
// allowed to do. There are no cookies, so that a browser never signs anybody in by itself.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { ask, handshake, Raw, read, request, until } from './support/bytes.mjs';
import { Client } from './support/client.mjs';
import { Server } from './support/server.mjs';

const friend = 'https://app.example';
const other = 'https://evil.example';
const sharing = 'access-control-allow-origin';

let plain; // no --origin
let shared; // two of them
before(async () => {
  [plain, shared] = await Promise.all([Server.start(), Server.start(['--origin', friend, '--origin', 'http://localhost:5173'])]);
});
after(() => Promise.all([plain.stop(), shared.stop()]));

const answered = (server, line, fields) => ask(server, request(line, [...fields]));
const from = (origin, ...more) => [`Origin: ${origin}`, ...more];
const bearer = (server, user = 'alice') => `Authorization: Bearer ${server.token(user)}`;
const wishing = (method = 'POST', headers = 'authorization,content-type') => [
  `Access-Control-Request-Method: ${method}`,
  `Access-Control-Request-Headers: ${headers}`,
];

// Nothing of CORS.
function isUnshared(answer) {
  assert.deepEqual(answer.names.filter((name) => name.startsWith('access-control-')), [], answer.text);
}

function isShared(answer, origin = friend) {
  assert.equal(answer.headers.get(sharing), origin, answer.text);
  assert.equal(answer.headers.get('access-control-expose-headers'), 'Lockstep-Position, Retry-After');
  assert.ok(answer.text.includes('vary: Origin'), answer.text);
  assert.ok(!answer.headers.has('access-control-allow-credentials'));
}

test('without --origin no answer is shared, whoever asks', async () => {
  for (const origin of [friend, other, `http://127.0.0.1:${plain.port}`, 'null']) {
    isUnshared(await answered(plain, 'GET /v1/state HTTP/1.1', from(origin, bearer(plain))));
    const preflight = await answered(plain, 'OPTIONS /v1/commands HTTP/1.1', from(origin, ...wishing()));
    assert.equal(preflight.status, 405);
    isUnshared(preflight);
  }
});

test('a page of an allowed origin reads answers and their position', async () => {
  for (const origin of [friend, 'http://localhost:5173']) {
    const answer = await answered(shared, 'GET /v1/state HTTP/1.1', from(origin, bearer(shared)));
    assert.equal(answer.status, 200);
    assert.ok(answer.headers.has('lockstep-position'));
    isShared(answer, origin);
  }
});

test('the answer names the asking origin alone, never all of them', async () => {
  const { text } = await answered(shared, 'GET /healthz HTTP/1.1', from(friend));
  assert.ok(!text.includes('localhost:5173'));
  assert.ok(!text.includes('*'));
});

test('every error to an allowed origin can be read', async () => {
  const json = 'Content-Type: application/json';
  const token = bearer(shared);
  for (const [status, line, ...fields] of [
    [400, 'GET /sessions?colour=red HTTP/1.1', token],
    [400, 'POST /groups HTTP/1.1', token, json, 'Content-Length: -1'],
    [401, 'GET /v1/state HTTP/1.1'],
    [401, 'GET /v1/state HTTP/1.1', 'Authorization: Bearer nonsense'],
    [404, 'GET /nothing HTTP/1.1'],
    [405, 'PUT /groups HTTP/1.1', token, json, 'Content-Length: 0'],
    [411, 'POST /groups HTTP/1.1', token, json],
    [501, 'POST /groups HTTP/1.1', token, json, 'Transfer-Encoding: chunked'],
  ]) {
    const answer = await answered(shared, line, from(friend, ...fields));
    assert.equal(answer.status, status, line);
    isShared(answer);
  }
});

test('429 to an allowed origin: Retry-After is among what it can read', async () => {
  const server = await Server.start(['--origin', friend, '--rate-commands', '1/1']);
  const token = bearer(server);
  await answered(server, 'GET /v1/state HTTP/1.1', from(friend, token));
  const late = await answered(server, 'GET /v1/state HTTP/1.1', from(friend, token));
  assert.equal(late.status, 429);
  assert.ok(late.headers.has('retry-after'));
  isShared(late);
  await server.stop();
});

test('the event stream is shared, too', async () => {
  const raw = await Raw.open(shared);
  raw.send(request('GET /v1/events HTTP/1.1', from(friend, bearer(shared), 'Accept: text/event-stream')));
  await raw.until((text) => text.includes('data: '));
  isShared(read(raw.text));
  raw.end();
});

test('preflight: 204, what is allowed, and never credentials', async () => {
  for (const path of ['/v1/commands', '/sessions', '/api/sessions/x/complete', '/nothing']) {
    const answer = await answered(shared, `OPTIONS ${path} HTTP/1.1`, from(friend, ...wishing('PATCH', 'if-match')));
    assert.equal(answer.status, 204, path);
    assert.equal(answer.body, '');
    assert.ok(!answer.headers.has('content-length'));
    const list = (name) => answer.headers.get(name).split(', ').sort();
    assert.deepEqual(list('access-control-allow-methods'), ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT']);
    assert.deepEqual(list('access-control-allow-headers'), ['Authorization', 'Content-Type', 'Idempotency-Key', 'If-Match', 'Last-Event-ID']);
    isShared(answer);
  }
});

test('what is no preflight of an allowed origin stays 405', async () => {
  for (const fields of [
    [],
    wishing(),
    from(other, ...wishing()),
    from(friend),
    from('null', ...wishing()),
    from(`${friend}.evil.example`, ...wishing()),
    from(`${friend}:8443`, ...wishing()),
    from('http://app.example', ...wishing()),
    from(`${friend}/`, ...wishing()),
    [`Origin: ${friend}`, `Origin: ${other}`, ...wishing()],
  ]) {
    const answer = await answered(shared, 'OPTIONS /groups HTTP/1.1', fields);
    assert.equal(answer.status, 405, fields.join());
    assert.match(answer.headers.get('allow'), /POST/);
    if (!fields.includes(`Origin: ${friend}`) || fields.length > 2) isUnshared(answer);
  }
});

test('other origins get the same answers as ever, unshared, and caches are told apart', async () => {
  for (const origin of [other, 'null', `${friend}.evil.example`]) {
    const answer = await answered(shared, 'GET /v1/state HTTP/1.1', from(origin, bearer(shared)));
    assert.equal(answer.status, 200);
    isUnshared(answer);
    assert.ok(answer.text.includes('vary: Origin'));
  }
});

test('no answer sets a cookie, and none is looked at', async () => {
  const token = shared.token('alice');
  for (const cookie of [`token=${token}`, `Authorization=Bearer ${token}`, `session=${token}`]) {
    const answer = await answered(shared, 'GET /v1/state HTTP/1.1', [`Cookie: ${cookie}`]);
    assert.equal(answer.status, 401);
    assert.ok(!answer.headers.has('set-cookie'));
  }
  const fine = await answered(shared, 'GET /v1/state HTTP/1.1', [bearer(shared)]);
  assert.ok(!fine.headers.has('set-cookie'));
});

test('a token is never taken from the URL', async () => {
  const token = plain.token('alice');
  for (const name of ['token', 'access_token', 'authorization', 'bearer']) {
    assert.equal((await answered(plain, `GET /v1/state?${name}=${token} HTTP/1.1`, [])).status, 401);
  }
  const socket = new Client(plain, { query: `?token=${token}` });
  await socket.next((message) => message.type === 'hello');
  assert.equal((await socket.ask({ type: 'addSession', title: 'x' })).error.code, 'unauthenticated');
  await socket.end();
});

test('WebSocket: the allow-list, and without one the same host and port', async () => {
  const status = async (server, origin, host) => {
    const raw = await Raw.open(server);
    const text = handshake(origin ? [`Origin: ${origin}`] : []);
    raw.send(host ? text.replace('Host: 127.0.0.1', `Host: ${host}`) : text);
    await until(() => raw.text.includes('\r\n\r\n') || raw.isClosed, 'an answer');
    raw.end();
    return read(raw.text).status;
  };
  const own = `127.0.0.1:${plain.port}`;
  for (const [server, origin, host, expected] of [
    [plain, undefined, own, 101],
    [plain, `http://${own}`, own, 101],
    [plain, `https://${own}`, own, 101],
    [plain, 'http://127.0.0.1', own, 403],
    [plain, other, own, 403],
    [plain, 'null', own, 403],
    [plain, 'file://', own, 403],
    [plain, `http://${own}.evil.example`, own, 403],
    [shared, friend, own, 101],
    [shared, 'http://localhost:5173', own, 101],
    [shared, `http://${own}`, own, 403],
    [shared, other, own, 403],
    [shared, 'null', own, 403],
  ]) {
    assert.equal(await status(server, origin, host), expected, `${origin} to ${host}`);
  }
});

test('SIGHUP: a changed list of origins counts at once', async () => {
  const { writeFileSync } = await import('node:fs');
  const server = new Server();
  const file = `${server.dir}/lockstep.ini`;
  writeFileSync(file, `origin = ${friend}\n`);
  server.options.push('--config', file);
  await server.start();
  isShared(await answered(server, 'GET /healthz HTTP/1.1', from(friend)));
  writeFileSync(file, `origin = ${other}\n`);
  server.process.kill('SIGHUP');
  await until(async () => (await answered(server, 'GET /healthz HTTP/1.1', from(other))).headers.get(sharing) === other, 'the new list');
  isUnshared(await answered(server, 'GET /healthz HTTP/1.1', from(friend)));
  await server.stop();
});

const built = fileURLToPath(new URL('../../build/web', import.meta.url));
test('the page: nothing but what comes from here, in nobody’s frame', { skip: !existsSync(built) && 'the page is not built' }, async () => {
  const server = await Server.start(['--web', built]);
  const { headers } = await server.request('GET', '/');
  const policy = new Map(headers.get('content-security-policy').split('; ').map((rule) => [rule.split(' ')[0], rule.split(' ').slice(1).join(' ')]));
  for (const name of ['default-src', 'base-uri', 'form-action', 'frame-ancestors']) assert.equal(policy.get(name), "'none'", name);
  for (const name of ['script-src', 'style-src', 'connect-src']) assert.equal(policy.get(name), "'self'", name);
  for (const [name, value] of Object.entries({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  })) {
    assert.equal(headers.get(name), value, name);
  }
  // Not modified: the same rules.
  const again = await server.request('GET', '/', { headers: { 'if-none-match': headers.get('etag') } });
  assert.equal(again.status, 304);
  assert.equal(again.headers.get('content-security-policy'), headers.get('content-security-policy'));
  await server.stop();
});
