// One WebSocket that is kept alive for ever: signs in, notices silence, connects again.
// Knows when it is live; what the messages mean for timers is for sync.ts.

import { backoffMs } from './backoff.ts';
import type { Environment, Socket } from './environment.ts';
import type { Position, ServerMessage } from './wire.ts';

export type Phase =
  /** Not wanted. */
  | 'off'
  /** Opening, signing in, or catching up. */
  | 'connecting'
  /** In step. */
  | 'live'
  /** In step when last heard, but silent for longer than it should be: a question is on its way. */
  | 'quiet'
  /** Offline until the next attempt. */
  | 'waiting'
  /** The server wants another token. */
  | 'refused';

export interface Close {
  code: number;
  reason: string;
}

export interface ConnectionListener {
  /** What to sign in with. */
  hello(): { token: string; resume: Position | null };
  message(message: ServerMessage): void;
  /** The socket is gone; nothing on its way will be answered. */
  lost(): void;
  /** The server refused the token (4401, 4403). */
  refused(close: Close): void;
  changed(): void;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** An attempt without any answer for so long is given up for a new one when the way may be back. */
const STUCK_MS = 1_500;
const PROBE_TIMEOUT_MS = 5_000;
/** Until `ready` says how often the server speaks. */
const DEFAULT_HEARTBEAT_MS = 25_000;
const HEARTBEAT_GRACE_MS = 3_000;
/** In step for so long, a connection counts as good: a server that goes down with each of them isn't stormed. */
const STEADY_MS = 10_000;

export class Connection {
  phase: Phase = 'off';
  /** Connections in a row that failed, or were in step but for a moment. */
  attempt = 0;
  /** When the next attempt is due, while waiting; by the monotonic clock, like the others. */
  retryAtMono = 0;
  /** When the server was last heard while in step; null when never. */
  lastHeardMono: number | null = null;
  lastClose: Close | null = null;

  private socket: Socket | null = null;
  private heartbeatMs = DEFAULT_HEARTBEAT_MS;
  private heardMono = 0;
  private openedMono = 0;
  /** Since when this connection is in step; null before. */
  private liveMono: number | null = null;
  private cancelRetry: (() => void) | null = null;
  private cancelWatch: (() => void) | null = null;
  private lastId = 0;

  constructor(
    private readonly environment: Environment,
    private readonly clientName: string,
    private readonly listener: ConnectionListener,
  ) {}

  /** A number for a message, never used twice. */
  nextId = (): number => {
    this.lastId += 1;
    return this.lastId;
  };

  /** Connects now, whatever it was doing. */
  connect(): void {
    this.drop();
    const socket = this.environment.openSocket();
    this.socket = socket;
    this.openedMono = this.environment.mono();
    socket.onmessage = ({ data }: { data: unknown }) => this.heard(data);
    socket.onclose = ({ code, reason }: Close) => this.closed({ code, reason });
    this.watchConnecting();
    this.enter('connecting');
  }

  /** The way to the server may be back (the browser says so, the tab is looked at): finds out at once. */
  wake(): void {
    const stuck = this.phase === 'connecting' && this.environment.mono() - this.openedMono > STUCK_MS;
    if (this.phase === 'waiting' || (stuck && this.heardMono < this.openedMono)) this.connect();
    else if (this.phase === 'live' || this.phase === 'quiet') this.probe(PROBE_TIMEOUT_MS, this.phase);
  }

  stop(): void {
    this.drop();
    this.attempt = 0;
    this.enter('off');
  }

  send = (message: object): void => {
    this.socket?.send(JSON.stringify(message));
  };

  private heard(data: unknown): void {
    const message = parse(data);
    if (!message) return;
    const socket = this.socket;
    this.heardMono = this.environment.mono();
    if (message.type === 'hello') this.signIn();
    if (message.type === 'ready') this.heartbeatMs = message.heartbeatMs || DEFAULT_HEARTBEAT_MS;
    if (message.type === 'live') {
      this.liveMono ??= this.heardMono;
      this.lastClose = null;
      this.enter('live');
    }
    if (this.phase === 'live' || this.phase === 'quiet') {
      this.lastHeardMono = this.heardMono;
      this.watchSilence();
      if (this.phase === 'quiet') this.enter('live');
    } else {
      this.watchConnecting();
    }
    if (socket === this.socket) this.listener.message(message);
  }

  private signIn(): void {
    const { token, resume } = this.listener.hello();
    const auth = { type: 'auth', id: this.nextId(), token, client: { name: this.clientName } };
    this.send(resume ? { ...auth, resume } : auth);
  }

  private watchConnecting(): void {
    this.watch(CONNECT_TIMEOUT_MS, () => this.closed({ code: 1006, reason: 'no answer' }));
  }

  private watchSilence(): void {
    this.watch(this.heartbeatMs + HEARTBEAT_GRACE_MS, () => {
      this.probe(Math.max(1_000, this.heartbeatMs - HEARTBEAT_GRACE_MS), 'quiet');
    });
  }

  /** Asks the time, which any living server answers at once. */
  private probe(timeoutMs: number, phase: Phase): void {
    this.watch(timeoutMs, () => this.closed({ code: 1006, reason: 'silent' }));
    this.send({ type: 'time', id: this.nextId(), t0: Math.round(this.environment.mono()) });
    if (phase !== this.phase) this.enter(phase);
  }

  private closed(close: Close): void {
    if (this.liveMono !== null && this.environment.mono() - this.liveMono >= STEADY_MS) this.attempt = 0;
    this.drop();
    this.lastClose = close;
    if ((close.code === 4401 && close.reason !== 'authTimeout') || close.code === 4403) {
      this.enter('refused');
      this.listener.refused(close);
      return;
    }
    this.retryLater(holdsBack(close.code));
  }

  /** Tries again after a wait, which grows with the failures in a row; at its longest when `heldBack`. */
  retryLater(heldBack = false): void {
    const delay = backoffMs(heldBack ? Infinity : this.attempt, this.environment.random());
    this.attempt += 1;
    this.retryAtMono = this.environment.mono() + delay;
    this.cancelRetry = this.environment.after(delay, () => this.connect());
    this.enter('waiting');
  }

  private watch(ms: number, run: () => void): void {
    this.cancelWatch?.();
    this.cancelWatch = this.environment.after(ms, run);
  }

  /** Lets go of the socket without waiting for it: a dead one may take minutes to close. */
  private drop(): void {
    this.cancelRetry?.();
    this.cancelRetry = null;
    this.cancelWatch?.();
    this.cancelWatch = null;
    this.liveMono = null;
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
    this.listener.lost();
  }

  private enter(phase: Phase): void {
    this.phase = phase;
    this.listener.changed();
  }
}

/** Too many connections, or too much said: trying again quickly would make it worse. */
function holdsBack(code: number): boolean {
  return code === 4409 || code === 4429 || code === 1008;
}

function parse(data: unknown): ServerMessage | null {
  if (typeof data !== 'string') return null;
  try {
    const message: unknown = JSON.parse(data);
    return typeof message === 'object' && message !== null ? (message as ServerMessage) : null;
  } catch {
    return null;
  }
}
