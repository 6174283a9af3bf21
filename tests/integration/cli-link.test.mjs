// The command-line client when what is between it and the server is not as it should be: messages lost, garbled, late;
// clocks wrong; tokens at their end.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { until } from './support/bytes.mjs';
import { Cli } from './support/cli.mjs';
import { Clocked } from './support/clocked.mjs';
import { Person, hour } from './support/person.mjs';
import { Server, patience } from './support/server.mjs';
import { Tamper } from './support/tamper.mjs';

let server;
const ends = [];
before(async () => (server = await Server.start()));
after(async () => {
  for (const one of ends) await one.end();
  await server.stop();
});

async function somebody(hooks, of = server) {
  const person = await Person.of(of);
  const tamper = hooks && (await Tamper.before(of, hooks));
  const cli = new Cli(tamper?.url ?? of.http, { token: person.token });
  ends.push(cli, ...(tamper ? [tamper] : []));
  return { person, tamper, cli };
}

test('an event that was lost is asked for when the next one comes', async () => {
  let lost = 0;
  const asked = [];
  const { person, tamper, cli } = await somebody({
    toClient: (m) => (m.type === 'event' && m.seq === 1 && lost++ === 0 ? null : m),
    toServer: (m) => (m.type === 'resume' && asked.push(m), m),
  });
  const watching = cli.watch('--format', 'json');
  await watching.nextJson((m) => m.phase === 'live');
  await person.adds('/sessions', { title: 'Lost' });
  await person.adds('/sessions', { title: 'Next' });
  const { sessions, phase } = await watching.nextJson((m) => m.sessions.length === 2);
  assert.equal(phase, 'live');
  assert.deepEqual(sessions.map((s) => s.title).sort(), ['Lost', 'Next']);
  assert.equal(asked[0].seq, 0);
  assert.equal(tamper.connections, 1);
  const seen = watching.lines.map((line) => JSON.parse(line).sessions.map((s) => s.title).join());
  assert.ok(!seen.includes('Next'), 'never the second without the first');
  await watching.end();
});

test('an event that was lost and is the last is noticed by the heartbeat', async () => {
  let lost = 0;
  const { person, cli } = await somebody({
    toClient: (m) => (m.type === 'event' && lost++ === 0 ? null : m),
    // The server's own comes but every 25 s.
    toServer: (m, answer) => (m.type === 'time' && setTimeout(() => answer({ type: 'hb', seq: lost, nowMs: Date.now() }), 500), m),
  });
  const watching = cli.watch('--format', 'json');
  await watching.nextJson((m) => m.phase === 'live');
  await person.adds('/sessions', { title: 'Lost' });
  await watching.nextJson((m) => m.sessions.length === 1);
  await watching.end();
});

test('what is no message ends the connection, and the next one is in step', async () => {
  for (const garbage of ['{"type":', '\u0000', '{"type":"event","type":"event"}', '[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]']) {
    let garbled = 0;
    const { person, tamper, cli } = await somebody({ toClient: (m) => (m.type === 'event' && garbled++ === 0 ? garbage : m) });
    const watching = cli.watch('--format', 'json');
    await watching.nextJson((m) => m.phase === 'live');
    await person.adds('/sessions', { title: 'Tea' });
    await watching.nextJson((m) => m.phase === 'offline');
    await watching.nextJson((m) => m.phase === 'live' && m.sessions.length === 1);
    assert.equal(tamper.connections, 2);
    await watching.end();
  }
});

test('messages and members of which it knows nothing are passed over', async () => {
  const { person, cli } = await somebody({
    toClient: (m) => ({ ...m, newer: { and: ['better'] }, ...(m.type === 'live' && { hurry: true }) }),
    toServer: (m, answer) => (answer({ type: 'advertisement', text: 'buy' }), m),
  });
  await person.adds('/sessions', { title: 'Tea' });
  assert.equal(await cli.does('list', '--names'), 'Tea\n');
  assert.match(await cli.does('start', 'tea'), /^Tea: running/);
});

test('a redirect is not followed: the token is for the server that was named', async () => {
  const { person } = await somebody();
  const astray = createServer((request, response) => response.writeHead(302, { location: server.http + request.url }).end());
  astray.on('upgrade', (request, socket) => socket.end(`HTTP/1.1 302 Found\r\nLocation: ${server.http}/v1/ws\r\nContent-Length: 0\r\n\r\n`));
  await new Promise((resolve) => astray.listen(0, '127.0.0.1', resolve));
  const cli = new Cli(`http://127.0.0.1:${astray.address().port}`, { token: person.token });
  ends.push(cli, { end: () => astray.close() });
  assert.equal((await cli.run('list')).code, 5);
  assert.equal((await cli.run('report', '--day')).code, 1);
});

test('a command that is to be sent again later is, under its key', async () => {
  const keys = [];
  const { cli } = await somebody({
    toServer: (m, answer) => {
      if (m.type !== 'addSession') return m;
      keys.push(m.key);
      if (keys.length > 2) return m;
      const error = { code: keys.length === 1 ? 'rateLimited' : 'unavailable', message: 'not now', retryable: true, details: { retryAfterMs: 50 } };
      answer({ type: 'result', id: m.id, ok: false, error, nowMs: Date.now() });
      return null;
    },
  });
  assert.match(await cli.does('add', 'Tea'), /^Tea: ready/);
  assert.equal(keys.length, 3);
  assert.deepEqual([...new Set(keys)].length, 1);
  assert.match(keys[0], /^cli:[0-9a-f-]{36}$/);
});

test('a command that is to be sent again waits for a connection that is signed in', async () => {
  let asked = 0;
  const { tamper, cli } = await somebody({
    // The second one greets late: what is said before is said by nobody.
    toClient: async (m) => {
      if (m.type === 'hello' && asked) await new Promise((resolve) => setTimeout(resolve, 1500));
      return m;
    },
    toServer: (m, answer) => {
      if (m.type !== 'addSession' || asked++) return m;
      answer({ type: 'result', id: m.id, ok: false, error: { code: 'unavailable', message: 'not now', retryable: true, details: { retryAfterMs: 900 } }, nowMs: Date.now() });
      setTimeout(() => tamper.drop(), 50);
      return null;
    },
  });
  assert.match(await cli.does('add', 'Tea', '--timeout', '60'), /^Tea: ready/);
  assert.equal(tamper.connections, 2);
});

test('an answer that comes twice answers no other command', async () => {
  let first;
  const { cli } = await somebody({
    toClient: (m) => {
      if (m.type === 'result') first ??= m;
      return m;
    },
    toServer: (m, answer) => {
      if (m.type === 'start') answer(first);
      return m;
    },
  });
  assert.match(await cli.does('add', 'Tea', '4m', '--start'), /^Tea: running/);
});

test('what the server refuses for now until the time is up is said to be refused', async () => {
  const { cli } = await somebody({
    toServer: (m, answer) => {
      if (m.type !== 'addSession') return m;
      answer({ type: 'result', id: m.id, ok: false, error: { code: 'unavailable', message: 'the disk is full', retryable: true, details: { retryAfterMs: 60000 } }, nowMs: Date.now() });
      return null;
    },
  });
  const { code, err } = await cli.run('add', 'Tea', '--timeout', '3');
  assert.equal(err, 'lockstep: refused: the disk is full (unavailable)\n');
  assert.equal(code, 1);
});

test('a command that is never answered is given up after --timeout', async () => {
  const { cli } = await somebody({ toServer: (m) => (m.type === 'addSession' ? null : m) });
  const { code, err } = await cli.run('add', 'Tea', '--timeout', '1');
  assert.equal(code, 5);
  assert.match(err, /no answer from .*: the time is up/);
});

test('events of one command are shown together', async () => {
  const { person, cli } = await somebody();
  const { id } = await person.adds('/sessions', { title: 'Tea', initialDuration: 60 });
  await person.does('POST', `/sessions/${id}/actions/start`);
  await person.does('POST', `/sessions/${id}/actions/complete`);
  const watching = cli.watch('--format', 'json');
  await watching.nextJson((m) => m.phase === 'live');
  const count = watching.lines.length;
  await person.does('POST', `/sessions/${id}/actions/start`); // which resets it first
  const line = await watching.nextJson((m) => m.current === id);
  assert.equal(line.sessions[0].status, 'active');
  await person.does('POST', `/sessions/${id}/actions/pause`);
  await watching.nextJson((m) => m.current === null);
  assert.equal(watching.lines.length, count + 2);
  await watching.end();
});

test('the clock is the server\'s, be it an hour ahead, behind or set meanwhile', async () => {
  const own = await Clocked.start();
  ends.push({ end: () => own.stop() });
  own.set(hour);
  const person = await own.person();
  const cli = new Cli(own.http, { token: person.token });
  ends.push(cli);
  const watching = cli.watch('--format', 'json');
  // How far off what it says is, the way of the line to this test included.
  const error = async (fits) => Math.abs((await watching.nextJson(fits)).nowMs - own.now());
  assert.ok((await error((m) => m.phase === 'live')) < 100 * patience);
  const { id } = await person.adds('/sessions', { title: 'Read', initialDuration: 1500 });
  assert.ok((await error((m) => m.sessions.length)) < 100 * patience);
  own.set(-hour);
  await person.does('POST', `/sessions/${id}/actions/rename`, { title: 'Write' });
  own.set(3 * hour);
  await person.does('POST', `/sessions/${id}/actions/start`);
  const line = await watching.nextJson((m) => m.current === id && Math.abs(m.nowMs - own.now()) < 100 * patience);
  assert.ok(Math.abs(line.sessions[0].leftSeconds - 1500) < 5);
  await watching.end();
});

test('a token that comes to its end is renewed when there is another by then', async () => {
  let expiring;
  const { person, tamper, cli } = await somebody({
    toClient: (m) => m,
    toServer: (m, answer) => {
      if (m.type === 'time') expiring = () => answer({ type: 'authExpiring', inMs: 1000 });
      if (m.type === 'auth') renewals.push(m);
      return m;
    },
  });
  const renewals = [];
  delete cli.env.LOCKSTEP_TOKEN;
  await cli.runWith(person.token, 'login', '--keep', '--url', server.http);
  const file = readFileSync(cli.tokenFile, 'utf8');
  writeFileSync(cli.tokenFile, file.replace(server.http, tamper.url));
  const watching = cli.watch('--format', 'json');
  await watching.nextJson((m) => m.phase === 'live');
  const { token } = await person.adds('/v1/tokens', { name: 'another', scope: 'full' });
  await until(() => expiring, 'nobody asked the time');
  expiring(); // there is no other yet, so nothing is said
  writeFileSync(cli.tokenFile, `${token}\n`);
  expiring();
  await person.adds('/sessions', { title: 'Tea' });
  await watching.nextJson((m) => m.sessions.length === 1);
  await until(() => renewals.length > 1, 'no renewal');
  assert.equal(renewals.at(-1).token, token);
  assert.equal(tamper.connections, 1);
  await watching.end();
});
