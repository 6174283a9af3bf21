// The server is killed in the middle, again and again on the same database: what was told stays true, and what was not
// answered is settled by its key. FAULTS=long for a hundred times.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { Person } from '../integration/support/person.mjs';
import { Server, binary } from '../integration/support/server.mjs';
import { does } from '../integration/support/tool.mjs';
import { ends } from './ends.mjs';
import { random } from './history.mjs';
import { Load, options } from './load.mjs';
import { lookAt } from './look.mjs';
import { Shim } from './shim.mjs';

const long = process.env.FAULTS === 'long';
const seed = Number(process.env.FAULTS_SEED ?? 1);

// Ways to die, each by chance at another moment. The last four die at the disk; while they linger there the rest goes on.
const ways = [
  { name: 'a signal at any moment', after: (luck) => luck.below(300) },
  { name: 'at a write', at: (luck) => ({ killWriteAt: 1 + luck.below(300) }) },
  { name: 'at a sync', at: (luck) => ({ killSyncAt: 1 + luck.below(40) }) },
  { name: 'at a write, slowly', at: (luck) => ({ killWriteAt: 1 + luck.below(300), lingerMs: 30 }) },
  { name: 'at a sync, slowly', at: (luck) => ({ killSyncAt: 1 + luck.below(40), lingerMs: 30 }) },
];

async function dies(server, shim, way, luck) {
  if (way.at) {
    shim.set({ writes: 0, syncs: 0, ...way.at(luck) });
  } else {
    await new Promise((resolve) => setTimeout(resolve, way.after(luck)));
    server.process.kill('SIGKILL');
  }
  assert.deepEqual(await ends(server), { code: null, signal: 'SIGKILL' });
}

// A load over a server that dies so often; ends with the file looked at.
async function survives(rounds, kill, wrapped) {
  const server = new Server(options);
  try {
    const wrapper = wrapped(server);
    await server.start(wrapper(0));
    const load = await Load.of(server, { seed });
    for (let round = 0; round < rounds; round++) {
      load.start();
      await kill(server, round);
      load.stop();
      await load.closed();
      await server.start(wrapper(round + 1));
      await load.comeBack();
      await load.check();
    }
    await load.end();
    await server.kill('SIGTERM');
    load.checkFile(await lookAt(server.db));
    assert.match(await does('check-db', '--db', server.db), /^ok: /);
    return load;
  } finally {
    await server.stop();
  }
}

test('killed at random moments, at writes and at syncs', async (t) => {
  const luck = random(seed);
  let shim;
  const rounds = long ? 100 : 10;
  const wrapped = (server) => {
    shim = new Shim(server);
    return () => {
      shim.clear();
      return shim.wrapper;
    };
  };
  const load = await survives(rounds, (server, round) => dies(server, shim, ways[round % ways.length], luck), wrapped);
  t.diagnostic(`${rounds} kills, ${load.answers} answers`);
});

// Whether a tracer may trace here: with it the program is as it is, without a library in front.
const traces = spawnSync('strace', ['-D', '-o', '/dev/null', 'true']).status === 0;
const killing = (calls, n) => ['-f', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', `inject=${calls}:signal=KILL:when=${n}`];

test('killed at the n-th fdatasync and the n-th write, by a tracer', async (t) => {
  if (!traces) {
    t.skip('strace cannot trace here; the library in front of the program has done the same');
    return;
  }
  const luck = random(seed + 1);
  const calls = ['fdatasync', 'pwrite64'];
  const rounds = long ? 20 : 2;
  const kill = async (server, round) => {
    const tracer = spawn('strace', ['-p', server.process.pid, ...killing(calls[round % 2], 1 + luck.below(40))], { stdio: 'ignore' });
    const ended = new Promise((resolve) => tracer.once('exit', resolve));
    assert.deepEqual(await ends(server), { code: null, signal: 'SIGKILL' });
    await ended;
  };
  await survives(rounds, kill, () => () => []);
});

// What a first start does to the disk, call by call: after each the second start finds something to go on with.
test('killed during its first start', async (t) => {
  if (!traces) {
    t.skip('strace cannot trace here');
    return;
  }
  const calls = 'write,pwrite64,fsync,fdatasync,ftruncate,link,unlink,rename,flock';
  let deaths = 0;
  for (let n = 1, died = true; died; n += long ? 1 : 2) {
    const server = new Server();
    try {
      died = await server.start(['strace', '-D', ...killing(calls, n)]).then(
        () => false,
        () => true,
      );
      deaths += died;
      if (!died) await server.kill();
      await server.start();
      const person = await Person.of(server);
      await person.adds('/groups', { name: 'Garage' });
    } finally {
      await server.stop();
    }
  }
  assert.ok(deaths >= 5, `${deaths} deaths`);
  t.diagnostic(`${deaths} deaths of ${binary}`);
});
