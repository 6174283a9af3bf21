// Bytes that nobody should send, each rule with a bare socket. After each the server lives, answers at once, and holds
// nothing of it.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { ask, closing, effortOf, filesOf, frame, handshake, memoryOf, opcodes, pause, Raw, read, request, until, upgraded } from './support/bytes.mjs';
import { Client } from './support/client.mjs';
import { binary, Server } from './support/server.mjs';

const json = 'Content-Type: application/json';
const body = '{"name":"x"}';
const length = `Content-Length: ${body.length}`;
const ok = 'HTTP/1.1 200';

let server;
let bearer;
let files;
before(async () => {
  server = await Server.start(['--rate-commands', '100000/100000', '--max-groups', '100000']);
  bearer = `Authorization: Bearer ${server.token('alice')}`;
  await isWell();
  files = filesOf(server);
});
after(() => server.stop());
afterEach(isUnharmed);

async function isWell() {
  const answer = await ask(server, request('GET /healthz HTTP/1.1'));
  assert.equal(answer.status, 200);
}

// It answers, and all descriptors of what was done to it are gone.
async function isUnharmed() {
  if (!files) return;
  assert.equal(server.process.exitCode, null, server.log);
  const begun = Date.now();
  await isWell();
  assert.ok(Date.now() - begun < 3000, `/healthz took ${Date.now() - begun} ms`);
  await until(() => filesOf(server) <= files, () => `${filesOf(server)} descriptors, there were ${files}`);
}

const post = (fields, content = body) => request('POST /groups HTTP/1.1', [bearer, json, ...fields], content);
const groups = async () => JSON.parse((await ask(server, request('GET /groups HTTP/1.1', [bearer]))).body).total;

// Sends it; it is answered once with the status (one of several; 0: closed without a word), and then closed.
async function isRefused(what, bytes, statuses, options) {
  const answer = await ask(server, bytes, options);
  assert.ok([statuses].flat().includes(answer.status), `${what}: ${JSON.stringify(answer.text.slice(0, 200))}`);
  assert.equal(answer.answers, answer.status ? 1 : 0, what);
  return answer;
}

const areRefused = async (rows) => {
  for (const [what, bytes, statuses] of rows) await isRefused(what, bytes, statuses);
};

test('no connection is ever used twice', async () => {
  const get = request('GET /healthz HTTP/1.1');
  for (const bytes of [
    get + get,
    request('GET /healthz HTTP/1.1', ['Connection: keep-alive']) + get,
    request('GET /healthz HTTP/1.0', ['Connection: keep-alive']) + get,
    post([length]) + get,
    request('GET /nothing HTTP/1.1') + get,
    // What the two use-after-frees of kept connections need.
    get + request('GET /healthz HTTP/1.1', ['Connection: Upgrade', 'Upgrade: x']),
    get + request('POST /groups HTTP/1.1', ['Content-Length: 100'], 'x'),
  ]) {
    const answer = await ask(server, bytes);
    assert.equal(answer.answers, 1, answer.text);
    assert.equal(answer.headers.get('connection'), 'close');
  }
});

test('a second request in a write of its own is not answered', async () => {
  const raw = await Raw.open(server);
  raw.send(request('GET /healthz HTTP/1.1'));
  await raw.until((text) => text.includes('{"ok":true}'));
  raw.send(request('GET /healthz HTTP/1.1'));
  await raw.closed();
  assert.equal(read(raw.text).answers, 1);
  raw.end();
});

test('Transfer-Encoding is 501 in each of its spellings', () =>
  areRefused([
    ['chunked', post(['Transfer-Encoding: chunked'], '0\r\n\r\n'), 501],
    ['identity', post(['Transfer-Encoding: identity', length]), 501],
    ['a tab before it', post(['Transfer-Encoding:\tchunked', length]), 501],
    ['a vertical tab', post(['Transfer-Encoding: \x0bchunked', length]), 501],
    ['capitals', post(['TRANSFER-ENCODING: CHUNKED']), 501],
    ['a list', post(['Transfer-Encoding: gzip, chunked']), 501],
    ['nothing', post(['Transfer-Encoding:', length]), 501],
    ['a blank before the colon', post(['Transfer-Encoding : chunked', length]), 400],
    ['a tab before the colon', post(['Transfer-Encoding\t: chunked', length]), 400],
    ['on GET', request('GET /groups HTTP/1.1', [bearer, 'Transfer-Encoding: chunked']), 501],
  ]));

test('Content-Length is one number, or the request is refused', () =>
  areRefused([
    ['twice, different', post([length, 'Content-Length: 5']), 400],
    ['twice, the same', post([length, length]), 400],
    ['a list', post(['Content-Length: 12, 12']), 400],
    ['negative', post(['Content-Length: -1']), 400],
    ['signed', post(['Content-Length: +12']), 400],
    ['hexadecimal', post(['Content-Length: 0xc']), 400],
    ['a fraction', post(['Content-Length: 12.0']), 400],
    ['a word', post(['Content-Length: twelve']), 400],
    ['2^32', post(['Content-Length: 4294967296']), 400],
    ['2^64', post(['Content-Length: 18446744073709551616']), 400],
    ['a line of digits', post([`Content-Length: ${'9'.repeat(4000)}`]), 400],
    ['a blank before the colon', post(['Content-Length : 12']), 400],
    ['missing', post([]), 411],
    ['empty', post(['Content-Length:']), 411],
    ['over --max-message, with all of it', post(['Content-Length: 70000'], 'x'.repeat(70000)), 413],
  ]));

test('a body of another length than it says', async () => {
  const before = await groups();
  // Longer: what is over it is nobody's request.
  await isRefused('longer', post([length], `${body}${request('DELETE /groups HTTP/1.1')}`), 201);
  // Shorter, and then no more: nothing of it is done.
  await isRefused('shorter', post(['Content-Length: 100']), 0, { fin: true });
  assert.equal(await groups(), before + 1);
});

test('GET and HEAD have no body', () =>
  areRefused([
    ['GET', request('GET /groups HTTP/1.1', [bearer, length], body), 400],
    ['HEAD', request('HEAD /groups HTTP/1.1', [bearer, length], body), 400],
    ['GET with an empty one', request('GET /groups HTTP/1.1', [bearer, 'Content-Length: 0']), 200],
  ]));

test('pairs that a proxy and we might frame differently: one answer, and never the request hidden inside', async () => {
  const before = await groups();
  const hidden = request('POST /groups HTTP/1.1', [bearer, json, length], body);
  const chunked = `0\r\n\r\n${hidden}`;
  await areRefused([
    ['CL.TE', post([`Content-Length: ${chunked.length}`, 'Transfer-Encoding: chunked'], chunked), 501],
    ['TE.CL', post(['Transfer-Encoding: chunked', 'Content-Length: 4'], `5c\r\n${hidden}\r\n0\r\n\r\n`), 501],
    ['CL.CL', post(['Content-Length: 0', `Content-Length: ${hidden.length}`], hidden), 400],
    ['TE.TE', post(['Transfer-Encoding: x', 'Transfer-Encoding: chunked'], chunked), 501],
    ['CL.0', request('GET /healthz HTTP/1.1', [`Content-Length: ${hidden.length}`], hidden), 400],
    ['none', request('GET /healthz HTTP/1.1', [], hidden), 200],
    // A header whose name is the beginning of a known one takes the next line with it.
    ['a hidden length', post(['Content-L: x', `Content-Length: ${hidden.length}`], hidden), 411],
    ['a hidden encoding', post(['Transfer-E: x', 'Transfer-Encoding: chunked'], chunked), 411],
  ]);
  assert.equal(await groups(), before);
});

test('the request line: two versions, and a path that begins with a slash', () =>
  areRefused([
    ['HTTP/2.0', request('GET /healthz HTTP/2.0'), 400],
    ['HTTP/1.2', request('GET /healthz HTTP/1.2'), 400],
    ['HTTP/0.9', 'GET /healthz\r\n\r\n', 400],
    ['a decoded line end', request('GET /healthz%0d%0aX-Injected:1 HTTP/1.1'), 400],
    ['a decoded line end in the query', request('GET /v1/state?epoch=a%0d%0aX-Injected:1 HTTP/1.1', [bearer]), 400],
    ['absolute', request('GET http://127.0.0.1/healthz HTTP/1.1'), 403],
    ['absolute, of another', request('GET http://evil.example/healthz HTTP/1.1'), 403],
    ['authority', request('GET 127.0.0.1:80 HTTP/1.1'), 403],
    ['asterisk', request('OPTIONS * HTTP/1.1'), 403],
    ['unknown method', request('PROPFIND / HTTP/1.1'), [403, 405, 501]],
    ['TRACE', request('TRACE / HTTP/1.1'), [403, 405, 501]],
    ['CONNECT', request('CONNECT 127.0.0.1:22 HTTP/1.1'), [0, 403, 405]],
    ['CONNECT, and then another protocol', `${request('CONNECT 127.0.0.1:22 HTTP/1.1')}SSH-2.0-x\r\n`, [0, 403, 405]],
    ['two methods', 'GET /healthz HTTP/1.1\r\nPOST /groups HTTP/1.1\r\nHost: x\r\n\r\n', [0, 400, 403]],
    ['nothing', '\r\n\r\n', [0, 400]],
    ['no TLS here', Buffer.from('1603010200010001fc0303', 'hex'), [0, 400, 403]],
    ['noise', Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * 7919) % 251)), [0, 400, 403]],
  ]));

test('Host: one, and from HTTP/1.1 on it must be there', () =>
  areRefused([
    ['none', 'GET /healthz HTTP/1.1\r\n\r\n', 400],
    ['none in HTTP/1.0', 'GET /healthz HTTP/1.0\r\n\r\n', 200],
    ['two', 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
    ['a list', 'GET /healthz HTTP/1.1\r\nHost: a, b\r\n\r\n', 400],
  ]));

test('no path leaves the page', async () => {
  for (const path of [
    '/../../../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%2f..%2f..%2fetc/passwd',
    '/assets/../../../etc/passwd',
    '/assets/%2e%2e/%2e%2e/server/main.c',
    '/%252e%252e/etc/passwd',
    '/..\\..\\etc\\passwd',
    '/%5c..%5cetc',
    '//etc/passwd',
    '/%c0%ae%c0%ae/etc/passwd',
    '/.git/config',
    '/./.env',
    '/index.html%00.js',
    '/\xff\xfe',
    '/healthz;x=1',
    '/%',
    '/%zz',
  ]) {
    const answer = await isRefused(path, request(`GET ${path} HTTP/1.1`), [0, 400, 403, 404]);
    assert.doesNotMatch(answer.body, /root:|main\(|\[core\]/);
  }
  // These come out as the page itself, where there is one.
  for (const path of ['/%00', '//evil.example/%2e%2e', '/assets/..']) {
    const answer = await isRefused(path, request(`GET ${path} HTTP/1.1`), [0, 200, 400, 404]);
    const page = await ask(server, request('GET / HTTP/1.1'));
    if (answer.status === 200) assert.equal(answer.body, page.body);
  }
});

test('header lines: CR, LF, NUL and folds make nothing new', async () => {
  const before = await groups();
  const nul = '\0';
  await areRefused([
    ['NUL in the path', request(`GET /he${nul}althz HTTP/1.1`), [0, 400]],
    ['NUL in a token', request('GET /groups HTTP/1.1', [`${bearer}${nul}x`]), 400],
    ['NUL in Idempotency-Key', post([length, `Idempotency-Key: a${nul}b`]), 400],
    ['NUL in Content-Type', request('POST /groups HTTP/1.1', [bearer, `${json}${nul}x`, length], body), 400],
    ['CR LF in Idempotency-Key, percent-encoded', post([length, 'Idempotency-Key: a%0d%0aX: b']), 400],
    ['LF in Idempotency-Key', post([length, 'Idempotency-Key: a b']), 400],
  ]);
  assert.equal(await groups(), before);
  // Answered or not: no header of the answer is the client's.
  for (const bytes of [
    post([length, 'Idempotency-Key: a\rX-Injected: b']),
    request('GET /healthz HTTP/1.1', ['X-Any: a\rX-Injected: b']),
    request('GET /groups HTTP/1.1', [bearer, 'X-Any: a', ' X-Injected: folded']),
    'GET /healthz HTTP/1.1\nHost: x\nX-Injected: b\n\n',
  ]) {
    const { names, answers } = await ask(server, bytes);
    assert.equal(answers, 1);
    assert.ok(!names.includes('x-injected'));
  }
});

test('what never becomes a head is closed by the deadline of ten seconds', { concurrency: true }, async () => {
  const begun = Date.now();
  const texts = [
    '',
    'GET /heal',
    'GET /healthz HTTP/1.1\r\nHost: x\r\n',
    'GET /healthz HTTP/1.1\rHost: x\r\r',
    'GET /healthz HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n',
    'GET /healthz HTTP/1.1\r\nHost: x\r\n: no name\r\n\r\n',
    request('GET /healthz HTTP/1.1', ['X-A: b\0c']),
    post(['Content-Length: 100'], '{"na'),
  ];
  const raws = await Promise.all(texts.map(() => Raw.open(server)));
  raws.forEach((raw, i) => raw.send(texts[i]));
  // Bytes that keep coming don't put it off: neither of a head nor of a body.
  const drip = setInterval(() => raws.forEach((raw, i) => [2, 7].includes(i) && raw.send('x')), 500);
  await Promise.all(raws.map((raw) => raw.closed(30000)));
  clearInterval(drip);
  const took = Date.now() - begun;
  assert.ok(took > 8000 && took < 20000, `${took} ms`);
  for (const raw of raws) {
    assert.equal(raw.text, '');
    raw.end();
  }
});

test('an endless head ends: at 8 KiB, whatever it is made of', () =>
  areRefused([
    ['one unknown header', request('GET /healthz HTTP/1.1', [`X-Any: ${'a'.repeat(9000)}`]), [0, 400, 413, 431]],
    ['one known header', request('GET /healthz HTTP/1.1', [`Authorization: ${'a'.repeat(9000)}`]), [0, 400, 413, 431]],
    ['a path', request(`GET /${'a'.repeat(9000)} HTTP/1.1`), [0, 400, 413, 414, 431]],
    ['a query', request(`GET /healthz?${'a=1&'.repeat(3000)} HTTP/1.1`), [0, 400, 413, 414, 431]],
    ['a line without an end', `GET /healthz HTTP/1.1\r\nHost: x\r\nX-Any: ${'a'.repeat(100000)}`, [0, 400, 413, 431]],
    ['2,000 headers', request('GET /healthz HTTP/1.1', Array.from({ length: 2000 }, (_, i) => `X-Header-${i}: value`)), [0, 400, 413, 431]],
    ['200 of one name', request('GET /healthz HTTP/1.1', Array(200).fill('Accept: a')), [0, 400, 413, 431]],
    ['200 small ones', request('GET /healthz HTTP/1.1', Array.from({ length: 200 }, (_, i) => `X-Header-${i}: value`)), 200],
    ['200 parameters', request(`GET /sessions?${'a=1&'.repeat(200)} HTTP/1.1`, [bearer]), [0, 400, 413, 414, 431]],
  ]));

test('no HTTP/2, by whichever door', async () => {
  const settings = 'HTTP2-Settings: AAMAAABkAAQAAP__';
  await areRefused([
    ['h2c', request('GET /healthz HTTP/1.1', ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', settings]), [0, 400, 403]],
    ['H2C', request('GET /v1/ws HTTP/1.1', ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: H2C', settings]), [0, 400, 403]],
    ['prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', [0, 400, 403]],
  ]);
});

test('an Upgrade that is none', async () => {
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
  const version = 'Sec-WebSocket-Version: 13';
  const refused = [0, 400, 403, 404, 405];
  const up = (value, ...more) => request('GET /v1/ws HTTP/1.1', ['Connection: Upgrade', `Upgrade: ${value}`, ...more]);
  await areRefused([
    ['unknown', up('x'), refused],
    ['long', up('x'.repeat(3000)), refused],
    ['empty', up(''), refused],
    ['a list', up('websocket, h2c', key, version), refused],
    ['raw', up('raw', key, version), refused],
    ['mqtt', up('mqtt', key, version), refused],
    ['the protocol of HTTP itself', up('websocket', key, version, 'Sec-WebSocket-Protocol: lockstep/http'), refused],
    ['other subprotocols only', up('websocket', key, version, 'Sec-WebSocket-Protocol: chat, superchat'), 400],
    ['no key', up('websocket', version), 400],
    ['a short key', up('websocket', 'Sec-WebSocket-Key: abc', version), 400],
    ['no version', up('websocket', key), 400],
    ['version 8', up('websocket', key, 'Sec-WebSocket-Version: 8'), 400],
    ['POST', request('POST /v1/ws HTTP/1.1', ['Connection: Upgrade', 'Upgrade: websocket', key, version]), 405],
    ['another path', request('GET /healthz HTTP/1.1', ['Connection: Upgrade', 'Upgrade: websocket', key, version]), 404],
    ['another position', handshake([], '/v1/ws?epoch=x&seq=-1'), 400],
    ['a position behind a long argument', handshake([], `/v1/ws?x=${'a'.repeat(200)}&epoch=x&seq=-1`), 400],
  ]);
});

test('peers that vanish: half a request, half a body, an answer not read', async () => {
  for (const [bytes, how] of [
    ['GET /heal', 'fin'],
    ['GET /heal', 'reset'],
    [post(['Content-Length: 100'], '{"na'), 'fin'],
    [post(['Content-Length: 100'], '{"na'), 'reset'],
    [request('GET /v1/events?waitMs=30000 HTTP/1.1', [bearer]), 'reset'],
    [request('GET /v1/events HTTP/1.1', [bearer, 'Accept: text/event-stream']), 'reset'],
    [handshake(), 'reset'],
    [handshake([bearer]), 'reset'],
    [request('GET /v1/state HTTP/1.1', [bearer]), 'reset'],
  ]) {
    const raw = await Raw.open(server);
    raw.send(bytes);
    await pause(20);
    raw[how]();
    if (how === 'fin') await raw.closed();
    raw.end();
  }
});

// A waiting request is not read from by the library, which would be told of every byte and of the end without end.
test('who speaks on, or goes, while an answer is awaited costs nothing: it is closed at once', async () => {
  const { body: plan } = await server.request('GET', '/v1/state', { token: bearer.split(' ').at(-1) });
  const poll = request(`GET /v1/events?epoch=${plan.epoch}&seq=${plan.seq}&waitMs=30000 HTTP/1.1`, [bearer]);
  const stream = request('GET /v1/events HTTP/1.1', [bearer, 'Accept: text/event-stream']);
  for (const [what, bytes] of Object.entries({ poll, stream })) {
    for (const [how, act] of Object.entries({
      bytes: (raw) => raw.send('x'.repeat(300)),
      end: (raw) => raw.fin(),
      reset: (raw) => raw.reset(),
    })) {
      const raw = await Raw.open(server);
      raw.send(bytes);
      await pause(100);
      const before = effortOf(server);
      const begun = Date.now();
      act(raw);
      await until(() => filesOf(server) <= files, `${what}, ${how}: closed`);
      assert.ok(Date.now() - begun < 5000);
      assert.ok(effortOf(server) - before < 1000, `${what}, ${how}`);
      raw.end();
    }
  }
});

test('a second request right behind one that waits costs nothing', async () => {
  const stream = request('GET /v1/events HTTP/1.1', [bearer, 'Accept: text/event-stream']);
  const raw = await Raw.open(server);
  raw.send(stream + request('GET /healthz HTTP/1.1'));
  await raw.closed(5000);
  raw.end();
});

test('an answer that nobody takes costs nothing, whatever else comes', async () => {
  const token = server.token('reader');
  const commands = Array.from({ length: 64 }, (_, id) => ({ type: 'addGroup', id, name: 'x', description: 'd'.repeat(500) }));
  for (let i = 0; i < 20; i++) await server.request('POST', '/v1/commands', { token, body: { type: 'batch', commands } });
  const ask = request('GET /v1/state HTTP/1.1', [`Authorization: Bearer ${token}`]);
  for (const [how, act] of Object.entries({ nothing: () => {}, bytes: (raw) => raw.send('x'), end: (raw) => raw.fin() })) {
    const raw = await Raw.open(server);
    raw.socket.pause();
    raw.send(ask);
    await pause(500);
    act(raw);
    await pause(200);
    const before = effortOf(server);
    await pause(2000);
    assert.ok(effortOf(server) - before < 500, `${how}: ${effortOf(server) - before} ms of 2000`);
    raw.end();
  }
});

// --- Frames ----------------------------------------------------------------------------------------------------------

const lastOf = (raw) => raw.frames().at(-1);
const signIn = () => frame(opcodes.text, JSON.stringify({ type: 'auth', id: 1, token: bearer.split(' ').at(-1) }));

// Sends it on a fresh socket, which is closed with the code (one of several; undefined: without a Close frame).
async function closes(what, bytes, codes) {
  const raw = await upgraded(server);
  raw.send(bytes);
  await until(() => raw.isClosed || lastOf(raw).opcode === opcodes.close, () => `${what}: ${raw.frames().length} frames`);
  const { code } = lastOf(raw);
  assert.ok([codes].flat().includes(code), `${what}: ${code}`);
  raw.end();
}

test('frames that break the protocol close the socket', async () => {
  const { text, binary, continuation, ping, close } = opcodes;
  for (const [what, bytes, codes] of [
    ['reserved bit 1', frame(text, '{}', { reserved: 4 }), 1002],
    ['reserved bit 2', frame(text, '{}', { reserved: 2 }), 1002],
    ['reserved bit 3', frame(text, '{}', { reserved: 1 }), 1002],
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => [`opcode ${opcode}`, frame(opcode, 'x'), 1002]),
    ['a fragmented ping', frame(ping, 'x', { fin: false }), 1002],
    ['a fragmented close', frame(close, closing(1000), { fin: false }), 1002],
    ['a ping of 126 bytes', frame(ping, 'x'.repeat(126)), [undefined, 1002]],
    ['a close of 126 bytes', frame(close, 'x'.repeat(126)), [undefined, 1002]],
    ['a continuation of nothing', frame(continuation, 'x'), 1002],
    ['a text inside a text', Buffer.concat([frame(text, '{', { fin: false }), frame(text, 'x')]), 1002],
    ['2^63 bytes', frame(text, 'x', { length: 2n ** 63n }), [undefined, 1002, 1009]],
    ['2^64-1 bytes', frame(text, 'x', { length: 2n ** 64n - 1n }), [undefined, 1002, 1009]],
    ['2^63-1 bytes', frame(text, 'x', { length: 2n ** 63n - 1n }), 1009],
    ['2^32 bytes', frame(text, 'x', { length: 2n ** 32n }), 1009],
    ['a ping of 2^63 bytes', frame(ping, 'x', { length: 2n ** 63n }), [undefined, 1002]],
    ['binary', frame(binary, '{}'), 1003],
    ['no UTF-8', frame(text, Buffer.from([0x7b, 0xff])), 1007],
    ['UTF-8 cut off', frame(text, Buffer.from([0xe2, 0x82])), 1007],
    ['a surrogate', frame(text, Buffer.from([0xed, 0xa0, 0x80])), 1007],
    ['an overlong slash', frame(text, Buffer.from([0xc0, 0xaf])), 1007],
    ['HTTP', request('GET / HTTP/1.1'), 1002],
    ['zeros', Buffer.alloc(4000), [undefined, 1002]],
    ['empty fragments without end', Buffer.concat([frame(text, '', { fin: false }), ...Array(300).fill(frame(continuation, '', { fin: false }))]), 1009],
  ]) {
    await closes(what, bytes, codes);
  }
});

test('a close is answered, whatever its code, and only once', async () => {
  const { close } = opcodes;
  for (const [what, bytes, codes] of [
    ['none', frame(close), undefined],
    ['1000', frame(close, closing(1000, 'bye')), 1000],
    ['4999', frame(close, closing(4999)), 4999],
    ...[0, 999, 1004, 1005, 1006, 1015, 1016].map((code) => [String(code), frame(close, closing(code)), [1002, undefined]]),
    ['one byte', frame(close, 'x'), [undefined, 1002]],
    ['no UTF-8', frame(close, Buffer.concat([closing(1000), Buffer.from([0xff])])), [undefined, 1007]],
    ['a thousand', Buffer.concat(Array(1000).fill(frame(close, closing(1000)))), 1000],
  ]) {
    const raw = await upgraded(server);
    raw.send(bytes);
    await raw.closed();
    const answers = raw.frames().filter(({ opcode }) => opcode === close);
    assert.ok(answers.length <= 1, what);
    assert.ok([codes].flat().includes(answers[0]?.code), `${what}: ${answers[0]?.code}`);
    raw.end();
  }
});

test('nothing that comes after a close is done', async () => {
  const { text, close } = opcodes;
  const before = await groups();
  const raw = await upgraded(server);
  raw.send(signIn());
  await until(() => raw.bytes.includes('"type":"live"'), 'live');
  const add = frame(text, JSON.stringify({ type: 'addGroup', id: 2, name: 'late' }));
  raw.send(Buffer.concat([frame(close, closing(1000)), add, add]));
  await raw.closed();
  raw.end();
  assert.equal(await groups(), before);
});

test('whom the server closed has ten seconds to agree', async () => {
  const raws = await Promise.all([upgraded(server), upgraded(server)]);
  raws[0].send(frame(opcodes.text, '{}', { reserved: 4 }));
  raws[1].send(frame(opcodes.binary, 'x'));
  const begun = Date.now();
  await Promise.all(raws.map((raw) => raw.closed(30000)));
  assert.ok(Date.now() - begun < 20000, `${Date.now() - begun} ms`);
  raws.forEach((raw) => raw.end());
});

test('floods of pings and pongs cost a neighbour nothing, and the flooder is served', async () => {
  const { ping, pong, text } = opcodes;
  const neighbour = await Client.live(server, { token: server.token('neighbour') });
  for (const opcode of [ping, pong]) {
    const raw = await upgraded(server);
    raw.send(signIn());
    raw.send(Buffer.concat(Array(50000).fill(frame(opcode, 'x'.repeat(100)))));
    assert.ok((await neighbour.ask({ type: 'time', t0: 1 })).t2Ms);
    raw.send(frame(text, '{"type":"help","id":"still here","command":"start"}'));
    await until(() => raw.bytes.includes('"still here"'), 'an answer behind the flood');
    raw.end();
  }
  await neighbour.end();
});

test('a ping between the fragments of a message is answered, and the message is whole', async () => {
  const { text, ping, pong, continuation } = opcodes;
  const raw = await upgraded(server);
  raw.send(Buffer.concat([signIn(), frame(text, '{"type":"he', { fin: false }), frame(ping, 'middle'), frame(continuation, 'lp","id":5,"command":"start"}')]));
  await until(() => raw.bytes.includes('"id":5'), 'the answer');
  assert.ok(raw.frames().some(({ opcode, payload }) => opcode === pong && payload.toString() === 'middle'));
  raw.end();
});

// The library reads such a frame as it is; what it says still needs a token.
test('an unmasked frame gets nobody in', async () => {
  const raw = await upgraded(server);
  raw.send(frame(opcodes.text, '{"type":"addSession","title":"x"}', { masked: false }));
  await until(() => raw.isClosed || raw.frames().length > 1, 'what it makes of it');
  if (!raw.isClosed && lastOf(raw).opcode === opcodes.text) assert.match(lastOf(raw).payload.toString(), /"code":"unauthenticated"/);
  raw.end();
});

// --- Again and again -------------------------------------------------------------------------------------------------

test('a thousand times each: no descriptor and no memory stays behind', async () => {
  const hostile = [
    () => ask(server, post(['Transfer-Encoding: chunked'], '0\r\n\r\n')),
    () => ask(server, post([length, 'Content-Length: 5'])),
    () => ask(server, request('GET /%2e%2e/etc/passwd HTTP/1.1')),
    () => ask(server, request('CONNECT 127.0.0.1:22 HTTP/1.1')),
    () => ask(server, request('GET /healthz HTTP/1.1', [`X-Any: ${'a'.repeat(9000)}`])),
    () => ask(server, request('GET /healthz HTTP/1.1', ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMA'])),
    async () => (await Raw.open(server)).send('POST /groups HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\n{').reset(),
    async () => {
      const raw = await Raw.open(server);
      raw.send(handshake() + frame(opcodes.text, '{}', { reserved: 4 }).toString('latin1'));
      await until(() => raw.bytes.includes('hello') || raw.isClosed, 'hello');
      raw.reset();
    },
  ];
  const round = async (times) => {
    for (const one of hostile) {
      for (let i = 0; i < times; i += 20) await Promise.all(Array.from({ length: 20 }, one));
    }
    await isUnharmed();
  };
  await round(200);
  const before = memoryOf(server);
  await round(1000);
  const grown = memoryOf(server) - before;
  // The address sanitizer keeps what was freed for a while.
  const allowed = binary.includes('san') ? 128 * 1024 : 2048;
  assert.ok(grown < allowed, `${grown} KiB more after 8,000 of them`);
});
