// A client as protocol.md describes one, on the npm `ws` library: it keeps every message and lets tests wait for one.
import { randomUUID } from 'node:crypto';
import WebSocket from 'ws';
import { patience } from './server.mjs';

export const uuid = randomUUID;

export class Client {
  // `server` is a Server, or whatever has its address in `ws`; `from` is the address to come from.
  constructor(server, { token, headers = {}, query = '', protocols = ['lockstep.v1'], from } = {}) {
    const all = token ? { authorization: `Bearer ${token}`, ...headers } : headers;
    this.messages = [];
    this.taken = 0;
    this.nextId = 1;
    this.waiting = [];
    const options = { headers: all, perMessageDeflate: false, ...(from && { localAddress: from }) };
    this.socket = new WebSocket(server.ws + query, protocols, options);
    this.socket.on('message', (data) => {
      this.messages.push(JSON.parse(data.toString()));
      this.wake();
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => {
        this.close = { code, reason: reason.toString() };
        this.wake();
        resolve(this.close);
      });
    });
    this.socket.on('error', (error) => {
      this.error = error;
    });
  }

  wake() {
    for (const check of this.waiting.splice(0)) check();
  }

  // Connected, signed in and live, with the snapshot or the replay in `messages`.
  static async live(server, options = {}) {
    const client = new Client(server, options);
    await client.next((m) => m.type === 'live');
    client.ready = client.messages.find((m) => m.type === 'ready');
    return client;
  }

  // The next message, from where the last wait ended, that fits; those before it are passed over.
  async next(fits = () => true, ms = 5000) {
    const end = Date.now() + ms * patience;
    for (;;) {
      while (this.taken < this.messages.length) {
        const message = this.messages[this.taken++];
        if (fits(message)) return message;
      }
      const left = end - Date.now();
      if (left <= 0 || this.close) {
        throw new Error(`waited in vain (${this.close ? `closed ${this.close.code} ${this.close.reason}` : 'time'}): ${fits}; last: ${JSON.stringify(this.messages.at(-1))}`);
      }
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  event(name, ms) {
    return this.next((m) => m.type === 'event' && (!name || m.event === name), ms);
  }

  send(message) {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  // Sends a command and waits for its result, wherever it stands among the messages.
  async ask(message) {
    const id = message.id ?? `q${this.nextId++}`;
    this.send({ ...message, id });
    const end = Date.now() + 5000 * patience;
    while (Date.now() < end && !this.close) {
      const answer = this.messages.find((m) => m.id === id && m.type !== 'event');
      if (answer) return answer;
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, 100);
        this.waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    throw new Error(`no answer to ${JSON.stringify(message)}; last: ${JSON.stringify(this.messages.at(-1))}`);
  }

  get position() {
    const last = this.messages.filter((m) => m.type === 'event' || m.type === 'snapshot' || m.type === 'live').at(-1);
    const epoch = this.messages.find((m) => m.type === 'ready').epoch;
    return { epoch, seq: last.seq, ...(last.tag ? { tag: last.tag } : {}) };
  }

  end() {
    this.socket.terminate();
    return this.closed;
  }
}

// The state a client holds after the messages it got: the reference for "all show the same".
export function replayed(messages) {
  let state = null;
  let seq = 0;
  for (const message of messages) {
    if (message.type === 'snapshot') {
      state = new Map(message.state.sessions.map((s) => [s.id, s]));
      seq = message.seq;
    } else if (message.type === 'event' && message.seq === seq + 1) {
      seq = message.seq;
      for (const session of message.sessions ?? [message.session].filter(Boolean)) {
        if (session.isDeleted) state.delete(session.id);
        else state.set(session.id, session);
      }
    }
  }
  return { seq, state };
}
