// Signing in with Firebase: its client library, and all that knows of it. A chunk of its own, loaded only where the
// server has a Firebase project and somebody signs in with it, is renewed, or signs out.

import { FirebaseError, initializeApp } from '@firebase/app';
import {
  browserLocalPersistence,
  connectAuthEmulator,
  createUserWithEmailAndPassword,
  indexedDBLocalPersistence,
  initializeAuth,
  sendPasswordResetEmail,
  signInWithEmailAndPassword,
  signOut,
  type Auth,
} from '@firebase/auth';
import type { FirebaseProject } from '../state/server.ts';

/** Somebody's token for the server, and who that is to Firebase. */
export interface Entered {
  token: string;
  user: string;
}

let auth: Auth | null = null;

function authOf({ emulator, ...project }: FirebaseProject): Auth {
  if (auth) return auth;
  // Without what its pop-ups need, which the page may not load.
  auth = initializeAuth(initializeApp(project), { persistence: [indexedDBLocalPersistence, browserLocalPersistence] });
  if (emulator) connectAuthEmulator(auth, emulator, { disableWarnings: true });
  return auth;
}

export async function enter(project: FirebaseProject, email: string, password: string, isNew: boolean): Promise<Entered> {
  const act = isNew ? createUserWithEmailAndPassword : signInWithEmailAndPassword;
  const { user } = await act(authOf(project), email, password);
  return { token: await user.getIdToken(), user: user.uid };
}

/** A new token for `user`; null when Firebase has forgotten who that is, or does not let them in any more. */
export async function renew(project: FirebaseProject, user: string): Promise<string | null> {
  const known = authOf(project);
  await known.authStateReady();
  if (known.currentUser?.uid !== user) return null;
  try {
    return await known.currentUser.getIdToken(true);
  } catch (error) {
    if (codeOf(error) === UNREACHABLE) throw error;
    return null;
  }
}

export async function leave(project: FirebaseProject): Promise<void> {
  const known = authOf(project);
  await known.authStateReady();
  await signOut(known);
}

export const sendReset = (project: FirebaseProject, email: string): Promise<void> =>
  sendPasswordResetEmail(authOf(project), email);

const UNREACHABLE = 'auth/network-request-failed';
const WRONG = 'E-mail or password is wrong.';
const PROBLEMS: Record<string, string> = {
  'auth/invalid-credential': WRONG,
  'auth/wrong-password': WRONG,
  'auth/user-not-found': WRONG,
  'auth/invalid-email': 'That is no e-mail address.',
  'auth/user-disabled': 'This account has been disabled.',
  'auth/too-many-requests': 'Too many attempts. Try again later.',
  'auth/email-already-in-use': 'There is an account with this e-mail already.',
  'auth/weak-password': 'That password is too easy to guess.',
  'auth/operation-not-allowed': 'This server’s project does not allow that.',
  'auth/admin-restricted-operation': 'This server’s project does not allow that.',
  [UNREACHABLE]: 'Firebase does not answer.',
};

const codeOf = (error: unknown): string => (error instanceof FirebaseError ? error.code : '');

/** What went wrong, in words for the person. */
export function problemText(error: unknown): string {
  const code = codeOf(error);
  return PROBLEMS[code] ?? `Signing in did not work${code && ` (${code})`}.`;
}
