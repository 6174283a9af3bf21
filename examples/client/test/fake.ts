// A world without time of its own: time passes when a test says so, and the server's part is played by the test.

import type { Environment, Socket } from '../src/environment.ts';
import { Sync, type SyncOptions } from '../src/sync.ts';
import type { EventMessage, Group, ResultMessage, Session, Task, User } from '../src/wire.ts';

export const DAY_START = 1_700_000_000_000;
export const DAY_END = DAY_START + 24 * 3600 * 1000;

type Sent = Record<string, unknown> & { type: string };

export class FakeSocket implements Socket {
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  closed = false;
  readonly sent: Sent[] = [];

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Sent);
  }

  close(): void {
    this.closed = true;
  }

  /** The server says something. */
  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  /** The server closes, or the network does. */
  end(code = 1006, reason = ''): void {
    this.onclose?.({ code, reason });
  }

  of(type: string): Sent[] {
    return this.sent.filter((message) => message.type === type);
  }

  last(type: string): Sent {
    const message = this.of(type).at(-1);
    if (!message) throw new Error(`no ${type} was sent`);
    return message;
  }
}

export class FakeWorld implements Environment {
  readonly sockets: FakeSocket[] = [];
  /** Where the device's wall clock stands beside the monotonic one. */
  wallOffset = 0;
  chance = 0.5;
  private time = 0;
  private timers: { at: number; run: () => void }[] = [];

  openSocket(): FakeSocket {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    return socket;
  }

  get socket(): FakeSocket {
    return this.sockets.at(-1)!;
  }

  mono(): number {
    return this.time;
  }

  wall(): number {
    return this.time + this.wallOffset;
  }

  random(): number {
    return this.chance;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((one) => one !== timer);
    };
  }

  get timersLeft(): number {
    return this.timers.length;
  }

  /** Lets time pass; what falls due runs at its own instant. */
  pass(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const due = this.timers.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers = this.timers.filter((one) => one !== due);
      this.time = Math.max(this.time, due.at);
      due.run();
    }
    this.time = end;
  }
}

export const USER: User = {
  id: 'alice',
  version: 1,
  name: null,
  email: null,
  createdAtMs: DAY_START,
  timeZone: 'UTC',
  sessionsResetTime: '00:00',
  day: new Date(DAY_START).toISOString().slice(0, 10),
  dayStartMs: DAY_START,
  dayEndMs: DAY_END,
  pending: null,
};

export function timer(fields: Partial<Session> = {}): Session {
  return {
    id: 'tea',
    kind: 'timer',
    version: 1,
    title: 'Tea',
    groupId: null,
    state: 'PAUSED',
    status: 'active',
    isCompleted: false,
    isDeleted: false,
    initialDuration: 240,
    timeLeft: 240,
    targetTimeMs: null,
    elapsedSeconds: 0,
    runningSinceMs: null,
    trackedSeconds: 0,
    dailyGoalMinutes: null,
    noGoal: true,
    startedAtMs: null,
    endedAtMs: null,
    createdAtMs: DAY_START,
    updatedAtMs: DAY_START,
    ...fields,
  };
}

export function task(fields: Partial<Task> = {}): Task {
  return {
    id: 'sand',
    sessionId: 'work',
    version: 1,
    description: 'Sand the door',
    startMs: DAY_START,
    completedAtMs: null,
    status: 'Pending',
    qualityResult: null,
    challengesEncountered: null,
    reworkNeeded: false,
    timeSpentMinutes: null,
    isDeleted: false,
    ...fields,
  };
}

export function event(seq: number, fields: Partial<EventMessage> = {}): EventMessage {
  return {
    type: 'event',
    seq,
    tag: `tag${seq}`,
    event: 'renameSession',
    atMs: DAY_START + seq,
    nowMs: DAY_START + seq,
    session: timer({ title: `Tea ${seq}`, version: seq }),
    ...fields,
  };
}

export function snapshot(seq: number, nowMs: number, sessions: Session[] = [], groups: Group[] = []) {
  return {
    type: 'snapshot' as const,
    epoch: 'epoch',
    seq,
    tag: `tag${seq}`,
    reason: 'fresh',
    nowMs,
    state: { user: USER, groups, plans: [], sessions, tasks: [] },
  };
}

/** A Sync in a fake world, with what it told its face. */
export function begin(options: Partial<SyncOptions> = {}, wallOffset = 0) {
  const world = new FakeWorld();
  world.wallOffset = wallOffset;
  const told = {
    settled: [] as { label: string; result: ResultMessage }[],
    dropped: [] as string[],
    signIn: [] as string[],
  };
  const sync = new Sync({
    environment: world,
    clientName: 'test',
    keyPrefix: 'tab',
    renewToken: async () => null,
    saved: null,
    changed: () => {},
    applied: () => {},
    settled: ({ label }, result) => told.settled.push({ label, result }),
    dropped: ({ label }) => told.dropped.push(label),
    signInNeeded: (why) => told.signIn.push(why),
    tokenAccepted: () => {},
    tokenRefused: () => {},
    ...options,
  });
  return { world, sync, told };
}

/** The server's side of connecting, up to `live`. `serverNow` is the server's clock at this moment. */
export function goLive(world: FakeWorld, seq: number, serverNow: number, replay: EventMessage[] | null = null): void {
  const { socket } = world;
  socket.say({ type: 'hello', protocol: 'lockstep.v1', nowMs: serverNow });
  sayReady(socket, seq, serverNow, replay);
}

export function sayReady(socket: FakeSocket, seq: number, nowMs: number, replay: EventMessage[] | null): void {
  const mode = replay ? 'replay' : 'snapshot';
  const ready = { type: 'ready', userId: 'alice', epoch: 'epoch', seq, tag: `tag${seq}`, mode, nowMs };
  socket.say({ ...ready, heartbeatMs: 25_000, tokenExpiresAtMs: null, scope: 'full' });
  if (replay) for (const one of replay) socket.say(one);
  else socket.say(snapshot(seq, nowMs, [timer()]));
  socket.say({ type: 'live', seq, tag: `tag${seq}` });
}
