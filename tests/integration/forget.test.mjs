// A person is deleted (docs/data.md): all of theirs goes, of a server that runs or without one; the audit log stays
// under a pseudonym; whoever comes again is somebody new; and nobody else notices.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { until } from './support/bytes.mjs';
import { startBystander } from './support/bystander.mjs';
import { Client, uuid } from './support/client.mjs';
import { Person } from './support/person.mjs';
import { Server, binary, patience } from './support/server.mjs';

const options = ['--rate-commands', '100000'];
const pseudonym = /as (deleted-[0-9a-f]{32})/;

const run = (...args) =>
  new Promise((resolve) => execFile(binary, args, (error, stdout, stderr) => resolve({ code: error ? error.code : 0, stdout, stderr })));
const checkDb = (server) => run('check-db', '--db', server.db);
const deleteUser = (server, user) => run('delete-user', '--db', server.db, '--user', user);

// What somebody is known by, each of it to be found nowhere afterwards.
const wordsOf = (name) => ['Surname', 'Title', 'Note', 'Project', 'Plan', 'Phone', 'Browser'].map((word) => `${word} of ${name}`).concat(`${name}@wonder.example`, `key-of-${name}`);

// Somebody who has some of everything; `events` more than that make a longer log.
async function fill(server, name, events = 0) {
  const token = server.token(name, '--name', `Surname of ${name}`, '--email', `${name}@wonder.example`);
  const person = Object.assign(new Person(), { server, name, token });
  await person.liveAtNoon(); // the daily reset makes no event meanwhile
  const group = await person.group(`Project of ${name}`);
  const [session, work] = [uuid(), uuid()];
  await person.commands(
    { type: 'addSession', session, title: `Title of ${name}`, initialDuration: 60, key: `key-of-${name}` },
    { type: 'start', session },
    { type: 'addSession', session: work, kind: 'work', group, notes: `Note of ${name}` },
    { type: 'addPlan', name: `Plan of ${name}`, structure: { days: [] } },
  );
  const { token: device } = await person.adds('/v1/tokens', { name: `Phone of ${name}`, scope: 'full' });
  const client = new Client(server);
  await client.next((m) => m.type === 'hello');
  client.send({ type: 'auth', token, client: { name: `Browser of ${name}` } });
  await client.next((m) => m.type === 'live');
  assert.ok((await client.ask({ type: 'pause', session })).ok);
  await client.end();
  const edits = Array.from({ length: events }, (_, i) => ({ type: 'renameSession', session, title: `Title of ${name}, ${i}` }));
  await person.commands(...edits);
  return Object.assign(person, { session, device });
}

// Those of the words that are in a file beside the database, or in itself.
function found(server, words) {
  const files = readdirSync(server.dir).filter((file) => file.startsWith('test.db') && !file.endsWith('.control'));
  assert.ok(files.length > 0);
  const bytes = Buffer.concat(files.map((file) => readFileSync(join(server.dir, file))));
  return words.filter((word) => bytes.includes(word));
}

// They are somebody new, with nothing.
async function isNew(person, position) {
  const client = await person.live(position && { query: `?${new URLSearchParams(position)}` });
  assert.equal(client.ready.userId, person.name);
  assert.equal(client.ready.seq, 0);
  assert.equal(client.ready.mode, 'snapshot');
  if (position) assert.equal(client.ready.reason, 'future');
  assert.deepEqual((await client.ask({ type: 'getSnapshot' })).state.sessions, []);
  assert.equal((await client.ask({ type: 'start', session: person.session })).error.code, 'notFound');
  assert.equal((await person.gets('/api/audit-log')).total, 0);
  await client.end();
}

describe('without a server', () => {
  let server;
  before(async () => {
    server = await Server.start(options);
  });
  after(() => server.stop());

  test('all of theirs goes, and nobody else’s', async () => {
    const [alice, bob] = [await fill(server, 'alice', 300), await fill(server, 'bob', 10)];
    const client = await alice.live();
    const { position } = client;
    await client.end();
    const bobs = await bob.gets('/v1/state');
    await server.kill('SIGTERM');
    assert.deepEqual(found(server, wordsOf('alice')), wordsOf('alice'));

    const { code, stdout, stderr } = await deleteUser(server, 'alice');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^deleted alice: 2 sessions, 0 tasks, 1 group, 0 problems, 1 plan, 30[0-9] events, 1 device token; 30[0-9] lines of the audit log stay, as deleted-[0-9a-f]{32}\n$/);
    assert.deepEqual(found(server, [...wordsOf('alice'), 'alice']), []);
    assert.deepEqual(found(server, [pseudonym.exec(stdout)[1]]).length, 1);
    assert.equal((await checkDb(server)).code, 0);
    const again = await deleteUser(server, 'alice');
    assert.deepEqual([again.code, again.stdout, again.stderr], [1, '', 'lockstepd: there is no user alice\n']);

    await server.start();
    assert.equal((await server.request('GET', '/v1/state', { token: alice.device })).body.error.code, 'tokenInvalid');
    const { state } = await bob.gets('/v1/state');
    const kept = ({ sessions, groups, plans }) => [...sessions, ...groups, ...plans].map(({ id, version, title, name }) => [id, version, title ?? name]);
    assert.deepEqual(kept(state), kept(bobs.state));
    await isNew(alice, position);
  });

  test('what cannot be done is said, and nothing is made', async () => {
    const gone = join(server.dir, 'nowhere.db');
    const wrong = await run('delete-user', '--db', gone, '--user', 'alice');
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /^lockstepd: .*nowhere\.db: No such file or directory\n$/);
    assert.ok(!existsSync(gone));
    assert.equal((await run('delete-user', '--db', server.db)).code, 2);
  });
});

// Comes again and again with that token; `end` answers with how all that did not get in, or stay, were closed.
function knock(server, token) {
  const closes = [];
  let over = false;
  const coming = (async () => {
    while (!over) {
      const client = new Client(server, { token });
      await client.next((m) => m.type === 'live').catch(() => {});
      if (client.close) closes.push(`${client.close.code} ${client.close.reason}`);
      await client.end();
    }
  })();
  return async () => {
    over = true;
    await coming;
    return [...new Set(closes)].sort();
  };
}

describe('of a server that runs', () => {
  let server;
  before(async () => {
    server = await Server.start(options);
  });
  after(() => server.stop());

  test('whatever speaks for them ends at once, and others go on without a gap', async () => {
    const [carol, dave] = [await fill(server, 'carol', 2000), await Person.of(server, 'dave')];
    const bystander = await startBystander(server, dave);
    const watching = await dave.live();
    const sockets = await Promise.all([carol.live(), carol.live(), Client.live(server, { token: carol.device })]);
    const { position } = sockets[0];
    const stranger = new Client(server);
    await stranger.next((m) => m.type === 'hello');
    const headers = { authorization: `Bearer ${carol.token}` };
    const stream = await fetch(`${server.http}/v1/events`, { headers: { ...headers, accept: 'text/event-stream' } });
    const streamed = stream.text();
    const waiting = fetch(`${server.http}/v1/events?${new URLSearchParams(position)}&waitMs=30000`, { headers });
    // In flight, before and behind it.
    const busy = setInterval(() => sockets[1].send({ type: 'renameSession', session: carol.session, title: uuid() }), 1);
    await sockets[0].event('renameSession');
    const ends = [1, 2, 3, 4].map(() => knock(server, carol.device));

    const { code, stdout, stderr } = await deleteUser(server, 'carol');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^deleted carol: 2 sessions, .* [0-9]{4} events, 1 device token; [0-9]{4} lines of the audit log stay, as deleted-/);
    clearInterval(busy);
    for (const end of ends) {
      for (const close of await end()) assert.match(close, /^4401 (revoked|tokenInvalid)$/);
    }
    for (const socket of sockets) assert.deepEqual(await socket.closed, { code: 4401, reason: 'revoked' });
    await streamed;
    const waited = await waiting;
    assert.ok(waited.status === 401 || waited.status === 200, `${waited.status}`); // an event may have ended it before
    assert.equal((await server.request('GET', '/v1/state', { token: carol.device })).status, 401);
    const back = new Client(server, { token: carol.device });
    assert.deepEqual(await back.closed, { code: 4401, reason: 'tokenInvalid' });
    assert.deepEqual(found(server, wordsOf('carol')), []);
    assert.equal((await checkDb(server)).code, 0);
    assert.ok(!server.log.includes('carol'));

    // Whoever had not said who they are is nobody's.
    assert.equal(stranger.close, undefined);
    await isNew(carol, position);
    const taken = await bystander.end();
    assert.ok(taken.before.count > 0);
    const seqs = watching.messages.filter((m) => m.type === 'event').map((m) => m.seq);
    assert.deepEqual(seqs, seqs.map((_, i) => seqs[0] + i));
    assert.ok((await dave.gets('/v1/state')).seq >= seqs.at(-1));
    await Promise.all([watching.end(), stranger.end()]);
  });

  test('two at once are both deleted', async () => {
    await Promise.all([fill(server, 'erin', 500), fill(server, 'frank', 500)]);
    const answers = await Promise.all([deleteUser(server, 'erin'), deleteUser(server, 'frank')]);
    for (const [i, name] of ['erin', 'frank'].entries()) {
      assert.equal(answers[i].code, 0, answers[i].stderr);
      assert.match(answers[i].stdout, new RegExp(`^deleted ${name}: 2 sessions, .* 50[0-9] events`));
      assert.deepEqual(found(server, wordsOf(name)), []);
    }
    assert.notEqual(pseudonym.exec(answers[0].stdout)[1], pseudonym.exec(answers[1].stdout)[1]);
  });

  test('it is asked by its own user alone, beside the database', async () => {
    const control = `${server.db}.control`;
    assert.equal(statSync(control).mode & 0o7777, 0o600);
    const nobody = await deleteUser(server, 'nobody');
    assert.deepEqual([nobody.code, nobody.stdout, nobody.stderr], [1, '', 'lockstepd: there is no user nobody\n']);
    const token = server.token('grace');
    const asked = await server.request('POST', '/control/delete-user', { token, body: { user: 'grace' } });
    assert.equal(asked.status, 404);
    await server.kill('SIGTERM');
    assert.ok(!existsSync(control));
    await server.start();
    await server.kill('SIGKILL');
    assert.ok(existsSync(control));
    await server.start();
    assert.equal((await deleteUser(server, 'nobody')).code, 1);
  });

  // True when it was in time.
  async function killInTheMiddle(person) {
    const socket = await person.live();
    const asked = deleteUser(server, person.name);
    assert.deepEqual(await socket.closed, { code: 4401, reason: 'revoked' });
    await server.kill('SIGKILL');
    const { code, stdout, stderr } = await asked;
    if (code === 0) return false;
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^lockstepd: the server went before it had answered: .*\n$/);
    return true;
  }

  test('killed in the middle it goes on with the next start', async () => {
    for (let events = 2000; ; events *= 2) {
      const heidi = await fill(server, `heidi${events}`, events);
      server.log = '';
      const inTime = await killInTheMiddle(heidi);
      const checked = await checkDb(server);
      assert.equal(checked.code, 0, checked.stdout + checked.stderr);
      await server.start();
      if (inTime) await until(() => server.log.includes('somebody is deleted'), 'the end of it', 20000 * patience);
      assert.deepEqual(found(server, wordsOf(heidi.name)), []);
      await isNew(heidi);
      if (inTime) break;
      assert.ok(events < 20000, 'it was never killed in the middle');
    }
  });
});

// Raises in the middle of a transaction what damage would.
function spoil(db, sql) {
  const script = 'import sqlite3, sys; sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20).execute(sys.argv[2])';
  execFileSync('python3', ['-c', script, db, sql]);
}

test('what cannot be deleted for damage holds up nobody’s timers', async () => {
  const server = await Server.start(options);
  try {
    const [judy, mallory] = [await fill(server, 'judy', 10), await Person.of(server, 'mallory')];
    spoil(server.db, "CREATE TRIGGER damage BEFORE DELETE ON day_rules BEGIN SELECT RAISE(ABORT, 'damage'); END");
    const watching = await mallory.live();
    const socket = await judy.live();
    const asked = deleteUser(server, 'judy');
    assert.deepEqual(await socket.closed, { code: 4401, reason: 'revoked' });
    await until(() => server.log.includes('error database: damage'), 'the damage to be met', 20000 * patience);
    const session = uuid();
    await mallory.commands({ type: 'addSession', session, title: 'Tea', initialDuration: 1 }, { type: 'start', session });
    assert.equal((await watching.event('complete', 20000)).session.id, session);
    spoil(server.db, 'DROP TRIGGER damage');
    await server.kill('SIGTERM');
    assert.equal((await asked).code, 1);
    await server.start();
    await until(() => server.log.includes('somebody is deleted'), 'the end of it', 20000 * patience);
    assert.deepEqual(found(server, wordsOf('judy')), []);
  } finally {
    await server.stop();
  }
});

test('a path that is too long for a socket is warned of, and everything else works', async () => {
  const server = new Server(options);
  const dir = join(server.dir, 'x'.repeat(120));
  mkdirSync(dir);
  server.db = join(dir, 'test.db');
  await server.start();
  try {
    assert.match(server.log, /warn .*control/);
    await Person.of(server, 'ivan').then((ivan) => ivan.group());
    const asked = await deleteUser(server, 'ivan');
    assert.equal(asked.code, 1);
    assert.match(asked.stderr, /^lockstepd: cannot ask the server: .*: File name too long\n$/);
    await server.kill('SIGTERM');
    assert.equal((await deleteUser(server, 'ivan')).code, 0);
  } finally {
    await server.stop();
  }
});
