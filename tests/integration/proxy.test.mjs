// Behind nginx and behind Caddy, with the examples of packaging/.
import assert from 'node:assert/strict';
import { get, request } from 'node:https';
import { test } from 'node:test';
import { connect } from 'node:tls';
import WebSocket from 'ws';
import { pause, until } from './support/bytes.mjs';
import { Server } from './support/server.mjs';
import { hasProxy, Proxy } from './support/proxies.mjs';

const perAddress = 5;

// A client of that address.
class Visitor {
  constructor(proxy, { token, from = '127.0.0.1', headers = {} }) {
    this.messages = [];
    this.socket = new WebSocket(proxy.ws, 'lockstep.v1', {
      rejectUnauthorized: false,
      localAddress: from,
      headers: { ...headers, ...(token && { authorization: `Bearer ${token}` }) },
    });
    this.socket.on('message', (data) => this.messages.push(JSON.parse(data)));
    this.socket.on('unexpected-response', (_, response) => (this.status = response.statusCode));
    this.socket.on('error', () => {});
    this.socket.on('close', () => (this.isOver = true));
  }

  heard(is) {
    return until(() => this.messages.some(is), () => `${is}; heard ${JSON.stringify(this.messages).slice(0, 300)}, status ${this.status}`);
  }

  send(message) {
    this.socket.send(JSON.stringify(message));
  }

  end() {
    this.socket.terminate();
  }
}

function fetched(proxy, path, { method = 'GET', token, headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const all = { ...headers, ...(token && { authorization: `Bearer ${token}` }), ...(body && { 'content-type': 'application/json', 'content-length': body.length }) };
    const asked = request({ host: '127.0.0.1', port: proxy.port, path, method, headers: all, rejectUnauthorized: false }, (response) => {
      let text = '';
      response.on('data', (data) => (text += data));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

for (const name of ['nginx', 'caddy']) {
  test(`behind ${name}`, { skip: !hasProxy(name) && `there is no ${name} here` }, async (t) => {
    const server = await Server.start(['--trusted-proxy', '127.0.0.1', '--max-sockets-address', String(perAddress)], { dev: false });
    const proxy = await Proxy.start(name, `127.0.0.1:${server.port}`);
    const token = server.token('alice');
    const unseen = server.token('unseen');

    await t.test('sign-in, a command, its event', async () => {
      const one = new Visitor(proxy, {});
      const other = new Visitor(proxy, { token });
      await one.heard((m) => m.type === 'hello');
      one.send({ type: 'auth', id: 1, token });
      await one.heard((m) => m.type === 'live');
      await other.heard((m) => m.type === 'live');
      one.send({ type: 'addSession', id: 2, title: 'through a proxy' });
      await one.heard((m) => m.id === 2 && m.ok);
      await other.heard((m) => m.type === 'event' && m.session.title === 'through a proxy');
      one.end();
      other.end();
    });

    await t.test('requests: answers, errors and bodies come through', async () => {
      const state = await fetched(proxy, '/v1/state', { token });
      assert.equal(state.status, 200);
      assert.ok(state.headers['lockstep-position']);
      assert.equal((await fetched(proxy, '/v1/state')).status, 401);
      const body = JSON.stringify({ name: 'x', description: 'd'.repeat(400) });
      assert.equal((await fetched(proxy, '/groups', { method: 'POST', token, body })).status, 201);
      const large = JSON.stringify({ name: 'x'.repeat(100000) });
      // Whether the proxy stops it or the server does; it may be refused before all of it was sent.
      const refused = await fetched(proxy, '/groups', { method: 'POST', token, body: large }).catch(() => ({ status: 413 }));
      assert.ok([400, 413, 502].includes(refused.status), `${refused.status}`);
    });

    await t.test('a page of this origin may open a socket, one of another may not', async () => {
      const own = new Visitor(proxy, { token, headers: { origin: `https://127.0.0.1:${proxy.port}` } });
      await own.heard((m) => m.type === 'live');
      own.end();
      const other = new Visitor(proxy, { token, headers: { origin: 'https://evil.example' } });
      await until(() => other.status, 'an answer');
      assert.equal(other.status, 403);
    });

    await t.test('server-sent events come as they happen', async () => {
      let text = '';
      const stream = await new Promise((resolve) => {
        const headers = { accept: 'text/event-stream', authorization: `Bearer ${token}` };
        get({ host: '127.0.0.1', port: proxy.port, path: '/v1/events', headers, rejectUnauthorized: false }, resolve);
      });
      stream.on('data', (data) => (text += data));
      stream.on('error', () => {});
      await until(() => text.includes('"type":"snapshot"'), 'the snapshot');
      for (let i = 0; i < 3; i++) {
        const body = JSON.stringify({ type: 'addSession', title: `event ${i}` });
        assert.equal((await fetched(proxy, '/v1/commands', { method: 'POST', token, body })).status, 200);
        await until(() => text.includes(`event ${i}`), `event ${i}, with the stream still open`);
      }
      stream.destroy();
    });

    await t.test('the real client is counted: one has its fill, another doesn’t notice', async () => {
      const from = '127.0.0.7';
      const many = Array.from({ length: perAddress }, () => new Visitor(proxy, { token, from }));
      for (const one of many) await one.heard((m) => m.type === 'live');
      const tooMany = new Visitor(proxy, { token, from });
      await until(() => tooMany.status || tooMany.isOver, 'a refusal');
      assert.equal(tooMany.status, 503);
      // A forged X-Forwarded-For gives nobody another address.
      const liar = new Visitor(proxy, { token, from, headers: { 'x-forwarded-for': '192.0.2.1' } });
      await until(() => liar.status || liar.isOver, 'a refusal');
      assert.equal(liar.status, 503);
      const another = new Visitor(proxy, { token, from: '127.0.0.8' });
      await another.heard((m) => m.type === 'live');
      // Nor does a header that the server's library would take together with the next line.
      const hiders = Array.from({ length: perAddress + 1 }, () => new Visitor(proxy, { token, from, headers: { 'x-forwarded-fo': 'x' } }));
      await until(() => hiders.some((one) => one.status || one.isOver), 'a refusal');
      for (const one of [...many, another, ...hiders]) one.end();
    });

    await t.test('a quiet socket outlives the heartbeat', async () => {
      const quiet = new Visitor(proxy, { token: unseen });
      await quiet.heard((m) => m.type === 'live');
      await until(() => quiet.messages.filter((m) => m.type === 'hb').length >= 2, 'two heartbeats', 70000);
      assert.ok(!quiet.isOver);
      quiet.end();
    });

    await t.test('who closes is gone behind the proxy, too', async () => {
      const visitor = new Visitor(proxy, { token });
      await visitor.heard((m) => m.type === 'live');
      const gone = new Promise((resolve) => visitor.socket.once('close', resolve));
      visitor.socket.close(1000);
      assert.equal(await gone, 1000);
    });

    await t.test('pairs that could be framed differently never make a second request', async () => {
      const inner = `GET /v1/state HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`;
      const head = `POST /groups HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
      for (const bytes of [
        `${head}Content-Length: ${inner.length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
        `${head}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n${inner}\r\n0\r\n\r\n`,
        `${head}Content-Length: 2\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
        `${head}Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${inner}`,
      ]) {
        let text = '';
        const socket = connect({ port: proxy.port, host: '127.0.0.1', rejectUnauthorized: false }, () => socket.write(bytes));
        socket.on('data', (data) => (text += data.toString('latin1')));
        socket.on('error', () => {});
        await until(() => text.includes('\r\n\r\n') || socket.destroyed, 'an answer');
        await pause(200);
        assert.ok(!text.includes('"type":"snapshot"'), text);
        socket.destroy();
      }
    });

    await t.test('no token in the proxy’s logs', async () => {
      await fetched(proxy, `/v1/state?token=${unseen}`, { token });
      await until(() => proxy.log('access.log').includes('/v1/state'), 'the access log');
      for (const text of [proxy.log('access.log'), proxy.log('error.log'), proxy.said]) {
        for (const one of [token, unseen]) assert.ok(!text.includes(one.split('.')[2]), text.slice(-500));
      }
    });

    await proxy.stop();
    await server.stop();
  });
}
