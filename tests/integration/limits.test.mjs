// How much may be said and kept: messages, commands a second, things of a sort. protocol.md section 1 and domain.md
// section 7, each limit at its edge.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pause, until } from './support/bytes.mjs';
import { Client, uuid } from './support/client.mjs';
import { Server } from './support/server.mjs';

// It ends with the test, however that does.
async function serve(t, ...how) {
  const server = await Server.start(...how);
  t.after(() => server.stop());
  return server;
}

async function live(t, options, name = 'somebody') {
  const server = await serve(t, options);
  return { server, token: server.token(name), client: await Client.live(server, { token: server.token(name) }) };
}

// Text of exactly so many bytes around what is said.
const padded = (message, bytes) => {
  const text = JSON.stringify(message);
  return text.replace('{', `{${' '.repeat(bytes - Buffer.byteLength(text))}`);
};

// So many results, in the order of the commands that have these ids: a refusal needs no commit and may come first.
async function results(client, ids) {
  const got = new Map();
  while (got.size < ids.length) {
    const result = await client.next((m) => m.type === 'result', 30000);
    assert.ok(!got.has(result.id), 'one result each');
    got.set(result.id, result);
  }
  return ids.map((id) => got.get(id));
}

const numbers = (count) => Array.from({ length: count }, (_, i) => i);
const code = (answer) => answer.error?.code ?? 'ok';

test('a message has 64 KiB, 12 KiB before authentication', async (t) => {
  const { server, token, client } = await live(t);
  const add = { type: 'addSession', id: 1, title: 'x' };
  client.send(padded(add, 65536));
  assert.equal((await client.next((m) => m.id === 1)).ok, true);
  client.send(padded(add, 65537));
  assert.equal((await client.closed).code, 1009);
  for (const [bytes, closed] of [[12288, false], [12289, true]]) {
    const stranger = new Client(server);
    await stranger.next((m) => m.type === 'hello');
    stranger.send(padded({ type: 'auth', id: 1, token }, bytes));
    if (closed) assert.equal((await stranger.closed).code, 1009);
    else await stranger.next((m) => m.type === 'live');
    await stranger.end();
  }
  const body = (bytes) => ({ token, body: padded({ type: 'addSession', title: 'x' }, bytes) });
  assert.equal((await server.request('POST', '/v1/commands', body(65536))).status, 200);
  assert.equal((await server.request('POST', '/v1/commands', body(65537))).status, 413);
});

test('the limit of a message holds for its fragments together, and --max-message moves it', async (t) => {
  const { client } = await live(t, ['--max-message', '2000']);
  assert.equal(client.ready.limits.messageBytes, 2000);
  const text = padded({ type: 'addSession', id: 1, title: 'x' }, 2000);
  client.socket.send(text.slice(0, 1999), { fin: false });
  client.socket.send(text.slice(1999), { fin: true });
  assert.equal((await client.next((m) => m.id === 1)).ok, true);
  client.socket.send(text, { fin: false });
  client.socket.send(' ', { fin: true });
  assert.equal((await client.closed).code, 1009);
});

test('256 fragments a message, empty ones too; the next closes 1009', async (t) => {
  const { server, token } = await live(t);
  const text = JSON.stringify({ type: 'addSession', id: 1, title: 'x' });
  // The whole message in the last fragment, behind so many empty ones.
  const sendInPieces = (client, fragments) => {
    for (let i = 1; i < fragments; i++) client.socket.send('', { fin: false });
    client.socket.send(text, { fin: true });
  };
  const client = await Client.live(server, { token });
  for (let i = 0; i < 2; i++) {
    sendInPieces(client, 256);
    assert.equal((await client.next((m) => m.type === 'result')).ok, true);
  }
  sendInPieces(client, 257);
  assert.equal((await client.closed).code, 1009);
  // No end is needed to be too many.
  const endless = await Client.live(server, { token });
  for (let i = 0; i < 300; i++) endless.socket.send('', { fin: false });
  assert.equal((await endless.closed).code, 1009);
});

test('JSON is at most 16 levels deep', async (t) => {
  const { client } = await live(t);
  const nested = (depth) => `{"type":"addSession","title":"x","id":${depth},"x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
  client.send(nested(16));
  const deepest = await client.next((m) => m.type === 'result');
  assert.deepEqual([deepest.error.code, deepest.error.field], ['badRequest', 'x'], 'understood, and there is no such field');
  client.send(nested(17));
  assert.equal((await client.next((m) => m.type === 'result')).error.code, 'badJson');
  await client.end();
});

test('20 invalid messages within ten seconds are borne, the 21st closes 1008', async (t) => {
  const { client } = await live(t);
  for (let i = 0; i < 20; i++) client.send('{');
  for (let i = 0; i < 20; i++) assert.equal((await client.next((m) => m.type === 'result')).error.code, 'badJson');
  const time = await client.ask({ type: 'time', t0: 0 });
  assert.equal(time.type, 'time', 'still open');
  client.send('{');
  assert.deepEqual(await client.closed, { code: 1008, reason: 'invalidMessages' });
});

test('what is refused for other reasons than its form is no invalid message', async (t) => {
  const { client } = await live(t);
  for (let i = 0; i < 40; i++) client.send({ type: 'start', id: i, session: uuid() });
  assert.ok((await results(client, numbers(40))).every((result) => result.error.code === 'notFound'));
  assert.equal((await client.ask({ type: 'addSession', title: 'x' })).ok, true);
  await client.end();
});

test('20 commands a second with a burst of 60', async (t) => {
  const { client } = await live(t);
  assert.deepEqual([client.ready.limits.commandsPerSecond, client.ready.limits.commandsBurst], [20, 60]);
  const begun = Date.now();
  for (let i = 0; i < 200; i++) client.send({ type: 'resetAll', id: i });
  const all = await results(client, numbers(200));
  const most = 60 + Math.ceil(((Date.now() - begun) / 1000) * 20);
  const good = all.filter((result) => result.ok).length;
  assert.ok(good >= 60 && good <= most, `${good} of at most ${most}`);
  assert.ok(all.slice(0, 60).every((result) => result.ok));
  assert.ok(all.every((result) => ['ok', 'rateLimited'].includes(code(result))));
  await client.end();
});

test('until retryAfterMs has passed every command of the socket is refused, so that none overtakes another', async (t) => {
  const { client } = await live(t, ['--rate-commands', '2/4']);
  for (let i = 0; i < 20; i++) client.send({ type: 'resetAll', id: i });
  const first = await client.next((m) => m.error);
  const { retryAfterMs } = first.error.details;
  assert.equal(first.error.retryable, true);
  assert.ok(retryAfterMs > 0 && retryAfterMs <= 500, `${retryAfterMs} ms`);
  const refused = [first];
  while (refused.at(-1).nowMs < first.nowMs + 2 * retryAfterMs) {
    await new Promise((resolve) => setTimeout(resolve, 5)); // a thousand of them would be too many
    refused.push(await client.ask({ type: 'resetAll' }));
  }
  // The wall clock and the one that counts are rounded each by itself.
  for (const result of refused.filter((one) => one.nowMs < first.nowMs + retryAfterMs - 2)) {
    assert.equal(code(result), 'rateLimited');
    const left = first.nowMs + retryAfterMs - result.nowMs;
    assert.ok(Math.abs(result.error.details.retryAfterMs - left) <= 3, `${result.error.details.retryAfterMs}, not ${left}`);
  }
  assert.ok(refused.some((result) => result.ok), 'and then it goes on');
  await client.end();
});

test('one allowance over all sockets, streams and requests of a user; another has another', async (t) => {
  const { server, token, client } = await live(t, ['--rate-commands', '1/12']);
  const second = await Client.live(server, { token });
  const begun = Date.now();
  const got = [];
  for (let i = 0; i < 8; i++) {
    got.push(code(await client.ask({ type: 'resetAll' })), code(await second.ask({ type: 'getSnapshot' })));
    const { status } = await server.request('POST', '/v1/commands', { token, body: { type: 'resetAll' } });
    got.push(status === 200 ? 'ok' : status);
  }
  const good = got.filter((one) => one === 'ok').length;
  const most = 12 + Math.ceil((Date.now() - begun) / 1000);
  assert.ok(good >= 12 && good <= most, `${good}: ${got}`);
  const refused = await server.request('GET', '/v1/state', { token });
  assert.equal(refused.status, 429);
  assert.equal(refused.body.error.code, 'rateLimited');
  assert.ok(refused.body.error.details.retryAfterMs > 0);
  assert.ok(Number(refused.headers.get('retry-after')) >= 1);
  assert.equal((await server.request('GET', '/v1/state', { token: server.token('another') })).status, 200);
  await Promise.all([client.end(), second.end()]);
});

test('a batch counts as one command, and is refused as a whole, each of its commands with its id', async (t) => {
  const { client } = await live(t, ['--rate-commands', '1/2']);
  const batch = (n) => ({ type: 'batch', commands: Array.from({ length: 64 }, (_, i) => ({ type: 'resetAll', id: `${n}.${i}` })) });
  for (let n = 0; n < 3; n++) client.send(batch(n));
  const all = await results(client, [0, 1, 2].flatMap((n) => batch(n).commands.map((command) => command.id)));
  assert.deepEqual(all.map(code), [...Array(128).fill('ok'), ...Array(64).fill('rateLimited')]);
  await client.end();
});

test('1,000 rateLimited in a row close 4429; one less does not', async (t) => {
  const { server, client } = await live(t, ['--rate-commands', '1/1']);
  // Refused for a second after each that is taken: none of these is.
  client.send({ type: 'resetAll', id: 'taken' });
  for (let i = 0; i < 999; i++) client.send({ type: 'resetAll', id: i });
  await client.next((m) => m.id === 998, 30000);
  assert.equal((await client.ask({ type: 'time', t0: 0 })).type, 'time', 'still open');
  const hasty = await Client.live(server, { token: server.token('hasty') });
  for (let i = 0; i < 3000; i++) hasty.send({ type: 'resetAll', id: i });
  assert.deepEqual(await hasty.closed, { code: 4429, reason: 'rateLimited' });
  await client.end();
});

// The users may send as much as they like: what refuses is that too much waits.
const crowded = (size) => ['--max-queue', String(size), '--rate-commands', '1000000/1000000', '--max-groups', '100000'];
const retryOf = ({ error }) => [error.code, error.retryable, error.details.retryAfterMs > 0 && error.details.retryAfterMs <= 1000];

// The names of the groups that came, each by an event that follows the one before.
function added(client) {
  const events = client.messages.filter((m) => m.type === 'event');
  assert.deepEqual(events.map((event) => event.seq), numbers(events.length).map((i) => i + 1), 'no gap and none twice');
  return events.map((event) => event.group.name);
}

test('--max-queue: while so many wait, more are rateLimited; one result each, and what was taken comes in order', async (t) => {
  const begun = Date.now();
  const server = await serve(t, crowded(8));
  const live3 = (token) => Promise.all(numbers(3).map(() => Client.live(server, { token })));
  const users = await Promise.all(['a', 'b', 'c'].map((name) => live3(server.token(name))));
  // All of them say so many things at once; answers with the names of what was taken, for each user and socket.
  const refused = [];
  const say = (count) => Promise.all(users.map((clients) => Promise.all(clients.map(async (client, sender) => {
    const commands = numbers(count).map((i) => ({ type: 'addGroup', id: `${sender}.${i}`, name: `${sender}.${i}` }));
    for (const command of commands) client.send(command);
    const all = await results(client, commands.map((command) => command.id));
    refused.push(...all.filter((result) => !result.ok));
    return all.filter((result) => result.ok).map((result) => result.id);
  }))));
  const first = await say(300);
  t.diagnostic(`${refused.length} of 2700 refused`);
  assert.ok(refused.length > 0);
  for (const result of refused) assert.deepEqual(retryOf(result), ['rateLimited', true, true]);
  await pause(1100);
  for (const client of users.flat()) {
    // One at a time, and each more than once: all at once they may be too many again.
    for (let n = 0; n < 3; n++) assert.equal(code(await client.ask({ type: 'editGroup', group: uuid(), name: 'x' })), 'notFound', 'there is room again');
  }
  for (const [user, clients] of users.entries()) {
    const taken = first[user];
    for (const client of clients) {
      await until(() => added(client).length >= taken.flat().length, 'all that was taken');
      const seen = added(client);
      assert.equal(seen.length, taken.flat().length, 'nothing of what was refused');
      taken.forEach((names, sender) => assert.deepEqual(seen.filter((name) => name.startsWith(`${sender}.`)), names));
    }
  }
  const told = server.log.match(/wait for the database/g) ?? [];
  assert.ok(told.length >= 1 && told.length <= 1 + (Date.now() - begun) / 10000, server.log);
});

test('--max-queue: a full queue is 429 over HTTP, and keeps nobody from signing in', async (t) => {
  const server = await serve(t, crowded(1));
  const token = server.token('somebody');
  const batch = { type: 'batch', commands: numbers(64).map(() => ({ type: 'addGroup', name: 'x' })) };
  const post = () => server.request('POST', '/v1/commands', { token, body: batch });
  const listen = () => fetch(`${server.http}/v1/events`, { headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' } });
  const answers = [];
  await until(async () => {
    const [stream, ready, ...some] = await Promise.all([listen(), Client.live(server, { token }), ...numbers(8).map(post)]);
    assert.equal(stream.status, 200);
    await Promise.all([stream.body.cancel(), ready.end()]);
    answers.push(...some);
    return some.some((answer) => answer.status === 429);
  }, 'a refusal');
  assert.ok(answers.some((answer) => answer.status === 200), 'others are taken');
  for (const answer of answers.filter(({ status }) => status !== 200)) {
    assert.equal(answer.status, 429);
    assert.deepEqual(retryOf(answer.body), ['rateLimited', true, true]);
    assert.equal(answer.headers.get('retry-after'), '1');
  }
});

// How a thing is added; how many may be, by which flag; and what makes room.
const group = { type: 'addGroup', group: uuid(), name: 'Garage' };
const work = { type: 'addSession', kind: 'work', session: uuid(), group: group.group };
const counts = [
  {
    flag: '--max-timers',
    add: (session) => ({ type: 'addSession', session, title: 'x' }),
    remove: (session) => ({ type: 'deleteSession', session }),
    again: (session) => ({ type: 'restoreSession', session }),
  },
  { flag: '--max-groups', add: (id) => ({ type: 'addGroup', group: id, name: 'x' }), remove: (id) => ({ type: 'deleteGroup', group: id }) },
  {
    flag: '--max-plans',
    add: (plan) => ({ type: 'addPlan', plan, name: 'x', structure: {} }),
    remove: (plan) => ({ type: 'deletePlan', plan }),
  },
  {
    flag: '--max-tasks',
    before: [group, work],
    add: (task) => ({ type: 'addTask', task, session: work.session, description: 'x' }),
    remove: (task) => ({ type: 'deleteTask', task }),
  },
  {
    flag: '--max-problems',
    before: [group],
    add: (problem) => ({ type: 'reportProblem', problem, group: group.group, description: 'x'.repeat(10), severity: 'Minor' }),
    remove: (problem) => ({ type: 'resolveProblem', problem }),
  },
];

for (const { flag, before = [], add, remove, again } of counts) {
  test(`${flag}: exactly so many, and one more is \`limit\``, async (t) => {
    const { server, token, client } = await live(t, [flag, '3']);
    const commands = (...all) => Promise.all(all.map((command) => client.ask(command).then(code)));
    await commands(...before);
    const ids = [uuid(), uuid(), uuid()];
    assert.deepEqual(await commands(...ids.map(add)), ['ok', 'ok', 'ok']);
    const refused = await client.ask(add(uuid()));
    assert.deepEqual([code(refused), refused.error.retryable], ['limit', false]);
    assert.equal((await server.request('POST', '/v1/commands', { token, body: add(uuid()) })).status, 422);
    assert.deepEqual(await commands(remove(ids[0]), add(uuid()), add(uuid())), ['ok', 'ok', 'limit']);
    if (again) assert.deepEqual(await commands(again(ids[0]), remove(ids[1]), again(ids[0])), ['limit', 'ok', 'ok']);
    await client.end();
  });
}

test('20 active work sessions; one of each other kind is another rule', async (t) => {
  const { client } = await live(t);
  await client.ask(group);
  const start = (session) => client.ask({ ...work, session }).then(code);
  const ids = Array.from({ length: 20 }, uuid);
  for (const id of ids) assert.equal(await start(id), 'ok');
  assert.equal(await start(uuid()), 'limit');
  assert.equal(code(await client.ask({ type: 'complete', session: ids[0] })), 'ok');
  assert.equal(await start(uuid()), 'ok');
  await client.end();
});
