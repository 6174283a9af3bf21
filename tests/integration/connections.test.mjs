// How many connections there may be, of whom, and for how long without asking for anything: domain.md section 7.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import tls from 'node:tls';
import { tlsOptions } from './support/certificate.mjs';
import { Client } from './support/client.mjs';
import { Raw } from './support/raw.mjs';
import { patience, Server } from './support/server.mjs';

// A WebSocket that was let in; null when it was refused.
async function enter(on, options) {
  const client = new Client(on, options);
  await client.next((m) => m.type === 'hello', 20000).catch(() => assert.ok(client.close, 'neither let in nor refused'));
  return client.close ? null : client;
}

async function enterAll(count, on, options) {
  const clients = await Promise.all(Array.from({ length: count }, () => enter(on, options)));
  assert.equal(clients.filter(Boolean).length, count);
  return clients;
}

// A place that was given back is free as soon as the server has noticed.
async function enterSoon(on, options) {
  const late = Date.now() + 20000;
  for (;;) {
    const client = await enter(on, options);
    if (client) return client;
    assert.ok(Date.now() < late, 'no place became free');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// It ends with the test, however that does.
async function serve(t, ...how) {
  const server = await Server.start(...how);
  t.after(() => server.stop());
  return server;
}

function folder(t) {
  const dir = mkdtempSync(join(tmpdir(), 'lockstep-connections-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

const endAll = (clients) => Promise.all(clients.map((client) => client.end()));
const forwarded = (list) => ({ headers: { 'x-forwarded-for': list } });

test('64 connections an address; the next is closed, and others are in nobody’s way', async (t) => {
  const server = await serve(t, ['--max-sockets-user', '1000'], { dev: false });
  const token = server.token('crowd');
  const clients = await enterAll(64, server, { token });
  assert.equal(await enter(server, { token }), null);
  assert.equal(await new Raw(server).status(), 0);
  const neighbour = await enter(server, { token, from: '127.0.0.2' });
  assert.ok(neighbour);
  await clients.pop().end();
  clients.push(await enterSoon(server, { token }));
  assert.equal(await enter(server, { token }), null);
  await endAll([...clients, neighbour]);
});

test('with --dev loopback has no such limit, unless one is asked for', async (t) => {
  const [server, own] = await Promise.all([serve(t), serve(t, ['--max-sockets-address', '3'])]);
  await endAll(await enterAll(100, server));
  const clients = await enterAll(3, own);
  assert.equal(await enter(own), null);
  await endAll(clients);
});

test('behind a trusted proxy the address is the last one in X-Forwarded-For that is no proxy', async (t) => {
  const proxies = ['--trusted-proxy', '127.0.0.1', '--trusted-proxy', '10.9.9.9', '--trusted-proxy', '2001:db8:9::9'];
  const server = await serve(t, [...proxies, '--max-sockets-address', '2']);
  const clients = await enterAll(2, server, forwarded('203.0.113.7'));
  const same = [
    '203.0.113.7',
    '203.0.113.7:4711',
    '::ffff:203.0.113.7',
    'unknown, 203.0.113.7',
    '198.51.100.1, 203.0.113.7',
    '10.9.9.9, 203.0.113.7',
    '198.51.100.1,203.0.113.7 , 10.9.9.9',
    '203.0.113.7:4711, [2001:db8:9::9]:443, 10.9.9.9:80, 127.0.0.1',
    `${'198.51.100.1, '.repeat(300)}203.0.113.7`,
  ];
  for (const list of same) {
    assert.equal(await enter(server, forwarded(list)), null, list);
    assert.equal((await server.request('GET', '/healthz', forwarded(list))).status, 503, list);
  }
  const head = `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 198.51.100.1\r\n`;
  assert.equal(await new Raw(server).send(`${head}X-Forwarded-For: 203.0.113.7\r\n\r\n`).status(), 503, 'one proxy, one line');
  for (const list of ['203.0.113.8', '203.0.113.7, 203.0.113.8', '203.0.113.7, 10.9.9.8']) {
    const other = await enter(server, forwarded(list));
    assert.ok(other, list);
    clients.push(other);
  }
  await endAll(clients);
});

test('IPv6 counts by its /64', async (t) => {
  const server = await serve(t, ['--trusted-proxy', '127.0.0.1', '--max-sockets-address', '2']);
  const clients = [await enter(server, forwarded('2001:db8::1')), await enter(server, forwarded('[2001:db8::2]:443'))];
  assert.ok(clients.every(Boolean));
  assert.equal(await enter(server, forwarded('2001:db8:0:0:ffff::3')), null);
  clients.push(await enter(server, forwarded('2001:db8:0:1::1')));
  assert.ok(clients.at(-1));
  await endAll(clients);
});

test('whoever is no trusted proxy is who it is, whatever it says', async (t) => {
  const server = await serve(t, ['--trusted-proxy', '127.0.0.1', '--max-sockets-address', '2']);
  const liar = (n) => ({ from: '127.0.0.2', ...forwarded(`203.0.113.${n}`) });
  const clients = [await enter(server, liar(1)), await enter(server, liar(2))];
  assert.ok(clients.every(Boolean));
  assert.equal(await enter(server, liar(3)), null);
  clients.push(await enter(server, forwarded('203.0.113.1')));
  assert.ok(clients.at(-1), 'and takes nobody’s place');
  await endAll(clients);
});

test('a unix listener is a proxy that is always trusted', async (t) => {
  const dir = folder(t);
  const path = join(dir, 'socket');
  const server = await serve(t, ['--listen', `unix:${path}`, '--max-sockets-address', '2'], { dev: false });
  const socket = { ws: `ws+unix://${path}:/v1/ws` };
  const clients = await enterAll(2, socket, forwarded('203.0.113.7'));
  assert.equal(await enter(socket, forwarded('198.51.100.1, 203.0.113.7')), null);
  clients.push(await enter(socket, forwarded('203.0.113.8')));
  assert.ok(clients.at(-1));
  // Those that name nobody count together.
  clients.push(...(await enterAll(2, socket, {})));
  assert.equal(await enter(socket, {}), null);
  await endAll(clients);
});

test('32 sockets a user: the next one gets 4409, and a stream 429', async (t) => {
  const server = await serve(t);
  const token = server.token('many');
  const clients = await Promise.all(Array.from({ length: 32 }, () => Client.live(server, { token })));
  const next = new Client(server, { token });
  assert.deepEqual(await next.closed, { code: 4409, reason: 'tooManyConnections' });
  const stream = await server.request('GET', '/v1/events', { token, headers: { accept: 'text/event-stream' } });
  assert.equal(stream.status, 429);
  assert.equal((await server.request('GET', '/v1/state', { token })).status, 200, 'a request is no socket');
  assert.equal((await clients[0].ask({ type: 'addSession', title: 'x' })).ok, true);
  const other = await Client.live(server, { token: server.token('another') });
  await endAll([...clients, other]);
});

test('256 connections that have not said who they are; signing in makes room', async (t) => {
  const server = await serve(t);
  const idle = Array.from({ length: 255 }, () => new Raw(server));
  await Promise.all(idle.map((raw) => raw.opened));
  const last = await enter(server);
  assert.ok(last);
  assert.equal(await new Raw(server).status(), 0);
  assert.equal(await enter(server, { token: server.token('late') }), null);
  assert.ok(idle.every((raw) => !raw.isClosed));
  last.send({ type: 'auth', token: server.token('known') });
  await last.next((m) => m.type === 'live', 20000);
  const next = await enterSoon(server);
  assert.equal(await enter(server), null);
  await Promise.all([...idle, last, next].map((one) => one.end()));
});

test('--max-sockets connections in all, signed in or not', async (t) => {
  const server = await serve(t, ['--max-sockets', '3']);
  const token = server.token('few');
  const clients = [await Client.live(server, { token }), await Client.live(server, { token }), await enter(server)];
  assert.equal(await enter(server, { token }), null);
  assert.equal(await new Raw(server).send('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n').status(), 0);
  await clients.pop().end();
  clients.push(await enterSoon(server, { token }));
  await endAll(clients);
});

// Else the kernel drops them, and resets some, while a whole crowd comes back at once.
test('as many connections as the system allows wait while the server is busy', async (t) => {
  const server = await serve(t);
  const allowed = Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));
  const count = Math.min(allowed, 1500);
  server.process.kill('SIGSTOP');
  const sockets = Array.from({ length: count }, () => connect(server.port, '127.0.0.1').on('error', () => {}));
  const waiting = Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
  const late = new Promise((resolve) => setTimeout(resolve, 10000 * patience, 'late').unref());
  const first = await Promise.race([waiting, late]);
  sockets.forEach((socket) => socket.destroy());
  server.process.kill('SIGCONT');
  assert.notEqual(first, 'late');
});

test('headers have 8 KiB, and more of them are refused at once', async (t) => {
  const server = await serve(t);
  const ask = (bytes) => new Raw(server).send(`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ${'x'.repeat(bytes)}\r\n\r\n`);
  assert.equal(await ask(7900).status(), 200);
  for (const bytes of [8300, 20000, 1000000]) {
    const raw = ask(bytes);
    assert.doesNotMatch(String(await raw.status()), /^2/, `${bytes}`);
    assert.ok((await raw.closed) < 8000, 'not for its deadline');
  }
});

// CPU time in ms, of both threads.
function busyMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const reserved = patience > 1 && 'valgrind keeps descriptors for itself';
test('64 descriptors stay free: more connections are refused without ado, and let in again later', { skip: reserved }, async (t) => {
  const server = await serve(t, ['--max-unauthenticated', '1000', '--max-sockets-user', '1000'], {
    wrapper: ['prlimit', '--nofile=160:160'],
  });
  const { pid } = server.process;
  const client = await Client.live(server, { token: server.token('here') });
  const before = server.log.split('\n').length;
  const raws = [];
  for (let i = 0; i < 2000; i += 100) {
    const some = Array.from({ length: 100 }, () => new Raw(server));
    await Promise.all(some.map((raw) => Promise.race([raw.opened, raw.closed])));
    raws.push(...some);
  }
  while (raws.filter((raw) => !raw.isClosed).length > 96) await new Promise((resolve) => setTimeout(resolve, 20));
  const open = raws.filter((raw) => !raw.isClosed);
  assert.equal(Math.max(...server.sockets), 160 - 64 - 1);
  assert.ok(open.length > 50, `${open.length} connections`);
  assert.equal((await client.ask({ type: 'addSession', title: 'on disk' })).ok, true);
  const was = busyMs(pid);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  assert.ok(busyMs(pid) - was < 200, `${busyMs(pid) - was} ms of 2000`);
  const lines = server.log.split('\n').slice(before - 1);
  assert.ok(lines.some((line) => line.includes('refused')), 'it is said');
  assert.ok(lines.length < 10, lines.join('\n'));
  await Promise.all(open.map((raw) => raw.end()));
  await endAll([await enterSoon(server), client]);
  assert.equal((await server.request('GET', '/readyz')).status, 200);
});

test('ten seconds for a request, however its bytes come', { concurrency: true }, async (t) => {
  const server = await serve(t);
  const secure = await serve(t, tlsOptions(folder(t)));
  const post = 'POST /v1/dev/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n';
  const endless = `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ${'x'.repeat(200)}`;
  const inTime = async (raw) => {
    const ms = await raw.closed;
    assert.ok(ms > (raw.leastMs ?? 9000) && ms < 14000, `after ${ms} ms`);
  };
  const handshaken = async () => {
    const socket = tls.connect({ port: secure.port, host: '127.0.0.1', rejectUnauthorized: false });
    const begun = Date.now();
    const closed = new Promise((resolve) => socket.once('close', () => resolve(Date.now() - begun)));
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    socket.resume();
    return { closed, leastMs: 0 };
  };
  const hello = Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, ...Array(500).fill(7)]);
  const cases = {
    'nothing is sent': () => new Raw(server),
    'the headers drip': () => new Raw(server).drip(endless, 300),
    'the body drips': () => new Raw(server).send(post).drip(' '.repeat(90), 300),
    'the headers drip, and then the body': () => new Raw(server).drip(post + ' '.repeat(90), 80),
    'a handshake of TLS that does not begin': () => new Raw(secure),
    'a handshake of TLS that drips': () => new Raw(secure).drip([...hello].map((byte) => Buffer.from([byte])), 300),
    'nothing follows the handshake': handshaken,
  };
  await Promise.all(Object.entries(cases).map(([name, begin]) => t.test(name, async () => inTime(await begin()))));
  assert.equal((await server.request('GET', '/healthz')).status, 200);
});
