// Two sockets of a person and one of a stranger, while the person changes things over REST. What every changing endpoint
// must do is asked here once: the event to both sockets and to nobody else, its Idempotency-Key, its If-Match, and that
// to the stranger there is nothing.
import assert from 'node:assert/strict';
import { uuid } from './client.mjs';
import { Person, isHidden, isRefused } from './person.mjs';

const entities = ['session', 'group', 'task', 'problem', 'plan', 'user'];
const positionOf = (answer) => answer.headers.get('lockstep-position');

export class Watch {
  static async over(person) {
    const stranger = await Person.of(person.server);
    const [a, b, c] = await Promise.all([person.live(), person.live(), stranger.live()]);
    return Object.assign(new Watch(), { person, stranger, sockets: [a, b], theirs: c, versions: new Map() });
  }

  // The next event, which both sockets must get alike.
  async next(name, ms) {
    const [one, other] = await Promise.all(this.sockets.map((socket) => socket.event(undefined, ms)));
    assert.deepEqual(one, other);
    assert.equal(one.event, name, JSON.stringify(one));
    for (const entity of entities) {
      if (one[entity]) this.versions.set(one[entity].id, one[entity].version);
    }
    for (const session of one.sessions ?? []) this.versions.set(session.id, session.version);
    return one;
  }

  // Makes one change over REST. `of` is the id in the path; an `adding` has no version to go by. Answers with the event.
  async change(method, path, body, { event, domainEvent, entity, of, adding = false, status = adding ? 201 : 200 }) {
    const { person } = this;
    const headers = { 'idempotency-key': uuid() };
    if (of) await isHidden(this.stranger, method, path, of, body);
    if (of && !adding) {
      const stale = await person.ask(method, path, body, { 'if-match': '"999999"' });
      isRefused(stale, 409, { code: 'conflict', details: { version: this.versions.get(of) } });
      headers['if-match'] = `"${this.versions.get(of)}"`;
    }
    const answer = await person.ask(method, path, body, headers);
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
    const seen = await this.next(event);
    assert.equal(seen.domainEvent, domainEvent, JSON.stringify(seen));
    assert.equal(seen.origin.via, 'http');
    assert.ok(seen[entity], JSON.stringify(seen));
    if (of && !adding) assert.equal(seen[entity].id, of);
    await this.repeat(method, path, body, headers, answer);
    return { ...seen, answer: answer.body };
  }

  // The same once more under its key: the same answer, and nothing happens. Something else under it is refused.
  async repeat(method, path, body, headers, first) {
    const again = await this.person.ask(method, path, body, headers);
    assert.equal(again.status, first.status, again.text);
    assert.equal(positionOf(again), positionOf(first));
    assert.deepEqual(identity(again.body), identity(first.body));
    const key = { 'idempotency-key': headers['idempotency-key'] };
    const other = await this.person.ask('POST', '/v1/commands', { type: 'addGroup', name: 'Another' }, key);
    assert.equal(other.status, 409, other.text);
    assert.equal(other.body.error.code, 'keyReuse');
  }

  // Nothing came that was not looked at, and to the stranger nothing at all.
  async end() {
    for (const socket of [...this.sockets, this.theirs]) await socket.ask({ type: 'time', t0: 0 });
    for (const socket of this.sockets) {
      const unseen = socket.messages.slice(socket.taken).filter((message) => message.type === 'event');
      assert.deepEqual(unseen, []);
    }
    assert.deepEqual(this.theirs.messages.filter((message) => message.type === 'event'), []);
    await Promise.all([...this.sockets, this.theirs].map((socket) => socket.end()));
  }
}

const identity = (object) => [object.id, object.sessionId];
