// A backup or a restore is killed, or the power goes, at any moment: a backup that has its name is whole, and a restore
// leaves the old database or the new one, never a mix of both. FAULTS=long for every call and every record.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Person } from '../integration/support/person.mjs';
import { Server } from '../integration/support/server.mjs';
import { does, run } from '../integration/support/tool.mjs';
import { Disk, losses } from './disk.mjs';
import { random } from './history.mjs';
import { Looker } from './look.mjs';
import { Shim } from './shim.mjs';

const long = process.env.FAULTS === 'long';
const seed = Number(process.env.FAULTS_SEED ?? 1);
const traces = spawnSync('strace', ['-D', '-o', '/dev/null', 'true']).status === 0;

let folder;
let files; // of a killed server, with a backup from before its last commands: name → bytes
let looker;
before(async () => {
  folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'lockstep-tools-'));
  looker = new Looker();
  const server = await Server.start();
  const anna = await Person.of(server);
  await anna.commands({ type: 'addGroup', name: 'Garage' });
  await does('backup', '--db', server.db, '--to', join(server.dir, 'backup.db'));
  await anna.commands(...Array.from({ length: 20 }, (_, n) => ({ type: 'addGroup', name: `Group ${n}` })));
  await server.kill();
  const names = ['test.db', 'test.db-wal', 'test.db.key', 'backup.db', 'backup.db.key'];
  files = new Map(names.map((name) => [name, readFileSync(join(server.dir, name))]));
  assert.ok(files.get('test.db-wal').length > 0);
  await server.stop();
});
after(() => {
  looker.end();
  rmSync(folder, { recursive: true, force: true });
});

function put(state, name = 'state') {
  const path = join(folder, name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  for (const [file, bytes] of state) writeFileSync(join(path, file), bytes);
  return path;
}

const take = (path) => new Map(readdirSync(path).filter((name) => !/-shm$|\.lock$/.test(name)).map((name) => [name, readFileSync(join(path, name))]));

// How many groups the database there has: 1 in the backup, 21 in the one it takes the place of. It is looked at apart,
// since looking changes files.
async function groupsIn(state, name) {
  const path = put([...state].filter(([file]) => file.startsWith(name)), 'look');
  const { users } = await looker.at(join(path, name));
  return users[0].snapshot.state.groups.length;
}

const OLD = 21;
const NEW = 1;

// The old one, or the new one with the old one beside it. Answers with which it is.
async function isOneOfBoth(state) {
  const groups = await groupsIn(state, 'test.db');
  if (groups !== OLD) {
    assert.ok(groups === NEW, `neither the old database nor the new one: ${groups} groups`);
    assert.ok((await groupsIn(state, 'test.db.before-restore')) === OLD, 'the old database is not kept');
    const left = [...state.keys()].filter((name) => /^test\.db-(wal|journal)$/.test(name));
    assert.ok(left.length === 0, `of the old database ${left} is beside the new one`);
  }
  return groups;
}

async function isDone(state) {
  assert.ok((await isOneOfBoth(state)) === NEW, 'a restore was done, and the old database is still there');
}

const restoreIn = (path) => ['restore', '--db', join(path, 'test.db'), '--from', join(path, 'backup.db')];
const backupIn = (path) => ['backup', '--db', join(path, 'test.db'), '--to', join(path, 'again.db')];

// Runs it, killed at the n-th of these calls, until it isn't killed any more; a part of the n unless all are wanted.
async function killedAtEach(argsIn, check) {
  const calls = 'write,pwrite64,fsync,fdatasync,ftruncate,link,unlink,rename,flock';
  const luck = random(seed);
  let deaths = 0;
  for (let n = 1, status = 'SIGKILL'; status !== 0; n += long ? 1 : 1 + luck.below(7)) {
    const path = put(files);
    const wrapper = ['strace', '-f', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', `inject=${calls}:signal=KILL:when=${n}`];
    ({ status } = await run(argsIn(path), { wrapper }));
    deaths += status !== 0;
    await check(path, status);
  }
  assert.ok(deaths >= 10, `${deaths} deaths`);
  return deaths;
}

const tracing = { skip: !traces && 'strace cannot trace here' };

test('a restore that is killed at any call leaves the old database or the new one, and can be run again', tracing, async (t) => {
  const deaths = await killedAtEach(restoreIn, async (path, status) => {
    const groups = await isOneOfBoth(take(path));
    if (status === 0) await isDone(take(path));
    await does(...restoreIn(path));
    const state = take(path);
    await isDone(state);
    const kept = groups === OLD ? 'test.db.before-restore' : 'test.db.before-restore-2';
    assert.equal(await groupsIn(state, kept), groups);
    assert.ok(!state.has('test.db.restore'));
  });
  t.diagnostic(`${deaths} deaths`);
});

test('a backup that is killed at any call has its name only when it is whole, and can be run again', tracing, async (t) => {
  const deaths = await killedAtEach(backupIn, async (path) => {
    if (!existsSync(join(path, 'again.db'))) await does(...backupIn(path));
    assert.equal(await groupsIn(take(path), 'again.db'), OLD);
    assert.ok(existsSync(join(path, 'again.db.key')));
    assert.ok(!existsSync(join(path, 'again.db.part')));
    assert.equal(await groupsIn(take(path), 'test.db'), OLD);
  });
  t.diagnostic(`${deaths} deaths`);
});

// What was done to the folder, in the order of its doing.
async function recorded(argsIn) {
  const path = put(files);
  const shim = new Shim({ dir: path }, { log: true });
  assert.equal((await run(argsIn(path), shim)).status, 0);
  return shim.records();
}

test('whatever a power cut leaves of a restore is the old database or the new one', async (t) => {
  const luck = random(seed + 1);
  const records = await recorded(restoreIn);
  const disk = new Disk(files);
  const seen = new Set();
  let looked = 0;
  for (const record of records) {
    disk.apply(record);
    const isName = ['link', 'rename', 'unlink', 'create'].includes(record.kind);
    for (const loss of disk.open ? losses : losses.slice(0, 1)) {
      if (!long && !isName && luck.below(8)) continue;
      try {
        seen.add(await isOneOfBoth(disk.cut(loss, luck)));
      } catch (error) {
        error.message = `after ${record.kind} ${record.name}, ${loss}: ${error.message}`;
        throw error;
      }
      looked++;
    }
  }
  await isDone(disk.cut('all lost', luck));
  assert.equal(seen.size, 2);
  t.diagnostic(`${looked} states of ${records.length} records`);
});

test('a backup that has said that it is done outlives a power cut', async () => {
  const records = await recorded(backupIn);
  const disk = new Disk(files);
  for (const record of records) disk.apply(record);
  for (const loss of losses) {
    const groups = await groupsIn(disk.cut(loss, random(seed)), 'again.db').catch((error) => error.message);
    assert.ok(groups === OLD, `a backup that was done is gone, ${loss}: ${groups}`);
  }
});

test('a disk that is full ends a backup or a restore in one line, and leaves what was there', async () => {
  for (const argsIn of [backupIn, restoreIn]) {
    for (const from of [1, 20]) {
      const path = put(files);
      const shim = new Shim({ dir: path });
      shim.set({ failWritesWith: 28, failWritesFrom: from });
      const { status, stderr } = await run(argsIn(path), shim);
      assert.equal(status, 1);
      assert.match(stderr, /^lockstepd: [^\n]*(full|No space left)[^\n]*\n$/);
      assert.ok(!readdirSync(path).some((name) => /^again|restore$/.test(name)), readdirSync(path).join());
      assert.equal(await groupsIn(take(path), 'test.db'), OLD);
    }
  }
});
