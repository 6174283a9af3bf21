// What the client needs from the world: a socket, two clocks, timers and chance. Tests bring a world of their own.

/** The part of a WebSocket that is used. */
export interface Socket {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  // What the handlers are given is left open: every class of sockets has types of its own for it.
  onmessage: ((message: any) => void) | null;
  onclose: ((close: any) => void) | null;
}

export type SocketClass = new (url: string, protocol: string) => Socket;

export interface Environment {
  openSocket(): Socket;
  /** Milliseconds of a clock that never jumps; where it starts is of no matter. */
  mono(): number;
  /** The device's wall clock. Only differences of it are used. */
  wall(): number;
  /** Runs `run` after `ms`; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
  /** From 0 up to, but not including, 1. */
  random(): number;
}

/** What browsers, workers and Node have alike. (No library of types covers just these.) */
interface Global {
  WebSocket?: SocketClass;
  location?: { href: string };
  performance: { now(): number };
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  URL: new (url: string, base: string) => { protocol: string; href: string };
  crypto?: { getRandomValues(values: Uint8Array): Uint8Array };
  reportError?(error: unknown): void;
}

const here = globalThis as unknown as Global;

/** The world as it is, but for what is given of another. Throws where no socket could be opened. */
export function environmentOf(
  given: Partial<Environment>,
  url: string | undefined,
  WebSocket: SocketClass | undefined,
): Environment {
  return {
    openSocket: given.openSocket?.bind(given) ?? socketOpener(url, WebSocket),
    mono: given.mono?.bind(given) ?? (() => here.performance.now()),
    wall: given.wall?.bind(given) ?? (() => Date.now()),
    after: given.after?.bind(given) ?? after,
    random: given.random?.bind(given) ?? Math.random,
  };
}

function after(ms: number, run: () => void): () => void {
  const timer = here.setTimeout(run, ms);
  return () => here.clearTimeout(timer);
}

function socketOpener(url: string | undefined, given: SocketClass | undefined): () => Socket {
  const WebSocket = given ?? here.WebSocket;
  if (!WebSocket) throw new Error('there is no WebSocket here: pass one in the options, of the package ws say');
  const address = socketAddress(url);
  return () => quiet(new WebSocket(address, 'lockstep.v1'));
}

function socketAddress(url: string | undefined): string {
  const base = url ?? here.location?.href;
  if (base === undefined) throw new Error('the options name no url, and there is no page to take it from');
  const address = new here.URL('/v1/ws', base);
  address.protocol = address.protocol.replace('http', 'ws');
  return address.href;
}

/** Node's sockets end the program on an error that nobody hears; what matters of it is told by `onclose`. */
function quiet(socket: Socket & { onerror?: unknown }): Socket {
  socket.onerror = () => {};
  return socket;
}

/** An error that is not ours and that nobody is there to catch: told like any other that nobody caught. */
export function reportError(error: unknown): void {
  if (here.reportError) here.reportError(error);
  else
    here.setTimeout(() => {
      throw error;
    }, 0);
}

/** Random hex digits, two a byte. */
export function randomHex(bytes: number): string {
  const values = new Uint8Array(bytes);
  if (here.crypto) here.crypto.getRandomValues(values);
  else for (let i = 0; i < bytes; i += 1) values[i] = Math.random() * 256;
  return Array.from(values, (value) => value.toString(16).padStart(2, '0')).join('');
}

/** A version 4 UUID. (crypto.randomUUID is missing on plain http away from localhost.) */
export function newId(): string {
  const hex = randomHex(16);
  const variant = '89ab'[parseInt(hex[16]!, 16) & 3]!;
  return [hex.slice(0, 8), hex.slice(8, 12), '4' + hex.slice(13, 16), variant + hex.slice(17, 20), hex.slice(20)].join('-');
}
