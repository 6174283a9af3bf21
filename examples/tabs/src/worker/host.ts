// Holds the one connection of all tabs of a browser: tells each the state whole and then what changed, and asks for what
// they want. Runs in a SharedWorker, or in a tab where there is none. Knows no document.

import { LockstepClient, type Pending, type ResultMessage, type SignInReason } from 'lockstep-client';
import { clientName } from '../state/browser.ts';
import { Memory, type Life } from './memory.ts';
import type { Change, Collections, FromTab, Renewed, Told, ToTab, Verdict } from './messages.ts';

interface Ask {
  port: MessagePort;
  id: number;
  tended: boolean;
  /** When, by our monotonic clock. */
  askedMono: number;
}

/** What had to wait for longer is listed with its verdict until the person has read it; a hiccup is not worth that. */
const LONG_MS = 3_000;
/** A tab that is asked for a token may be asleep; then the next one is asked. */
const RENEW_MS = 5_000;
/** A reload takes less. */
const NO_TAB_MS = 5_000;
/** What is new is written down so soon; what was asked for at once. */
const SAVE_MS = 300;

export class Host {
  private readonly client: LockstepClient;
  private readonly ports = new Set<MessagePort>();
  private readonly asks = new Map<string, Ask>();
  private token: string | null = null;
  /** Is it known whose state this is? */
  private isKnown = false;
  private signInNeeded: SignInReason | null = null;
  private verdicts: readonly Verdict[];
  /** When an earlier life last heard the server, by our monotonic clock. */
  private heardBeforeMono: number | null = null;
  private nextSave: ReturnType<typeof setTimeout> | undefined;
  private readonly renewals = new Map<number, (token: Renewed) => void>();
  private lastRenewal = 0;
  private closing: ReturnType<typeof setTimeout> | undefined;

  // What the tabs know.
  private facts: Facts;
  private readonly state: { readonly [Name in keyof Collections]: Map<string, Collections[Name]> } = {
    sessions: new Map(),
    groups: new Map(),
    tasks: new Map(),
    plans: new Map(),
  };

  /** Goes on from what the browser remembers. The lock is what tabs know by that it lives. */
  static async start(lock?: string): Promise<Host> {
    const memory = await Memory.open();
    return new Host(memory, await memory.load(), lock);
  }

  private constructor(
    private readonly memory: Memory,
    life: Life | null,
    private readonly lock: string | undefined,
  ) {
    const saved = life?.saved ?? null;
    this.client = new LockstepClient({ name: clientName(), renewToken: () => this.renew(), saved });
    this.verdicts = life?.verdicts ?? [];
    if (saved) this.heardBeforeMono = performance.now() - (this.client.now() - saved.serverMs);
    this.facts = this.factsNow();
    this.takeChanges();
    this.client.on('change', () => this.tellSoon());
    this.client.on('event', (event) => this.toAll({ type: 'event', event }));
    this.client.on('settled', (pending, result) => this.settled(pending, result));
    this.client.on('signInNeeded', (why) => {
      this.signInNeeded = why;
      this.toAll({ type: 'signInNeeded', why });
    });
    this.client.on('tokenAccepted', (token) => {
      this.token = token;
      this.signInNeeded = null;
      this.toAll({ type: 'tokenAccepted', token });
    });
    this.client.on('tokenRefused', (error) => this.toAll({ type: 'tokenRefused', error }));
  }

  /** A tab's end of a channel; from its `hello` to its `bye` it is told everything. */
  attach(port: MessagePort): void {
    port.onmessage = ({ data }: MessageEvent<FromTab>) => {
      const take = this.takes[data.type] as (port: MessagePort, message: FromTab) => void;
      take(port, data);
    };
  }

  private readonly takes: { [Type in FromTab['type']]: (port: MessagePort, message: Of<Type>) => void } = {
    hello: (port) => this.welcome(port),
    bye: (port) => this.detach(port),
    alive: (port, { lock }) => void navigator.locks?.request(lock, () => this.detach(port)),
    time: (port, { sent }) => send(port, { type: 'time', sent, mono: performance.now() }),
    wake: () => this.client.wake(),
    signIn: (_, { token }) => this.signIn(token),
    useToken: (_, { token }) => this.client.useToken(token),
    keepToken: (_, { token }) => this.keepToken(token),
    signOut: (_, { token }) => this.signOut(token),
    command: (port, message) => this.command(port, message),
    renewed: (_, { id, token }) => this.renewals.get(id)?.(token),
    dismissVerdicts: () => {
      this.verdicts = [];
      this.tellSoon();
    },
  };

  // Tabs come and go

  private welcome(port: MessagePort): void {
    this.tell();
    clearTimeout(this.closing);
    this.ports.add(port);
    const whole: Told = { type: 'told', whole: true, lock: this.lock, mono: performance.now(), ...this.facts };
    for (const name of NAMES) setChange(whole, name, { put: [...this.state[name]] as never, gone: [] });
    send(port, whole);
    if (this.signInNeeded) send(port, { type: 'signInNeeded', why: this.signInNeeded });
    if (this.token !== null && this.client.status.phase === 'off') this.client.signIn(this.token);
    // Who opens or reloads a page wants to know how things stand now.
    else this.client.wake();
  }

  private detach(port: MessagePort): void {
    if (!this.ports.delete(port) || this.ports.size > 0) return;
    this.save();
    this.closing = setTimeout(() => this.client.close(), NO_TAB_MS);
  }

  private toAll(message: ToTab): void {
    for (const port of this.ports) send(port, message);
  }

  // Signing in, in the name of all tabs

  /** Every tab that opens signs in anew with what the browser remembers: once is enough. */
  private signIn(token: string): void {
    if (this.token !== null && this.signInNeeded === null) {
      this.keepToken(token);
      return;
    }
    this.token = token;
    this.signInNeeded = null;
    this.client.signIn(token);
  }

  private keepToken(token: string): void {
    if (token === this.token) return;
    this.token = token;
    this.client.keepToken(token);
  }

  private signOut(token = this.token): void {
    if (token !== this.token) return;
    this.token = null;
    this.signInNeeded = null;
    this.verdicts = [];
    this.heardBeforeMono = null;
    this.client.signOut();
    this.asks.clear();
    this.save();
    this.memory.forget();
  }

  /** Only tabs can make tokens: asks one after the other, until one has it. Rejects where none can say. */
  private async renew(): Promise<string | null> {
    let refused = false;
    for (const port of [...this.ports].reverse()) {
      const token = await this.renewBy(port);
      if (token) return token;
      refused ||= token === null;
    }
    if (!refused) throw new Error('no tab could ask for a token');
    return null;
  }

  private renewBy(port: MessagePort): Promise<Renewed> {
    this.lastRenewal += 1;
    const id = this.lastRenewal;
    return new Promise<Renewed>((resolve) => {
      this.renewals.set(id, resolve);
      setTimeout(() => resolve(undefined), RENEW_MS);
      send(port, { type: 'renew', id });
    }).finally(() => this.renewals.delete(id));
  }

  // Commands and their verdicts

  private command(port: MessagePort, { id, body, label, tended }: Of<'command'>): void {
    void this.client.command(body, { label }).then((result) => {
      // Signing out answers what waits, and tells nobody else of it.
      if (result.error?.code === 'signedOut') send(port, { type: 'answer', id, result });
    });
    const { key } = this.client.pending.at(-1)!;
    this.asks.set(key, { port, id, tended, askedMono: performance.now() });
  }

  private settled({ key, label, body, slow }: Pending, result: ResultMessage): void {
    const ask = this.asks.get(key);
    this.asks.delete(key);
    // Whoever hears of the verdict has seen what it changed.
    this.tell();
    if (ask) send(ask.port, { type: 'answer', id: ask.id, result });
    const [anyone] = this.ports;
    const hearer = ask && this.ports.has(ask.port) ? ask.port : anyone;
    const waitedLong = !ask || performance.now() - ask.askedMono > LONG_MS;
    const isTended = ask?.tended && ask.port === hearer && result.error?.code === 'conflict';
    if ((!waitedLong || isTended) && hearer) {
      send(hearer, { type: 'settled', pending: { key, label, body, slow }, result });
      return;
    }
    const { changed = true, error = null } = result;
    this.verdicts = [...this.verdicts, { key, label, atMs: body.atMs ?? null, changed, error }];
    this.tellSoon();
  }

  // Telling what changed

  private telling = false;

  private tellSoon(): void {
    if (this.telling) return;
    this.telling = true;
    queueMicrotask(() => {
      this.telling = false;
      this.tell();
    });
  }

  private tell(): void {
    this.forgetOthers();
    const told: Told = { type: 'told', mono: performance.now(), ...this.takeChanges() };
    if (Object.keys(told).length > 2) this.toAll(told);
    if (told.pending) this.memory.saveCommands(told.pending);
    if (told.verdicts) this.save();
    else this.nextSave ??= setTimeout(() => this.save(), SAVE_MS);
  }

  /** When somebody else has signed in, who sees nothing of the person before. */
  private forgetOthers(): void {
    const isKnown = this.client.state.user !== null;
    if (this.isKnown && !isKnown) {
      this.verdicts = [];
      this.heardBeforeMono = null;
      this.asks.clear();
    }
    this.isKnown = isKnown;
  }

  private save(): void {
    clearTimeout(this.nextSave);
    this.nextSave = undefined;
    const saved = this.client.save();
    if (saved) this.memory.save({ saved, verdicts: this.verdicts });
  }

  private takeChanges(): Partial<Told> {
    const changes: Partial<Told> = {};
    const facts = this.factsNow();
    for (const name of Object.keys(facts) as (keyof Facts)[]) {
      if (!alike(facts[name], this.facts[name])) Object.assign(changes, { [name]: facts[name] });
    }
    Object.assign(this.facts, changes);
    // Half-way through catching up nothing new is told: the state would be one that never was.
    if (this.client.status.catchingUp) return changes;
    const { state } = this.client;
    for (const name of NAMES) {
      const change = difference<unknown>(this.state[name], state[name]);
      if (change) setChange(changes, name, change as never);
    }
    return changes;
  }

  private factsNow(): Facts {
    const { client } = this;
    const { lastHeardMono, ...status } = client.status;
    return {
      serverOffset: client.now() - performance.now(),
      status: { ...status, lastHeardMono: lastHeardMono ?? this.heardBeforeMono },
      user: client.state.user,
      pending: client.pending.map(({ key, label, body, slow }) => ({ key, label, body, slow })),
      verdicts: this.verdicts,
    };
  }
}

type Of<Type> = Extract<FromTab, { type: Type }>;
type Facts = Required<Pick<Told, 'serverOffset' | 'status' | 'user' | 'pending' | 'verdicts'>>;

const NAMES = ['sessions', 'groups', 'tasks', 'plans'] as const;

function send(port: MessagePort, message: ToTab): void {
  port.postMessage(message);
}

function setChange<Name extends keyof Collections>(told: Partial<Told>, name: Name, change: Change<Collections[Name]>): void {
  told[name] = change as Told[Name];
}

/** What makes `known` the same as `state`, which it is afterwards. Null when it was. */
function difference<T>(known: Map<string, T>, state: ReadonlyMap<string, T>): Change<T> | null {
  const put = [...state].filter(([id, one]) => known.get(id) !== one);
  const gone = [...known.keys()].filter((id) => !state.has(id));
  for (const [id, one] of put) known.set(id, one);
  for (const id of gone) known.delete(id);
  return put.length + gone.length > 0 ? { put, gone } : null;
}

/** Clocks that are read one after the other differ by nothing. */
function alike(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) < 0.5;
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
