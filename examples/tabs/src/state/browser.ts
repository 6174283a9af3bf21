// What the browser is called, and what it remembers.

import type { FirebaseProject } from './server.ts';

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
  /** Whoever signed in with Firebase, which makes the tokens then. */
  firebase: { user: string; project: FirebaseProject } | null;
}

const SIGN_IN = 'lockstep.signIn';

export function loadSignIn(): SignIn | null {
  const saved = read(SIGN_IN) as Partial<SignIn> | null;
  if (!saved || typeof saved.token !== 'string') return null;
  const { token, devUser, firebase } = saved;
  return { token, devUser: typeof devUser === 'string' ? devUser : null, firebase: firebase?.project ? firebase : null };
}

export function saveSignIn(signIn: SignIn | null): void {
  write(SIGN_IN, signIn);
}

/** Another tab signed in, signed out, or renewed the token. */
export function onSignInElsewhere(changed: (signIn: SignIn | null) => void): void {
  addEventListener('storage', (event) => {
    if (event.key === SIGN_IN || event.key === null) changed(loadSignIn());
  });
}

/** How the page behaves in this browser, for whoever signs in; and the sign-in, which is saved and ended by itself. */
const STAYS = [SIGN_IN, 'lockstep.preferences', 'lockstep.shortcutsOff'];

/** What else was kept goes with the person whose it is. */
export function forgetPerson(): void {
  try {
    for (const storage of [localStorage, sessionStorage]) {
      for (const name of Object.keys(storage)) {
        if (name.startsWith('lockstep.') && !STAYS.includes(name)) storage.removeItem(name);
      }
    }
  } catch {
    // Then nothing was kept.
  }
}

// A browser that keeps nothing for pages refuses already who only names its storage.

export function read(name: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(name) ?? 'null');
  } catch {
    return null;
  }
}

export function write(name: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Storage may be full or forbidden; then nothing is remembered, and all else works.
  }
}
