// The client as programs use it: a state that follows the server, and commands that are promises.

import type { Phase } from './connection.ts';
import { newId, randomHex, realWorld, socketOpener, type Environment, type SocketClass } from './environment.ts';
import type { Pending } from './outbox.ts';
import { readSaved, type Saved } from './saved.ts';
import { elapsedMs, remainingMs, trackedMs, type Held } from './session-math.ts';
import { Sync, type SignInReason } from './sync.ts';
import type { CommandBody, EventMessage, Group, Plan, ResultMessage, Scope, Session, Task, User, WireError } from './wire.ts';

export interface ClientOptions {
  /** The server, "https://lockstep.example"; in a page that it serves, that page's by itself. */
  url?: string;
  /** What to sign in with; or call signIn later. */
  token?: string;
  /** A new token for the same person before the old one ends, or null when only the person can bring one. */
  renewToken?(): Promise<string | null>;
  /** What this client calls itself on the person's other screens. */
  name?: string;
  /** A WebSocket class, where the program has none of its own (Node before 22: that of the package ws). */
  WebSocket?: SocketClass;
  /**
   * What save() gave in an earlier life of the program: its state is there at once, and its commands go out.
   * Forgotten when another person signs in; null, or what no save() gave, is nothing.
   */
  saved?: Saved | null;
  /** Parts of the world in place of the real ones: for tests. */
  environment?: Partial<Environment>;
}

export interface CommandOptions {
  /** What the person asked for, in words, for a list of what waits. */
  label?: string;
}

export interface State {
  readonly user: User | null;
  /** Every timer that is not deleted, and the active sessions of the other kinds. */
  readonly sessions: ReadonlyMap<string, Held>;
  readonly groups: ReadonlyMap<string, Group>;
  /** Those of the active work sessions. */
  readonly tasks: ReadonlyMap<string, Task>;
  /** Without their structures. */
  readonly plans: ReadonlyMap<string, Plan>;
}

/** How things stand. Instants are of the monotonic clock, but for signInEndsMs, which is the server's. */
export interface Status {
  phase: Phase;
  catchingUp: boolean;
  /** True once the state has been there whole. */
  loaded: boolean;
  attempt: number;
  retryAtMono: number;
  lastHeardMono: number | null;
  closeCode: number | null;
  signInEndsMs: number | null;
  /** With "read" every command is refused; null until the server has said so. */
  scope: Scope | null;
}

export interface Listeners {
  /** Something that is shown has changed: the state, the status, what waits. */
  change: () => void;
  /** An event was applied. */
  event: (event: EventMessage) => void;
  /** A command was answered. */
  settled: (pending: Pending, result: ResultMessage) => void;
  signInNeeded: (why: SignInReason) => void;
  tokenAccepted: (token: string) => void;
  tokenRefused: (error: WireError) => void;
}

const SIGNED_OUT: ResultMessage = {
  type: 'result',
  id: null,
  ok: false,
  error: { code: 'signedOut', message: 'signed out before the server answered', retryable: false },
};

export class LockstepClient {
  private readonly sync: Sync;
  private readonly listeners = new Map<string, Set<(...told: never[]) => void>>();
  private readonly asked = new Map<string, (result: ResultMessage) => void>();

  constructor(options: ClientOptions = {}) {
    const openSocket = options.environment?.openSocket ?? socketOpener(options.url, options.WebSocket);
    this.sync = new Sync({
      environment: { ...realWorld(), ...options.environment, openSocket },
      clientName: options.name ?? 'lockstep-client',
      keyPrefix: randomHex(8),
      renewToken: async () => (await options.renewToken?.()) ?? null,
      saved: readSaved(options.saved),
      changed: () => this.tell('change'),
      applied: (event) => this.tell('event', event),
      settled: (pending, result) => {
        this.answer(pending, result);
        this.tell('settled', pending, result);
      },
      dropped: (pending) => this.answer(pending, SIGNED_OUT),
      signInNeeded: (why) => this.tell('signInNeeded', why),
      tokenAccepted: (token) => this.tell('tokenAccepted', token),
      tokenRefused: (error) => this.tell('tokenRefused', error),
    });
    if (options.token !== undefined) this.signIn(options.token);
  }

  /** A fresh id for something that is added. */
  static newId = newId;

  get state(): State {
    return this.sync.replica;
  }

  get status(): Status {
    const { connection, catchingUp, loaded, signInEndsMs, scope } = this.sync;
    const { phase, attempt, retryAtMono, lastHeardMono, lastClose } = connection;
    const closeCode = lastClose?.code ?? null;
    return { phase, catchingUp, loaded, attempt, retryAtMono, lastHeardMono, closeCode, signInEndsMs, scope };
  }

  /** Commands without an answer yet. */
  get pending(): readonly Pending[] {
    return this.sync.outbox.pending;
  }

  /** In step with the server: connected, and nothing missed. */
  get live(): boolean {
    return this.sync.live;
  }

  /** The server's time, in milliseconds since the epoch. */
  now(): number {
    return this.sync.clock.now();
  }

  /** Seconds left of it now, or null without a length. */
  remaining(session: Session): number | null {
    const ms = remainingMs({ session }, this.now());
    return ms === null ? null : ms / 1000;
  }

  /** Seconds of running time since it began or was last reset. */
  elapsed(session: Session): number {
    return elapsedMs(this.held(session), this.now()) / 1000;
  }

  /** Seconds tracked in the person's present day. */
  tracked(session: Session): number {
    const { user } = this.state;
    return user ? trackedMs(this.held(session), user, this.now()) / 1000 : 0;
  }

  /**
   * Asks for something, now. It goes out as soon as it can and counts from now, once, however often the
   * connection breaks meanwhile. The promise brings the server's verdict, a refusal too; it never rejects,
   * and waits as long as the server is away, until signOut.
   */
  command(body: CommandBody, { label = body.type }: CommandOptions = {}): Promise<ResultMessage> {
    return new Promise((resolve) => {
      this.asked.set(this.sync.command(body, label), resolve);
    });
  }

  /** Signs in and connects; from then on it stays connected, for ever. */
  signIn(token: string): void {
    this.sync.signIn(token);
  }

  /** Another token for the same person: at once, on the live connection. */
  useToken(token: string): void {
    this.sync.useToken(token);
  }

  /** Another token for the same person, for when one is needed. */
  keepToken(token: string): void {
    this.sync.keepToken(token);
  }

  /**
   * Ends the connection and forgets the person, with what waits: its promises bring the error `signedOut`.
   * (What was already on its way may have been applied.)
   */
  signOut(): void {
    this.sync.signOut();
  }

  /**
   * What a later life of the program needs to go on from here, as plain JSON; null while nobody is known.
   * Cheap: it copies no session, so write it away before changing anything in it. After a `change` it may be another.
   */
  save(): Saved | null {
    return this.sync.save();
  }

  /** The way to the server may be back, or the program was looked at again: finds out at once. */
  wake(): void {
    this.sync.wake();
  }

  /** Ends the connection; state and waiting commands stay as they are. */
  close(): void {
    this.sync.close();
  }

  /** Resolves when it is in step, at once if it is. */
  ready(): Promise<void> {
    return new Promise((resolve) => {
      if (this.live) return resolve();
      const off = this.on('change', () => {
        if (!this.live) return;
        off();
        resolve();
      });
    });
  }

  /** Calls `listener` from now on; the answer ends that. */
  on<Name extends keyof Listeners>(name: Name, listener: Listeners[Name]): () => void {
    const all = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, all);
    all.add(listener);
    return () => all.delete(listener);
  }

  private tell<Name extends keyof Listeners>(name: Name, ...told: Parameters<Listeners[Name]>): void {
    for (const listener of this.listeners.get(name) ?? []) (listener as (...told: unknown[]) => void)(...told);
  }

  private answer({ key }: Pending, result: ResultMessage): void {
    this.asked.get(key)?.(result);
    this.asked.delete(key);
  }

  private held(session: Session): Held {
    return this.state.sessions.get(session.id) ?? { session, madeAtMs: session.updatedAtMs };
  }
}
