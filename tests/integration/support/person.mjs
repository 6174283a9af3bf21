// Somebody with an account at the server: asks over HTTP, sends batches, opens sockets. And what a refusal looks like.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { Client, uuid } from './client.mjs';
import { patience } from './server.mjs';

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

let people = 0;

export class Person {
  static async of(server, name = `person-${++people}`) {
    const { body } = await server.request('POST', '/v1/dev/token', { body: { user: name } });
    return Object.assign(new Person(), { server, name, token: body.token });
  }

  ask(method, path, body, headers) {
    return this.server.request(method, path, { token: this.token, body, headers });
  }

  // The body of what must succeed.
  async does(method, path, body, status = 200) {
    const answer = await this.ask(method, path, body);
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
    return answer.body;
  }

  gets(path) {
    return this.does('GET', path);
  }

  adds(path, body) {
    return this.does('POST', path, body, 201);
  }

  // Commands of the WebSocket's kind, each of which must succeed; as many as one likes.
  async commands(...commands) {
    const results = [];
    for (let i = 0; i < commands.length; i += 64) {
      const part = commands.slice(i, i + 64).map((command, n) => ({ id: i + n, ...command }));
      const { results: answered } = await this.does('POST', '/v1/commands', { type: 'batch', commands: part });
      answered.forEach((result, n) => assert.ok(result.ok, `${JSON.stringify(part[n])}: ${JSON.stringify(result)}`));
      results.push(...answered);
    }
    return results;
  }

  live(options = {}) {
    return Client.live(this.server, { token: this.token, ...options });
  }

  // A group, which is a project and a quest too.
  async group(name = 'Garage') {
    return (await this.adds('/groups', { name })).id;
  }

  // Makes it about noon where the person is, so that some hours ago is still today. Answers with a function that tells
  // the person's day of an instant.
  async liveAtNoon() {
    const hours = 12 - new Date().getUTCHours();
    const timeZone = hours === 0 ? 'Etc/GMT' : `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`;
    await this.does('PATCH', '/me', { timeZone });
    return (ms) => new Date(ms + hours * hour).toISOString().slice(0, 10);
  }
}

export const hasExactly = (object, names) => assert.deepEqual(Object.keys(object).sort(), [...names].sort());
export const iso = (ms) => new Date(ms).toISOString();
export const isInstant = (text) => assert.match(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
export const isUuid = (text) => assert.match(text, /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
export const ofLength = (n) => 'x'.repeat(n);

// rest.md: "`type` by status".
const types = {
  400: 'ValidationError',
  401: 'Unauthorized',
  404: 'NotFound',
  405: 'ValidationError',
  409: 'ConflictError',
  411: 'ValidationError',
  413: 'ValidationError',
  415: 'ValidationError',
  422: 'ValidationError',
  500: 'InternalServerError',
  503: 'ServiceUnavailable',
};

// A refusal in the one shape that all five documents' endpoints share.
export function isRefused(answer, status, { code, field, message, details } = {}) {
  assert.equal(answer.status, status, answer.text);
  hasExactly(answer.body, ['error']);
  const { error } = answer.body;
  assert.equal(error.type, types[status], answer.text);
  assert.equal(typeof error.code, 'string');
  assert.equal(typeof error.message, 'string');
  const known = ['type', 'code', 'message', 'field', 'details'];
  assert.deepEqual(Object.keys(error).filter((name) => !known.includes(name)), [], answer.text);
  if (code) assert.equal(error.code, code, answer.text);
  if (field) assert.equal(error.field, field, answer.text);
  if (message) assert.equal(error.message, message, answer.text);
  if (details) assert.deepEqual(error.details, details, answer.text);
}

// Each of the bodies is refused with 400, and the refusal names the field.
export async function refusesFields(person, method, path, bodies) {
  for (const [field, body] of bodies) {
    isRefused(await person.ask(method, path, body), 400, { code: 'badRequest', field });
  }
}

// "The same answer for what is another user's" as for what isn't there.
export async function isHidden(stranger, method, path, id, body) {
  const theirs = await stranger.ask(method, path, body);
  const unknown = await stranger.ask(method, path.replace(id, uuid()), body);
  isRefused(theirs, 404, { code: 'notFound' });
  assert.equal(theirs.text, unknown.text);
}

// The methods that a path knows are told to whoever uses another one.
export async function allowsOnly(person, method, path, methods) {
  const answer = await person.ask(method, path);
  isRefused(answer, 405, { code: 'methodNotAllowed' });
  const allowed = answer.headers.get('allow').split(/, */);
  for (const one of methods) assert.ok(allowed.includes(one), `${path}: ${allowed}`);
  assert.ok(!allowed.includes(method), `${path}: ${allowed}`);
}

// What every endpoint with a body says of a body that it can't take.
export async function refusesBodies(person, method, path, message) {
  isRefused(await person.ask(method, path, '{'), 400, { code: 'badJson', message });
  isRefused(await person.ask(method, path, '{"a":1,"a":1}'), 400, { code: 'badJson', message });
  isRefused(await person.ask(method, path, 'a=1', { 'content-type': 'text/plain' }), 415, { code: 'unsupportedMediaType' });
  isRefused(await person.ask(method, path, { a: ofLength(70000) }), 413, { code: 'tooLarge' });
}

// A request without the Content-Length that every client library sends.
export async function withoutLength(person, method, path) {
  const { port } = person.server;
  const text = await new Promise((resolve, reject) => {
    let answer = '';
    const head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${person.token}\r\n`;
    const socket = connect(port, '127.0.0.1', () => socket.write(`${head}\r\n`));
    socket.setTimeout(5000 * patience, () => socket.destroy(new Error(`no answer to ${method} ${path}`)));
    socket.on('data', (data) => (answer += data));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
  const [head, body] = text.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)[1]), text: body, body: JSON.parse(body) };
}
