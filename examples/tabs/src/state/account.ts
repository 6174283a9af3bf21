// Who is signed in here, and how: kept by the browser for all of its tabs.

import { signal } from '@preact/signals';
import type { SignInReason } from 'lockstep-client';
import { toast } from '../shell/toasts.tsx';
import { forgetPerson, loadSignIn, onSignInElsewhere, saveSignIn, type SignIn } from './browser.ts';
import { DevTokenRefused, fetchDevToken, request, type FirebaseProject } from './server.ts';
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
    if (token !== pasted) return;
    remember({ token, devUser: null, firebase: null });
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
  } else if (!here || !sameWay(here, elsewhere) || signInAgain.value) {
    signIn.value = elsewhere;
    client.signIn(elsewhere.token);
  } else if (here.token !== elsewhere.token) {
    // Only kept: were it also saved again, tabs would tell each other of tokens without end.
    signIn.value = elsewhere;
    client.keepToken(elsewhere.token);
  }
}

/** Whether both get their tokens in the same way, in the same name. */
function sameWay(one: SignIn, other: SignIn): boolean {
  return one.devUser === other.devUser && one.firebase?.user === other.firebase?.user;
}

async function renew(): Promise<string | null> {
  const before = signIn.value;
  const token = before && (await renewed(before));
  if (token && signIn.value && sameWay(signIn.value, before)) remember({ ...before, token });
  return token;
}

async function renewed({ devUser, firebase }: SignIn): Promise<string | null> {
  if (devUser) return fetchDevToken(devUser).catch(noTokenWhereRefused);
  return firebase && (await loadFirebase()).renew(firebase.project, firebase.user);
}

/** Nobody but the person can help then; where there is none for the moment it is asked for again. */
function noTokenWhereRefused(error: unknown): null {
  if (error instanceof DevTokenRefused && error.notDev) return null;
  throw error;
}

const loadFirebase = () => import('../sign-in/firebase.ts');

/** Throws DevTokenRefused, or TypeError when the server can't be reached. */
export async function signInAs(devUser: string): Promise<void> {
  enter({ token: await fetchDevToken(devUser), devUser, firebase: null });
}

export function signInWithToken(token: string): void {
  enter({ token, devUser: null, firebase: null });
}

/** Throws an Error whose message is for the person. */
export async function signInWithFirebase(project: FirebaseProject, email: string, password: string, isNew: boolean) {
  const firebase = await loadFirebase();
  try {
    const { token, user } = await firebase.enter(project, email, password, isNew);
    enter({ token, devUser: null, firebase: { user, project } });
  } catch (error) {
    throw new Error(firebase.problemText(error));
  }
}

/** Has Firebase send a mail by which the person sets a new password. Throws as signInWithFirebase does. */
export async function resetPassword(project: FirebaseProject, email: string): Promise<void> {
  const firebase = await loadFirebase();
  try {
    await firebase.sendReset(project, email);
  } catch (error) {
    throw new Error(firebase.problemText(error));
  }
}

function enter(next: SignIn): void {
  remember(next);
  client.signIn(next.token);
}

/** A new token for the person who is signed in. */
export function replaceToken(token: string): void {
  pasted = token;
  client.useToken(token);
}

export function signOut(): void {
  const project = signIn.value?.firebase?.project;
  saveSignIn(null);
  leave();
  // Else Firebase would remember the person in this browser.
  if (project) void loadFirebase().then((firebase) => firebase.leave(project)).catch(() => {});
}

/** With a token only if that is the one in use. */
function leave(token?: string): void {
  forgetPerson();
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
