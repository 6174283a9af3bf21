// What systemd offers a service, with a fake in its place: sd_notify(3), the watchdog, and sockets that it has opened.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { Shim } from '../faults/shim.mjs';
import { Client } from './support/client.mjs';
import { Server } from './support/server.mjs';
import { Activated, Manager } from './support/systemd.mjs';

let dir;
before(() => (dir = mkdtempSync(join(tmpdir(), 'lockstep-systemd-'))));
after(() => rmSync(dir, { recursive: true, force: true }));
let count = 0;
const path = () => join(dir, `${++count}`);

async function managed(t, { address = path(), options = [], watchMs } = {}) {
  const manager = await Manager.at(address);
  t.after(() => manager.end());
  if (watchMs) manager.watch(watchMs);
  const server = await Server.start(options, { wrapper: manager.wrapper });
  t.after(() => server.stop());
  return { manager, server };
}

describe('systemd', { concurrency: true }, () => {
  describe('what it is told', { concurrency: true }, () => {
    test('READY=1 once whoever connects is served, and STOPPING=1 before it ends', async (t) => {
      const { manager, server } = await managed(t);
      const ready = await manager.next('READY', (told) => told.READY === '1');
      assert.equal(ready.STATUS, '0 connections, 0 users');
      assert.equal((await server.request('GET', '/readyz')).status, 200);
      const ended = server.kill('SIGTERM');
      await manager.next('STOPPING', (told) => told.STOPPING === '1');
      assert.deepEqual(await ended, { code: 0, signal: null });
      assert.equal(manager.lines.filter((told) => told.READY).length, 1);
      assert.ok(!manager.lines.some((told) => told.WATCHDOG), 'nobody asked for that');
    });

    test('at a name of the abstract kind', async (t) => {
      const { manager } = await managed(t, { address: `@lockstep-test-${process.pid}` });
      await manager.next('READY', (told) => told.READY === '1');
    });

    test('SIGHUP: RELOADING=1 with the monotonic time, then READY=1; also when the configuration is refused', async (t) => {
      const config = path();
      writeFileSync(config, 'max-message = 5000\n');
      const { manager, server } = await managed(t, { options: ['--config', config] });
      await manager.next('READY', (told) => told.READY);
      for (const content of ['max-message = 6000\n', 'nonsense = 1\n']) {
        writeFileSync(config, content);
        const fromMs = Number(process.hrtime.bigint()) / 1e6;
        server.process.kill('SIGHUP');
        const reloading = await manager.next('RELOADING', (told) => told.RELOADING === '1');
        const atMs = Number(reloading.MONOTONIC_USEC) / 1000;
        assert.ok(atMs >= fromMs && atMs <= reloading.ms, `${fromMs} ${atMs} ${reloading.ms}`);
        await manager.next('READY', (told) => told.READY === '1');
      }
      await manager.until('the log', () => /the new configuration is refused/.test(server.log));
    });

    test('a start that fails is not ready', async (t) => {
      const manager = await Manager.at(path());
      t.after(() => manager.end());
      const server = new Server(['--web', '/nowhere']);
      t.after(() => server.stop());
      await assert.rejects(server.start(manager.wrapper), /server ended \(78\)/);
      assert.equal(manager.lines.filter((told) => !told.bound).length, 0);
    });

    test('who is there', { timeout: 60000 }, async (t) => {
      const { manager, server } = await managed(t);
      const clients = await Promise.all(['ann', 'ann', 'ben'].map((user) => Client.live(server, { token: server.token(user) })));
      await manager.next('STATUS', (told) => told.STATUS === '3 connections, 2 users');
      await Promise.all(clients.map((client) => client.end()));
    });

    test('a socket that nobody reads, or that is none, is no reason not to serve', async (t) => {
      for (const address of [join(dir, 'nobody'), 'nonsense', `/${'x'.repeat(200)}`]) {
        const server = await Server.start([], { wrapper: ['env', `NOTIFY_SOCKET=${address}`] });
        t.after(() => server.stop());
        assert.equal((await server.request('GET', '/readyz')).status, 200);
        assert.match(server.log, /warn (NOTIFY_SOCKET|systemd could not be told)/);
      }
    });
  });

  describe('the watchdog', { concurrency: true }, () => {
    const ping = (told) => told.WATCHDOG === '1';

    test('hears of a server that has nothing to do, as long as it lives', async (t) => {
      const { manager } = await managed(t, { watchMs: 1000 });
      for (let i = 0; i < 5; i++) await manager.next('WATCHDOG', ping);
    });

    test('of another process is none of ours', async (t) => {
      const manager = await Manager.at(path());
      t.after(() => manager.end());
      manager.watch(400);
      const server = await Server.start([], { wrapper: [...manager.wrapper, 'WATCHDOG_PID=1'] });
      t.after(() => server.stop());
      await manager.next('READY', (told) => told.READY);
      await Client.live(server, { token: server.token('x') }).then((client) => client.end());
      await server.kill('SIGTERM');
      assert.ok(!manager.lines.some(ping));
    });

    test('does not hear of it while the disk hangs, though sockets are served; and hears again when that is over', async (t) => {
      const watchMs = 1000;
      const manager = await Manager.at(path());
      manager.watch(watchMs);
      const server = new Server();
      t.after(() => server.stop());
      const shim = new Shim(server);
      t.after(() => manager.end());
      const sanitizer = `ASAN_OPTIONS=${process.env.ASAN_OPTIONS ?? ''}:verify_asan_link_order=0`;
      await server.start([...manager.wrapper, ...shim.wrapper.slice(1), sanitizer]);
      const client = await Client.live(server, { token: server.token('ann') });
      await manager.next('WATCHDOG', ping);
      shim.set({ syncMs: 3 * watchMs });
      const answer = client.ask({ type: 'addSession', title: 'x' });
      await manager.until('the log', () => /the engine has not come back/.test(server.log));
      assert.equal((await server.request('GET', '/healthz')).status, 200);
      assert.equal((await answer).ok, true);
      shim.clear();
      const answeredMs = Number(process.hrtime.bigint()) / 1e6;
      await manager.next('WATCHDOG', (told) => ping(told) && told.ms > answeredMs);
      const times = manager.lines.filter(ping).map(({ ms }) => ms);
      const gaps = times.slice(1).map((ms, at) => ms - times[at]);
      assert.ok(Math.max(...gaps) > watchMs, `${gaps}`);
      for (let i = 0; i < 2; i++) await manager.next('WATCHDOG', ping);
      await client.end();
    });
  });

  describe('its sockets', { concurrency: true }, () => {
    const get = (options) =>
      new Promise((resolve, reject) => {
        const asked = httpRequest(options, (answer) => {
          let body = '';
          answer.on('data', (chunk) => (body += chunk));
          answer.on('end', () => resolve({ status: answer.statusCode, body }));
        });
        asked.on('error', reject).end();
      });

    test('take the place of --listen; tcp, IPv6, and unix with and without a file', async (t) => {
      const file = path();
      const abstract = `@lockstep-test-listen-${process.pid}`;
      const sockets = ['web=127.0.0.1:0', 'web=[::1]:0', `web=unix:${file}`, `web=unix:${abstract}`];
      const server = await Activated.start(sockets, ['--listen', '127.0.0.1:1']);
      t.after(() => server.stop());
      await server.logged('listening on', 4);
      for (const where of [`http://127.0.0.1:${server.ports[0]}`, `http://[::1]:${server.ports[1]}`, `unix:${file}`, `unix:${abstract}`])
        assert.ok(server.log.includes(`listening on ${where}\n`), `${where}: ${server.log}`);
      const ways = [
        { port: server.ports[0] },
        { host: '::1', port: server.ports[1] },
        { socketPath: file, headers: { host: 'localhost' } },
      ];
      for (const way of ways) assert.equal((await get({ ...way, path: '/readyz' })).status, 200);
      // Node 18 cannot reach such a name.
      const curl = ['-s', '--abstract-unix-socket', abstract.slice(1), 'http://localhost/readyz'];
      assert.match((await promisify(execFile)('curl', curl)).stdout, /ok|ready/);
      const client = await Client.live(server, { token: server.token('ann') });
      assert.equal((await client.ask({ type: 'addSession', title: 'x' })).ok, true);
      assert.equal(await server.kill(), 0);
      assert.ok(statSync(file).isSocket(), 'a file that it has not made is not its to remove');
    });

    test('wait while it restarts: nobody is refused', async (t) => {
      const server = await Activated.start(['127.0.0.1:0'].map((address) => `=${address}`));
      t.after(() => server.stop());
      await server.logged('listening on');
      assert.equal(await server.kill(), 0);
      const asked = get({ port: server.port, path: '/readyz' });
      await server.again();
      assert.equal((await asked).status, 200);
    });

    test('a name chooses the face: metrics is for who watches', async (t) => {
      const server = await Activated.start(['web=127.0.0.1:0', 'metrics=127.0.0.1:0'], ['--metrics', '127.0.0.1:1']);
      t.after(() => server.stop());
      await server.logged('on http', 2);
      const [web, metrics] = server.ports;
      assert.equal((await get({ port: web, path: '/v1/config' })).status, 200);
      assert.equal((await get({ port: metrics, path: '/healthz' })).status, 200);
      assert.equal((await get({ port: metrics, path: '/v1/config' })).status, 404);
    });

    test('of one face leave the other as it is configured', async (t) => {
      const file = path();
      const server = await Activated.start(['metrics=127.0.0.1:0'], ['--listen', `unix:${file}`]);
      t.after(() => server.stop());
      await server.logged('on (http|unix)', 2);
      assert.equal((await get({ socketPath: file, headers: { host: 'localhost' }, path: '/v1/config' })).status, 200);
      await server.kill();
      assert.ok(!existsSync(file), 'what it has made it removes');
    });

    test('meant for another process are not touched', async (t) => {
      const file = path();
      const server = await Activated.start(['web=127.0.0.1:0'], ['--listen', `unix:${file}`], { before: ['--pid', '1'] });
      t.after(() => server.stop());
      await server.logged('listening on unix');
      assert.equal((await get({ socketPath: file, headers: { host: 'localhost' }, path: '/readyz' })).status, 200);
      assert.ok(!server.log.includes('listening on http'));
    });

    test('that are no listening stream sockets: exit code 78 and one line', async () => {
      const rows = [
        [['web=udp'], [], 'web \\(descriptor 3\\) is no listening stream socket'],
        [['web=127.0.0.1:0', 'x=connected'], [], 'x \\(descriptor 4\\) is no listening stream socket'],
        [['=file'], [], 'unknown \\(descriptor 3\\) is no listening'],
        [['web=127.0.0.1:0'], ['--fds', '2'], 'descriptor 4: Bad file descriptor'],
        [['web=127.0.0.1:0'], ['--fds', 'many'], 'LISTEN_FDS must be a number'],
        [['web=127.0.0.1:0'], ['--fds', '33'], 'LISTEN_FDS must be a number of at most 32'],
      ];
      await Promise.all(
        rows.map(async ([sockets, before, line]) => {
          const server = await Activated.start(sockets, [], { before });
          await server.logged(`error .*${line}`);
          assert.equal(await server.code(), 78, server.log);
          await server.stop();
        }),
      );
    });

    test('--dev lets anybody in, so its sockets have to be local, too', async (t) => {
      const server = await Activated.start(['web=127.0.0.1:0', 'far=0.0.0.0:0']);
      t.after(() => server.stop());
      await server.logged('dev lets anybody in, so the socket far must be loopback');
      assert.equal(await server.code(), 78);
      const grown = await Activated.start(['far=0.0.0.0:0'], [], { dev: false });
      await grown.logged('listening on http://0.0.0.0');
      await grown.stop();
    });
  });
});
