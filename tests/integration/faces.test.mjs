// Listeners are for somebody: what the server tells of itself is known only where --metrics says, and nothing else is
// known there.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { tlsOptions } from './support/certificate.mjs';
import { Client } from './support/client.mjs';
import { Raw } from './support/raw.mjs';
import { patience, Server } from './support/server.mjs';

const aside = 16; // CONN_ASIDE

const dir = mkdtempSync(join(tmpdir(), 'lockstep-faces-'));
after(() => rmSync(dir, { recursive: true }));

// The metrics face of a server, as something that can be asked and connected to.
async function watchedFace(server) {
  const port = Number((await server.logged(/metrics on http:\/\/127\.0\.0\.1:(\d+)/))[1]);
  return Object.assign(Object.create(server), { port });
}

let server;
let face;
before(async () => {
  server = await Server.start(['--metrics', '127.0.0.1:0', '--origin', 'https://app.example', '--max-unauthenticated', '3']);
  face = await watchedFace(server);
});
after(() => server.stop());

test('its health is told on both', async () => {
  for (const on of [server, face]) {
    for (const path of ['/healthz', '/readyz']) {
      const answer = await on.request('GET', path);
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(answer.body, { ok: true });
    }
  }
  const refused = await face.request('POST', '/healthz', { body: {} });
  assert.equal(refused.status, 405);
  assert.equal(refused.headers.get('allow'), 'GET, HEAD');
});

test('what people come for is not known where the server is watched', async () => {
  const unknown = await face.request('GET', '/nowhere');
  assert.equal(unknown.status, 404);
  const paths = ['/', '/index.html', '/version', '/openapi.yaml', '/v1/config', '/v1/state', '/v1/commands', '/sessions', '/api/sessions', '/v1/tokens'];
  for (const path of paths) {
    for (const method of ['GET', 'POST']) {
      const answer = await face.request(method, path, { token: 'x.y.z', body: method === 'POST' ? {} : undefined });
      assert.equal(answer.status, 404, `${method} ${path}`);
    }
  }
  const minted = await face.request('POST', '/v1/dev/token', { body: { user: 'alice' } });
  assert.equal(minted.status, 404);
});

test('no WebSocket begins there, and no page of another origin reads it', async () => {
  const client = new Client(face);
  await client.closed;
  assert.match(String(client.error), /404/);
  const origin = { origin: 'https://app.example' };
  const asked = await face.request('GET', '/healthz', { headers: origin });
  assert.equal(asked.headers.get('access-control-allow-origin'), null);
  const options = { port: face.port, method: 'OPTIONS', path: '/healthz', headers: { ...origin, 'access-control-request-method': 'GET' } };
  const status = await new Promise((resolve, reject) => {
    request(options, (answer) => resolve(answer.resume().statusCode)).on('error', reject).end();
  });
  assert.equal(status, 405);
});

// As many as wait for an answer or have asked for nothing, once all that are too many have been closed.
async function settled(raws, open) {
  const late = Date.now() + 8000 * patience;
  while (raws.filter((raw) => !raw.isClosed).length > open && Date.now() < late) await new Promise((resolve) => setTimeout(resolve, 20));
  return raws.filter((raw) => !raw.isClosed).length;
}

test('who watches takes nobody’s place, and nobody takes theirs; but they are not many', async () => {
  const strangers = Array.from({ length: 5 }, () => new Raw(server));
  assert.equal(await settled(strangers, 3), 3);
  const watchers = Array.from({ length: aside + 4 }, () => new Raw(face));
  assert.equal(await settled(watchers, aside), aside);
  await Promise.all(watchers.map((raw) => raw.end()));
  let answer;
  const late = Date.now() + 8000 * patience;
  while (!answer && Date.now() < late) answer = await face.request('GET', '/healthz').catch(() => null);
  assert.equal(answer?.status, 200, 'while strangers take all the room that there is for them');
  await Promise.all(strangers.map((raw) => raw.end()));
});

test('watching is plain where people’s listeners are enciphered, and ends with them', async () => {
  const secure = await Server.start(['--metrics', '127.0.0.1:0', ...tlsOptions(dir)]);
  const plain = await watchedFace(secure);
  assert.equal((await plain.request('GET', '/readyz')).status, 200);
  const idle = new Raw(plain);
  await idle.opened;
  assert.deepEqual(await secure.kill('SIGTERM'), { code: 0, signal: null });
  await idle.closed;
  await secure.stop();
});

test('where it can’t be opened the server doesn’t start, and says which option it is', async () => {
  const other = new Server(['--metrics', `127.0.0.1:${face.port}`]);
  await assert.rejects(other.start(), /server ended \(1\).*metrics: 127\.0\.0\.1:\d+: Address already in use/s);
  await other.stop();
});
