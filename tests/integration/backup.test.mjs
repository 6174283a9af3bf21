// lockstepd backup: one whole state of the database, beside a running server and without one.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkState } from '../faults/history.mjs';
import { Load, options } from '../faults/load.mjs';
import { lookAt } from '../faults/look.mjs';
import { Person } from './support/person.mjs';
import { Server } from './support/server.mjs';
import { does, refuses } from './support/tool.mjs';

async function serving(t, more) {
  const server = await Server.start(more);
  t.after(() => server.stop());
  return { server, to: join(server.dir, 'backup.db') };
}

const modeOf = (path) => (statSync(path).mode & 0o777).toString(8);

test('a backup beside a running server: a file alone, its owner’s, with the key of its tokens', async (t) => {
  const { server, to } = await serving(t);
  const anna = await Person.of(server);
  await anna.commands({ type: 'addGroup', name: 'Garage' }, { type: 'addSession', title: 'Tea', initialDuration: 60 });
  const said = await does('backup', '--db', server.db, '--to', to);
  assert.match(said, /^backed up .*test\.db to .*backup\.db: \d+ bytes, and its key to .*backup\.db\.key\n$/);
  assert.equal(Number(/(\d+) bytes/.exec(said)[1]), statSync(to).size);
  assert.deepEqual(readdirSync(server.dir).filter((name) => name.startsWith('backup')), ['backup.db', 'backup.db.key']);
  assert.equal(modeOf(to), '600');
  assert.equal(modeOf(`${to}.key`), '600');
  assert.deepEqual(readFileSync(`${to}.key`), readFileSync(`${server.db}.key`));
  assert.match(await does('check-db', '--db', to), /^ok: 1 users, 1 sessions, 1 groups, /);
  assert.deepEqual(readdirSync(server.dir).filter((name) => name.startsWith('backup')), ['backup.db', 'backup.db.key'], 'looking at it leaves nothing beside it');
  const [user] = (await lookAt(to)).users;
  assert.deepEqual(user.events.map(({ event }) => event), ['addGroup', 'addSession']);
});

// SQLite reads a log that lies beside a database as the database's own.
test('where another file’s log lies, or its journal, no backup is put before it', async (t) => {
  const { server, to } = await serving(t);
  for (const beside of ['-wal', '-journal']) {
    writeFileSync(to + beside, 'another one’s');
    await refuses(1, new RegExp(`backup\\.db${beside} is there already`), 'backup', '--db', server.db, '--to', to);
    assert.equal(existsSync(to), false);
    rmSync(to + beside);
  }
  await does('backup', '--db', server.db, '--to', to);
});

test('what another user has begun to write is not gone on with: the copy would be that user’s', { skip: process.getuid() !== 0 && 'needs root' }, async (t) => {
  const { server, to } = await serving(t);
  writeFileSync(`${to}.part`, '');
  chownSync(`${to}.part`, 65534, 65534);
  await refuses(1, /backup\.db\.part is another user's/, 'backup', '--db', server.db, '--to', to);
  assert.equal(statSync(`${to}.part`).size, 0);
  rmSync(`${to}.part`);
  await does('backup', '--db', server.db, '--to', to);
  assert.equal(statSync(to).uid, 0);
});

test('under load it is one state, has all that was acknowledged before it began, and disturbs nobody', async (t) => {
  const { server, to } = await serving(t, options);
  const load = await Load.of(server, { depth: 8 });
  load.start();
  for (const n of [1, 2, 3]) {
    const before = load.answers + 300;
    await load.until(() => load.answers >= before);
    const told = load.people.map(({ history }) => ({ seqs: [...history.told.keys()], answers: [...history.answers] }));
    const [said] = await Promise.all([does('backup', '--db', server.db, '--to', `${to}${n}`), does('check-db', '--db', server.db)]);
    assert.match(said, /^backed up /);
    assert.match(await does('check-db', '--db', `${to}${n}`), /^ok: 3 users, /);
    const { users } = await lookAt(`${to}${n}`);
    load.people.forEach((person, i) => {
      const { events, keys, snapshot } = users.find(({ userId }) => userId === person.name);
      checkState(events, snapshot);
      for (const seq of told[i].seqs) assert.ok(events[seq - 1], `an event that was told before is not there: ${seq}`);
      for (const [key, { ok }] of told[i].answers) assert.ok(!ok || keys[key], `acknowledged before, and not there: ${key}`);
      for (const event of events) {
        const heard = person.history.told.get(event.seq);
        if (heard) assert.deepEqual(event, heard);
      }
    });
  }
  load.stop();
  await load.until(() => load.devices.every(({ pending }) => pending.size === 0));
  await load.check();
  await load.end();
});

test('what a killed server left is backed up with all that it had acknowledged', async (t) => {
  const { server, to } = await serving(t, options);
  const load = await Load.of(server);
  load.start();
  await load.until(() => load.answers >= 300);
  load.stop();
  await server.kill();
  await load.closed();
  assert.ok(statSync(`${server.db}-wal`).size > 0);
  await does('backup', '--db', server.db, '--to', to);
  load.checkFile(await lookAt(to));
  assert.ok(statSync(`${server.db}-wal`).size > 0, 'reading has written to the database');
  assert.match(await does('check-db', '--db', server.db), /^ok: /);
  load.checkFile(await lookAt(server.db));
});

test('nothing that is there is written over', async (t) => {
  const { server, to } = await serving(t);
  writeFileSync(to, 'mine');
  await refuses(1, /backup\.db is there already/, 'backup', '--db', server.db, '--to', to);
  assert.equal(readFileSync(to, 'utf8'), 'mine');
  assert.ok(!existsSync(`${to}.key`));
  writeFileSync(`${to}2.key`, 'mine');
  await refuses(1, /backup\.db2\.key is there already/, 'backup', '--db', server.db, '--to', `${to}2`);
  assert.equal(readFileSync(`${to}2.key`, 'utf8'), 'mine');
  assert.ok(!existsSync(`${to}2`));
});

test('what is no database of ours, or cannot be reached, is said in a line', async (t) => {
  const { server, to } = await serving(t);
  const other = join(server.dir, 'other');
  writeFileSync(other, 'x'.repeat(10000));
  writeFileSync(join(server.dir, 'empty'), '');
  await refuses(1, /cannot read .*other: /, 'backup', '--db', other, '--to', to);
  await refuses(1, /cannot read .*empty: /, 'backup', '--db', join(server.dir, 'empty'), '--to', to);
  await refuses(1, /cannot read .*nowhere: /, 'backup', '--db', join(server.dir, 'nowhere'), '--to', to);
  await refuses(1, /no-folder/, 'backup', '--db', server.db, '--to', join(server.dir, 'no-folder', 'x'));
  await refuses(2, /needs --to; it is: lockstepd backup --db FILE --to FILE/, 'backup', '--db', server.db);
  await refuses(2, /unknown option --over/, 'backup', '--over', server.db);
  assert.deepEqual(readdirSync(server.dir).filter((name) => name.startsWith('backup')), []);
});

test('made by root, it is root’s, whosever folder it is in', { skip: process.getuid() !== 0 && 'needs root' }, async (t) => {
  const { server } = await serving(t);
  const folder = join(server.dir, 'theirs');
  mkdirSync(folder);
  const nobody = Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }));
  chownSync(folder, nobody, nobody);
  await Person.of(server);
  await does('backup', '--db', server.db, '--to', join(folder, 'backup.db'));
  for (const name of ['backup.db', 'backup.db.key']) assert.equal(statSync(join(folder, name)).uid, 0, name);
});
