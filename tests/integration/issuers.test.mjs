// Tokens of other issuers: where their keys come from, and what happens while those cannot be had.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Client } from './support/client.mjs';
import { Issuer, certificatesOf, claimsOf, jwksOf, makeCertifiedKey, makeKey, signToken } from './support/issuer.mjs';
import { isRefused } from './support/person.mjs';
import { Server, binary, patience } from './support/server.mjs';

const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'];

let dir;
let files = 0;
before(() => (dir = mkdtempSync(join(tmpdir(), 'lockstep-issuers-'))));
after(() => rmSync(dir, { recursive: true, force: true }));

function fileOf(content) {
  const path = join(dir, `${++files}.json`);
  writeFileSync(path, content);
  return path;
}

// An issuer that ends with the test.
async function issuing(t, ...keys) {
  const issuer = await Issuer.start(...keys);
  t.after(() => issuer.stop());
  return issuer;
}

// A server that ends with the test, whatever it waits for then, and well.
async function serving(t, options, more) {
  const server = await Server.start(options, more);
  t.after(async () => {
    const how = await server.kill('SIGTERM');
    await server.stop();
    assert.deepEqual(how, { code: 0, signal: null }, server.log);
  });
  return server;
}

async function believing(t, options = (issuer) => issuer.optionsWithKeys, keys = []) {
  const issuer = await issuing(t, ...keys);
  return { issuer, server: await serving(t, options(issuer)) };
}

const asks = (server, token) => server.request('GET', '/me', { token });

async function isLetIn(server, token) {
  const answer = await asks(server, token);
  assert.equal(answer.status, 200, `${answer.text}\n${server.log}`);
}

async function isTurnedAway(server, token, code = 'tokenInvalid') {
  isRefused(await asks(server, token), 401, { code });
}

async function until(what, holds, ms = 10000) {
  for (const end = Date.now() + ms * patience; !(await holds()); await sleep(20)) {
    assert.ok(Date.now() < end, `waited in vain: ${what}`);
  }
}

const logged = (server, line) => until(`${line} in:\n${server.log}`, () => line.test(server.log));
const timesIn = (log, word) => log.split(word).length - 1;

// Reads all again, and waits until it has.
async function reload(server) {
  const before = timesIn(server.log, 'reloading');
  server.process.kill('SIGHUP');
  await until('the reload', () => timesIn(server.log, 'reloading') > before);
}

describe('keys in a file', () => {
  test('every algorithm signs in, over HTTP and WebSocket', async (t) => {
    const keys = algorithms.map((alg) => makeKey(alg));
    const issuer = 'https://id.example.org';
    const server = await serving(t, ['--local-issuer', 'on', '--oidc-issuer', issuer, '--oidc-audience', 'a', '--jwks', fileOf(jwksOf(...keys))]);
    for (const key of keys) {
      const token = signToken(claimsOf(issuer, 'a', 'mia', { name: 'Mia' }), key);
      await isLetIn(server, token);
      const client = await Client.live(server, { token });
      assert.ok(client.ready.tokenExpiresAtMs > Date.now());
      await client.end();
      assert.ok(!server.log.includes(token) && !server.log.includes(token.split('.')[2]));
    }
  });

  test("Firebase's tokens, with its certificates", async (t) => {
    const key = makeCertifiedKey();
    const iss = 'https://securetoken.google.com/demo-lockstep';
    const server = await serving(t, ['--local-issuer', 'on', '--firebase-project', 'demo-lockstep', '--jwks', fileOf(certificatesOf(key, makeCertifiedKey()))]);
    await isLetIn(server, signToken(claimsOf(iss, 'demo-lockstep', 'uid-1', { email: 'mia@example.org' }), key));
    await isTurnedAway(server, signToken(claimsOf(iss, 'other-project', 'uid-1'), key));
    await isTurnedAway(server, signToken(claimsOf('https://securetoken.google.com/other-project', 'demo-lockstep', 'uid-1'), key));
  });

  test("of several issuers each has its own keys and people; the server's own is one of them", async (t) => {
    const [a, b] = [makeKey(), makeKey()];
    const options = ['--oidc-issuer', 'https://a', '--oidc-audience', 'aa', '--jwks', fileOf(jwksOf(a))];
    options.push('--oidc-issuer', 'https://b', '--oidc-audience', 'bb', '--jwks', fileOf(jwksOf(b)), '--local-issuer', 'on');
    const server = await serving(t, options);
    const tokens = [signToken(claimsOf('https://a', 'aa', 'mia'), a), signToken(claimsOf('https://b', 'bb', 'mia'), b), server.token('mia')];
    const clients = await Promise.all(tokens.map((token) => Client.live(server, { token })));
    assert.equal(new Set(clients.map((client) => client.ready.userId)).size, 3);
    await Promise.all(clients.map((client) => client.end()));
    await isTurnedAway(server, signToken(claimsOf('https://a', 'aa', 'mia'), b));
    await isTurnedAway(server, signToken(claimsOf('https://a', 'bb', 'mia'), a));
    await isTurnedAway(server, signToken(claimsOf('https://b', 'bb', 'mia'), { ...a, kid: b.kid }));
    await isTurnedAway(server, signToken(claimsOf('https://c', 'aa', 'mia'), a));
    await isTurnedAway(server, signToken(claimsOf('https://a', 'aa', 'mia'), { ...makeKey('RS256'), kid: a.kid }));
    await isTurnedAway(server, signToken(claimsOf('https://a', 'aa', 'mia', { exp: 1e9 }), a), 'tokenExpired');
  });

  test('without --local-issuer on, the server believes no tokens of its own', async (t) => {
    const key = makeKey();
    const options = ['--oidc-issuer', 'https://a', '--oidc-audience', 'aa', '--jwks', fileOf(jwksOf(key))];
    const server = await serving(t, options, { dev: false });
    await isLetIn(server, signToken(claimsOf('https://a', 'aa', 'mia'), key));
    await isTurnedAway(server, server.token('mia'));
  });

  test('SIGHUP reads it again; a bad one is logged, and the old keys stay', async (t) => {
    const [old, fresh] = [makeKey(), makeKey()];
    const path = fileOf(jwksOf(old));
    const server = await serving(t, ['--local-issuer', 'on', '--oidc-issuer', 'https://a', '--oidc-audience', 'aa', '--jwks', path]);
    const tokenOf = (key, user) => signToken(claimsOf('https://a', 'aa', user), key);
    await isTurnedAway(server, tokenOf(fresh, 'mia'));
    writeFileSync(path, jwksOf(fresh));
    await reload(server);
    await logged(server, /the keys of https:\/\/a were read again/);
    await isLetIn(server, tokenOf(fresh, 'mia'));
    await isTurnedAway(server, tokenOf(old, 'mia'));
    for (const content of ['{', '{"keys":[]}', 'x'.repeat(300000)]) {
      writeFileSync(path, content);
      const before = timesIn(server.log, 'the old keys of https://a stay');
      await reload(server);
      await until('the complaint', () => timesIn(server.log, 'the old keys of https://a stay') > before);
      await isLetIn(server, tokenOf(fresh, `mia-${before}`));
    }
    rmSync(path);
    await reload(server);
    await logged(server, /No such file/);
    await isLetIn(server, tokenOf(fresh, 'noa'));
  });

  test('an issuer more in the configuration is for the next start', async (t) => {
    const key = makeKey();
    const config = join(dir, 'lockstep.ini');
    const lines = ['local-issuer = on', 'oidc-issuer = https://a', 'oidc-audience = aa', `jwks = ${fileOf(jwksOf(key))}`];
    writeFileSync(config, lines.join('\n'));
    const server = await serving(t, ['--config', config]);
    writeFileSync(config, [...lines, 'firebase-project = x'].join('\n'));
    await reload(server);
    await logged(server, /issuers: oidc-issuer https:\/\/a, .*, firebase-project x; needs a restart/);
    await isLetIn(server, signToken(claimsOf('https://a', 'aa', 'mia'), key));
  });

  test('a file that is no key set: exit 78 and one line, from --check too', () => {
    const options = ['--oidc-issuer', 'https://a', '--oidc-audience', 'aa', '--jwks'];
    const db = join(dir, 'never.db');
    for (const path of [join(dir, 'nowhere.json'), dir, '/dev/zero', fileOf(''), fileOf('{}'), fileOf('{"keys":[]}'), fileOf('x'.repeat(300000))]) {
      for (const more of [['--check'], ['--db', db, '--listen', '127.0.0.1:0']]) {
        const { status, stderr } = spawnSync(binary, [...options, path, ...more], { encoding: 'utf8', timeout: 20000 * patience });
        assert.equal(status, 78, stderr);
        const lines = stderr.split('\n').filter((line) => line.includes('jwks'));
        assert.equal(lines.length, 1, stderr);
        assert.ok(lines[0].includes(path), stderr);
      }
    }
    const good = spawnSync(binary, [...options, fileOf(jwksOf(makeKey())), '--check'], { encoding: 'utf8' });
    assert.equal(good.status, 0, good.stderr);
  });
});

describe('keys at an address', () => {
  test('every algorithm signs in; the keys are fetched once', async (t) => {
    const { issuer, server } = await believing(t, undefined, algorithms.map((alg) => makeKey(alg)));
    for (const key of issuer.keys) await isLetIn(server, issuer.token('mia', { key }));
    assert.deepEqual(issuer.asked, { discovery: 0, keys: 1 });
  });

  test('an issuer tells where they are', async (t) => {
    const { issuer, server } = await believing(t, (one) => one.options);
    await isLetIn(server, issuer.token('mia'));
    assert.deepEqual(issuer.asked, { discovery: 1, keys: 1 });
  });

  test('--check asks nobody', async (t) => {
    const issuer = await issuing(t);
    assert.equal(spawnSync(binary, [...issuer.options, '--check']).status, 0);
    assert.deepEqual(issuer.asked, { discovery: 0, keys: 0 });
  });

  test("another issuer's discovery is not believed; told once, tried again", async (t) => {
    const issuer = await issuing(t);
    issuer.discovery = (_, response) => issuer.answer(response, JSON.stringify({ issuer: `${issuer.url}/`, jwks_uri: `${issuer.url}/keys` }));
    const server = await serving(t, issuer.options);
    await logged(server, /another issuer's/);
    isRefused(await asks(server, issuer.token('mia')), 503, { code: 'unavailable' });
    issuer.heal();
    await until('the next try', () => issuer.asked.keys > 0, 20000);
    await isLetIn(server, issuer.token('mia'));
    assert.equal(timesIn(server.log, `no keys of ${issuer.url}`), 1, server.log);
  });

  test('a token that comes before the first keys waits for them', async (t) => {
    const issuer = await issuing(t);
    const release = issuer.hold();
    const server = await serving(t, issuer.optionsWithKeys);
    const token = issuer.token('mia');
    const waiting = [isLetIn(server, token), Client.live(server, { token }), isLetIn(server, issuer.token('noa'))];
    await until('the question', () => issuer.asked.keys === 1);
    await isLetIn(server, server.token('somebody else'));
    release();
    const [, client] = await Promise.all(waiting);
    await client.end();
    assert.equal(issuer.asked.keys, 1);
  });

  test("a new key's token is let in after one fetch", async (t) => {
    const { issuer, server } = await believing(t);
    await isLetIn(server, issuer.token('mia'));
    issuer.rotate('RS256');
    const client = await Client.live(server, { token: issuer.token('mia') });
    assert.deepEqual(client.messages.slice(0, 2).map((m) => m.type), ['hello', 'ready']);
    await client.end();
    assert.deepEqual(issuer.asked, { discovery: 0, keys: 2 });
  });

  test("a live socket's renewal waits for a new key as well", async (t) => {
    const { issuer, server } = await believing(t);
    const client = await Client.live(server, { token: issuer.token('mia') });
    issuer.rotate();
    const renewed = await client.ask({ type: 'auth', token: issuer.token('mia', { claims: { exp: Math.floor(Date.now() / 1000) + 7200 } }) });
    assert.equal(renewed.ok, true, JSON.stringify(renewed));
    assert.ok(renewed.tokenExpiresAtMs > client.ready.tokenExpiresAtMs);
    await client.end();
  });

  test('an unknown key asks at most once a minute', async (t) => {
    const { issuer, server } = await believing(t);
    await isLetIn(server, issuer.token('mia'));
    const began = Date.now();
    await Promise.all([1, 2, 3, 4, 5].map((i) => isTurnedAway(server, issuer.token(`eve-${i}`, { key: makeKey() }))));
    for (let i = 0; i < 20; i++) await isTurnedAway(server, issuer.token('eve', { key: makeKey() }));
    assert.ok(Date.now() - began >= 60000 || issuer.asked.keys === 2, `${issuer.asked.keys} questions`);
    await isLetIn(server, issuer.token('noa'));
  });

  test("a token that is no one's asks nobody", async (t) => {
    const { issuer, server } = await believing(t);
    await isLetIn(server, issuer.token('mia'));
    await isTurnedAway(server, signToken(claimsOf('https://elsewhere', issuer.audience, 'mia'), makeKey()));
    await isTurnedAway(server, 'a.b.c');
    await isTurnedAway(server, issuer.token('mia', { key: { ...makeKey(), kid: issuer.keys[0].kid } }));
    assert.equal(issuer.asked.keys, 1);
  });
});

// Most of these wait.
// Four servers under valgrind would not fetch in the time that they give themselves.
describe('an issuer in trouble', { concurrency: patience > 1 ? 1 : 4 }, () => {
  test('its key server hangs: others are served at once, its own are told to come again', async (t) => {
    const issuer = await issuing(t);
    issuer.hang();
    const server = await serving(t, issuer.optionsWithKeys);
    const began = Date.now();
    let told = false;
    const waiting = asks(server, issuer.token('mia')).finally(() => (told = true));
    const other = await Client.live(server, { token: server.token('noa') });
    for (let i = 0; i < 10; i++) assert.equal((await other.ask({ type: 'addSession', title: `t${i}`, initialDuration: 60 })).ok, true);
    assert.equal(told, false, 'ten commands took longer than the wait for the keys');
    isRefused(await waiting, 503, { code: 'unavailable' });
    assert.ok(Date.now() - began < 12000 * patience, `${Date.now() - began} ms`);
    await other.end();
  });

  test('it hangs after a rotation: the new token waits in vain, the old ones are good', async (t) => {
    const { issuer, server } = await believing(t);
    const old = issuer.keys[0];
    await isLetIn(server, issuer.token('mia'));
    issuer.hang();
    issuer.rotate();
    const waiting = asks(server, issuer.token('mia'));
    await until('the question', () => issuer.asked.keys === 2);
    await isLetIn(server, issuer.token('noa', { key: old }));
    const answer = await waiting;
    assert.ok(['unavailable', 'tokenInvalid'].includes(answer.body.error.code), answer.text);
  });

  test('old keys serve on while it fails; the log hears of it once, and of the end', async (t) => {
    const { issuer, server } = await believing(t);
    await isLetIn(server, issuer.token('mia'));
    const bad = [
      (_, response) => response.writeHead(500).end(),
      (_, response) => response.writeHead(404).end(jwksOf(...issuer.keys)),
      (_, response) => issuer.answer(response, '<html>'),
      (_, response) => issuer.answer(response, '{"keys":[]}'),
      (_, response) => issuer.answer(response, ''),
      (request) => request.socket.destroy(),
    ];
    for (const [i, publish] of bad.entries()) {
      issuer.publish = publish;
      const before = issuer.asked.keys;
      // A try that is under way is not begun again.
      await until('the question', async () => {
        await reload(server);
        return issuer.asked.keys > before;
      });
      await isLetIn(server, issuer.token(`mia-${i}`));
    }
    issuer.heal();
    await until('the end', async () => {
      await reload(server);
      return timesIn(server.log, `the keys of ${issuer.url} are here`) === 2;
    });
    assert.equal(timesIn(server.log, `no keys of ${issuer.url}`), 1, server.log);
    assert.match(server.log, /the old ones stay/);
  });

  test('it was down at the start: retried by itself, and for whoever asks', async (t) => {
    const issuer = await issuing(t);
    issuer.fail(503);
    const server = await serving(t, issuer.optionsWithKeys);
    await logged(server, /no keys of .* status 503; nobody of theirs can sign in/);
    isRefused(await asks(server, issuer.token('mia')), 503, { code: 'unavailable' });
    issuer.heal();
    await until('the next try', async () => (await asks(server, issuer.token('mia'))).status === 200, 30000);
    assert.ok(issuer.asked.keys <= 4, `${issuer.asked.keys} questions`);
  });

  // What is not taken as keys, and what the log calls it.
  const large = JSON.stringify({ keys: [], x: 'x'.repeat(300000) });
  const refused = {
    'a large answer': [(issuer, _, response) => issuer.answer(response, large), /too large/],
    'one without a length': [(issuer, _, response) => response.writeHead(200).write(large), /too large/],
    'one that is large when unpacked': [(issuer, _, response) => issuer.answer(response, gzipSync(large), { 'content-encoding': 'gzip' }), /too large/],
    'one that leads elsewhere unencrypted': [(issuer, _, response) => response.writeHead(302, { location: 'http://example.org/keys' }).end(), /leads to an address that is not asked/],
    'one that leads to a file': [(issuer, _, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(), /leads to an address that is not asked/],
    'one that leads on for ever': [(issuer, _, response) => response.writeHead(302, { location: '/keys' }).end(), /leads on too often/],
    'one that leads nowhere': [(issuer, _, response) => response.writeHead(302).end(), /status 302/],
    'one that is not HTTP': [(issuer, request) => request.socket.end('hello\r\n'), /no keys of/],
  };
  for (const [what, [publish, line]] of Object.entries(refused)) {
    test(`not taken: ${what}`, async (t) => {
      const issuer = await issuing(t);
      issuer.publish = (request, response) => publish(issuer, request, response);
      const server = await serving(t, issuer.optionsWithKeys);
      await logged(server, line);
      isRefused(await asks(server, issuer.token('mia')), 503, { code: 'unavailable' });
    });
  }

  test('three redirects, gzip and a proxy in the environment are fine', async (t) => {
    const issuer = await issuing(t);
    issuer.publish = (request, response) => {
      const left = Number(new URL(request.url, issuer.url).searchParams.get('left') ?? 3);
      assert.match(request.headers['accept-encoding'], /gzip/);
      assert.equal(request.headers.cookie, undefined);
      if (left > 0) response.writeHead(302, { location: `/keys?left=${left - 1}`, 'set-cookie': 'a=b' }).end();
      else issuer.answer(response, gzipSync(jwksOf(...issuer.keys)), { 'content-encoding': 'gzip' });
    };
    const wrapper = ['env', 'http_proxy=http://127.0.0.1:1', 'all_proxy=http://127.0.0.1:1'];
    const server = await serving(t, issuer.optionsWithKeys, { wrapper });
    await isLetIn(server, issuer.token('mia'));
    assert.equal(issuer.asked.keys, 4);
  });

  test('a certificate that nobody vouches for is not believed', async (t) => {
    const { privateKey, certificate } = makeCertifiedKey();
    const key = makeKey();
    let asked = 0;
    const web = createServer({ key: privateKey.export({ type: 'pkcs8', format: 'pem' }), cert: certificate }, (_, response) => {
      asked++;
      response.end(jwksOf(key));
    });
    await new Promise((resolve) => web.listen(0, '127.0.0.1', resolve));
    t.after(() => new Promise((resolve) => web.close(resolve)));
    const address = `https://127.0.0.1:${web.address().port}`;
    const server = await serving(t, ['--local-issuer', 'on', '--oidc-issuer', address, '--oidc-audience', 'a', '--jwks', `${address}/keys`]);
    await logged(server, /no keys of .*certificate/i);
    isRefused(await asks(server, signToken(claimsOf(address, 'a', 'mia'), key)), 503, { code: 'unavailable' });
    assert.equal(asked, 0);
  });
});
