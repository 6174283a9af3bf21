// A tab's end of the connection that all tabs share: looks like lockstep-client, and is a MessagePort to a host that
// has it. Where there are no SharedWorkers the host runs in the tab.

import {
  ServerClock,
  type CommandBody,
  type EventMessage,
  type Pending,
  type ResultMessage,
  type SignInReason,
  type WireError,
} from 'lockstep-client';
import type { FromTab, Told, ToTab } from '../worker/messages.ts';

interface Listeners {
  told: (told: Told) => void;
  event: (event: EventMessage) => void;
  /** Of a command of this tab, or of one that is gone. */
  settled: (pending: Pending, result: ResultMessage) => void;
  signInNeeded: (why: SignInReason) => void;
  tokenAccepted: (token: string) => void;
  tokenRefused: (error: WireError) => void;
}

/** What waited is sent all the same, and its verdict listed. */
const LOST: ResultMessage = {
  type: 'result',
  id: null,
  ok: false,
  error: { code: 'lost', message: 'the answer will be listed', retryable: false },
};
const BURST = 5;
const MEASURE_EVERY_MS = 60_000;

export class Link {
  /** Is the host in a SharedWorker, and what one tab asks of it asked for all? */
  shared = false;
  /** A new token for the person who is signed in, or null where only they can bring one. Rejects when it cannot tell. */
  renewToken: () => Promise<string | null> = async () => null;

  private port: MessagePort | null = null;
  private token: string | null = null;
  /** Held for as long as this tab lives. */
  private lock: string | null = null;
  /** Said before the host was heard: it may have to be said to another one. */
  private unheard: FromTab[] | null = [];
  private readonly listeners = new Map<string, Set<(...told: never[]) => void>>();
  private readonly asked = new Map<number, (result: ResultMessage) => void>();
  private lastId = 0;
  /** The host's monotonic clock: performance.now() begins elsewhere in every tab and worker. */
  private hostClock = new ServerClock(() => performance.now());
  private serverOffset = 0;
  private burstLeft = 0;

  /** Opens the way to the host; from then on the listeners are told. */
  open(): void {
    addEventListener('pagehide', () => this.post({ type: 'bye' }));
    addEventListener('pageshow', ({ persisted }) => persisted && this.post({ type: 'hello' }));
    setInterval(() => this.measure(), MEASURE_EVERY_MS);
    this.connect();
    if (this.shared) this.holdLock();
  }

  /** To a host that may be new. */
  private connect(): void {
    this.unheard ??= [];
    this.hostClock = new ServerClock(() => performance.now());
    this.post({ type: 'hello' });
    if (this.lock) this.post({ type: 'alive', lock: this.lock });
    if (typeof SharedWorker === 'undefined') {
      void this.openHere();
      return;
    }
    const worker = new SharedWorker(new URL('../worker/shared.ts', import.meta.url), { type: 'module', name: 'lockstep' });
    // Some browsers tell of what goes wrong in it later, too: it goes on.
    worker.onerror = () => this.unheard && void this.openHere();
    this.shared = true;
    this.use(worker.port);
  }

  /** The host went, with the process of a tab that crashed: another one goes on from what it wrote down. */
  private reconnect(): void {
    this.port = null;
    this.connect();
    if (this.token !== null) this.post({ type: 'signIn', token: this.token });
    for (const answer of this.asked.values()) answer(LOST);
    this.asked.clear();
  }

  /** The server's time, in milliseconds since the epoch. */
  now(): number {
    return this.hostClock.now() + this.serverOffset;
  }

  /** An instant of the host's monotonic clock, by ours. */
  mono(hostMono: number): number {
    return hostMono - (this.hostClock.now() - performance.now());
  }

  command(body: CommandBody, label: string, tended: boolean): Promise<ResultMessage> {
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve) => {
      this.asked.set(id, resolve);
      this.post({ type: 'command', id, body, label, tended });
    });
  }

  signIn(token: string): void {
    this.token = token;
    this.post({ type: 'signIn', token });
  }

  useToken(token: string): void {
    this.post({ type: 'useToken', token });
  }

  keepToken(token: string): void {
    this.post({ type: 'keepToken', token });
  }

  /** With a token only if that is the one in use. */
  signOut(token?: string): void {
    this.token = null;
    this.post({ type: 'signOut', token });
  }

  dismissVerdicts(): void {
    this.post({ type: 'dismissVerdicts' });
  }

  /** The way to the server may be back, or the tab is looked at again: it may have slept. */
  wake(): void {
    this.post({ type: 'wake' });
    this.measure();
  }

  on<Name extends keyof Listeners>(name: Name, listener: Listeners[Name]): () => void {
    const all = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, all);
    all.add(listener);
    return () => all.delete(listener);
  }

  private async openHere(): Promise<void> {
    this.shared = false;
    const { Host } = await import('../worker/host.ts');
    const { port1, port2 } = new MessageChannel();
    (await Host.start()).attach(port2);
    this.use(port1);
  }

  private use(port: MessagePort): void {
    this.port = port;
    port.onmessage = ({ data }: MessageEvent<ToTab>) => this.receive(data);
    for (const message of this.unheard ?? []) port.postMessage(message);
  }

  /** A tab that crashes says no goodbye, but lets go of this. */
  private holdLock(): void {
    const lock = `lockstep.tab.${Math.random()}`;
    void navigator.locks?.request(lock, () => {
      this.lock = lock;
      this.post({ type: 'alive', lock });
      return new Promise(() => {});
    });
  }

  private post(message: FromTab): void {
    this.unheard?.push(message);
    this.port?.postMessage(message);
  }

  private receive(message: ToTab): void {
    switch (message.type) {
      case 'told':
        this.told(message);
        break;
      case 'time':
        this.hostClock.addExchange(message.sent, message.mono, message.mono, performance.now());
        this.burstLeft -= 1;
        if (this.burstLeft > 0) this.askTime();
        break;
      case 'event':
        this.tell('event', message.event);
        break;
      case 'answer':
        this.asked.get(message.id)?.(message.result);
        this.asked.delete(message.id);
        break;
      case 'settled':
        this.tell('settled', message.pending, message.result);
        break;
      case 'signInNeeded':
        this.tell('signInNeeded', message.why);
        break;
      case 'tokenAccepted':
        this.token = message.token;
        this.tell('tokenAccepted', message.token);
        break;
      case 'tokenRefused':
        this.tell('tokenRefused', message.error);
        break;
      case 'renew':
        void this.renew(message.id);
        break;
    }
  }

  private told(told: Told): void {
    const first = this.unheard !== null;
    this.unheard = null;
    if (!this.hostClock.hint(told.mono) || first) this.measure();
    this.serverOffset = told.serverOffset ?? this.serverOffset;
    if (told.lock !== undefined) void navigator.locks.request(told.lock, () => this.reconnect());
    this.tell('told', told);
  }

  private async renew(id: number): Promise<void> {
    const token = await this.renewToken().catch(() => undefined);
    this.post({ type: 'renewed', id, token });
  }

  /** A few exchanges with the host: the quickest counts. */
  private measure(): void {
    this.hostClock.beginBurst();
    this.burstLeft = BURST;
    this.askTime();
  }

  private askTime(): void {
    this.port?.postMessage({ type: 'time', sent: performance.now() } satisfies FromTab);
  }

  private tell<Name extends keyof Listeners>(name: Name, ...told: Parameters<Listeners[Name]>): void {
    for (const listener of this.listeners.get(name) ?? []) (listener as (...told: unknown[]) => void)(...told);
  }
}
