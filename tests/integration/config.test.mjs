// What the server tells a page before anybody is signed in, what its Content-Security-Policy lets the page ask for that,
// and how the files of a page that can be installed are served.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { jwksOf, makeKey } from './support/issuer.mjs';
import { at, faults, top } from './support/schema.mjs';
import { Server } from './support/server.mjs';

const files = {
  'index.html': '<!doctype html><title>x</title>',
  'sw.js': '1;',
  'manifest.webmanifest': '{}',
  'icon-192.png': 'png',
  'assets/main-4f3a.js': '1;',
  'keys.json': jwksOf(makeKey('RS256')),
};

let dir;
before(() => {
  dir = mkdtempSync(join(tmpdir(), 'lockstep-config-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), content);
  }
});
after(() => rmSync(dir, { recursive: true, force: true }));

async function serving(t, options = [], more = { dev: false }) {
  const server = await Server.start(['--web', dir, ...options], more);
  t.after(() => server.stop());
  return server;
}

const firebase = (...more) => ['--firebase-project', 'demo-x', '--jwks', join(dir, 'keys.json'), ...more];
const schema = at(top('openapi.yaml', 'paths', '/v1/config', 'get'), 'responses', '200', 'content', 'application/json', 'schema');

async function configOf(server) {
  const answer = await server.request('GET', '/v1/config');
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.deepEqual(faults(schema, answer.body), [], answer.text);
  const { server: name, ...ways } = answer.body;
  const { version } = (await server.request('GET', '/version')).body;
  assert.equal(name, `lockstep/${version}`);
  return ways;
}

// By directive.
async function policyOf(server, path = '/') {
  const { headers } = await server.request('GET', path);
  const rules = headers.get('content-security-policy').split('; ').map((rule) => rule.split(' '));
  return Object.fromEntries(rules.map(([name, ...values]) => [name, values.join(' ')]));
}

const strict = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'connect-src': "'self'",
  'img-src': "'self' data:",
  'manifest-src': "'self'",
  'worker-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
};

test('nothing configured: the local issuer, and a page that asks nobody else', async (t) => {
  const server = await serving(t);
  assert.deepEqual(await configOf(server), { dev: false, localIssuer: true, firebase: null });
  assert.deepEqual(await policyOf(server), strict);
  assert.deepEqual(await policyOf(server, '/sw.js'), strict);
});

test('in development', async (t) => {
  const server = await serving(t, [], { dev: true });
  assert.deepEqual(await configOf(server), { dev: true, localIssuer: true, firebase: null });
  assert.deepEqual(await policyOf(server), strict);
});

test('a Firebase project without its web key is believed, but the page does not sign in with it', async (t) => {
  const server = await serving(t, firebase());
  assert.deepEqual(await configOf(server), { dev: false, localIssuer: false, firebase: null });
  assert.deepEqual(await policyOf(server), strict);
});

test('with its web key the page may ask Google’s two addresses, and nothing more', async (t) => {
  const server = await serving(t, firebase('--firebase-api-key', 'web-key', '--local-issuer', 'on'));
  const project = { projectId: 'demo-x', apiKey: 'web-key', authDomain: 'demo-x.firebaseapp.com' };
  assert.deepEqual(await configOf(server), { dev: false, localIssuer: true, firebase: project });
  const google = "'self' https://identitytoolkit.googleapis.com https://securetoken.googleapis.com";
  for (const path of ['/', '/sw.js']) assert.deepEqual(await policyOf(server, path), { ...strict, 'connect-src': google });
});

test('an auth domain of one’s own; the emulator in the place of Google', async (t) => {
  const more = ['--firebase-api-key', 'k', '--firebase-auth-domain', 'in.example.org', '--firebase-emulator', 'http://127.0.0.1:9099'];
  const server = await serving(t, firebase('--local-issuer', 'on', ...more), { dev: true });
  const project = { projectId: 'demo-x', apiKey: 'k', authDomain: 'in.example.org', emulator: 'http://127.0.0.1:9099' };
  assert.deepEqual((await configOf(server)).firebase, project);
  assert.deepEqual(await policyOf(server), { ...strict, 'connect-src': "'self' http://127.0.0.1:9099" });
});

test('the files of a page that can be installed', async (t) => {
  const server = await serving(t);
  for (const [path, type, cache] of [
    ['/', 'text/html; charset=utf-8', 'no-cache'],
    ['/sw.js', 'text/javascript; charset=utf-8', 'no-cache'],
    ['/manifest.webmanifest', 'application/manifest+json', 'no-cache'],
    ['/icon-192.png', 'image/png', 'no-cache'],
    ['/assets/main-4f3a.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
  ]) {
    const { status, headers } = await server.request('GET', path);
    assert.deepEqual([status, headers.get('content-type'), headers.get('cache-control')], [200, type, cache], path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
  }
});
