// The client as programs use it: a state that follows the server, and commands that are promises.

import type { Phase } from './connection.ts';
import { environmentOf, newId, randomHex, reportError, type Environment, type SocketClass } from './environment.ts';
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
  /**
   * A new token for the same person, asked for before the old one ends and when it has ended; or null when only
   * the person can bring one. It may throw or reject when that can't be told now: it is asked again later.
   */
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
  /** An event was applied. (What a snapshot brings after a long absence comes without events, as a `change`.) */
  event: (event: EventMessage) => void;
  /** A command was answered. */
  settled: (pending: Pending, result: ResultMessage) => void;
  /** Only a token that the person brings helps now; until then it stays offline. */
  signInNeeded: (why: SignInReason) => void;
  /** The server took this token: at a sign-in, or in place of another. */
  tokenAccepted: (token: string) => void;
  /** A token given by useToken or renewToken was refused; the one before still holds. */
  tokenRefused: (error: WireError) => void;
}

const SIGNED_OUT: ResultMessage = {
  type: 'result',
  id: null,
  ok: false,
  error: { code: 'signedOut', message: 'signed out before the server answered', retryable: false },
};

/** The server took none of the tokens that the client has. */
export class SignInNeeded extends Error {
  override readonly name = 'SignInNeeded';

  constructor(readonly why: SignInReason) {
    super(`the server wants another token (${why})`);
  }
}

interface Waiting {
  resolve(): void;
  reject(error: Error): void;
}

export class LockstepClient {
  private readonly sync: Sync;
  private readonly listeners = new Map<string, Set<(...told: never[]) => void>>();
  /** Who waits for ready(). */
  private readonly waiting: Waiting[] = [];
  private signInNeeded: SignInNeeded | null = null;
  private readonly asked = new Map<string, (result: ResultMessage) => void>();

  /** Connects at once if it has a token. Throws where there is no url or no WebSocket. */
  constructor(options: ClientOptions = {}) {
    this.sync = new Sync({
      environment: environmentOf(options.environment ?? {}, options.url, options.WebSocket),
      clientName: options.name ?? 'lockstep-client',
      keyPrefix: randomHex(8),
      renewToken: async () => (await options.renewToken?.()) ?? null,
      saved: readSaved(options.saved),
      changed: () => this.changed(),
      applied: (event) => this.tell('event', event),
      settled: (pending, result) => {
        this.answer(pending, result);
        this.tell('settled', pending, result);
      },
      dropped: (pending) => this.answer(pending, SIGNED_OUT),
      signInNeeded: (why) => this.needSignIn(new SignInNeeded(why)),
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
    this.signInNeeded = null;
    this.sync.signIn(token);
  }

  /** Another token for the same person: at once, on the live connection. */
  useToken(token: string): void {
    this.signInNeeded = null;
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
    this.signInNeeded = null;
    this.sync.signOut();
    this.giveUp(new Error('signed out'));
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

  /** Ends the connection; state and waiting commands stay as they are, and signIn goes on with them. */
  close(): void {
    this.sync.close();
    this.giveUp(new Error('closed'));
  }

  /**
   * Resolves when it is in step, at once if it is, however long the server is away. Rejects with SignInNeeded
   * when the token is refused, and with an Error when it is closed or signed out meanwhile.
   */
  ready(): Promise<void> {
    if (this.live) return Promise.resolve();
    if (this.signInNeeded) return Promise.reject(this.signInNeeded);
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  /**
   * Calls `listener` from now on; the answer ends that. What a listener throws is reported as uncaught, and
   * stops nothing here; so is SignInNeeded when nobody listens or waits for it.
   */
  on<Name extends keyof Listeners>(name: Name, listener: Listeners[Name]): () => void {
    const all = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, all);
    all.add(listener);
    return () => all.delete(listener);
  }

  private tell<Name extends keyof Listeners>(name: Name, ...told: Parameters<Listeners[Name]>): void {
    for (const listener of [...(this.listeners.get(name) ?? [])]) {
      try {
        (listener as (...told: unknown[]) => void)(...told);
      } catch (error) {
        reportError(error);
      }
    }
  }

  private changed(): void {
    if (this.waiting.length > 0 && this.live) for (const { resolve } of this.waiting.splice(0)) resolve();
    this.tell('change');
  }

  private needSignIn(error: SignInNeeded): void {
    this.signInNeeded = error;
    const isHeard = this.waiting.length > 0 || (this.listeners.get('signInNeeded')?.size ?? 0) > 0;
    this.giveUp(error);
    this.tell('signInNeeded', error.why);
    if (!isHeard) reportError(error);
  }

  private giveUp(error: Error): void {
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }

  private answer({ key }: Pending, result: ResultMessage): void {
    this.asked.get(key)?.(result);
    this.asked.delete(key);
  }

  private held(session: Session): Held {
    return this.state.sessions.get(session.id) ?? { session, madeAtMs: session.updatedAtMs };
  }
}
