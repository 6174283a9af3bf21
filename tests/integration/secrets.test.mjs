// A token is told to nobody: not in the log, not in an answer, not in the list of processes. And whatever anybody sends,
// the log stays one line an event.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { after, test } from 'node:test';
import { ask, handshake, Raw, request } from './support/bytes.mjs';
import { Client } from './support/client.mjs';
import { Server } from './support/server.mjs';

const servers = [];
after(() => Promise.all(servers.map((server) => server.stop())));

async function start(...options) {
  const server = await Server.start(['--log-level', 'debug', ...options]);
  servers.push(server);
  return server;
}

// What of a token would be enough to know it again: each of its parts. A part that is no secret is its first.
const partsOf = (token) => token.split('.').slice(1).concat(token);
function isSilent(text, tokens, where) {
  for (const token of tokens) {
    for (const part of partsOf(token)) {
      if (part.length > 8) assert.ok(!text.includes(part), `${where}: ${text.slice(Math.max(0, text.indexOf(part) - 200), text.indexOf(part) + 50)}`);
    }
  }
}

// Everything that a token can be sent by, good or bad. Collects what was answered.
async function sendEverywhere(server, token) {
  const bearer = `Authorization: Bearer ${token}`;
  const json = 'Content-Type: application/json';
  const body = JSON.stringify({ type: 'addGroup', name: 'x' });
  const texts = [];
  for (const bytes of [
    request('GET /v1/state HTTP/1.1', [bearer]),
    request('GET /v1/state HTTP/1.1', [`Authorization: Basic ${token}`]),
    request('GET /v1/state HTTP/1.1', [`Authorization: ${token}`]),
    request('GET /v1/state HTTP/1.1', [bearer, bearer]),
    request('GET /v1/state HTTP/1.1', [`${bearer}\0`]),
    request(`GET /v1/state?token=${token} HTTP/1.1`),
    request(`GET /v1/state?epoch=${token}&seq=1 HTTP/1.1`, [bearer]),
    request('GET /nothing HTTP/1.1', [bearer]),
    request('PUT /groups HTTP/1.1', [bearer]),
    request('POST /v1/commands HTTP/1.1', [bearer, json, `Content-Length: ${body.length}`, 'Idempotency-Key: k1'], body),
    request('POST /v1/commands HTTP/1.1', [bearer, json, 'Content-Length: 3'], '{{{'),
    request('POST /v1/commands HTTP/1.1', [bearer, json, 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
    request('GET /v1/ws HTTP/1.1', [bearer, 'Connection: Upgrade', 'Upgrade: h2c']),
    handshake([bearer, 'Origin: https://evil.example']),
    handshake([bearer], `/v1/ws?seq=x&token=${token}`),
  ]) {
    texts.push((await ask(server, bytes)).text);
  }
  const texted = async (client) => {
    await client.end();
    texts.push(JSON.stringify(client.messages) + JSON.stringify(client.close ?? ''));
  };
  const byHeader = new Client(server, { token });
  await Promise.race([byHeader.closed, byHeader.next((m) => m.type === 'live').catch(() => {})]);
  await texted(byHeader);
  const byMessage = new Client(server);
  await byMessage.next((m) => m.type === 'hello');
  byMessage.send({ type: 'auth', id: 1, token });
  await Promise.race([byMessage.closed, byMessage.next((m) => m.id === 1).catch(() => {})]);
  byMessage.send({ type: 'auth', id: 2, token: { token } });
  byMessage.send(`{"type":"auth","token":"${token}`);
  byMessage.send({ type: 'addSession', id: 3, colour: 'red', title: 'x' });
  await Promise.race([byMessage.closed, byMessage.next((m) => m.id === 3).catch(() => {})]);
  await texted(byMessage);
  return texts;
}

const spoilt = (token) => `${token.slice(0, -6)}AAAAAA`;

for (const format of ['text', 'json']) {
  test(`no token in the log (${format}, debug) or in an answer, good or bad`, async () => {
    const server = await start('--log-format', format);
    const good = server.token('alice');
    const tokens = [good, spoilt(good), server.token('brief', '--minutes', '1'), `${'x'.repeat(60)}.${'y'.repeat(60)}.${'z'.repeat(60)}`];
    // A device's token is told once, to whom it is made for.
    const made = await server.request('POST', '/v1/tokens', { token: good, body: { name: 'phone', scope: 'full' } });
    assert.equal(made.status, 201, made.text);
    tokens.push(made.body.token, spoilt(made.body.token));
    for (const token of tokens) {
      for (const text of await sendEverywhere(server, token)) isSilent(text, tokens, 'answer');
    }
    await server.kill('SIGTERM');
    assert.match(server.log, /http \/v1\/state 200/, 'it is the debug log');
    isSilent(server.log, tokens, 'log');
  });
}

test('the list of processes shows no token and no key', async () => {
  const server = await start();
  const token = server.token('alice');
  const client = await Client.live(server, { token });
  for (const name of ['cmdline', 'environ', 'comm']) isSilent(readFileSync(`/proc/${server.process.pid}/${name}`, 'latin1'), [token], name);
  await client.end();
});

test('the key is for its owner’s eyes, and the database, too', async () => {
  const server = await start();
  for (const file of [server.db, `${server.db}.key`, `${server.db}-wal`]) assert.equal(statSync(file).mode & 0o077, 0, file);
});

// --- One line an event ------------------------------------------------------------------------------------------------

const shape = {
  text: (line) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (error|warn|info|debug) [\x20-\x7e]+$/.test(line),
  json: (line) => {
    const { time, level, message, ...more } = JSON.parse(line);
    return /^[\x20-\x7e]+$/.test(line) && time && level && message && Object.keys(more).length === 0;
  },
};
const nasty = ['\n2026-01-01T00:00:00.000Z error forged', '\r\nforged', '\x1b[2J\x1b]0;forged\x07', '\x00', '\x7f', '\x9b31m', '\xc2\x9b31m', '\xff\xfe', '\u2028', '"}\n{"level":"error"', '%s%n%x', '\\'];

for (const format of ['text', 'json']) {
  test(`whatever is sent, the log is one printable line an event (${format})`, async () => {
    const server = await start('--log-format', format, '--rate-commands', '1000/1000');
    const token = server.token('alice');
    const bearer = `Authorization: Bearer ${token}`;
    for (const text of nasty) {
      const percent = Array.from(Buffer.from(text, 'latin1'), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
      for (const bytes of [
        request(`GET /${text.replace(/[\r\n ]/g, '')} HTTP/1.1`),
        request(`GET /${percent} HTTP/1.1`),
        request(`GET /v1/state?x=${percent} HTTP/1.1`, [bearer]),
        request('GET /v1/state HTTP/1.1', [`X-Any: ${text.replace(/\0/g, '')}`, bearer]),
        request('GET /v1/state HTTP/1.1', [`Authorization: Bearer ${text}`]),
        request('GET /v1/state HTTP/1.1', [`User-Agent: ${text.replace(/\n/g, '')}`]),
      ]) {
        const raw = await Raw.open(server);
        raw.send(bytes).fin();
        await raw.closed();
        raw.end();
      }
      const client = new Client(server, { headers: { 'user-agent': 'x' } });
      await client.next((m) => m.type === 'hello');
      client.send({ type: 'auth', id: 1, token, client: { name: `laptop${text}` } });
      await Promise.race([client.next((m) => m.type !== 'hello'), client.closed]);
      client.send({ type: 'addSession', id: 2, title: `x${text}` });
      client.send({ type: text, id: 3 });
      await client.ask({ type: 'help', command: 'start' }).catch(() => {});
      client.socket.close(4000, Buffer.from(text.replace(/[^\x20-\x7e]/g, ''), 'latin1'));
      await client.closed;
    }
    await server.kill('SIGTERM');
    const lines = server.log.split('\n');
    assert.equal(lines.pop(), '');
    assert.ok(lines.length > 50, `${lines.length} lines`);
    for (const line of lines) assert.ok(shape[format](line), JSON.stringify(line));
    assert.ok(!lines.some((line) => line.startsWith('forged')));
  });
}

test('a path in a configuration that is refused is escaped, too', async () => {
  const name = 'nowhere\n\x1b[31mforged\u009b';
  const server = new Server(['--web', `/tmp/${name}`]);
  await assert.rejects(server.start());
  assert.match(server.log, /nowhere/);
  for (const line of server.log.split('\n').filter(Boolean)) assert.ok(shape.text(line), JSON.stringify(line));
  await server.stop();
});

// The library has a log of its own, which a hostile peer can make it fill.
test('a flood of what the library complains of leaves a handful of lines', async () => {
  const server = await start();
  const before = server.log.split('\n').length;
  for (let i = 0; i < 200; i++) await ask(server, request('GET /healthz HTTP/1.1', [`X-Any: ${'a'.repeat(9000)}`]));
  const lines = server.log.split('\n').slice(before).filter((line) => line.includes('libwebsockets'));
  assert.ok(lines.length <= 30, `${lines.length} lines`);
});
