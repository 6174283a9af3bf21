// docs/openapi.yaml and docs/asyncapi.yaml against the running server: what one says and the other doesn't do, or does
// and the other doesn't say, fails here. Every person below has the same small world, under the ids of the documents'
// examples, so that an example is a request as it stands.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { Client, uuid } from './support/client.mjs';
import { allowsNull, alternatives, at, faults, fieldsOf, names, notNull, source, top } from './support/schema.mjs';
import { Server } from './support/server.mjs';

const [group, timer, focus, work, training, task, problem, plan] = ['a1', 'b1', 'b2', 'b3', 'b4', 'c1', 'd1', 'e1'].map(
  (end) => `019a9c10-7b00-7000-8000-0000000000${end}`,
);
const today = new Date().toISOString().slice(0, 10);
const world = [
  { type: 'addGroup', group, name: 'Garage' },
  { type: 'addPlan', plan, name: 'Legs', structure: { exercises: [] } },
  { type: 'addSession', session: timer, title: 'Read', initialDuration: 1500, dailyGoalMinutes: 60 },
  { type: 'addSession', session: work, kind: 'work', group, plannedTasks: ['Weld the frame'] },
  { type: 'addTask', task, session: work, description: 'Weld the frame' },
  { type: 'addSession', session: focus, kind: 'focus', sessionType: 'pomodoro', title: 'Chapter 1', task },
  { type: 'addSession', session: training, kind: 'training', plan, date: today },
  { type: 'reportProblem', problem, group, description: 'The floor has rusted through', severity: 'Major' },
];
// What must have happened before an operation or a command makes sense.
const paused = [focus, work, training].map((session) => ({ type: 'pause', session }));
const idle = [focus, training].map((session) => ({ type: 'abandon', session }));
const beforehand = {
  addFocusEntry: idle,
  addSession: idle,
  deleteGroup: [{ type: 'complete', session: work }],
  deleteProject: [{ type: 'complete', session: work }],
  pause: [{ type: 'start', session: timer }],
  pauseTimer: [{ type: 'start', session: timer }],
  postResumeSession: paused,
  putResumeSession: paused,
  resetAll: [{ type: 'start', session: timer }],
  resetAllTimers: [{ type: 'start', session: timer }],
  resetSession: [{ type: 'start', session: timer }],
  resetTimer: [{ type: 'start', session: timer }],
  restoreSession: [{ type: 'deleteSession', session: timer }],
  restoreTimer: [{ type: 'deleteSession', session: timer }],
  start: paused,
};

let server;
let silent; // a socket to which nothing is sent but what comes by itself
before(async () => {
  server = await Server.start(['--rate-commands', '100000/100000']);
  silent = await Client.live(server, { token: server.token('silent') });
});
after(() => server.stop());

let people = 0;
async function person(name) {
  const made = await server.request('POST', '/v1/dev/token', { body: { user: `person-${++people}` } });
  const { token } = made.body;
  const commands = [...world, ...(beforehand[name] ?? [])].map((command, id) => ({ ...command, id }));
  const done = await server.request('POST', '/v1/commands', { token, body: { type: 'batch', commands } });
  const refused = (done.body.results ?? [done.body]).find((result) => !result.ok);
  assert.equal(refused, undefined, `the world of ${name}: ${JSON.stringify(refused)}`);
  return token;
}

// The server chooses a token's id.
async function pathOfToken(token) {
  const made = await server.request('POST', '/v1/tokens', { token, body: { name: 'to be revoked', scope: 'read' } });
  return `/v1/tokens/${made.body.id}`;
}

// The documents themselves.

for (const file of ['openapi.yaml', 'asyncapi.yaml']) {
  test(`docs/${file} is linted without a finding`, () => {
    const cli = fileURLToPath(new URL('../lint/node_modules/@redocly/cli/bin/cli.js', import.meta.url));
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    const linted = spawnSync('node', [cli, 'lint', '--config', source('redocly.yaml'), source(file)], { env, encoding: 'utf8' });
    const said = linted.stdout + linted.stderr;
    assert.equal(linted.status, 0, said);
    assert.doesNotMatch(said, /You have \d+ warning/);
  });

  test(`/${file} is served to anybody, as it is in docs/`, async () => {
    const served = await server.request('GET', `/${file}`);
    assert.equal(served.status, 200);
    assert.equal(served.headers.get('content-type'), 'application/yaml');
    assert.equal(served.text, readFileSync(source(file), 'utf8'));
    const version = (await server.request('GET', '/version')).body.version;
    assert.equal(top(file, 'info', 'version').node, version);
  });
}

// HTTP: every operation.

const methodNames = ['get', 'post', 'put', 'patch', 'delete'];
const rootServers = top('openapi.yaml', 'servers').node;
const operations = [];
for (const path of names(top('openapi.yaml', 'paths'))) {
  const item = top('openapi.yaml', 'paths', path);
  const prefixes = (item.node.servers ?? rootServers).map(({ url }) => url.replace(/\/$/, ''));
  for (const method of methodNames.filter((name) => item.node[name])) {
    const place = at(item, method);
    const list = (owner) => (owner.node.parameters ?? []).map((_, i) => at(owner, 'parameters', i));
    operations.push({
      place,
      path,
      prefixes,
      method: method.toUpperCase(),
      id: place.node.operationId,
      parameters: [...list(item), ...list(place)],
      body: at(place, 'requestBody', 'content', 'application/json'),
      open: place.node.security?.length === 0,
    });
  }
}

const parameterOf = (operation, where) => operation.parameters.filter(({ node }) => node.in === where);
const examplesOf = (place) => (place ? (place.node.examples ?? { '': { value: place.node.example } }) : {});

// Each example of the body or of the path's id is one request; what one of the two lacks, it takes from its first.
function requestsOf(operation) {
  const [id] = parameterOf(operation, 'path');
  const keys = new Set([...Object.keys(examplesOf(operation.body)), ...Object.keys(examplesOf(id))]);
  const pick = (place, key) => (examplesOf(place)[key] ?? Object.values(examplesOf(place))[0])?.value;
  const needed = at(operation.place, 'requestBody')?.node.required;
  if (keys.size > 1) keys.delete('');
  return [...(keys.size ? keys : [''])].map((key) => ({
    key,
    path: operation.path.replace('{id}', pick(id, key)),
    body: needed ? pick(operation.body, key) : examplesOf(operation.body)[key]?.value,
  }));
}

// A message of one's own hides the difference, so it has to say what it is.
const none = (found, told) => assert.ok(!found.length, `${found.join('; ')}: ${told}`);

// The answer as the document has it: its status, its headers, its type and its body.
function check(operation, answer, status, what) {
  const told = `${operation.method} ${operation.path}, ${what}: ${answer.status} ${answer.text.slice(0, 1000)}`;
  assert.equal(answer.status, status, told);
  const all = at(operation.place, 'responses');
  const documented = at(all, String(status)) ?? at(all, `${Math.floor(status / 100)}XX`);
  assert.ok(documented, `there is no answer ${status} in the document; ${told}`);
  for (const name of names(at(documented, 'headers'))) {
    const header = at(documented, 'headers', name);
    const value = answer.headers.get(name);
    if (header.node.required) assert.notEqual(value, null, `no header ${name}; ${told}`);
    if (value !== null) none(faults(at(header, 'schema'), value), `header ${name}: ${value}; ${told}`);
  }
  const type = answer.headers.get('content-type');
  const media = at(documented, 'content', type);
  assert.ok(media, `type ${type} is not in the document; ${told}`);
  none(faults(at(media, 'schema'), answer.body ?? answer.text), told);
}

// Values of a parameter or a field that it may not have.
function wrongValues(place) {
  const { node } = notNull(place);
  const wrong = allowsNull(place) ? [] : [null];
  if (node.maxLength) wrong.push('x'.repeat(node.maxLength + 1));
  if (node.minLength) wrong.push('x'.repeat(node.minLength - 1));
  if (node.maximum !== undefined) wrong.push(node.maximum + 1);
  if (node.minimum !== undefined) wrong.push(node.minimum - 1);
  if (node.maxItems) wrong.push(Array(node.maxItems + 1).fill('x'), [''], ['x'.repeat(201)]);
  if (node.type === 'integer') wrong.push(node.minimum + 0.5);
  return [...wrong, node.type === 'string' && !node.format && !node.enum && !node.pattern ? 5 : '@'];
}

const rightValues = ({ node }) => {
  if (node.enum) return node.enum;
  if (node.type === 'boolean') return [true, false];
  if (node.format === 'date') return [today];
  if (node.format === 'uuid') return [plan];
  return [node.minimum, node.maximum].filter((bound) => bound !== undefined);
};

const send = (operation, prefix, request, token, headers) =>
  server.request(operation.method, prefix + request.path, { token, body: request.body, headers });

// What of a body chooses what is added: exactly one of them is needed.
const choosers = ['sessionType', 'plan_id'];

for (const operation of operations) {
  const { id, body, open, prefixes } = operation;
  const documents = (status) => operation.place.node.responses[status];
  const requests = requestsOf(operation);
  const success = Number(Object.keys(operation.place.node.responses).find((status) => status < 300));
  const keyed = parameterOf(operation, 'header').some(({ node }) => node.name === 'Idempotency-Key');
  const queries = parameterOf(operation, 'query');

  test(`${operation.method} ${operation.path} (${id})`, async (t) => {
    for (const prefix of prefixes) {
      for (const request of requests) {
        await t.test(`${success} ${prefix}${operation.path} ${request.key}`, async () => {
          if (request.body !== undefined) assert.deepEqual(faults(at(body, 'schema'), request.body), []);
          const token = open ? undefined : await person(id);
          if (id === 'revokeToken') request.path = await pathOfToken(token);
          const headers = keyed && request.body?.key === undefined && request.body?.type !== 'batch' ? { 'idempotency-key': uuid() } : {};
          check(operation, await send(operation, prefix, request, token, headers), success, request.key);
        });
      }
    }

    await t.test('refusals', async () => {
      const token = open ? undefined : await person(id);
      const [request] = requests;
      const ask = (change, headers, as = token) => send(operation, prefixes[0], { ...request, ...change }, as, headers);
      if (documents(401)) check(operation, await ask({}, {}, null), 401, 'without a token');
      if (documents(400)) check(operation, await ask({ path: `${request.path}?colour=red` }), 400, 'with an unknown parameter');
      if (documents(404) && operation.path.includes('{id}')) {
        check(operation, await ask({ path: operation.path.replace('{id}', uuid()) }), 404, 'of an unknown id');
      }
      if (parameterOf(operation, 'header').some(({ node }) => node.name === 'If-Match') && id !== 'sendCommands') {
        const stale = await ask({}, { 'if-match': '"999"' });
        check(operation, stale, 409, 'with another version');
        assert.equal(stale.body.error.code, 'conflict');
      }
    });

    if (queries.length && id !== 'getEvents') {
      await t.test('the bounds of its parameters', async () => {
        const token = await person(id);
        const ask = (name, value) =>
          server.request(operation.method, `${prefixes[0]}${requests[0].path}?${name}=${encodeURIComponent(value)}`, { token });
        for (const query of queries) {
          const { name } = query.node;
          const schema = at(query, 'schema');
          for (const value of rightValues(schema)) check(operation, await ask(name, value), success, `${name}=${value}`);
          for (const value of wrongValues(schema).filter((wrong) => wrong !== null)) {
            const refused = await ask(name, value);
            check(operation, refused, 400, `${name}=${value}`);
            assert.equal(refused.body.error.field, name, `${name}=${value}: ${refused.text}`);
          }
        }
      });
    }

    if (body && id !== 'sendCommands') {
      await t.test('the bounds of its fields', async () => {
        const token = open ? undefined : await person(id);
        for (const request of requests.filter((one) => one.body !== undefined)) {
          const schema = [at(body, 'schema'), ...alternatives(at(body, 'schema'))].filter((one) => !faults(one, request.body).length).at(-1);
          const tries = [['colour', 'red']];
          for (const [name, field] of fieldsOf(schema)) {
            for (const value of wrongValues(field.schema)) tries.push([name, value]);
            if (field.required) tries.push([name, undefined]);
          }
          for (const [name, value] of tries) {
            const answer = await send(operation, prefixes[0], { ...request, body: { ...request.body, [name]: value } }, token);
            const what = `${name}: ${JSON.stringify(value)?.slice(0, 40) ?? 'not given'}`;
            check(operation, answer, 400, what);
            // Which of the two is missing nobody can tell.
            if (value === undefined && choosers.includes(name)) {
              for (const one of choosers) assert.match(answer.body.error.message, new RegExp(one), what);
              continue;
            }
            assert.equal(answer.body.error.field, name, `${operation.method} ${operation.path}, ${what}: ${answer.text}`);
          }
        }
      });
    }
  });
}

const operationOf = (id) => operations.find((operation) => operation.id === id);

test('GET /v1/events: the state, a replay, a wait, a position that is none', async () => {
  const operation = operationOf('getEvents');
  const token = await person('getEvents');
  const ask = (query) => server.request('GET', `/v1/events${query}`, { token });
  const fresh = await ask('');
  check(operation, fresh, 200, 'without a position');
  const { epoch, seq, tag } = fresh.body;
  const replay = await ask(`?epoch=${epoch}&seq=0`);
  check(operation, replay, 200, 'all of it');
  assert.equal(replay.body.events.length, seq);
  check(operation, await ask(`?epoch=${epoch}&seq=${seq}&tag=${tag}&waitMs=1`), 200, 'nothing new');
  for (const query of ['?seq=1', '?epoch=x', '?waitMs=-1', '?waitMs=30001', '?epoch=x&seq=-1']) check(operation, await ask(query), 400, query);
});

test('POST /v1/commands: each refusal with the status of its code', async () => {
  const operation = operationOf('sendCommands');
  const token = await person('sendCommands');
  const ask = (body, headers) => server.request('POST', '/v1/commands', { token, body, headers });
  check(operation, await ask({ type: 'start', session: uuid() }), 404, 'unknown id');
  check(operation, await ask({ type: 'fly' }), 404, 'unknown command');
  check(operation, await ask('{'), 400, 'no JSON');
  check(operation, await ask({ type: 'start', session: timer }, { 'if-match': '"999"' }), 409, 'another version');
  check(operation, await ask({ type: 'addGroup', group, name: 'x' }), 409, 'an id that exists');
  check(operation, await ask({ type: 'abandon', session: timer }), 409, 'a timer');
  check(operation, await ask('x', { 'content-type': 'text/plain' }), 415, 'no JSON type');
});

test('other refusals than those of single operations', async () => {
  const operation = operationOf('addGroup');
  const token = await person('addGroup');
  const ask = (body, headers) => server.request('POST', '/groups', { token, body, headers });
  check(operation, await ask({ id: group, name: 'x' }), 409, 'an id that exists');
  check(operation, await ask('name=x', { 'content-type': 'text/plain' }), 415, 'no JSON type');
  check(operation, await ask(`{"name":"${'x'.repeat(70000)}"}`), 413, 'too large');
  const few = await Server.start(['--max-groups', '1', '--rate-commands', '1/2']);
  const crowd = few.token('crowd');
  const add = () => few.request('POST', '/groups', { token: crowd, body: { name: 'x' } });
  check(operation, await add(), 201, 'the first');
  check(operation, await add(), 422, 'the second');
  check(operation, await add(), 429, 'at once');
  await few.stop();
});

// HTTP: neither side knows a path or a method that the other doesn't.

const known = new Map(); // path, with its prefix: the methods in the document
for (const { method, path, prefixes } of operations) {
  for (const prefix of prefixes) known.set(prefix + path, [...(known.get(prefix + path) ?? []), method]);
}

// A method that no path has makes the server tell those that the path has.
async function methodsOf(path) {
  const answer = await server.request('OPTIONS', path.replace('{id}', uuid()));
  if (answer.status !== 405) return undefined;
  const schema = path.startsWith('/v1/') ? 'Refusal' : 'Error';
  assert.deepEqual(faults(top('openapi.yaml', 'components', 'schemas', schema), answer.body), []);
  return answer.headers.get('allow').split(', ');
}

for (const [path, methods] of known) {
  test(`${path}: ${methods.join(', ')} and no other method`, async () => {
    const allowed = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
    assert.deepEqual((await methodsOf(path))?.sort(), allowed.sort());
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((name) => !allowed.includes(name))) {
      const answer = await fetch(server.http + path.replace('{id}', uuid()), { method });
      assert.equal(answer.status, 405, method);
    }
  });
}

test('the server has no path that the document lacks', async () => {
  const root = fileURLToPath(new URL('../../server/', import.meta.url));
  const text = readdirSync(root).filter((name) => /^route.*\.c$/.test(name)).map((name) => readFileSync(root + name, 'utf8')).join('');
  const strings = [...new Set([...text.matchAll(/"([^"\s]*)"/g)].map((found) => found[1]))];
  // A path may be put together of two strings; what is none, the server says so.
  const wholes = strings.filter((string) => /^\/.*[^/]$/.test(string));
  const ends = strings.filter((string) => /^[a-z-]+$/.test(string));
  const halves = strings.filter((string) => /^\/.*\/$/.test(string)).flatMap((start) => ends.map((end) => start + end));
  assert.ok(wholes.length > 10, `only ${wholes.length} paths were found in server/route*.c`);
  const unknown = [];
  for (const path of [...wholes, ...halves].flatMap((one) => [one, `/api${one}`])) {
    if (!known.has(path) && (await methodsOf(path))) unknown.push(path);
  }
  assert.deepEqual(unknown, []);
});

// The WebSocket.

const messages = (action) => {
  const found = new Map();
  const take = (place) => place.node.forEach((_, i) => found.set(place.node[i].$ref.split('/').at(-1), at(place, i)));
  for (const name of names(top('asyncapi.yaml', 'operations'))) {
    const operation = top('asyncapi.yaml', 'operations', name);
    if (operation.node.action === action) take(at(operation, 'messages'));
    else if (operation.node.reply) take(at(operation, 'reply', 'messages'));
  }
  return found;
};
const typesOf = (payload) => {
  const { const: only, enum: several } = at(alternatives(payload)[0] ?? payload, 'properties', 'type').node;
  return several ?? [only];
};
const fromClient = messages('receive');
const fromServer = messages('send');
const commands = [...fromClient].filter(([, place]) => fieldsOf(at(place, 'payload')).has('key'));
const common = ['type', 'id', 'key', 'atMs', 'ifVersion'];
const seen = new Set();

// Every message that came, as one of those in the document.
function checkMessages(client) {
  for (const message of client.messages) {
    const fitting = [...fromServer].filter(([, place]) => typesOf(at(place, 'payload')).includes(message.type));
    const found = fitting.map(([name, place]) => [name, faults(at(place, 'payload'), message)]).sort((a, b) => a[1].length - b[1].length);
    assert.ok(found.length, `there is no message ${message.type} in the document: ${JSON.stringify(message)}`);
    none(found[0][1], JSON.stringify(message));
    seen.add(found[0][0]);
  }
}

test('every example of a message is as its schema says', () => {
  for (const [name, place] of [...fromClient, ...fromServer]) {
    for (const { payload } of place.node.examples ?? []) none(faults(at(place, 'payload'), payload), `${name}: ${JSON.stringify(payload)}`);
  }
});

test('help and the document have the same commands, fields and bounds', async () => {
  const client = await Client.live(server, { token: server.token('reader') });
  const help = await client.ask({ type: 'help' });
  const told = (list) => list.map(([name, ...aliases]) => [name, ...aliases.sort()].join(' ')).sort();
  assert.deepEqual(
    told(commands.map(([, place]) => typesOf(at(place, 'payload')))),
    told(help.commands.map(({ name, aliases }) => [name, ...aliases])),
  );
  assert.deepEqual(
    [...fromClient.keys()].filter((name) => !commands.some(([command]) => command === name)).sort(),
    help.messages.map(({ name }) => name).sort(),
  );
  for (const command of help.commands) {
    const fields = fieldsOf(at(fromClient.get(command.name), 'payload'));
    const own = [...fields].filter(([name, field]) => !common.includes(name) && !field.written['x-alias-of']);
    const aliases = [...fields].filter(([, field]) => field.written['x-alias-of']).map(([name, field]) => [field.written['x-alias-of'], name]);
    const spelled = (name, required) => `${command.name}.${name}${required ? '' : '?'}`;
    assert.deepEqual(
      own.map(([name, { required }]) => spelled(name, required)).sort(),
      command.fields.map(({ name, required }) => spelled(name, required)).sort(),
    );
    assert.deepEqual(aliases, command.fields.filter(({ alias }) => alias).map(({ name, alias }) => [name, alias]));
    for (const field of command.fields) checkField(`${command.name}.${field.name}`, notNull(fields.get(field.name).schema).node, field);
  }
  await client.end();
});

// By the type that help names: what the schema must say.
const fieldTypes = {
  uuid: () => ({ type: 'string', format: 'uuid' }),
  string: ({ min, max }) => ({ type: 'string', minLength: min || undefined, maxLength: max }),
  seconds: ({ min, max }) => ({ type: 'number', minimum: min, maximum: max }),
  integer: ({ min, max }) => ({ type: 'integer', minimum: min, maximum: max }),
  boolean: () => ({ type: 'boolean' }),
  choice: ({ values }) => ({ type: 'string', enum: values }),
  'HH:MM': () => ({ type: 'string', pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' }),
  'IANA time zone': () => ({ type: 'string' }),
  'milliseconds since 1970': ({ min, max }) => ({ type: 'integer', minimum: min, maximum: max }),
  'YYYY-MM-DD': () => ({ type: 'string', format: 'date' }),
  decimal: ({ min, max }) => ({ type: 'number', minimum: min, maximum: max }),
  'list of strings': ({ max }) => ({ type: 'array', maxItems: max }),
  'JSON object': ({ max }) => ({ type: 'object', 'x-max-bytes': max }),
};

function checkField(name, schema, field) {
  assert.ok(fieldTypes[field.type], `${name} is of a type that this test doesn't know: ${field.type}`);
  // Of alternatives, each says its own kind only.
  const documented = schema.const !== undefined ? { type: 'string', enum: field.values } : schema;
  const expected = fieldTypes[field.type](field);
  const said = Object.fromEntries(Object.keys(expected).map((word) => [word, documented[word]]));
  assert.deepEqual({ [name]: said }, { [name]: expected });
}

for (const [name, place] of commands) {
  test(`${name} over the WebSocket: its examples, and what it refuses`, async () => {
    const fields = fieldsOf(at(place, 'payload'));
    const changed = [];
    for (const { name: which, payload } of place.node.examples) {
      const client = await Client.live(server, { token: await person(name), headers: { 'user-agent': 'test' } });
      const refusal = async (change, code, field) => {
        const answer = await client.ask({ ...payload, ...change, id: uuid() });
        assert.equal(answer.error?.code, code, `${which} with ${JSON.stringify(change)}: ${JSON.stringify(answer)}`);
        if (field) assert.equal(answer.error.field, field);
      };
      await refusal({ colour: 'red' }, 'badRequest', 'colour');
      for (const [field, { required }] of fields) {
        if (required && field !== 'type') await refusal({ [field]: undefined }, 'badRequest', field);
      }
      if (!fields.has('ifVersion')) await refusal({ ifVersion: 1 }, 'badRequest', 'ifVersion');
      else await refusal({ ifVersion: 999 }, 'conflict', 'ifVersion');
      const answer = await client.ask({ ...payload, id: payload.id ?? uuid() });
      assert.ok(answer.type === 'snapshot' || answer.ok, `${which}: ${JSON.stringify(answer)}`);
      changed.push(Boolean(answer.changed));
      checkMessages(client);
      await client.end();
    }
    assert.equal(changed.includes(true), !name.startsWith('get'), 'whether any of them changed something');
  });
}

test('signing in, coming back, and all that is no command', async () => {
  const token = await person('socket');
  const client = new Client(server);
  await client.next((m) => m.type === 'hello');
  const ready = await client.ask({ type: 'auth', token, client: { name: 'test' } });
  assert.equal(ready.mode, 'snapshot');
  await client.next((m) => m.type === 'live');
  const { epoch } = ready;
  const resumed = await client.ask({ type: 'resume', epoch, seq: 1 });
  assert.equal(resumed.mode, 'replay');
  await client.next((m) => m.type === 'live');
  assert.equal((await client.ask({ type: 'resume', epoch, seq: 100000 })).reason, 'future');
  assert.equal((await client.ask({ type: 'time', t0: 1.5 })).t0, 1.5);
  assert.equal((await client.ask({ type: 'help', command: 'start' })).commands.length, 1);
  assert.equal((await client.ask({ type: 'help', command: 'auth' })).messages.length, 1);
  client.send({ type: 'batch', commands: [{ type: 'start', id: 'b', session: timer }, { type: 'start', id: 'c', session: uuid() }] });
  assert.equal((await client.next((m) => m.id === 'c')).error.code, 'notFound');
  assert.equal((await client.ask({ type: 'auth', token })).ok, true);
  assert.equal((await client.ask({ type: 'auth', token: 'x' })).error.code, 'tokenInvalid');
  checkMessages(client);
  await client.end();
});

test('what comes by itself: the end of a timer, the end of a token, a sign of life', async () => {
  const brief = await Client.live(server, { token: server.token('brief', '--minutes', '1') });
  const { session } = await brief.ask({ type: 'addSession', title: 'Egg', initialDuration: 1 });
  await brief.ask({ type: 'start', session });
  const end = await brief.event('complete');
  assert.equal(end.origin.via, 'server');
  if (!brief.messages.some((m) => m.type === 'authExpiring')) await brief.next((m) => m.type === 'authExpiring');
  checkMessages(brief);
  await brief.end();
  await silent.next((m) => m.type === 'hb', 30000);
  checkMessages(silent);
  await silent.end();
});

test('every message of the document was met', () => {
  assert.deepEqual([...fromServer.keys()].filter((name) => !seen.has(name)), []);
});
