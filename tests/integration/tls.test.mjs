// TLS: which versions, wss, a certificate that changes under open sockets, and what is no TLS at all.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import WebSocket from 'ws';
import { filesOf, pause, request, until } from './support/bytes.mjs';
import { Server } from './support/server.mjs';

let server;
let files;
before(async () => {
  server = new Server();
  files = { cert: `${server.dir}/cert.pem`, key: `${server.dir}/key.pem` };
  certify('first');
  server.options.push('--tls-cert', files.cert, '--tls-key', files.key);
  writeFileSync(lax(), 'openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nMinProtocol = TLSv1\nCipherString = ALL:@SECLEVEL=0\n');
  await server.start(['env', `OPENSSL_CONF=${lax()}`]);
});
after(() => server.stop());

// A system whose configuration allows everything.
function lax() {
  return `${server.dir}/openssl.cnf`;
}

// Makes a certificate of that name, at once or elsewhere first.
function certify(name, { cert, key } = files) {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-keyout', key, '-out', cert], { stdio: 'ignore' });
}

const open = (options = {}) =>
  new Promise((resolve, reject) => {
    const socket = connect({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false, ...options }, () => resolve(socket));
    socket.on('error', reject);
  });

// The name on the certificate that a new connection sees.
async function shown() {
  const socket = await open();
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return CN;
}

const fetched = (path) =>
  new Promise((resolve, reject) => {
    get({ port: server.port, host: '127.0.0.1', path, rejectUnauthorized: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });

function live(token = server.token('tls')) {
  const socket = new WebSocket(`wss://127.0.0.1:${server.port}/v1/ws`, 'lockstep.v1', {
    rejectUnauthorized: false,
    headers: { authorization: `Bearer ${token}` },
  });
  const messages = [];
  socket.on('message', (data) => messages.push(JSON.parse(data)));
  socket.on('close', () => (socket.isOver = true));
  socket.on('error', () => {});
  const heard = (is) => until(() => messages.some(is), () => `${is}; heard ${JSON.stringify(messages).slice(0, 300)}`);
  return { socket, messages, heard };
}

function reload() {
  const from = server.log.length;
  server.process.kill('SIGHUP');
  return { logged: (word) => until(() => server.log.slice(from).includes(word), () => `${word}: ${server.log.slice(from)}`) };
}

test('https and wss work', async () => {
  assert.equal(await fetched('/healthz'), 200);
  const { socket, heard } = live();
  await heard((m) => m.type === 'live');
  socket.send(JSON.stringify({ type: 'addSession', id: 1, title: 'over TLS' }));
  await heard((m) => m.type === 'event' && m.session.title === 'over TLS');
  await heard((m) => m.id === 1 && m.ok);
  socket.terminate();
});

test('a stream of events works, and its end is seen', async () => {
  const before = filesOf(server);
  const token = server.token('stream');
  const socket = await open();
  let text = '';
  socket.on('data', (data) => (text += data));
  socket.write(request('GET /v1/events HTTP/1.1', [`Authorization: Bearer ${token}`, 'Accept: text/event-stream']));
  await until(() => text.includes('data: '), () => `a snapshot: ${text}`);
  const { socket: other, heard } = live(token);
  await heard((m) => m.type === 'live');
  other.send(JSON.stringify({ type: 'addSession', id: 1, title: 'for the stream' }));
  await until(() => text.includes('for the stream'), 'the event');
  other.terminate();
  socket.end();
  await until(() => filesOf(server) <= before, 'its descriptor');
});

test('TLS 1.2 and 1.3, nothing older, whatever the system allows', async () => {
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    const socket = await open({ minVersion: version, maxVersion: version });
    assert.equal(socket.getProtocol(), version);
    socket.destroy();
  }
  // Even to a client that takes everything.
  const env = { ...process.env, OPENSSL_CONF: lax() };
  for (const [flag, version] of [['-tls1', 'TLSv1'], ['-tls1_1', 'TLSv1.1']]) {
    const { stdout, stderr } = spawnSync('openssl', ['s_client', flag, '-cipher', 'ALL:@SECLEVEL=0', '-connect', `127.0.0.1:${server.port}`], {
      input: '',
      encoding: 'utf8',
      env,
      timeout: 20000,
    });
    assert.doesNotMatch(stdout, /BEGIN CERTIFICATE/, version);
    assert.match(stdout + stderr, /alert|no protocols|unsupported protocol|NONE/i, version);
  }
  assert.equal(await fetched('/healthz'), 200);
});

test('no HTTP/2 is agreed on', async () => {
  const socket = await open({ ALPNProtocols: ['h2', 'http/1.1'] });
  assert.equal(socket.alpnProtocol, 'http/1.1');
  socket.destroy();
  const only = await open({ ALPNProtocols: ['h2'] }).catch(() => null);
  assert.notEqual(only?.alpnProtocol, 'h2');
  only?.destroy();
  assert.equal(await fetched('/healthz'), 200);
});

test('SIGHUP: new connections see the new certificate, open sockets stay', async () => {
  const { socket, heard } = live();
  await heard((m) => m.type === 'live');
  assert.equal(await shown(), 'first');
  certify('second');
  reload();
  await until(async () => (await shown()) === 'second', 'the new certificate');
  socket.send(JSON.stringify({ type: 'addSession', id: 2, title: 'still here' }));
  await heard((m) => m.id === 2 && m.ok);
  assert.ok(!socket.isOver);
  socket.terminate();
});

test('SIGHUP with what is no pair: it is logged, and the old one stays', async () => {
  const was = await shown();
  const { socket, heard } = live();
  await heard((m) => m.type === 'live');
  const other = { cert: `${server.dir}/other.pem`, key: `${server.dir}/other-key.pem` };
  certify('other', other);
  for (const spoil of [
    () => copyFileSync(other.cert, files.cert), // the key is another's
    () => writeFileSync(files.cert, '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n'),
    () => writeFileSync(files.cert, ''),
  ]) {
    spoil();
    await reload().logged('the old ones stay');
    assert.equal(await shown(), was);
  }
  socket.send(JSON.stringify({ type: 'addSession', id: 3, title: 'still here' }));
  await heard((m) => m.id === 3 && m.ok);
  socket.terminate();
  // And a good one is taken again.
  certify('third');
  reload();
  await until(async () => (await shown()) === 'third', 'the next good one');
});

test('plain HTTP, noise and half handshakes on a TLS port', async () => {
  const before = filesOf(server);
  for (const bytes of [request('GET /healthz HTTP/1.1'), 'x'.repeat(5000), Buffer.alloc(5000), Buffer.from('16030100', 'hex'), Buffer.from('1603010005010000', 'hex')]) {
    const socket = connectPlain(server.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (data) => (answer += data.toString('latin1')));
    socket.on('error', () => {});
    socket.write(bytes);
    await pause(100);
    assert.doesNotMatch(answer, /^HTTP\/1\.1 2/);
    socket.destroy();
  }
  await until(() => filesOf(server) <= before, () => `${filesOf(server)} descriptors, there were ${before}`);
  assert.equal(await fetched('/healthz'), 200);
});

test('a certificate that is not there ends the start with one clear line', async () => {
  const wrong = new Server(['--tls-cert', '/nowhere.pem', '--tls-key', files.key]);
  await assert.rejects(wrong.start(), /server ended \(78\).*tls-cert/s);
  await wrong.stop();
});
