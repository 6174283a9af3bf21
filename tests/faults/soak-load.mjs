// The load of the soak: households of several devices that come, act, vanish and come back, and what each household was
// told, so that it can be compared with the log at the end. Knows the wire only.
import { randomUUID as uuid } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';

const second = 1000;
export const pick = (list) => list[Math.floor(Math.random() * list.length)];
export const between = (low, high) => low + Math.random() * (high - low);
const chance = (share) => Math.random() < share;
const whole = (low, high) => Math.floor(between(low, high + 1));
// A token of an hour is renewed by coming back with another.
const TOKEN_MS = 30 * 60 * second;

// What a command may be refused with when several devices of a household act at once. Anything else is a finding.
const ordinary = new Set(['conflict', 'alreadyActive', 'invalidState', 'superseded', 'limit', 'notFound', 'rateLimited']);

// What went on, for the table and the verdict.
export class Tally {
  constructor() {
    this.findings = [];
    this.trips = [];
    this.counts = new Map();
  }

  add(name, by = 1) {
    this.counts.set(name, this.of(name) + by);
  }

  of(name) {
    return this.counts.get(name) ?? 0;
  }

  finding(text) {
    if (this.findings.length < 50) this.findings.push(text);
    this.add('findings');
  }
}

export class Household {
  constructor(server, name, tally) {
    Object.assign(this, { server, name, tally });
    this.tags = []; // by seq: a socket that sees another one has met a fork
    this.promised = []; // each acknowledged command: {key, seq, changed}
    this.sessions = new Map();
    this.groups = new Map();
    this.plans = new Map();
    this.tasks = new Map();
    this.problems = new Map();
    this.number = 0;
  }

  async signIn() {
    if (this.token && Date.now() - this.tokenMs < TOKEN_MS) return this.token;
    const { body } = await this.server.request('POST', '/v1/dev/token', { body: { user: this.name } });
    this.tokenMs = Date.now();
    this.token = body.token;
    return this.token;
  }

  saw(event) {
    this.tags[event.seq] ??= event.tag;
    if (this.tags[event.seq] !== event.tag) this.tally.finding(`${this.name}: two events ${event.seq}: ${this.tags[event.seq]}, ${event.tag}`);
    for (const session of event.sessions ?? [event.session].filter(Boolean)) this.keep(this.sessions, session, isOver(session));
    for (const entity of ['group', 'plan', 'task', 'problem']) {
      const one = event[entity];
      if (one) this.keep(this[`${entity}s`], one, one.isDeleted || one.resolved || one.status === 'completed');
    }
  }

  // Several sockets tell the same; the newest version stays. What is over is only kept for a while, to be asked about.
  keep(map, one, over) {
    const known = map.get(one.id);
    if (known && known.version > one.version) return;
    map.set(one.id, one);
    if (over && map.size > 60) map.delete(one.id);
  }

  settle(command, answer) {
    if (answer.ok) {
      if (Number.isInteger(answer.seq)) this.promised.push({ key: command.key, seq: answer.seq, changed: answer.changed });
      this.tally.add('commands');
    } else {
      if (!ordinary.has(answer.error.code)) this.tally.finding(`${this.name}: ${JSON.stringify(command)}: ${JSON.stringify(answer.error)}`);
      this.tally.add(`refused ${answer.error.code}`);
    }
  }

  nextKey() {
    return `${this.name}:${++this.number}`;
  }

  // A command that makes sense now, as far as this household knows.
  nextCommand() {
    for (;;) {
      const command = pick(makers)(this);
      if (command) return { ...command, key: this.nextKey() };
    }
  }

  some(map, fits) {
    const found = [...map.values()].filter(fits);
    return found.length ? pick(found) : undefined;
  }
}

const isOver = (session) => session.isDeleted || (session.kind !== 'timer' && session.status !== 'active');
const isTimer = (session) => session.kind === 'timer' && !session.isDeleted;
const isOf = (kind) => (session) => session.kind === kind && !isOver(session);
const isHere = (one) => !one.isDeleted;

// Most act on a timer, as people do.
const timer = (act) => (home) => {
  const session = home.some(home.sessions, isTimer);
  return session && act(session, home);
};
const active = (kind, act) => (home) => {
  const session = home.some(home.sessions, isOf(kind));
  return session && act(session, home);
};
const of = (entity, act) => (home) => {
  const one = home.some(home[`${entity}s`], entity === 'task' ? (task) => isHere(task) && task.status === 'pending' : isHere);
  return one && act(one, home);
};

const clocks = ['start', 'start', 'pause', 'pause', 'resetSession', 'complete'].map((type) =>
  timer((session) => ({ type, session: session.id, ...(chance(0.2) ? { atMs: Date.now() - whole(0, 2000) } : {}) })),
);

const timersOf = (home) => [...home.sessions.values()].filter(isTimer).length;
const addTimer = (home) => (timersOf(home) < 20 ? { type: 'addSession', session: uuid(), title: `Timer ${home.number}`, initialDuration: pick([null, whole(1, 90)]) } : undefined);

const timers = [
  addTimer,
  addTimer,
  timer((session, home) => (timersOf(home) > 15 ? { type: 'deleteSession', session: session.id } : undefined)),
  timer((session) => ({ type: 'editSession', session: session.id, initialDuration: whole(1, 120), ...(chance(0.3) ? { ifVersion: session.version } : {}) })),
  timer((session) => ({ type: 'editSession', session: session.id, dailyGoalMinutes: whole(1, 90) })),
  timer((session, home) => ({ type: 'renameSession', session: session.id, title: `Renamed ${home.number} ${'é'.repeat(whole(0, 60))}` })),
  timer((session, home) => ({ type: 'moveSession', session: session.id, group: home.some(home.groups, isHere)?.id ?? null })),
  timer((session) => ({ type: 'getSession', session: session.id })),
  (home) => ({ type: 'restoreSession', session: home.some(home.sessions, (s) => s.isDeleted)?.id ?? uuid() }),
  () => (chance(0.2) ? { type: 'resetAll' } : undefined),
];

const focus = [
  () => ({ type: 'addSession', session: uuid(), kind: 'focus', sessionType: 'custom', plannedMinutes: whole(5, 20) }),
  active('focus', ({ id }) => ({ type: 'distraction', session: id })),
  active('focus', ({ id, state }) => (state === 'RUNNING' ? { type: 'pause', session: id, reason: 'telephone' } : { type: 'start', session: id })),
  active('focus', ({ id }) => ({ type: 'complete', session: id, qualityRating: whole(1, 5), taskProgress: 'some' })),
  active('focus', ({ id }) => (chance(0.5) ? { type: 'abandon', session: id, reason: 'enough' } : undefined)),
];

const work = [
  of('group', ({ id }) => ({ type: 'addSession', session: uuid(), kind: 'work', group: id, plannedTasks: ['one', 'two'], notes: 'n'.repeat(whole(0, 300)) })),
  active('work', ({ id }, home) => ({ type: 'addTask', task: uuid(), session: id, description: `Task ${home.number}` })),
  of('task', ({ id }) => ({ type: 'editTask', task: id, description: 'Another description' })),
  of('task', ({ id }) => ({ type: 'completeTask', task: id, qualityResult: pick(['Excellent', 'Good', 'Acceptable', 'NeedsRework']) })),
  of('task', ({ id }) => (chance(0.3) ? { type: 'deleteTask', task: id } : undefined)),
  active('work', ({ id }) => ({ type: 'complete', session: id })),
];

const others = [
  (home) => ([...home.groups.values()].filter(isHere).length < 12 ? { type: 'addGroup', group: uuid(), name: `Group ${home.number}` } : undefined),
  of('group', ({ id }, home) => ({ type: 'editGroup', group: id, description: `about ${home.number}` })),
  of('group', ({ id }) => (chance(0.3) ? { type: 'deleteGroup', group: id } : undefined)),
  of('group', ({ id }) => ({ type: 'reportProblem', problem: uuid(), group: id, description: 'Something does not fit', severity: pick(['Minor', 'Major']), costImpact: 12.5 })),
  of('problem', ({ id }) => ({ type: 'editProblem', problem: id, timeImpact: whole(1, 90) })),
  of('problem', ({ id }) => ({ type: 'resolveProblem', problem: id, solutionPlan: 'made it fit' })),
  (home) => ([...home.plans.values()].filter(isHere).length < 8 ? { type: 'addPlan', plan: uuid(), name: `Plan ${home.number}`, structure: { exercises: ['x'.repeat(whole(0, 3000))] } } : undefined),
  of('plan', ({ id }, home) => ({ type: 'editPlan', plan: id, name: `Plan ${home.number}` })),
  of('plan', ({ id }) => (chance(0.3) ? { type: 'deletePlan', plan: id } : undefined)),
  of('plan', ({ id }) => ({ type: 'addSession', session: uuid(), kind: 'training', plan: id, date: '2026-11-21' })),
  active('training', ({ id }) => ({ type: 'editSession', session: id, structure: { done: ['squats'] } })),
  active('training', ({ id }) => ({ type: 'complete', session: id })),
  () => (chance(0.3) ? { type: 'autoResetTimeChange', sessionsResetTime: `${pick(['00', '05', '22'])}:${pick(['00', '30'])}`, timeZone: pick(['Europe/Berlin', 'UTC']) } : undefined),
];

const makers = [...clocks, ...clocks, ...timers, ...focus, ...work, ...others];

// One socket at a time, with the position and the unanswered command that outlive it.
export class Device {
  constructor(home, load) {
    Object.assign(this, { home, load, waiting: new Map(), next: 1 });
  }

  // Signed in and live, or an error. Half the time the token comes in the first message.
  async connect() {
    const token = await this.home.signIn();
    const early = chance(0.5);
    const { epoch, seq, tag } = this.position ?? {};
    const query = early && this.position ? `?epoch=${epoch}&seq=${seq}${tag ? `&tag=${tag}` : ''}` : '';
    const headers = early ? { authorization: `Bearer ${token}` } : {};
    const socket = new WebSocket(this.home.server.ws + query, ['lockstep.v1'], { headers, perMessageDeflate: false });
    this.socket = socket;
    this.home.tally.add('connects');
    await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('not live in time')), 30 * second);
      socket.on('message', (data) => this.take(JSON.parse(data.toString()), resolve));
      socket.on('error', reject);
      socket.on('close', (code) => {
        clearTimeout(late);
        this.home.tally.add(`closed ${code}`);
        for (const lost of this.waiting.values()) lost(undefined);
        this.waiting.clear();
        reject(new Error(`closed ${code}`));
      });
      socket.on('open', () => {
        if (!early) this.send({ type: 'auth', id: 'a', token, ...(this.position ? { resume: this.position } : {}) });
      });
    }).catch((error) => {
      socket.terminate();
      throw error;
    });
  }

  take(message, onLive) {
    const { home } = this;
    if (message.type === 'event') {
      home.tally.add('events');
      if (message.seq !== this.position.seq + 1) home.tally.finding(`${home.name}: event ${message.seq} after ${this.position.seq}`);
      this.position = { ...this.position, seq: message.seq, tag: message.tag };
      home.saw(message);
    } else if (message.type === 'snapshot') {
      this.takeSnapshot(message);
    } else if (message.type === 'ready') {
      home.tally.add(message.mode);
      this.position ??= { epoch: message.epoch, seq: 0 };
      if (message.epoch !== this.position.epoch) home.tally.finding(`${home.name}: the epoch changed`);
    } else if (message.type === 'live') {
      if (message.seq !== this.position.seq) home.tally.finding(`${home.name}: live at ${message.seq}, but at ${this.position.seq}`);
      onLive();
    }
    this.waiting.get(message.id)?.(message);
    this.waiting.delete(message.id);
  }

  takeSnapshot(message) {
    const { home } = this;
    if (message.id === undefined && !['fresh', 'tooMany'].includes(message.reason)) home.tally.finding(`${home.name}: snapshot, ${message.reason}`);
    if (message.seq < this.position.seq) home.tally.finding(`${home.name}: a snapshot of ${message.seq} after ${this.position.seq}`);
    const { tag } = message;
    this.position = { epoch: message.epoch, seq: message.seq, ...(tag ? { tag } : {}) };
    for (const session of message.state.sessions) home.keep(home.sessions, session, false);
    for (const group of message.state.groups) home.keep(home.groups, group, false);
    for (const plan of message.state.plans) home.keep(home.plans, plan, false);
    for (const task of message.state.tasks) home.keep(home.tasks, task, false);
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  send(message) {
    this.socket.send(JSON.stringify(message));
  }

  // The answer, or undefined when the socket was lost before it came.
  ask(message) {
    const id = this.next++;
    return new Promise((resolve) => {
      const start = performance.now();
      this.waiting.set(id, (answer) => {
        if (answer) this.home.tally.trips.push(performance.now() - start);
        resolve(answer);
      });
      this.send({ ...message, id });
    });
  }

  // One command, or the one whose answer was lost, again under its key. It stays until it is answered.
  async act() {
    this.unsettled ??= this.home.nextCommand();
    const command = this.unsettled;
    const answer = await this.ask(command);
    if (!answer) return;
    if (answer.ok === false && answer.error.code === 'rateLimited') {
      await sleep(answer.error.details.retryAfterMs);
      return;
    }
    if (answer.duplicate) this.home.tally.add('duplicates');
    if (answer.ok && answer.seq > this.position.seq) this.home.tally.finding(`${this.home.name}: a result of ${answer.seq} before its event`);
    this.home.settle(command, answer);
    this.unsettled = undefined;
  }

  // Leaves in one of the ways devices leave: politely, without a word, or with a command on its way.
  async leave() {
    const way = pick(['close', 'vanish', 'midway']);
    if (way === 'midway' && this.isOpen) {
      this.unsettled ??= this.home.nextCommand();
      this.send({ ...this.unsettled, id: 0 });
    }
    if (way === 'close') this.socket.close(1000);
    else this.socket.terminate();
    if (this.socket.readyState !== WebSocket.CLOSED) await new Promise((resolve) => this.socket.once('close', resolve));
  }

  async live() {
    while (!this.load.over) {
      try {
        await this.connect();
        const until = Date.now() + between(2, 60) * second;
        while (this.isOpen && Date.now() < until && !this.load.over) {
          await this.act();
          await sleep(between(100, 1200));
        }
        if (this.isOpen) await this.leave();
      } catch (error) {
        this.load.failed(error);
      }
      await sleep(between(50, 1000));
    }
    await this.finish();
  }

  // What was sent and never answered is settled by its key.
  async finish() {
    while (this.unsettled) {
      await this.connect();
      await this.act();
    }
    if (this.isOpen) await this.leave();
  }
}

const reads = ['/v1/state', '/sessions', '/api/sessions?limit=50', '/focus-sessions', '/groups', '/api/plans', '/me',
  '/api/audit-log?limit=50', '/v1/analytics?period=daily', '/analytics?period=weekly', '/healthz', '/readyz', '/'];

// Somebody with an HTTP client: reads, and commands under an Idempotency-Key, repeated until they are answered.
export async function useRest(home, load) {
  while (!load.over) {
    try {
      const token = await home.signIn();
      if (chance(0.6)) {
        const path = pick(reads);
        const answer = await home.server.request('GET', path, { token });
        if (answer.status !== 200) home.tally.finding(`GET ${path}: ${answer.status} ${answer.text.slice(0, 200)}`);
        home.tally.add('reads');
      } else {
        await postCommand(home, load, home.nextCommand());
      }
    } catch (error) {
      load.failed(error);
    }
    await sleep(between(100, 1500));
  }
}

async function postCommand(home, load, command) {
  for (;;) {
    try {
      const { key, ...body } = command;
      const answer = await home.server.request('POST', '/v1/commands', { token: await home.signIn(), body, headers: { 'idempotency-key': key } });
      if (answer.status !== 429) {
        home.settle(command, answer.body);
        return;
      }
    } catch (error) {
      load.failed(error);
    }
    await sleep(500);
  }
}

// Somebody with an EventSource, which reconnects with Last-Event-ID.
export async function useStream(home, load) {
  let last;
  while (!load.over) {
    const gone = new AbortController();
    setTimeout(() => gone.abort(), Math.min(between(5, 60) * second, load.endMs - Date.now())).unref();
    try {
      const headers = { accept: 'text/event-stream', authorization: `Bearer ${await home.signIn()}`, ...(last ? { 'last-event-id': last } : {}) };
      const response = await fetch(`${home.server.http}/v1/events`, { headers, signal: gone.signal });
      if (response.status !== 200) home.tally.finding(`event stream: ${response.status}`);
      home.tally.add('streams');
      let text = '';
      for await (const chunk of response.body) {
        text += Buffer.from(chunk).toString('latin1');
        const frames = text.split('\n\n');
        text = frames.pop();
        for (const frame of frames) last = readFrame(home, frame, last);
      }
    } catch (error) {
      if (!gone.signal.aborted) load.failed(error);
    }
    await sleep(between(50, 500));
  }
}

function readFrame(home, frame, last) {
  if (frame.startsWith(':')) return last;
  const [, id, data] = /^id: (\S+)\ndata: (.*)$/.exec(frame);
  const [seq, before] = [id, last ?? ''].map((one) => Number(one.split(':')[1]));
  if (data.startsWith('{"type":"event"') && last && seq !== before + 1) home.tally.finding(`${home.name}: streamed ${seq} after ${before}`);
  home.tally.add('streamed');
  return id;
}

// Somebody who asks for much, stops reading, and comes back: is cut off with 4408 or gets all of it.
export async function readSlowly(home, load) {
  const device = new Device(home, load);
  await device.connect();
  for (let i = 0; i < 150; i++) {
    await device.ask({ type: 'addSession', key: `wide-${i}`, session: uuid(), title: 'w'.repeat(200), initialDuration: 3600 });
  }
  while (!load.over) {
    try {
      if (!device.isOpen) await device.connect();
      const raw = device.socket._socket;
      raw.pause();
      for (let i = 0; i < 60; i++) device.send({ type: 'getSnapshot', id: `s${i}` });
      await sleep(Math.min(between(10, 25) * second, load.endMs - Date.now()));
      raw.resume();
      await sleep(between(1, 3) * second);
      await device.leave();
    } catch (error) {
      load.failed(error);
      await sleep(500);
    }
  }
  if (device.isOpen) await device.leave();
}
