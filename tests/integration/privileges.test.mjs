// Started as root with --user: what is left of root afterwards.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { Client } from './support/client.mjs';
import { Server } from './support/server.mjs';

const idOf = (flag) => execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }).trim().split(' ').map(Number);

test('--user: nothing of root is left, in any thread', { skip: process.getuid() !== 0 && 'only root can become another user' }, async () => {
  const server = new Server(['--user', 'nobody']);
  const [uid] = idOf('-u');
  const [gid] = idOf('-g');
  chownSync(server.dir, uid, gid);
  await server.start();
  const client = await Client.live(server, { token: server.token('alice') });
  assert.ok((await client.ask({ type: 'addSession', title: 'x' })).ok);

  const tasks = readdirSync(`/proc/${server.process.pid}/task`);
  assert.ok(tasks.length >= 2, 'the engine has a thread of its own');
  for (const task of tasks) {
    const status = new Map(readFileSync(`/proc/${server.process.pid}/task/${task}/status`, 'utf8').split('\n').map((line) => line.split(/:\s+/)));
    // Real, effective, saved, and that of the file system: with no root among them there is no way back.
    assert.deepEqual(status.get('Uid').split('\t').map(Number), Array(4).fill(uid));
    assert.deepEqual(status.get('Gid').split('\t').map(Number), Array(4).fill(gid));
    assert.deepEqual(status.get('Groups').trim().split(' ').map(Number).sort(), idOf('-G').sort());
    for (const set of ['CapEff', 'CapPrm', 'CapInh', 'CapAmb']) assert.match(status.get(set), /^0+$/, set);
  }
  for (const name of readdirSync(server.dir)) {
    const about = statSync(`${server.dir}/${name}`);
    assert.equal(about.uid, uid, name);
    assert.equal(about.gid, gid, name);
    assert.equal(about.mode & 0o077, 0, name);
  }
  await client.end();
  await server.stop();
});

test('--user: who may not write where the database lies does not start', { skip: process.getuid() !== 0 && 'only root can become another user' }, async () => {
  const server = new Server(['--user', 'nobody']);
  await assert.rejects(server.start(), /server ended \(1\)/);
  await server.stop();
});
