// "The events' bodies and idempotency keys are deleted after --keep-events days": who was away for longer gets a snapshot;
// the audit log stays; and nobody waits for it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from './support/bytes.mjs';
import { startBystander } from './support/bystander.mjs';
import { uuid } from './support/client.mjs';
import { Clocked } from './support/clocked.mjs';
import { day, second } from './support/person.mjs';
import { patience } from './support/server.mjs';

const renames = 3000;
// Nobody may wait as long as that, on whatever machine.
const late = 2 * second * patience;

let server;
before(async () => {
  server = await Clocked.start(['--keep-events', '1', '--rate-commands', '100000']);
});
after(() => server.stop());

// It is done at the start, and every hour.
async function restartAfter(days) {
  await server.kill('SIGTERM');
  server.set(server.offset + days * day);
  await server.start();
}

const positionOf = ({ epoch, seq, tag }) => `?${new URLSearchParams({ epoch, seq, tag })}`;
async function reasonAt(person, position) {
  const client = await person.live({ query: positionOf(position) });
  await client.end();
  return client.ready.reason ?? client.ready.mode;
}

test('what is older than --keep-events days goes, under load, and the audit log stays', async () => {
  const [anna, ben] = [await server.person('anna'), await server.person('ben')];
  const client = await anna.live();
  const session = uuid();
  const add = { type: 'addSession', session, title: 'Tea', initialDuration: 60, key: 'old' };
  assert.equal((await client.ask(add)).duplicate, false);
  assert.equal((await client.ask(add)).duplicate, true);
  await client.event('addSession');
  const first = client.position;
  await anna.commands(...Array.from({ length: renames }, (_, i) => ({ type: 'renameSession', session, title: `Tea ${i}`, key: `old:${i}` })));
  const { total } = await anna.gets('/api/audit-log');
  assert.equal(total, renames + 1);
  await client.end();
  assert.equal(await reasonAt(anna, first), 'tooMany');

  await restartAfter(0.5);
  assert.equal(await reasonAt(anna, first), 'tooMany'); // still there
  const young = await anna.commands({ type: 'renameSession', session, title: 'Coffee', key: 'young' });
  const [{ seq }] = young;

  await restartAfter(0.75);
  const bystander = await startBystander(server, ben);
  await until(async () => (await reasonAt(anna, first)) === 'pruned', 'the old events to go', 20 * second * patience);
  // What is young, and where the log ends, is known.
  const again = await anna.live();
  const { position } = again;
  assert.equal((await again.ask({ type: 'renameSession', session, title: 'Coffee', key: 'young' })).duplicate, true);
  assert.equal(position.seq, seq);
  assert.equal(await reasonAt(anna, position), 'replay');
  // An old key is anybody's again; its command finds what there is.
  const old = await again.ask({ type: 'renameSession', session, title: 'Tea 0', key: 'old:0' });
  assert.deepEqual([old.ok, old.duplicate, old.seq], [true, false, seq + 1]);
  await again.end();
  assert.equal((await anna.gets('/api/audit-log')).total, renames + 3);

  const taken = await bystander.end();
  assert.ok(taken.before.count > 0);
  assert.ok(taken.before.p99 < late, `a command took ${taken.before.p99} ms`);
});

test('the last event stays, however old: a client that missed nothing goes on', async () => {
  const person = await server.person('carol');
  const client = await person.live();
  await client.ask({ type: 'addGroup', name: 'Garage' });
  await client.event('addGroup');
  const { position } = client;
  await client.end();
  await restartAfter(10 / 24);
  await restartAfter(2);
  const later = await server.person('carol');
  assert.equal(await reasonAt(later, position), 'replay');
});
