// Several people with several sockets each, sending commands with keys. Every socket keeps to the client's rules; what
// it is told goes into its person's history.
import { Client } from '../integration/support/client.mjs';
import { History, checkState, random } from './history.mjs';

const PATIENCE_MS = 60000;

// A load makes a long log; a client that was away gets it event by event.
export const options = ['--rate-commands', '1000000/1000000', '--max-groups', '100000', '--max-timers', '100000', '--max-replay', '100000/200000000', '--max-outbox', '200000000'];

class Device {
  constructor(load, person, number) {
    Object.assign(this, { load, person, number, sent: 0, pending: new Map(), seq: 0 });
  }

  async connect() {
    const query = this.epoch ? `?epoch=${this.epoch}&seq=${this.seq}${this.tag ? `&tag=${this.tag}` : ''}` : '';
    this.client = new Client(this.load.server, { token: this.person.token, query });
    this.client.socket.on('message', () => this.load.holds(() => this.take(this.client.messages.at(-1))));
    await this.client.next((m) => m.type === 'live', PATIENCE_MS);
  }

  take(message) {
    if (message.type === 'event') this.takeEvent(message);
    else if (message.type === 'result') this.takeResult(message);
    else if (message.type === 'ready') this.takeReady(message);
    else if (message.type === 'snapshot') Object.assign(this, { seq: message.seq, tag: message.tag, snapshot: message });
  }

  // Whoever comes back with a position that it was told is never in another log, or ahead of it.
  takeReady({ epoch, mode, reason }) {
    const expected = this.epoch ? mode === 'replay' : reason === 'fresh';
    if (!expected) throw new Error(`the log forgot what it told: ${mode} ${reason}, at ${this.seq}`);
    this.epoch = epoch;
  }

  takeEvent(event) {
    if (event.seq !== this.seq + 1) throw new Error(`a socket got seq ${event.seq} after ${this.seq}`);
    Object.assign(this, { seq: event.seq, tag: event.tag });
    this.person.hears(event);
  }

  // Its events come before a result.
  takeResult(result) {
    const command = this.pending.get(result.id);
    if (!command) return;
    if (result.ok && result.changed && !result.duplicate && result.seq > this.seq) throw new Error(`a result came before its event: ${JSON.stringify(result)}`);
    this.person.history.answered(command.key, result);
    this.load.answers++;
    if (result.ok || !result.error.retryable) this.pending.delete(result.id);
    else this.comesAgain(command);
    this.fill();
  }

  comesAgain(command) {
    this.load.unavailable++;
    const { client } = this;
    const isOpen = () => client === this.client && !client.close && this.pending.has(command.id);
    setTimeout(() => isOpen() && this.send([command]), 50);
  }

  send(commands) {
    for (const command of commands) {
      this.person.history.asks(command);
      this.pending.set(command.id, command);
    }
    this.client.send(commands.length > 1 ? { type: 'batch', id: `b${commands[0].id}`, commands } : commands[0]);
  }

  // Keeps `depth` commands on the way, now and then a batch of them.
  fill() {
    while (this.load.running && !this.client.close && this.pending.size < this.load.depth) {
      const count = this.load.random.below(8) === 0 ? 3 : 1;
      this.send(Array.from({ length: count }, () => this.next()));
    }
  }

  next() {
    const key = `${this.person.name}.${this.number}.${++this.sent}`;
    return { ...this.person.command(key), id: key, key };
  }

  // What was never answered is asked again under its key; so is something that was.
  async settle() {
    const unanswered = [...this.pending.values()];
    const done = [...this.person.history.answers].filter(([, result]) => result.ok);
    const again = done.length ? this.person.history.asked.get(done[this.load.random.below(done.length)][0]) : undefined;
    for (const command of again ? [...unanswered, again] : unanswered) this.send([command]);
    await this.load.until(() => this.pending.size === 0 || this.client.close);
    if (this.pending.size > 0) throw new Error(`closed before all was settled: ${JSON.stringify(this.client.close)}`);
  }
}

class Person {
  constructor(load, name, token) {
    Object.assign(this, { load, name, token, history: new History(name), sessions: [] });
  }

  hears(event) {
    const isNew = !this.history.told.has(event.seq);
    this.history.hears(event);
    if (isNew && event.event === 'addSession') this.sessions.push(event.session.id);
    if (isNew && event.event === 'deleteSession') this.sessions = this.sessions.filter((id) => id !== event.session.id);
  }

  // Adds bring no id of their own, so that one that is applied twice shows.
  command(key) {
    const luck = this.load.random();
    const session = this.sessions[this.load.random.below(this.sessions.length)];
    if (!session || luck < 0.12) return { type: 'addSession', title: key, initialDuration: luck < 0.01 ? 1 : 3600 };
    if (luck < 0.15) return { type: 'addGroup', name: key };
    if (luck < 0.45) return { type: 'renameSession', session, title: key };
    if (luck < 0.7) return { type: 'start', session };
    if (luck < 0.95 || this.sessions.length < 20) return { type: 'pause', session };
    return { type: 'deleteSession', session };
  }
}

export class Load {
  static async of(server, { seed = 1, people = 3, sockets = 3, depth = 4 } = {}) {
    const load = Object.assign(new Load(), { server, depth, random: random(seed), running: false, answers: 0, unavailable: 0, wrong: [] });
    load.people = [];
    for (let i = 0; i < people; i++) {
      const { body } = await server.request('POST', '/v1/dev/token', { body: { user: `user${i}` } });
      load.people.push(new Person(load, `user${i}`, body.token));
    }
    load.devices = load.people.flatMap((person) => Array.from({ length: sockets }, (_, i) => new Device(load, person, i)));
    await load.connect();
    return load;
  }

  // What a message shows to be wrong is kept until somebody asks.
  holds(check) {
    try {
      check();
    } catch (error) {
      this.wrong.push(error);
      this.running = false;
    }
  }

  throwWrong() {
    if (this.wrong.length) throw this.wrong[0];
  }

  async until(holds, ms = PATIENCE_MS) {
    for (const end = Date.now() + ms; !holds(); ) {
      this.throwWrong();
      if (Date.now() > end) throw new Error(`waited in vain for ${holds}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    this.throwWrong();
  }

  connect() {
    return Promise.all(this.devices.map((device) => device.connect()));
  }

  start() {
    this.running = true;
    for (const device of this.devices) device.fill();
  }

  // No more is asked; what is on the way may still be answered.
  stop() {
    this.running = false;
    this.throwWrong();
  }

  closed() {
    return Promise.all(this.devices.map((device) => device.client.closed));
  }

  end() {
    this.running = false;
    return Promise.all(this.devices.map((device) => device.client.end()));
  }

  // After a restart: all come back where they were and settle what is open.
  async comeBack() {
    await this.connect();
    await Promise.all(this.devices.map((device) => device.settle()));
  }

  // By the sockets alone: all of a person's have seen the same log, and the state is what it makes.
  async check() {
    for (const person of this.people) {
      const [first, ...others] = this.devices.filter((device) => device.person === person);
      first.client.send({ type: 'getSnapshot', id: 'check' });
      await this.until(() => first.snapshot?.id === 'check');
      const { snapshot } = first;
      first.snapshot = undefined;
      await this.until(() => others.every((device) => device.seq >= snapshot.seq));
      const events = person.history.log;
      person.history.check({ events });
      checkState(events.slice(0, snapshot.seq), snapshot);
    }
  }

  // By what is on disk.
  checkFile(seen) {
    for (const person of this.people) {
      const user = seen.users.find(({ userId }) => userId === person.name);
      if (!user) throw new Error(`${person.name} is not there`);
      person.history.check(user);
      checkState(user.events, user.snapshot);
    }
  }
}
