// A socket to the server: signs in, keeps the person's timers as events come, matches answers to questions.
export class Connection {
  constructor(address, token, { changed, expiring }) {
    Object.assign(this, { state: 'connecting', messages: [], sessions: new Map(), waiting: new Map(), last: 0 });
    this.handlers = { changed, expiring };
    this.socket = new WebSocket(address, 'lockstep.v1');
    this.socket.onopen = () => this.send({ type: 'auth', id: 'auth', token, client: { name: 'page' } });
    this.socket.onmessage = ({ data }) => this.take(JSON.parse(data));
    this.closed = new Promise((resolve) => {
      this.socket.onclose = ({ code, reason }) => {
        this.state = `closed ${code} ${reason}`;
        changed();
        resolve({ code, reason });
      };
    });
  }

  send(message) {
    this.socket.send(JSON.stringify(message));
  }

  ask(message) {
    const id = ++this.last;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.send({ ...message, id });
    });
  }

  take(message) {
    this.messages.push(message);
    if (message.type === 'ready') this.ready = message;
    if (message.type === 'snapshot') this.sessions = new Map(message.state.sessions.map((session) => [session.id, session]));
    if (message.type === 'event' && message.session) this.sessions.set(message.session.id, message.session);
    if (message.type === 'live') this.state = 'in step';
    if (message.type === 'authExpiring') this.handlers.expiring();
    this.waiting.get(message.id)?.(message);
    this.handlers.changed();
  }

  close() {
    this.socket.close();
  }
}
