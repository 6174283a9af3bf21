// What the server counts of itself: operations.md, and Prometheus's rules for names and text.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client, uuid } from './support/client.mjs';
import { Clocked } from './support/clocked.mjs';
import { Stream } from './support/events.mjs';
import { Reading, Watched, keyOf, parse } from './support/metrics.mjs';
import { Person, minute, second } from './support/person.mjs';
import { Raw } from './support/raw.mjs';
import { Server } from './support/server.mjs';
import { Shim } from '../faults/shim.mjs';

const options = ['--metrics', '127.0.0.1:0', '--rate-commands', '1000/2000', '--max-outbox', '65536', '--max-replay', '5000/100000000', '--max-sockets-user', '4'];
const total = (type, outcome, by = 1) => ['lockstep_commands_total', { type, outcome }, by];

let server;
let watched;
before(async () => {
  server = await Server.start(options);
  watched = await Watched.of(server);
});
after(() => server.stop());

// It ends with the test, however that does.
async function serve(t, starting) {
  const own = await starting;
  t.after(() => own.stop());
  return [own, await Watched.of(own)];
}

const token = (user, ...more) => server.token(user, ...more);
const live = (user, how = {}) => Client.live(server, { token: token(user), ...how });

test('the text is as Prometheus wants it, and its own checker has nothing to say', async () => {
  const reading = await watched.read();
  for (const [name, { type, help, samples }] of reading.families) {
    assert.match(name, /^(lockstep|process)_[a-z0-9_]+$/);
    assert.ok(help.length > 10 && help.endsWith('.'), help);
    assert.equal(type === 'counter', name.endsWith('_total'), name);
    assert.ok(samples.length, name);
  }
  assert.equal(reading.get('lockstep_build_info'), 1);
  assert.equal(reading.get('lockstep_ready'), 1);
  const checked = spawnSync('promtool', ['check', 'metrics'], { input: reading.text, encoding: 'utf8' });
  assert.deepEqual([checked.status, checked.stdout, checked.stderr], [0, '', ''], 'packaging/deps.sh test installs promtool');
});

test('it is told on its face alone, to whoever reads', async () => {
  for (const method of ['GET', 'POST', 'PUT']) {
    const here = await server.request(method, '/metrics');
    const nowhere = await server.request(method, '/metricz');
    assert.deepEqual([here.status, here.text], [404, nowhere.text], method);
  }
  const head = await fetch(`${watched.http}/metrics`, { method: 'HEAD' });
  assert.deepEqual([head.status, await head.text()], [200, '']);
  assert.ok(Number(head.headers.get('content-length')) > 1000);
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
    const other = await fetch(`${watched.http}/metrics`, { method });
    assert.deepEqual([other.status, other.headers.get('allow')], [405, 'GET, HEAD'], method);
  }
});

test('a command counts by its type and by what became of it, wherever it came from', async () => {
  const person = await Person.of(server);
  const client = await person.live();
  const session = uuid();
  const add = { type: 'addSession', session, title: 'Tea', initialDuration: 60, key: 'once' };
  await watched.grows([total('addSession', 'ok'), total('addSession', 'duplicate'), total('addSession', 'keyReuse')], async () => {
    await client.ask(add);
    await client.ask(add);
    await client.ask({ ...add, title: 'Coffee' });
  });
  const refused = (code) => ['lockstep_commands_refused_total', { code }, 1];
  await watched.grows([total('start', 'ok'), total('start', 'unchanged'), total('start', 'notFound'), total('start', 'conflict'), refused('conflict')], async () => {
    await client.ask({ type: 'start', session });
    await client.ask({ type: 'start', session });
    await client.ask({ type: 'start', session: uuid() });
    await client.ask({ type: 'start', session, ifVersion: 999 });
  });
  await watched.grows([total('addGroup', 'ok', 3), ['lockstep_http_requests_total', { status: '2xx' }, 2], ['lockstep_events_total', {}, 3]], async () => {
    await person.group();
    await person.commands({ type: 'addGroup', name: 'a' }, { type: 'addGroup', name: 'b' });
  });
  await watched.grows([total('getSession', 'ok'), total('getSnapshot', 'ok'), total('none', 'badRequest'), total('none', 'unknownCommand')], async () => {
    await client.ask({ type: 'getSession', session });
    await client.ask({ type: 'getSnapshot' });
    const commands = [{ type: 'start', id: 1 }, { type: 'fly', id: 2 }];
    await person.ask('POST', '/v1/commands', { type: 'batch', commands });
  });
  await client.end();
});

test('what may only read is `forbidden`, and whoever sends too much is `rateLimited`', async (t) => {
  const [own, face] = await serve(t, Server.start(['--metrics', '127.0.0.1:0', '--rate-commands', '2/3']));
  const person = await Person.of(own);
  const { body } = await person.ask('POST', '/v1/tokens', { name: 'bar', scope: 'read' });
  const reader = await Client.live(own, { token: body.token });
  const codes = (await Promise.all(Array.from({ length: 8 }, () => reader.ask({ type: 'resetAll' })))).map(({ error }) => error.code);
  for (const code of ['forbidden', 'rateLimited']) {
    const times = codes.filter((one) => one === code).length;
    assert.ok(times > 0, `${codes}`);
    await face.until((r) => r.get('lockstep_commands_total', { type: 'resetAll', outcome: code }) === times);
  }
  await reader.end();
});

test('who comes back gets a replay or a snapshot, and why is counted', async () => {
  const snapshots = (reason, by = 1) => ['lockstep_snapshots_total', { reason }, by];
  const syncs = ['lockstep_answer_duration_seconds_count', { kind: 'sync' }, 1];
  const first = await watched.grows([snapshots('fresh'), syncs], () => live('comeback'));
  for (let i = 0; i < 3; i++) await first.ask({ type: 'addGroup', name: `${i}` });
  await first.event('addGroup');
  const { epoch, seq, tag } = first.position;
  const at = (more) => `?${new URLSearchParams({ epoch, seq, ...(tag ? { tag } : {}), ...more })}`;
  const comeback = async (query) => (await live('comeback', { query })).end();
  await watched.grows([['lockstep_replays_total', {}, 1], ['lockstep_replayed_events_total', {}, 3]], () => comeback(`?epoch=${epoch}&seq=0`));
  await watched.grows([['lockstep_replays_total', {}, 1], ['lockstep_replayed_events_total', {}, 0]], () => comeback(at({ seq: 3, tag: first.messages.findLast((m) => m.tag).tag })));
  await watched.grows([snapshots('epoch')], () => comeback(at({ epoch: '0'.repeat(32) })));
  await watched.grows([snapshots('future')], () => comeback(at({ seq: 99 })));
  await watched.grows([snapshots('asked', 2)], async () => {
    await first.ask({ type: 'getSnapshot' });
    await server.request('GET', '/v1/state', { token: token('comeback') });
  });
  await first.end();
});

test('connections count by what is spoken on them, users once', async () => {
  const base = await watched.until((r) => r.get('lockstep_connections') === r.get('lockstep_connections', { kind: 'metrics' }));
  assert.equal(base.get('lockstep_users_connected'), 0);
  assert.ok(base.get('lockstep_connections', { kind: 'metrics' }) >= 1, 'the one that asks');
  const two = [await live('one'), await live('one')];
  const stream = await Stream.open(server, { token: token('other') });
  const idle = new Raw(server);
  const kinds = { websocket: 2, stream: 1, new: 1, http: 0 };
  const full = await watched.until((r) => Object.entries(kinds).every(([kind, n]) => r.get('lockstep_connections', { kind }) === n));
  assert.equal(full.get('lockstep_users_connected'), 2);
  assert.equal(full.get('lockstep_connections_unauthenticated'), 1);
  assert.equal(full.get('lockstep_connections_max'), 10000);
  stream.close();
  await Promise.all([...two.map((client) => client.end()), idle.end()]);
  const none = (reading) => Object.keys(kinds).every((kind) => reading.get('lockstep_connections', { kind }) === 0);
  await watched.until((r) => none(r) && r.get('lockstep_users_connected') === 0);
});

test('an event counts once, and once for each that hears it', async () => {
  const sockets = await Promise.all([live('heard'), live('heard'), live('heard')]);
  await watched.grows([['lockstep_events_total', {}, 1], ['lockstep_deliveries_total', {}, 3]], () => sockets[0].ask({ type: 'addGroup', name: 'x' }));
  await Promise.all(sockets.map((socket) => socket.end()));
});

test('handshakes, tokens and ends of sockets', async () => {
  const shakes = (status, by = 1) => ['lockstep_handshakes_total', { status }, by];
  const closes = (code, by = 1) => ['lockstep_closes_total', { code }, by];
  const tokens = (outcome, by = 1) => ['lockstep_tokens_total', { outcome }, by];
  await watched.grows([shakes(101, 2), closes('peer'), closes(4401), tokens('ok'), tokens('tokenInvalid')], async () => {
    await (await live('shaken')).end();
    await new Client(server, { token: 'nonsense' }).closed;
  });
  await watched.grows([tokens('ok'), tokens('known', 2)], async () => {
    const one = token('known');
    for (let i = 0; i < 3; i++) await server.request('GET', '/me', { token: one });
  });
  await watched.grows([shakes(403)], () => new Client(server, { headers: { origin: 'https://evil.example' } }).closed);
  await watched.grows([closes(4409)], async () => {
    const sockets = await Promise.all([1, 2, 3, 4].map(() => live('crowd')));
    const fifth = new Client(server, { token: token('crowd') });
    assert.equal((await fifth.closed).code, 4409);
    await Promise.all(sockets.map((socket) => socket.end()));
  });
  const refused = (code, by = 1) => ['lockstep_messages_refused_total', { code }, by];
  await watched.grows([refused('badJson'), refused('unauthenticated')], async () => {
    const stranger = new Client(server);
    await stranger.next((m) => m.type === 'hello');
    stranger.send('{');
    stranger.send({ type: 'time', t0: 1 });
    await stranger.next((m) => m.error?.code === 'unauthenticated');
    await stranger.end();
  });
  await watched.grows([['lockstep_http_requests_total', { status: '4xx' }, 2]], async () => {
    await server.request('GET', '/nowhere');
    await server.request('GET', '/sessions');
  });
});

test('a token whose time is over', async (t) => {
  const [own, face] = await serve(t, Clocked.start(['--metrics', '127.0.0.1:0']));
  const late = own.token('late', '--minutes', '1');
  own.set(2 * minute);
  const expected = [['lockstep_tokens_total', { outcome: 'tokenExpired' }, 1], ['lockstep_closes_total', { code: 4401 }, 1]];
  await face.grows(expected, () => new Client(own, { token: late }).closed);
});

test('who does not read is counted, and so is what waits for them meanwhile', async () => {
  const slow = await live('slow');
  const busy = await live('slow');
  const session = uuid();
  await busy.ask({ type: 'addSession', session, title: 'x' });
  await slow.event('addSession');
  slow.socket._socket.pause();
  const closed = [['lockstep_slow_consumers_total', { kind: 'websocket' }, 1], ['lockstep_closes_total', { code: 4408 }, 1]];
  let waiting = 0;
  let reading = await watched.read();
  const slowOnes = () => reading.get('lockstep_slow_consumers_total', { kind: 'websocket' });
  await watched.grows(closed, async () => {
    for (let i = 0; i < 40 && !slowOnes(); i++) {
      const commands = Array.from({ length: 64 }, (_, k) => ({ type: 'renameSession', id: `${i}.${k}`, session, title: `${i}.${k} `.padEnd(200, 'ä') }));
      busy.send({ type: 'batch', commands });
      await busy.next((m) => m.type === 'result' && m.id === `${i}.63`, 20000);
      reading = await watched.read();
      waiting = Math.max(waiting, reading.get('lockstep_outbox_bytes'));
    }
  });
  assert.ok(waiting > 0);
  slow.socket._socket.resume();
  assert.equal((await slow.closed).code, 4408);
  await watched.until((r) => r.get('lockstep_outbox_bytes') === 0);
  await busy.end();
});

test('what happens by itself counts with how late it was', async () => {
  const client = await live('due');
  const { session } = await client.ask({ type: 'addSession', title: 'Egg', initialDuration: 1 });
  await watched.grows([['lockstep_due_lag_seconds_count', {}, 1], ['lockstep_events_total', {}, 2]], async () => {
    await client.ask({ type: 'start', session });
    await client.next((m) => m.type === 'event' && m.origin.via === 'server', 20 * second);
  });
  assert.equal((await watched.read()).get('lockstep_due_overdue_seconds'), 0);
  await client.end();
});

test('connections over a limit count by which it was', async (t) => {
  const limits = ['--max-sockets-address', '3', '--max-unauthenticated', '2', '--max-sockets', '5'];
  const [own, face] = await serve(t, Server.start(['--metrics', '127.0.0.1:0', ...limits], { dev: false }));
  const refused = (reason) => ['lockstep_connections_refused_total', { reason }, 1];
  const strangers = [new Raw(own), new Raw(own)];
  await Promise.all(strangers.map((raw) => raw.opened));
  await face.until((r) => r.get('lockstep_connections', { kind: 'new' }) === 2);
  await face.grows([refused('maxUnauthenticated')], () => new Raw(own).closed);
  await Promise.all(strangers.map((raw) => raw.end()));
  await face.until((r) => r.get('lockstep_connections', { kind: 'new' }) === 0);
  const clients = [];
  for (let i = 0; i < 3; i++) clients.push(await Client.live(own, { token: own.token('a') }));
  await face.grows([refused('maxSocketsAddress')], () => new Raw(own).closed);
  for (let i = 0; i < 2; i++) clients.push(await Client.live(own, { token: own.token('b'), from: '127.0.0.2' }));
  await face.grows([refused('maxSockets')], () => new Raw(own, { from: '127.0.0.2' }).closed);
  await Promise.all(clients.map((client) => client.end()));
});

test('while nothing can be written it says so', async (t) => {
  const own = new Server(['--metrics', '127.0.0.1:0']);
  t.after(() => own.stop());
  const shim = new Shim(own);
  shim.wrapper.push(`ASAN_OPTIONS=${process.env.ASAN_OPTIONS ?? ''}:verify_asan_link_order=0`);
  await own.start(shim.wrapper);
  const face = await Watched.of(own);
  const client = await Client.live(own, { token: own.token('full') });
  assert.equal((await client.ask({ type: 'addGroup', name: 'before' })).ok, true);
  shim.full();
  await face.grows([total('addGroup', 'unavailable'), ['lockstep_commands_refused_total', { code: 'unavailable' }, 1], total('addGroup', 'ok', 0), ['lockstep_commits_failed_total', {}, 1]], () => client.ask({ type: 'addGroup', name: 'x' }));
  assert.equal((await face.read()).get('lockstep_ready'), 0);
  shim.roomAgain();
  await face.until((r) => r.get('lockstep_ready') === 1);
  await face.grows([total('addGroup', 'ok')], () => client.ask({ type: 'addGroup', name: 'y' }));
  await client.end();
});

test('histograms agree with themselves, and with what was done', async () => {
  const client = await live('sums');
  const commands = Array.from({ length: 64 }, (_, i) => ({ type: 'addGroup', id: `g${i}`, name: `${i}` }));
  const all = [['lockstep_commit_commands_sum', {}, 64], ['lockstep_answer_duration_seconds_count', { kind: 'commands' }, 64]];
  await watched.grows(all, async () => {
    client.send({ type: 'batch', commands });
    await client.next((m) => m.id === 'g63');
  });
  await client.end();
  const reading = await watched.read();
  for (const [name, { type, samples }] of reading.families) {
    if (type !== 'histogram') continue;
    const rows = new Map();
    for (const { name: sample, labels: { le, ...labels }, value } of samples) {
      const key = keyOf(labels);
      if (!rows.has(key)) rows.set(key, { bounds: [], counts: [] });
      const row = rows.get(key);
      if (sample === `${name}_bucket`) {
        row.bounds.push(le === '+Inf' ? Infinity : Number(le));
        row.counts.push(value);
      } else {
        row[sample.slice(name.length + 1)] = value;
      }
    }
    for (const { bounds, counts, sum, count } of rows.values()) {
      assert.equal(bounds.at(-1), Infinity, name);
      assert.deepEqual(bounds, [...bounds].sort((a, b) => a - b), name);
      assert.deepEqual(counts, [...counts].sort((a, b) => a - b), `${name}: each bucket holds those before it`);
      assert.equal(counts.at(-1), count, name);
      const least = counts.reduce((rest, n, i) => rest + (n - (counts[i - 1] ?? 0)) * (bounds[i - 1] ?? 0), 0);
      assert.ok(sum >= least, `${name}: ${sum} of at least ${least}`);
    }
  }
  const written = reading.get('lockstep_commit_duration_seconds_count');
  assert.ok(written > 0 && written === reading.get('lockstep_sync_duration_seconds_count'));
  assert.ok(reading.get('lockstep_commit_duration_seconds_sum') >= reading.get('lockstep_sync_duration_seconds_sum'));
});

test('the process and its files', async () => {
  const reading = await watched.read();
  const now = Date.now() / 1000;
  assert.ok(reading.get('process_resident_memory_bytes') > 1e6);
  assert.ok(reading.get('process_virtual_memory_bytes') > reading.get('process_resident_memory_bytes'));
  assert.ok(reading.get('process_open_fds') > 5 && reading.get('process_open_fds') < reading.get('process_max_fds'));
  assert.ok(reading.get('process_cpu_seconds_total') > 0);
  const started = reading.get('process_start_time_seconds');
  assert.ok(started > now - 600 && started <= now, `${started}`);
  assert.ok(reading.get('lockstep_database_size_bytes') > 0);
  assert.ok(reading.get('lockstep_wal_size_bytes') > 0);
  assert.equal(reading.get('lockstep_engine_queue_commands_max'), 16384);
});

test('nothing that anybody sent is in it, and there is a bound to how much it is', async () => {
  const words = { user: 'zebulon', title: 'Xylophone', email: 'zeb@xylo.example', name: 'Zebulon-Name', client: 'Quixotic' };
  const one = token(words.user, '--name', words.name, '--email', words.email);
  const client = new Client(server, { from: '127.0.0.77' });
  await client.next((m) => m.type === 'hello');
  client.send({ type: 'auth', id: 'Quibble', token: one, client: { name: words.client } });
  await client.next((m) => m.type === 'live');
  const { session } = await client.ask({ type: 'addSession', title: words.title, key: 'Keyword', id: 'Idword' });
  await client.ask({ type: 'Flyword' });
  await client.ask({ type: 'start', session, reason: 'Wordy' });
  await server.request('GET', `/Pathword?word=Queryword`, { token: one, headers: { 'user-agent': 'Agentword' } });
  await client.end();
  const { text, samples } = await watched.read();
  const secrets = [...Object.values(words), one, session, 'Keyword', 'Idword', 'Flyword', 'Quibble', 'Pathword', 'Queryword', 'Agentword', '127.0.0', server.dir];
  for (const secret of secrets) assert.ok(!text.toLowerCase().includes(secret.toLowerCase()), secret);
  const free = new Set(['le', 'version']);
  for (const { labels } of samples) {
    for (const [key, value] of Object.entries(labels)) assert.match(value, free.has(key) ? /^[0-9.+Inf]+$/ : /^[A-Za-z0-9]+$/);
  }
  const types = new Set(samples.filter((s) => s.name === 'lockstep_commands_total').map((s) => s.labels.type));
  const { commands } = await server.request('GET', '/healthz').then(() => live('help')).then(async (c) => {
    const help = await c.ask({ type: 'help' });
    await c.end();
    return help;
  });
  assert.deepEqual([...types].sort(), [...commands.map(({ type, name }) => type ?? name), 'none'].sort());
  assert.ok(samples.length < 1000, `${samples.length}`);
});

const manual = fileURLToPath(new URL('../../docs/monitoring.md', import.meta.url));
test('the manual lists each family', async () => {
  const { families } = await watched.read();
  const rows = [...readFileSync(manual, 'utf8').matchAll(/^\| `((?:lockstep|process)_\w+)`(?: \(([^)]*)\))? \| (\w+) \| (.*) \|$/gm)];
  const listed = rows.map(([, name, labels = '', type]) => `${name} ${type} ${labels}`).sort();
  const labelsOf = ({ samples }) => [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))].filter((label) => label !== 'le').join(', ');
  const told = [...families].map(([name, family]) => `${name} ${family.type} ${labelsOf(family)}`).sort();
  assert.deepEqual(listed, told);
});

test('the parser of these tests is strict', () => {
  const good = '# HELP a_total A.\n# TYPE a_total counter\na_total{x="1"} 2\n';
  assert.equal(new Reading(good).get('a_total', { x: 1 }), 2);
  for (const bad of [`${good}a_total{x="1"} 2\n`, `${good}b 1\n`, good.trim(), `${good}a_total{x=1} 2\n`, `${good}a_total 1 2 3\n`]) assert.throws(() => parse(bad), bad);
});
