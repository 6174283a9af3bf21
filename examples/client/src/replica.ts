// A person's state as the server has it, following its events: every timer that is not deleted, the active sessions
// of the other kinds with their tasks, groups and plans. Knows no socket.

import type { Held } from './session-math.ts';
import type { EventMessage, Group, Plan, Position, Session, SnapshotMessage, Task, User } from './wire.ts';

/** What became of an event: taken in, kept until the rest of its command is here, known already, or beyond a gap. */
export type Received = 'applied' | 'held' | 'ignored' | 'gap';

/** The whole state as plain values. */
export interface SavedState {
  user: User | null;
  sessions: Held[];
  groups: Group[];
  tasks: Task[];
  plans: Plan[];
  lastAtMs: number;
}

export class Replica {
  user: User | null = null;
  readonly sessions = new Map<string, Held>();
  readonly groups = new Map<string, Group>();
  readonly tasks = new Map<string, Task>();
  readonly plans = new Map<string, Plan>();
  /** When the latest thing happened that this state knows of. */
  lastAtMs = 0;

  /** The events that the last `applied` took in together. */
  lastApplied: readonly EventMessage[] = [];

  private epoch: string | null = null;
  private seq = 0;
  private tag: string | null = null;
  /** The events so far of a command that made several. */
  private partial: EventMessage[] = [];

  /** Where to go on from; null when nothing is known yet. Events that wait for the rest don't count. */
  position(): Position | null {
    if (this.epoch === null) return null;
    const position = { epoch: this.epoch, seq: this.seq };
    return this.tag === null ? position : { ...position, tag: this.tag };
  }

  /** The last event that arrived, waiting ones included. */
  get receivedSeq(): number {
    return this.partial.at(-1)?.seq ?? this.seq;
  }

  clear(): void {
    this.user = null;
    this.sessions.clear();
    this.groups.clear();
    this.tasks.clear();
    this.plans.clear();
    this.epoch = null;
    this.seq = 0;
    this.tag = null;
    this.partial = [];
    this.lastAtMs = 0;
  }

  applySnapshot(snapshot: SnapshotMessage): void {
    this.clear();
    this.epoch = snapshot.epoch;
    this.seq = snapshot.seq;
    this.tag = snapshot.tag ?? null;
    this.user = snapshot.state.user;
    for (const session of snapshot.state.sessions) {
      this.putSession(session, snapshot.nowMs);
      this.lastAtMs = Math.max(this.lastAtMs, session.updatedAtMs);
    }
    for (const group of snapshot.state.groups) put(this.groups, group);
    for (const plan of snapshot.state.plans) put(this.plans, plan);
    for (const task of snapshot.state.tasks) put(this.tasks, task);
  }

  /** Shares its entities, which never change: a change brings a new one. */
  save(): SavedState {
    const { user, sessions, groups, tasks, plans, lastAtMs } = this;
    return {
      user,
      sessions: [...sessions.values()],
      groups: [...groups.values()],
      tasks: [...tasks.values()],
      plans: [...plans.values()],
      lastAtMs,
    };
  }

  restore(state: SavedState, { epoch, seq, tag }: Position): void {
    this.clear();
    this.epoch = epoch;
    this.seq = seq;
    this.tag = tag ?? null;
    this.user = state.user;
    this.lastAtMs = state.lastAtMs;
    for (const held of state.sessions) this.sessions.set(held.session.id, held);
    for (const group of state.groups) put(this.groups, group);
    for (const task of state.tasks) put(this.tasks, task);
    for (const plan of state.plans) put(this.plans, plan);
  }

  /** The rule of the protocol: the next one is applied, an old one ignored, a later one means that some are missing. */
  receive(event: EventMessage): Received {
    const expected = this.receivedSeq + 1;
    if (event.seq < expected) return 'ignored';
    if (event.seq > expected) return 'gap';
    this.partial.push(event);
    if (event.n !== undefined && event.of !== undefined && event.n < event.of) return 'held';
    this.lastApplied = this.partial;
    this.partial = [];
    for (const one of this.lastApplied) this.apply(one);
    return 'applied';
  }

  /** Half a command's events are of no use on a new connection, which brings them again. */
  forgetPartial(): void {
    this.partial = [];
  }

  private apply(event: EventMessage): void {
    if (event.user) this.user = event.user;
    if (event.group) put(this.groups, event.group);
    if (event.plan) put(this.plans, event.plan);
    if (event.task) put(this.tasks, event.task);
    if (event.session) this.putSession(event.session, event.nowMs);
    for (const session of event.sessions ?? []) this.putSession(session, event.nowMs);
    this.seq = event.seq;
    this.tag = event.tag ?? null;
    this.lastAtMs = Math.max(this.lastAtMs, event.atMs);
  }

  private putSession(session: Session, madeAtMs: number): void {
    const isOver = session.kind !== 'timer' && session.status !== 'active';
    if (!session.isDeleted && !isOver) {
      this.sessions.set(session.id, { session, madeAtMs });
      return;
    }
    this.sessions.delete(session.id);
    for (const task of [...this.tasks.values()]) {
      if (task.sessionId === session.id) this.tasks.delete(task.id);
    }
  }
}

function put<T extends { id: string; isDeleted: boolean }>(all: Map<string, T>, one: T): void {
  if (one.isDeleted) all.delete(one.id);
  else all.set(one.id, one);
}
