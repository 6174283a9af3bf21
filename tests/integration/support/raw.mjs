// A connection on which bytes are sent as no client library would send them.
import { connect } from 'node:net';

export class Raw {
  constructor(server, { from, path } = {}) {
    const where = path ? { path } : { port: server.port, host: '127.0.0.1', ...(from && { localAddress: from }) };
    this.answer = '';
    this.begun = Date.now();
    this.socket = connect({ ...where, noDelay: true });
    this.socket.on('data', (data) => (this.answer += data.toString('latin1')));
    this.socket.on('error', () => {}); // a reset is one way to be closed
    this.opened = new Promise((resolve) => this.socket.once('connect', resolve));
    // After how many ms.
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve(Date.now() - this.begun)));
  }

  get isClosed() {
    return this.socket.destroyed;
  }

  send(bytes) {
    if (!this.socket.destroyed) this.socket.write(bytes);
    return this;
  }

  // A byte every so often, until nobody takes them any more or there are no more.
  drip(text, everyMs) {
    let at = 0;
    const timer = setInterval(() => {
      if (at < text.length) this.send(text[at++]);
    }, everyMs);
    this.closed.then(() => clearInterval(timer));
    return this;
  }

  // The status of the answer; 0 when it was closed without one.
  async status() {
    await this.closed;
    return Number(/^HTTP\/1\.[01] (\d+)/.exec(this.answer)?.[1] ?? 0);
  }

  end() {
    this.socket.destroy();
    return this.closed;
  }
}
