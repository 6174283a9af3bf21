// The browser as src/sync sees it, and what the browser remembers.

import type { Environment, Socket } from '../sync/environment.ts';
import type { SavedCommand } from '../sync/outbox.ts';

export const environment: Environment = {
  openSocket() {
    const url = new URL('/v1/ws', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    return new WebSocket(url, 'lockstep.v1') as unknown as Socket;
  },
  mono: () => performance.now(),
  wall: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};

export function randomHex(bytes: number): string {
  const values = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(values, (value) => value.toString(16).padStart(2, '0')).join('');
}

/** A version 4 UUID. (crypto.randomUUID is missing on plain http away from localhost.) */
export function newId(): string {
  const hex = randomHex(16);
  const variant = '89ab'[parseInt(hex[16]!, 16) & 3]!;
  return [hex.slice(0, 8), hex.slice(8, 12), '4' + hex.slice(13, 16), variant + hex.slice(17, 20), hex.slice(20)].join('-');
}

/** What this browser calls itself on the person's other screens: "Firefox on Linux". */
export function clientName(): string {
  const agent = navigator.userAgent;
  const find = (names: [RegExp, string][]) => names.find(([pattern]) => pattern.test(agent))?.[1];
  const browser = find([
    [/Edg\//, 'Edge'],
    [/Firefox\//, 'Firefox'],
    [/Chrom(e|ium)\//, 'Chrome'],
    [/Safari\//, 'Safari'],
  ]);
  const system = find([
    [/Android/, 'Android'],
    [/iPhone|iPad/, 'iOS'],
    [/Windows/, 'Windows'],
    [/Mac OS/, 'macOS'],
    [/Linux/, 'Linux'],
  ]);
  return `${browser ?? 'Browser'} on ${system ?? 'some system'}`;
}

/** Who is signed in here, for all tabs of this browser. */
export interface SignIn {
  token: string;
  /** The name given to the server in dev mode, which can make a new token for it. */
  devUser: string | null;
}

const SIGN_IN = 'lockstep.signIn';
const COMMANDS = 'lockstep.commands';

export function loadSignIn(): SignIn | null {
  const saved = read(localStorage, SIGN_IN) as Partial<SignIn> | null;
  if (!saved || typeof saved.token !== 'string') return null;
  return { token: saved.token, devUser: typeof saved.devUser === 'string' ? saved.devUser : null };
}

export function saveSignIn(signIn: SignIn | null): void {
  write(localStorage, SIGN_IN, signIn);
}

/** Another tab signed in, signed out, or renewed the token. */
export function onSignInElsewhere(changed: (signIn: SignIn | null) => void): void {
  addEventListener('storage', (event) => {
    if (event.key === SIGN_IN || event.key === null) changed(loadSignIn());
  });
}

/** Commands without an answer are kept with the tab, so that a reload loses none. */
export function loadCommands(userId: string): SavedCommand[] {
  const saved = read(sessionStorage, COMMANDS) as { userId?: string; commands?: SavedCommand[] } | null;
  return saved?.userId === userId && Array.isArray(saved.commands) ? saved.commands : [];
}

export function saveCommands(userId: string, commands: SavedCommand[]): void {
  write(sessionStorage, COMMANDS, commands.length > 0 ? { userId, commands } : null);
}

function read(storage: Storage, name: string): unknown {
  try {
    return JSON.parse(storage.getItem(name) ?? 'null');
  } catch {
    return null;
  }
}

function write(storage: Storage, name: string, value: unknown): void {
  try {
    if (value === null) storage.removeItem(name);
    else storage.setItem(name, JSON.stringify(value));
  } catch {
    // Storage may be full or forbidden; then nothing is remembered, and all else works.
  }
}
