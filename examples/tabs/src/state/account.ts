// Who is signed in here, and how: kept by the browser for all of its tabs.

import { signal } from '@preact/signals';
import type { SignInReason } from 'lockstep-client';
import { toast } from '../shell/toasts.tsx';
import { loadSignIn, onSignInElsewhere, saveSignIn, type SignIn } from './browser.ts';
import { fetchDevToken, request } from './server.ts';
import { client, renewTokenBy } from './store.ts';

/** Whose sessions are shown; null while nobody is signed in. */
export const signIn = signal<SignIn | null>(null);
/** Why the person has to sign in again, when they were signed in before. */
export const signInAgain = signal<SignInReason | null>(null);

/** A token that the person brought while signed in, until the server has taken it. */
let pasted: string | null = null;

/** Signs in with what the browser remembers, and follows the browser from then on. */
export function beginAccount(): void {
  renewTokenBy(renew);
  client.on('signInNeeded', (why) => (signInAgain.value = why));
  client.on('tokenAccepted', (token) => {
    signInAgain.value = null;
    if (token === pasted) remember({ token, devUser: null });
    pasted = null;
  });
  client.on('tokenRefused', (error) => toast(`That token was refused: ${error.message}`, 'error'));
  const saved = loadSignIn();
  if (saved) {
    signIn.value = saved;
    client.signIn(saved.token);
  }
  onSignInElsewhere(follow);
}

/** What another tab of this browser did. */
function follow(elsewhere: SignIn | null): void {
  const here = signIn.value;
  if (client.shared) {
    // There the connection is one for all tabs, and the other tab has told it; but this one may have signed it in
    // again at the same moment, with what was remembered.
    signIn.value = elsewhere;
    if (!elsewhere && here) leave(here.token);
  } else if (!elsewhere) {
    if (here) leave();
  } else if (!here || here.devUser !== elsewhere.devUser || signInAgain.value) {
    signIn.value = elsewhere;
    client.signIn(elsewhere.token);
  } else if (here.token !== elsewhere.token) {
    // Only kept: were it also saved again, tabs would tell each other of tokens without end.
    signIn.value = elsewhere;
    client.keepToken(elsewhere.token);
  }
}

async function renew(): Promise<string | null> {
  const devUser = signIn.value?.devUser;
  if (!devUser) return null;
  const token = await fetchDevToken(devUser);
  if (signIn.value?.devUser === devUser) remember({ token, devUser });
  return token;
}

/** Throws DevTokenRefused, or TypeError when the server can't be reached. */
export async function signInAs(devUser: string): Promise<void> {
  const token = await fetchDevToken(devUser);
  remember({ token, devUser });
  client.signIn(token);
}

export function signInWithToken(token: string): void {
  remember({ token, devUser: null });
  client.signIn(token);
}

/** A new token for the person who is signed in. */
export function replaceToken(token: string): void {
  pasted = token;
  client.useToken(token);
}

export function signOut(): void {
  saveSignIn(null);
  leave();
}

/** With a token only if that is the one in use. */
function leave(token?: string): void {
  signIn.value = null;
  signInAgain.value = null;
  client.signOut(token);
}

function remember(next: SignIn): void {
  signIn.value = next;
  saveSignIn(next);
}

/** A request of the server's HTTP face, as the person who is signed in. Throws RequestRefused or TypeError. */
export function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  return request<T>(signIn.value?.token ?? '', method, path, body);
}
