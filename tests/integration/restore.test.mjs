// lockstepd restore: a backup takes the database's place, whole or not at all, and every client learns of it.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, copyFileSync, readFileSync, readdirSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lookAt } from '../faults/look.mjs';
import { Client } from './support/client.mjs';
import { Person } from './support/person.mjs';
import { Server } from './support/server.mjs';
import { change, does, overwrite, refuses } from './support/tool.mjs';

// A server with a person who has these groups, and a backup of just that.
async function backedUp(t, groups = ['Garage', 'Attic']) {
  const server = await Server.start();
  t.after(() => server.stop());
  const anna = await Person.of(server, 'anna');
  await anna.commands(...groups.map((name) => ({ type: 'addGroup', name })));
  const from = join(server.dir, 'backup.db');
  await does('backup', '--db', server.db, '--to', from);
  return { server, anna, from, restore: ['restore', '--db', server.db, '--from', from] };
}

const groupsOf = async (path) => (await lookAt(path)).users.flatMap(({ snapshot }) => snapshot.state.groups.map(({ name }) => name)).sort();
const beside = (server, like) => readdirSync(server.dir).filter((name) => like.test(name)).sort();
const signedIn = (server, position) => new Client(server, { token: server.token('anna'), query: `?${new URLSearchParams(position)}` });

test('whoever is ahead of the restored log gets a snapshot with the reason epoch, and goes on', async (t) => {
  const { server, anna, restore } = await backedUp(t);
  const socket = await anna.live();
  const known = socket.position;
  await anna.commands({ type: 'addGroup', name: 'Cellar' }, { type: 'addSession', title: 'Tea', initialDuration: 60 });
  await socket.event('addSession');
  const ahead = socket.position;
  assert.equal(ahead.seq, known.seq + 2);
  await server.kill('SIGTERM');
  assert.match(await does(...restore), /^restored .*test\.db from .*backup\.db; what was there is .*test\.db\.before-restore\n$/);
  await server.start();
  for (const position of [ahead, known]) {
    const back = signedIn(server, position);
    const ready = await back.next((m) => m.type === 'ready');
    assert.equal(ready.mode, 'snapshot');
    assert.equal(ready.reason, 'epoch');
    assert.notEqual(ready.epoch, ahead.epoch);
    const snapshot = await back.next((m) => m.type === 'snapshot');
    assert.equal(snapshot.reason, 'epoch');
    assert.deepEqual(snapshot.state.groups.map(({ name }) => name).sort().slice(0, 2), ['Attic', 'Garage']);
    assert.deepEqual(snapshot.state.sessions, []);
    await back.next((m) => m.type === 'live');
    const added = await back.ask({ type: 'addGroup', name: 'Shed' });
    assert.ok(added.ok);
    const replayed = await Client.live(server, { token: server.token('anna'), query: `?epoch=${ready.epoch}&seq=${added.seq - 1}` });
    assert.equal(replayed.ready.mode, 'replay');
    await Promise.all([back.end(), replayed.end()]);
  }
  assert.match(await does('check-db', '--db', server.db), /^ok: 1 users, 0 sessions, 4 groups, /);
  assert.deepEqual(await groupsOf(`${server.db}.before-restore`), ['Attic', 'Cellar', 'Garage']);
});

test('while a server has the database, nothing is restored', async (t) => {
  const { server, anna, restore } = await backedUp(t);
  await anna.commands({ type: 'addGroup', name: 'Cellar' });
  await refuses(1, /another server uses this database/, ...restore);
  assert.deepEqual(beside(server, /restore/), []);
  assert.match(await does('check-db', '--db', server.db), /^ok: 1 users, 0 sessions, 3 groups, /);
});

test('while somebody reads the database, nothing is restored', async (t) => {
  const { server, anna, restore } = await backedUp(t);
  await anna.commands({ type: 'addGroup', name: 'Cellar' });
  await server.kill();
  const reader = spawn('python3', ['-c', `import sqlite3; c = sqlite3.connect(${JSON.stringify(server.db)}); c.execute('BEGIN'); print(c.execute('SELECT * FROM groups').fetchone(), flush=True); input()`], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(reader.stdout, 'data');
  await refuses(1, /cannot put .*test\.db aside: /, ...restore);
  reader.stdin.end('\n');
  await once(reader, 'exit');
  assert.deepEqual(beside(server, /restore/), []);
  await does(...restore);
  assert.deepEqual(await groupsOf(server.db), ['Attic', 'Garage']);
  assert.deepEqual(await groupsOf(`${server.db}.before-restore`), ['Attic', 'Cellar', 'Garage']);
});

test('what a killed server had not yet copied from its log is kept, and never gets into the new file', async (t) => {
  const { server, anna, restore } = await backedUp(t);
  await anna.commands(...Array.from({ length: 50 }, (_, n) => ({ type: 'addGroup', name: `Group ${n}` })));
  await server.kill();
  assert.ok(statSync(`${server.db}-wal`).size > 0);
  await does(...restore);
  assert.deepEqual(beside(server, /^test\.db/), ['test.db', 'test.db.before-restore', 'test.db.control', 'test.db.key', 'test.db.lock']);
  assert.deepEqual(await groupsOf(server.db), ['Attic', 'Garage']);
  assert.equal((await groupsOf(`${server.db}.before-restore`)).length, 52);
});

test('each restore keeps what it finds, and the first one is taken back by restoring that', async (t) => {
  const { server, anna, restore } = await backedUp(t);
  await anna.commands({ type: 'addGroup', name: 'Cellar' });
  await server.kill('SIGTERM');
  await does(...restore);
  await does('restore', '--db', server.db, '--from', `${server.db}.before-restore`);
  assert.deepEqual(beside(server, /before/), ['test.db.before-restore', 'test.db.before-restore-2']);
  assert.deepEqual(await groupsOf(server.db), ['Attic', 'Cellar', 'Garage']);
});

test('where there is no database yet the backup becomes one, with its key: old tokens go on', async (t) => {
  const { server, anna, from } = await backedUp(t);
  await server.kill('SIGTERM');
  const other = new Server();
  t.after(() => other.stop());
  assert.match(await does('restore', '--db', other.db, '--from', from), /^restored .*, with its key\n$/);
  await other.start();
  assert.equal((await other.request('GET', '/me', { token: anna.token })).status, 200);
  assert.equal((await other.request('GET', '/me', { token: server.token('anna') })).status, 200);
});

test('a key that is there makes way for the backup’s, and is kept', async (t) => {
  const { server, anna, restore } = await backedUp(t);
  await server.kill('SIGTERM');
  rmSync(`${server.db}.key`);
  server.token('anna');
  const made = readFileSync(`${server.db}.key`, 'utf8');
  assert.match(await does(...restore), /, with its key; what was there is /);
  assert.equal(readFileSync(`${server.db}.before-restore.key`, 'utf8'), made);
  await server.start();
  assert.equal((await server.request('GET', '/me', { token: anna.token })).status, 200);
});

// A page other than the first is overwritten, the file is cut, a row is taken out, or it is something else.
const broken = {
  'a page is overwritten': (path) => overwrite(path, 3 * 2048, Buffer.alloc(8 * 2048, 0xa5)),
  'its end is missing': (path) => truncateSync(path, statSync(path).size - 20 * 2048),
  'its beginning is overwritten': (path) => overwrite(path, 0, Buffer.alloc(200, 0xa5)),
  'it is empty': (path) => truncateSync(path, 0),
  'a row is missing': (path) => change(path, 'DELETE FROM events WHERE row = 2'),
  'it is of a version to come': (path) => change(path, 'PRAGMA user_version = 99'),
  'it is something else': (path) => writeFileSync(path, 'x'.repeat(5000)),
};

test('a key that was kept before is not taken for this one: none is lost', async (t) => {
  const { server, restore } = await backedUp(t);
  await server.kill('SIGTERM');
  const others = `${server.db}.before-restore.key`;
  writeFileSync(others, 'that of a database which was kept once');
  rmSync(`${server.db}.key`);
  server.token('bob'); // makes another
  const made = readFileSync(`${server.db}.key`, 'utf8');
  await refuses(1, /cannot keep the old key as .*before-restore\.key: File exists/, ...restore);
  assert.equal(readFileSync(`${server.db}.key`, 'utf8'), made);
  renameSync(others, `${others}.old`);
  await does(...restore);
  assert.equal(readFileSync(others, 'utf8'), made);
});

// SQLite would read it as the log of what is kept now.
test('a log that was kept before is not given to another database, nor overwritten', async (t) => {
  const { server, restore } = await backedUp(t);
  const others = `${server.db}.before-restore-wal`;
  writeFileSync(others, 'that of a database which was kept once');
  const refused = () => refuses(1, /cannot keep what was there beside .*before-restore-wal: File exists/, ...restore);
  await server.kill('SIGTERM');
  await refused();
  assert.deepEqual(await groupsOf(server.db), ['Attic', 'Garage']);
  await server.start();
  await server.kill(); // with a log, and damaged
  overwrite(server.db, 0, Buffer.alloc(200, 0xa5));
  await refused();
  assert.equal(readFileSync(others, 'utf8'), 'that of a database which was kept once');
  rmSync(others);
  await does(...restore);
  assert.deepEqual(await groupsOf(server.db), ['Attic', 'Garage']);
});

test('a backup that is not whole is refused, and all stays as it was', async (t) => {
  const { server, anna, from } = await backedUp(t);
  await anna.commands({ type: 'addGroup', name: 'Cellar' });
  await server.kill();
  for (const [name, harm] of Object.entries(broken)) {
    const other = join(server.dir, `${name}.db`);
    copyFileSync(from, other);
    harm(other);
    await refuses(1, new RegExp(name), 'restore', '--db', server.db, '--from', other);
    assert.deepEqual(beside(server, /restore/), [], name);
  }
  assert.deepEqual(await groupsOf(server.db), ['Attic', 'Cellar', 'Garage']);
});

// What version 4 kept beside the log, and nobody looks at any more.
const toVersion4 = ['seq', 'tag', 'clock_ms'].map((name) => `ALTER TABLE users ADD COLUMN ${name} INTEGER NOT NULL DEFAULT 0;`).join(' ');

test('a backup of an older version is brought to this one; of such a database there can be one', async (t) => {
  const { server, from, restore } = await backedUp(t);
  await server.kill('SIGTERM');
  change(from, `${toVersion4} PRAGMA user_version = 4`);
  await does('backup', '--db', from, '--to', `${from}2`);
  assert.deepEqual(readFileSync(`${from}2`).subarray(60, 64), Buffer.from([0, 0, 0, 4]), 'a backup is as it was');
  await does(...restore);
  assert.match(await does('check-db', '--db', server.db), /^ok: 1 users, 0 sessions, 2 groups, /);
  assert.deepEqual(await groupsOf(server.db), ['Attic', 'Garage']);
});

test('it is not restored from itself, nor from what isn’t there', async (t) => {
  const { server } = await backedUp(t);
  await server.kill('SIGTERM');
  await refuses(1, /is the database itself/, 'restore', '--db', server.db, '--from', server.db);
  await refuses(1, /cannot read .*nowhere/, 'restore', '--db', server.db, '--from', join(server.dir, 'nowhere'));
  await refuses(2, /needs --from/, 'restore', '--db', server.db);
  assert.deepEqual(await groupsOf(server.db), ['Attic', 'Garage']);
});

test('a database that is damaged makes way, and is kept as it is', async (t) => {
  const { server, anna, restore } = await backedUp(t);
  await anna.commands({ type: 'addGroup', name: 'Cellar' });
  await server.kill('SIGTERM');
  overwrite(server.db, 0, Buffer.alloc(2048, 0xa5));
  writeFileSync(`${server.db}-wal`, 'what is left of its log');
  const left = [readFileSync(server.db), readFileSync(`${server.db}-wal`)];
  await does(...restore);
  assert.deepEqual([readFileSync(`${server.db}.before-restore`), readFileSync(`${server.db}.before-restore-wal`)], left);
  assert.deepEqual(await groupsOf(server.db), ['Attic', 'Garage']);
});

test('another program’s database makes no way', async (t) => {
  const { server, from } = await backedUp(t);
  await server.kill('SIGTERM');
  const theirs = join(server.dir, 'theirs.db');
  change(theirs, 'CREATE TABLE t (x)');
  const before = readFileSync(theirs);
  await refuses(1, /theirs\.db.*not a Lockstep database/, 'restore', '--db', theirs, '--from', from);
  assert.deepEqual(readFileSync(theirs), before);
});

test('restored by root, it belongs to whom the old one, or its folder, belongs to', { skip: process.getuid() !== 0 && 'needs root' }, async (t) => {
  const { server, from } = await backedUp(t);
  await server.kill('SIGTERM');
  const nobody = Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }));
  const theirs = new Server(['--user', 'nobody']);
  t.after(() => theirs.stop());
  chownSync(theirs.dir, nobody, nobody);
  for (const round of [1, 2]) {
    await does('restore', '--db', theirs.db, '--from', from);
    for (const name of ['test.db', 'test.db.key', 'test.db.lock']) assert.equal(statSync(join(theirs.dir, name)).uid, nobody, `${name} ${round}`);
    await theirs.start();
    await theirs.kill('SIGTERM');
  }
});

test('root’s deleting somebody leaves nothing that the server may not open', { skip: process.getuid() !== 0 && 'needs root' }, async (t) => {
  const { server } = await backedUp(t);
  await server.kill('SIGTERM');
  const nobody = Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }));
  rmSync(`${server.db}.lock`); // a database that was brought from elsewhere
  for (const path of [server.dir, ...readdirSync(server.dir).map((name) => join(server.dir, name))]) chownSync(path, nobody, nobody);
  await refuses(1, /there is no user/, 'delete-user', '--db', server.db, '--user', 'nobody');
  assert.equal(statSync(`${server.db}.lock`).uid, nobody);
});
