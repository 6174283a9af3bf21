// SIGHUP: the log says what changed, and what of it takes effect now; and what takes effect does.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from './support/bytes.mjs';
import { tlsOptions } from './support/certificate.mjs';
import { Client } from './support/client.mjs';
import { jwksOf, makeKey } from './support/issuer.mjs';
import { Server } from './support/server.mjs';

// Proxies of the environment are not used, nor complained of.
process.env.http_proxy = 'nonsense';

// A server whose options are in a file; `reload` writes another one, and gives the lines that the log has of it.
async function configured(t, first, { options = [], ...more } = {}) {
  const server = new Server(options, more);
  const path = join(server.dir, 'lockstep.conf');
  server.options.push('--config', path);
  t.after(() => server.stop());
  writeFileSync(path, typeof first === 'function' ? first(server) : first);
  await server.start();
  const reload = async (content) => {
    const from = server.log.length;
    if (content !== undefined) writeFileSync(path, content);
    server.process.kill('SIGHUP');
    await until(() => /done reloading\W/.test(server.log.slice(from)), () => `the reload: ${server.log}`);
    const lines = server.log.split('\n').map((line) => line.replace(/^\S+ /, ''));
    const end = lines.findLastIndex((line) => /done reloading/.test(line));
    return lines.slice(lines.lastIndexOf('info reloading') + 1, end);
  };
  return { server, path, reload };
}

test('nothing changed: one line says so', async (t) => {
  const { reload } = await configured(t, 'max-timers = 7\n');
  assert.deepEqual(await reload(), ['info the configuration is as it was']);
  assert.deepEqual(await reload('# again\nmax-timers = 7\n'), ['info the configuration is as it was']);
});

test('what changed: from what to what, and from when on', async (t) => {
  const { reload } = await configured(t, 'max-timers = 7\norigin = https://a.example\n');
  const changed = [
    'info web: (the one built or installed with the program) -> /nowhere; needs a restart',
    'info origin: https://a.example -> https://a.example, https://b.example; takes effect now',
    'info max-timers: 7 -> 8; needs a restart',
    'info rate-commands: 20/60 -> 5/50; takes effect now',
  ];
  const file = 'max-timers = 8\norigin = https://a.example\norigin = https://b.example\nrate-commands = 5/50\nweb = /nowhere\n';
  assert.deepEqual(await reload(file), changed);
  // What needs a restart is said again until there is one.
  assert.deepEqual(await reload(), changed.filter((line) => line.endsWith('restart')));
  assert.deepEqual(await reload('max-timers = 7\n'), [
    'info origin: https://a.example, https://b.example -> (same host and port); takes effect now',
    'info rate-commands: 5/50 -> 20/60; takes effect now',
  ]);
});

test('a configuration that is wrong changes nothing', async (t) => {
  const { server, path, reload } = await configured(t, 'max-timers = 7\n');
  assert.deepEqual(await reload('max-timers = 8\nnonsense = 1\n'), [`error the new configuration is refused, the old one stays: ${path}:2: there is no key nonsense`]);
  rmSync(path);
  assert.deepEqual(await reload(), [`error the new configuration is refused, the old one stays: ${path}: cannot be read: No such file or directory`]);
  assert.equal((await server.request('GET', '/readyz')).status, 200);
  assert.deepEqual(await reload('max-timers = 7\n'), ['info the configuration is as it was']);
});

test('certificate and key sets: whether they were read again', async (t) => {
  let keys;
  const { server, reload } = await configured(
    t,
    ({ dir }) => {
      keys = join(dir, 'keys.json');
      writeFileSync(keys, jwksOf(makeKey('RS256')));
      const [, cert, , key] = tlsOptions(dir);
      return `tls-cert = ${cert}\ntls-key = ${key}\nfirebase-project = x\njwks = ${keys}\n`;
    },
    { dev: false },
  );
  const of = 'of https://securetoken.google.com/x';
  const same = 'info the configuration is as it was';
  const certificate = 'info the certificate and its key were read again';
  assert.deepEqual(await reload(), [certificate, same, `info the keys ${of} were read again`]);
  rmSync(keys);
  assert.deepEqual(await reload(), [certificate, same, `error ${keys}: the old keys ${of} stay: No such file or directory`]);
  rmSync(join(server.dir, 'key.pem'));
  assert.ok((await reload()).includes('error no certificate and key that fit can be read; the old ones stay'));
});

test('the log’s level and format', async (t) => {
  const { server, reload } = await configured(t, '');
  const lines = await reload('log-format = json\nlog-level = debug\n');
  assert.deepEqual(lines.slice(0, 2), ['info log-format: text -> json; takes effect now', 'info log-level: info -> debug; takes effect now']);
  const json = () => server.log.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  await until(() => json().length > 0, () => `JSON: ${server.log}`);
});

test('limits of an address, and whose address counts', async (t) => {
  const { server, reload } = await configured(t, '', { dev: false });
  const client = await Client.live(server, { token: server.token('ann') });
  const asks = async (headers = {}) => (await server.request('GET', '/healthz', { headers }).catch(() => ({ status: 'refused' }))).status;
  assert.equal(await asks(), 200);
  await reload('max-sockets-address = 1\n');
  assert.equal(await asks(), 'refused');
  await reload('max-sockets-address = 1\ntrusted-proxy = 127.0.0.1\n');
  assert.equal(await asks({ 'x-forwarded-for': '192.0.2.7' }), 200);
  assert.equal(await asks(), 503);
  await reload('');
  assert.equal(await asks(), 200);
  await client.end();
});
