// A person's sessions, kept in step: ties the connection, the server's clock, the state that follows the
// events, and the commands on their way together. Everything client.ts shows to programs.

import { ServerClock } from './clock.ts';
import { Connection, type Close } from './connection.ts';
import type { Environment } from './environment.ts';
import { Outbox, type Pending } from './outbox.ts';
import { Replica } from './replica.ts';
import type { Saved } from './saved.ts';
import type {
  CommandBody,
  EventMessage,
  LiveMessage,
  ReadyMessage,
  ResultMessage,
  Scope,
  ServerMessage,
  SnapshotMessage,
  TimeMessage,
  WireError,
} from './wire.ts';

export interface SyncOptions {
  environment: Environment;
  /** What this client calls itself. */
  clientName: string;
  /** Begins this tab's idempotency keys; another for every tab. */
  keyPrefix: string;
  /** A new token for the same person, or null when only the person can bring one. Rejects when it can't be had now. */
  renewToken(): Promise<string | null>;
  /** What save() gave in an earlier life. */
  saved: Saved | null;
  /** Something that is shown has changed. */
  changed(): void;
  /** An event was taken into the state. */
  applied(event: EventMessage): void;
  /** A command was answered. */
  settled(pending: Pending, result: ResultMessage): void;
  /** A command was forgotten with the person who gave it. */
  dropped(pending: Pending): void;
  /** The person has to sign in again. */
  signInNeeded(why: SignInReason): void;
  /** The server took the token that it was signed in with, or given by useToken. */
  tokenAccepted(token: string): void;
  /** A token given by useToken was refused; the old one still holds. */
  tokenRefused(error: WireError): void;
}

export type SignInReason = 'expired' | 'invalid' | 'revoked' | 'otherPerson';

const BURST = 5;
const BURST_PAUSE_MS = 120;
const MEASURE_EVERY_MS = 60_000;
const RENEW_AGAIN_MS = 20_000;
const DAY_AGAIN_MS = 5_000;
const SLEPT_MS = 2_000;
const LONGEST_WAIT_MS = 24 * 3600 * 1000;

export class Sync {
  readonly replica = new Replica();
  readonly clock: ServerClock;
  readonly outbox: Outbox;
  readonly connection: Connection;
  /** Between asking for what was missed and having it. */
  catchingUp = false;
  /** True once the state has been shown whole. */
  loaded = false;
  /** When the sign-in ends and only the person can renew it, by the server's clock. */
  signInEndsMs: number | null = null;
  /** What the token is good for, once the server has said so. */
  scope: Scope | null = null;

  private readonly environment: Environment;
  private userId: string | null = null;
  private token = '';
  /** Was the present token made by renewal, and not yet accepted? Then another renewal would not help. */
  private tokenIsRenewed = false;
  /** What useToken was given, until the server has answered; without an id while it is not on its way. */
  private offered: { id: number | null; token: string } | null = null;
  /** Instants at which the server's time was known, or taken as known. */
  private heardAt = { wall: 0, mono: 0 };
  private resumeId: number | null = null;
  private readonly exchanges = new Map<number, number>();
  private burstLeft = 0;
  private cancelMeasure: (() => void) | null = null;
  private cancelRenew: (() => void) | null = null;
  private renewedMono = -Infinity;
  private cancelDay: (() => void) | null = null;

  constructor(private readonly options: SyncOptions) {
    this.environment = options.environment;
    this.clock = new ServerClock(() => this.environment.mono());
    this.connection = new Connection(this.environment, options.clientName, {
      hello: () => ({ token: this.token, resume: this.replica.position() }),
      message: (message) => this.receive(message),
      lost: () => this.lost(),
      refused: (close) => void this.refused(close),
      changed: () => options.changed(),
    });
    this.outbox = new Outbox(this.environment, this.connection.nextId, options.keyPrefix, {
      settled: options.settled,
      dropped: options.dropped,
      changed: () => options.changed(),
    });
    if (options.saved) this.restore(options.saved);
  }

  get live(): boolean {
    return this.connection.phase === 'live' && !this.catchingUp;
  }

  signIn(token: string): void {
    this.token = token;
    this.tokenIsRenewed = false;
    this.offered = null;
    this.connection.connect();
  }

  /** Another token for the same person: goes out on the live connection, or begins a new one. */
  useToken(token: string): void {
    if (this.connection.phase !== 'live') {
      this.signIn(token);
      return;
    }
    this.offer(token);
  }

  private offer(token: string): void {
    this.offered = { id: this.connection.nextId(), token };
    this.connection.send({ type: 'auth', id: this.offered.id, token });
  }

  /** Another token for the same person, for when one is needed. */
  keepToken(token: string): void {
    if (this.signInEndsMs !== null) this.useToken(token);
    else this.token = token;
  }

  signOut(): void {
    this.connection.stop();
    this.forgetPerson();
    this.token = '';
    this.options.changed();
  }

  /** Ends the connection, and forgets nothing. */
  close(): void {
    this.connection.stop();
    this.cancelDay?.();
    this.cancelDay = null;
  }

  /** The person asks for something, now. It is sent as soon as it can be, and counts from now. Returns its key. */
  command(body: CommandBody, label: string): string {
    // Never earlier than what this state already knows of: the person acted on what was shown.
    const atMs = Math.max(Math.round(this.clock.now()), this.replica.lastAtMs);
    return this.outbox.add(this.slept() ? body : { ...body, atMs }, label);
  }

  /** What a later life needs to go on from here; null while nobody is known. Shares what it holds. */
  save(): Saved | null {
    if (this.userId === null) return null;
    const { wall, mono } = this.heardAt;
    const position = this.loaded ? this.replica.position() : null;
    return {
      format: 1,
      userId: this.userId,
      position,
      state: position && this.replica.save(),
      commands: this.outbox.save(),
      serverMs: this.clock.now() - (this.environment.mono() - mono),
      wallMs: wall,
    };
  }

  /**
   * Until the server is heard its time follows from how far the wall clock went since. One that stands before
   * where it stood then tells nothing (a device without a battery): what is asked for counts from its arrival.
   */
  private restore({ userId, position, state, commands, serverMs, wallMs }: Saved): void {
    this.userId = userId;
    this.heardAt = { wall: Math.max(this.environment.wall(), wallMs), mono: this.environment.mono() };
    this.clock.guess(serverMs + this.heardAt.wall - wallMs);
    if (position && state) {
      this.replica.restore(state, position);
      this.loaded = true;
      this.watchDay();
    }
    this.outbox.restore(commands);
  }

  /** The tab is looked at again, or the network came back. */
  wake(): void {
    this.connection.wake();
    if (this.connection.phase === 'live') this.measure();
  }

  /**
   * A device's monotonic clock may stand still while it sleeps, and until the server is heard again
   * nobody here knows the time: such a command counts from its arrival. The wall clock shows it; it
   * is only asked how much time went by, and need not be right.
   */
  private slept(): boolean {
    const wall = this.environment.wall() - this.heardAt.wall;
    const mono = this.environment.mono() - this.heardAt.mono;
    return Math.abs(wall - mono) > SLEPT_MS;
  }

  private receive(message: ServerMessage): void {
    this.heardAt = { wall: this.environment.wall(), mono: this.environment.mono() };
    switch (message.type) {
      case 'hello':
        this.hint(message.nowMs);
        break;
      case 'ready':
        this.ready(message);
        break;
      case 'snapshot':
        this.snapshot(message);
        break;
      case 'event':
        this.event(message);
        break;
      case 'live':
        this.wentLive(message);
        break;
      case 'hb':
        this.hint(message.nowMs);
        if (message.seq !== this.replica.receivedSeq) this.resume();
        break;
      case 'time':
        this.timeAnswered(message);
        break;
      case 'result':
        this.result(message);
        break;
      case 'authExpiring':
        void this.renew(message.inMs);
        break;
    }
  }

  // Catching up

  private ready(message: ReadyMessage): void {
    if (this.userId !== null && this.userId !== message.userId) {
      // Another person: nothing of the one before may be seen, or sent in this one's name.
      this.forgetPerson();
      this.connection.connect();
      return;
    }
    this.userId = message.userId;
    this.scope = message.scope ?? null;
    this.hint(message.nowMs);
    this.tokenIsRenewed = false;
    this.options.tokenAccepted(this.token);
    this.replica.forgetPartial();
    this.catchingUp = true;
  }

  private snapshot(message: SnapshotMessage): void {
    // Who was deleted at the server and has come again is somebody new: what the one before wanted is not theirs.
    const { user } = this.replica;
    if (user && user.createdAtMs !== message.state.user.createdAtMs) this.outbox.clear();
    if (this.catchingUp || message.seq >= this.replica.receivedSeq) this.replica.applySnapshot(message);
    this.stateChanged();
  }

  private event(message: EventMessage): void {
    const received = this.replica.receive(message);
    if (received === 'gap') this.resume();
    if (received !== 'applied') return;
    for (const event of this.replica.lastApplied) this.options.applied(event);
    this.stateChanged();
  }

  private wentLive(message: LiveMessage): void {
    const resumed = this.resumeId !== null;
    this.resumeId = null;
    this.catchingUp = false;
    this.loaded = true;
    // If even asking didn't help, the next heartbeat asks again; not at once, over and over.
    if (message.seq !== this.replica.receivedSeq && !resumed) this.resume();
    if (this.offered?.id === null) this.offer(this.offered.token);
    this.outbox.connected(this.connection.send);
    this.stateChanged();
    this.measure();
  }

  /** Something is missing: asks for all after the last event that is known. */
  private resume(): void {
    if (this.catchingUp) return;
    this.catchingUp = true;
    this.replica.forgetPartial();
    this.resumeId = this.connection.nextId();
    this.connection.send({ type: 'resume', id: this.resumeId, ...this.replica.position() });
    this.options.changed();
  }

  private stateChanged(): void {
    this.watchDay();
    this.options.changed();
  }

  /** Past the end of the known day the server is asked for the next one, whose length only it knows. */
  private watchDay(): void {
    this.cancelDay?.();
    this.cancelDay = null;
    const { user } = this.replica;
    if (!user || !this.loaded) return;
    const untilEnd = user.dayEndMs - this.clock.now();
    if (untilEnd <= 0 && this.connection.phase === 'live' && !this.catchingUp) {
      this.connection.send({ type: 'getSnapshot', id: this.connection.nextId() });
    }
    const wait = untilEnd > 0 ? untilEnd + 500 + 1_500 * this.environment.random() : DAY_AGAIN_MS;
    this.cancelDay = this.environment.after(Math.min(wait, LONGEST_WAIT_MS), () => this.watchDay());
  }

  private lost(): void {
    this.catchingUp = false;
    this.outbox.disconnected();
    this.replica.forgetPartial();
    this.exchanges.clear();
    if (this.offered) this.offered.id = null;
    this.resumeId = null;
    this.cancelMeasure?.();
    this.cancelRenew?.();
    this.cancelMeasure = null;
    this.cancelRenew = null;
  }

  private forgetPerson(): void {
    this.userId = null;
    this.offered = null;
    this.loaded = false;
    this.signInEndsMs = null;
    this.scope = null;
    this.cancelDay?.();
    this.cancelDay = null;
    this.replica.clear();
    this.outbox.clear();
  }

  // The server's time

  private hint(nowMs: number): void {
    if (!this.clock.hint(nowMs) && this.connection.phase === 'live') this.measure();
  }

  /** A series of exchanges, one after the other, and from then on one a minute. */
  private measure(): void {
    this.clock.beginBurst();
    this.burstLeft = BURST;
    this.askTime();
  }

  private askTime(): void {
    this.cancelMeasure?.();
    const id = this.connection.nextId();
    const sent = this.environment.mono();
    this.exchanges.clear();
    this.exchanges.set(id, sent);
    this.connection.send({ type: 'time', id, t0: Math.round(sent) });
    this.cancelMeasure = this.environment.after(MEASURE_EVERY_MS, () => this.askTime());
  }

  private timeAnswered(message: TimeMessage): void {
    const sent = this.exchanges.get(message.id);
    if (sent === undefined) {
      this.hint(message.t2Ms);
      return;
    }
    this.exchanges.delete(message.id);
    this.clock.addExchange(sent, message.t1Ms, message.t2Ms, this.environment.mono());
    this.burstLeft -= 1;
    if (this.burstLeft > 0) {
      this.cancelMeasure?.();
      this.cancelMeasure = this.environment.after(BURST_PAUSE_MS, () => this.askTime());
    } else {
      this.watchDay();
    }
    this.options.changed();
  }

  // Answers and tokens

  private result(message: ResultMessage): void {
    if (message.nowMs !== undefined) this.hint(message.nowMs);
    if (this.offered && message.id !== null && message.id === this.offered.id) {
      this.tokenAnswered(this.offered.token, message);
      return;
    }
    // A position that the server won't resume from on this connection is told on a new one.
    if (message.id !== null && message.id === this.resumeId && !message.ok) this.connection.connect();
    else this.outbox.receive(message);
  }

  private tokenAnswered(token: string, message: ResultMessage): void {
    this.offered = null;
    if (message.ok) {
      this.token = token;
      this.scope = message.scope ?? null;
      this.signInEndsMs = null;
      this.options.tokenAccepted(token);
    } else if (message.error) {
      this.options.tokenRefused(message.error);
    }
    this.options.changed();
  }

  /**
   * While the connection lives: a new token before the old one ends. Tokens that live so briefly that
   * they are always about to end are renewed half-way, not over and over.
   */
  private async renew(inMs: number): Promise<void> {
    const endsMs = this.clock.now() + inMs;
    const since = this.environment.mono() - this.renewedMono;
    if (since < RENEW_AGAIN_MS) {
      this.renewAfter(Math.min(RENEW_AGAIN_MS - since, inMs / 2), endsMs);
      return;
    }
    const before = this.token;
    const token = await this.renewedToken();
    if (this.token !== before) return;
    if (token && this.connection.phase === 'live') this.useToken(token);
    else if (token) this.token = token;
    if (token || this.connection.phase !== 'live') return;
    if (token === null) {
      this.signInEndsMs ??= endsMs;
      this.options.changed();
    }
    if (endsMs - this.clock.now() > RENEW_AGAIN_MS) this.renewAfter(RENEW_AGAIN_MS, endsMs);
  }

  private renewAfter(ms: number, endsMs: number): void {
    this.cancelRenew?.();
    this.cancelRenew = this.environment.after(ms, () => {
      this.renewedMono = -Infinity;
      void this.renew(endsMs - this.clock.now());
    });
  }

  private async refused(close: Close): Promise<void> {
    const refusedToken = this.token;
    if (this.offered && close.code === 4401) {
      // The old one ended before the server looked at this one.
      this.signIn(this.offered.token);
      return;
    }
    if (this.offered) {
      this.offered = null;
      this.options.tokenRefused({ code: 'forbidden', message: 'it belongs to another person' });
      this.connection.connect();
      return;
    }
    if (close.code === 4401 && close.reason !== 'revoked' && !this.tokenIsRenewed) {
      const token = await this.renewedToken();
      if (this.token !== refusedToken || this.connection.phase !== 'refused') return;
      if (token) {
        this.token = token;
        this.tokenIsRenewed = true;
        this.connection.connect();
        return;
      }
      if (token === undefined) {
        this.connection.retryLater();
        return;
      }
    }
    this.options.signInNeeded(signInReason(close));
  }

  /** Undefined when there is none now, but may be later. */
  private async renewedToken(): Promise<string | null | undefined> {
    this.renewedMono = this.environment.mono();
    try {
      return await this.options.renewToken();
    } catch {
      return undefined;
    }
  }
}

function signInReason(close: Close): SignInReason {
  if (close.code === 4403) return 'otherPerson';
  if (close.reason === 'revoked') return 'revoked';
  return close.reason === 'tokenExpired' ? 'expired' : 'invalid';
}
