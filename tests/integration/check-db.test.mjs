// lockstepd check-db: what is whole is called so, under load and after a kill; what isn't is told in lines. That each
// thing it looks for is found is shown in tests/scenario/test_check.c.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Load, options } from '../faults/load.mjs';
import { uuid } from './support/client.mjs';
import { Person } from './support/person.mjs';
import { Server } from './support/server.mjs';
import { change, does, overwrite, refuses, run } from './support/tool.mjs';

async function serving(t, more) {
  const server = await Server.start(more);
  t.after(() => server.stop());
  return server;
}

test('it says ok, and how much there is; under load and after a kill, and changes nothing', async (t) => {
  const server = await serving(t, options);
  assert.match(await does('check-db', '--db', server.db), /^ok: 0 users, 0 sessions, 0 groups, 0 tasks, 0 problems, 0 plans, 0 intervals, 0 events, 0 audit\n$/);
  const load = await Load.of(server, { depth: 8 });
  load.start();
  for (const n of [1, 2, 3, 4]) {
    const more = load.answers + 150;
    await load.until(() => load.answers >= more);
    assert.match(await does('check-db', '--db', server.db), /^ok: 3 users, /, `${n}`);
  }
  load.stop();
  await server.kill();
  await load.closed();
  const left = () => ['', '-wal'].map((suffix) => readFileSync(server.db + suffix));
  const before = left();
  assert.match(await does('check-db', '--db', server.db), /^ok: 3 users, /);
  assert.deepEqual(left(), before);
});

test('what is wrong is a line each on stdout, and how many on stderr; the exit code is 1', async (t) => {
  const server = await serving(t);
  const anna = await Person.of(server);
  const session = uuid();
  await anna.commands({ type: 'addSession', session, title: 'Tea', initialDuration: 60 }, { type: 'start', session });
  await server.kill('SIGTERM');
  change(server.db, 'DELETE FROM running; UPDATE sessions SET tracked_ms = 5; DROP TRIGGER audit_no_delete');
  const { status, stdout, stderr } = await run(['check-db', '--db', server.db]);
  assert.equal(status, 1);
  assert.equal(stderr, 'lockstepd: check-db: 3 faults\n');
  const lines = stdout.trim().split('\n');
  assert.match(lines[0], /^the tables, indexes and triggers are not those of this program's version$/);
  assert.match(lines[1], new RegExp(`^a session runs and has no open interval, .*: user 1, ${session}$`));
  assert.match(lines[2], new RegExp(`^a session's time is not that of its intervals: user 1, ${session}, 0 ms, 5 of the day$`));
});

test('damaged pages are told of, and the rest is looked at all the same', async (t) => {
  const server = await serving(t);
  const anna = await Person.of(server);
  await anna.commands(...Array.from({ length: 200 }, (_, n) => ({ type: 'addGroup', name: `Group ${n} ${'x'.repeat(100)}` })));
  await server.kill('SIGTERM');
  change(server.db, "UPDATE meta SET value = 'none' WHERE name = 'epoch'");
  const pages = statSync(server.db).size / 2048;
  overwrite(server.db, Math.floor(pages / 2) * 2048, Buffer.alloc(4 * 2048, 0xa5));
  const { status, stdout, stderr } = await run(['check-db', '--db', server.db]);
  assert.equal(status, 1);
  assert.equal(stderr, `lockstepd: check-db: ${stdout.trim().split('\n').length} faults\n`);
  assert.match(stdout, /^damaged: /m);
  assert.match(stdout, /^the log has no epoch$/m);
});

test('what is no database of this version is refused in a line', async (t) => {
  const server = await serving(t);
  await server.kill('SIGTERM');
  const other = join(server.dir, 'other');
  writeFileSync(other, 'x'.repeat(5000));
  await refuses(1, /cannot read .*other: /, 'check-db', '--db', other);
  await refuses(1, /cannot read .*nowhere: /, 'check-db', '--db', join(server.dir, 'nowhere'));
  assert.ok(!readdirSync(server.dir).includes('nowhere'));
  await refuses(2, /needs --db/, 'check-db');
  change(server.db, 'PRAGMA user_version = 99');
  await refuses(1, /the database is of version 99, this program knows versions up to/, 'check-db', '--db', server.db);
  change(server.db, 'PRAGMA user_version = 1');
  await refuses(1, /it is of version 1, older than this program's/, 'check-db', '--db', server.db);
});
