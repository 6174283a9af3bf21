// What one person asks of the server, one thing after the other: how long each took, and what it cost the server.
import { get } from 'node:http';
import { Client } from '../../integration/support/client.mjs';
import { sleep } from './place.mjs';

const ROUNDS = 41; // medians are of so many
const EACH = 10; // in a round
const SETTLE_MS = 2; // what the server does behind its last answer belongs to the round
const REPLAYED = 10;
const DAY_MS = 24 * 3600 * 1000;

// Somebody with a socket. Answers are told apart by how they begin: parsing them would take this process's time.
export class Asker {
  static async of(server, name) {
    const token = server.token(name, '--minutes', '600');
    const client = await Client.live(server, { token });
    const asker = Object.assign(new Asker(), { server, name, token, client });
    const { state } = client.messages.find(({ type }) => type === 'snapshot');
    asker.epoch = client.ready.epoch;
    asker.session = state.sessions[0].id;
    asker.running = state.sessions[0].state === 'RUNNING';
    asker.note(client.messages.at(-1));
    client.socket.removeAllListeners('message');
    client.socket.on('message', (data) => asker.take(data));
    return asker;
  }

  note({ seq, tag }) {
    Object.assign(this, { seq, tag });
  }

  take(data) {
    if (!this.waiting || data.compare(this.waiting.begins, 0, this.waiting.begins.length, 0, this.waiting.begins.length)) return;
    const { resolve } = this.waiting;
    this.waiting = undefined;
    resolve(data);
  }

  // Resolves with the first message that begins so.
  send(message, begins) {
    const answer = new Promise((resolve) => (this.waiting = { resolve, begins: Buffer.from(begins) }));
    this.client.socket.send(JSON.stringify(message));
    return answer;
  }

  async command() {
    const type = this.running ? 'pause' : 'start';
    const result = JSON.parse(await this.send({ type, id: 1, key: `grow:${this.seq}`, session: this.session }, '{"type":"result"'));
    if (!result.ok || !result.changed) throw new Error(`${type}: ${JSON.stringify(result)}`);
    this.running = !this.running;
    this.seq = result.seq;
    this.tag = undefined;
  }

  async resume(position) {
    this.note(JSON.parse(await this.send({ type: 'resume', id: 1, epoch: this.epoch, ...position }, '{"type":"live"')));
  }

  sync() {
    return this.resume({ seq: this.seq, ...(this.tag && { tag: this.tag }) });
  }

  replay() {
    return this.resume({ seq: this.seq - REPLAYED });
  }

  snapshot() {
    return this.send({ type: 'getSnapshot', id: 1 }, '{"type":"snapshot"');
  }

  // Over HTTP, on a connection of its own, as the server wants it.
  get(path) {
    const options = { agent: false, headers: { authorization: `Bearer ${this.token}` } };
    return new Promise((resolve, reject) => {
      get(this.server.http + path, options, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${path}: ${response.statusCode}`));
        response.on('data', () => {});
        response.on('end', resolve);
      }).on('error', reject);
    });
  }

  list() {
    return this.get('/api/sessions?limit=20');
  }

  audit() {
    return this.get('/api/audit-log?limit=20');
  }

  analytics() {
    const day = (ago) => new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10);
    return this.get(`/analytics?period=daily&from=${day(30)}&to=${day(1)}`);
  }

  end() {
    return this.client.end();
  }
}

// What is asked, in the order in which it is.
export const questions = {
  command: 'a command',
  sync: 'sync, nothing missed',
  replay: `replay of ${REPLAYED}`,
  snapshot: 'snapshot',
  list: 'a page of a list',
  audit: 'a page of the audit log',
  analytics: 'analytics of a month',
};

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
const ascending = (a, b) => a - b;
const rounded = (number, places) => Number(number.toFixed(places));

// A round of one question, the askers in turns: how long each answer took, and the processor's time for one.
async function ask(server, askers, question) {
  const before = server.processor;
  const took = [];
  for (let i = 0; i < EACH; i++) {
    const asker = askers[i % askers.length];
    const begun = performance.now();
    await asker[question]();
    took.push(performance.now() - begun);
  }
  await sleep(SETTLE_MS);
  return { took, cost: (server.processor - before) / EACH };
}

// Medians of the processor's microseconds for one, and how many ms the answers took.
function summarize(rounds) {
  const took = rounds.flatMap((round) => round.took).sort(ascending);
  const cost = rounds.map((round) => round.cost).sort(ascending);
  return { us: rounded(at(cost, 0.5), 1), p50: rounded(at(took, 0.5), 3), p99: rounded(at(took, 0.99), 3) };
}

// All of the questions, by the users of these names. They take turns, so that whatever else the machine does meanwhile
// happens to each of them.
export async function askAll(server, names, count = ROUNDS) {
  const askers = [];
  for (const name of names) askers.push(await Asker.of(server, name));
  // So many events are there for a replay.
  for (const asker of askers) for (let i = 0; i < REPLAYED; i++) await asker.command();
  const rounds = Object.fromEntries(Object.keys(questions).map((question) => [question, []]));
  for (let round = -1; round < count; round++) {
    for (const question of Object.keys(questions)) {
      const asked = await ask(server, askers, question);
      if (round >= 0) rounds[question].push(asked);
    }
  }
  for (const asker of askers) await asker.end();
  return Object.fromEntries(Object.entries(rounds).map(([question, all]) => [question, summarize(all)]));
}
