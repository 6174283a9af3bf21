// What time alone brings: the deadlines of a socket, all waited for at once. Takes a minute, since a token lives one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from './support/client.mjs';
import { patience, Server } from './support/server.mjs';

let server;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

test('deadlines', { concurrency: true }, async (t) => {
  await Promise.all([
    t.test('a socket that does not sign in is closed after authTimeoutMs', async () => {
      const client = new Client(server);
      const start = Date.now();
      const { code, reason } = await client.closed;
      assert.equal(code, 4401);
      assert.equal(reason, 'authTimeout');
      assert.ok(Math.abs(Date.now() - start - 10000) < 1000 * patience);
    }),

    t.test('hb comes whenever heartbeatMs passed without another message', async () => {
      const client = await Client.live(server, { token: server.token('quiet') });
      const start = Date.now();
      const hb = await client.next((m) => m.type === 'hb', 27000);
      assert.ok(Math.abs(Date.now() - start - 25000) < 1000 * patience);
      assert.equal(hb.seq, 0);
      assert.ok(Math.abs(hb.nowMs - Date.now()) < 1000 * patience);
      await client.end();
    }),

    t.test('a peer that answers no ping is closed', async () => {
      const client = new Client(server, { token: server.token('deaf') });
      await client.next((m) => m.type === 'live');
      client.socket._receiver.removeAllListeners('ping');
      const start = Date.now();
      await client.closed;
      assert.ok(Math.abs(Date.now() - start - 45000) < 2000, `after ${Date.now() - start} ms`);
    }),

    t.test('authExpiring at once when less than five minutes are left; the end closes 4401', async () => {
      const client = await Client.live(server, { token: server.token('brief', '--minutes', '1') });
      const expiring = await client.next((m) => m.type === 'authExpiring', 1000);
      assert.ok(expiring.inMs > 50000 && expiring.inMs <= 60000);
      const { code, reason } = await client.closed;
      assert.equal(code, 4401);
      assert.equal(reason, 'tokenExpired');
      assert.ok(Math.abs(Date.now() - client.ready.tokenExpiresAtMs) < 1500);
    }),

    t.test('a renewed token keeps the socket', async () => {
      const client = await Client.live(server, { token: server.token('renewed', '--minutes', '1') });
      const result = await client.ask({ type: 'auth', token: server.token('renewed', '--minutes', '10') });
      assert.equal(result.ok, true);
      await new Promise((resolve) => setTimeout(resolve, 62000));
      assert.equal((await client.ask({ type: 'addSession', title: 'still here' })).ok, true);
      await client.end();
    }),
  ]);
});
