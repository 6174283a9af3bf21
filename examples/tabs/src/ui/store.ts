// What is shown, as signals, and what a person can do. Between src/sync and the components.

import { batch, computed, signal } from '@preact/signals';
import type { Phase } from '../sync/connection.ts';
import type { Pending } from '../sync/outbox.ts';
import { Sync, type SignInReason } from '../sync/sync.ts';
import { dayStartMs, isRunning, nextChangeMs, type Held } from '../sync/timer-math.ts';
import type { CommandBody, Group, ResultMessage, User } from '../sync/wire.ts';
import {
  clientName,
  environment,
  loadCommands,
  loadSignIn,
  newId,
  onSignInElsewhere,
  randomHex,
  saveCommands,
  saveSignIn,
  type SignIn,
} from './browser.ts';
import { DevTokenRefused, fetchDevToken } from './server.ts';
import { toast } from './toasts.tsx';

export interface Status {
  phase: Phase;
  catchingUp: boolean;
  loaded: boolean;
  attempt: number;
  retryAtMono: number;
  lastHeardMono: number | null;
  closeCode: number | null;
  signInEndsMs: number | null;
}

/** Whose timers are shown; null while nobody is signed in. */
export const signIn = signal<SignIn | null>(null);
/** Why the person has to sign in again, when they were signed in before. */
export const signInAgain = signal<SignInReason | null>(null);

export const status = signal<Status>({
  phase: 'off',
  catchingUp: false,
  loaded: false,
  attempt: 0,
  retryAtMono: 0,
  lastHeardMono: null,
  closeCode: null,
  signInEndsMs: null,
});
export const user = signal<User | null>(null);
export const timers = signal<readonly Held[]>([]);
export const groups = signal<readonly Group[]>([]);
export const pending = signal<readonly Pending[]>([]);
/** The server's time, set anew whenever a shown second changes. */
export const now = signal(0);

export const inStep = computed(() => status.value.phase === 'live' && !status.value.catchingUp);
/** Changes only at the boundary of the person's day. */
export const today = computed(() => (user.value ? dayStartMs(user.value, now.value) : 0));

/** A token that the person brought while signed in, until the server has taken it. */
let pasted: string | null = null;

export const sync = new Sync({
  environment,
  clientName: clientName(),
  keyPrefix: `tab-${randomHex(6)}`,
  renewToken: async () => {
    const devUser = signIn.value?.devUser;
    if (!devUser) return null;
    const token = await fetchDevToken(devUser);
    if (signIn.value?.devUser === devUser) remember({ token, devUser });
    return token;
  },
  loadCommands,
  saveCommands,
  changed: publishSoon,
  settled,
  signInNeeded: (why) => (signInAgain.value = why),
  tokenAccepted: (token) => {
    signInAgain.value = null;
    if (token === pasted) remember({ token, devUser: null });
    pasted = null;
  },
  tokenRefused: (error) => toast(`That token was refused: ${error.message}`, 'error'),
});

/** Signs in with what the browser remembers, and follows the browser from then on. */
export function begin(): void {
  const saved = loadSignIn();
  if (saved) {
    signIn.value = saved;
    sync.signIn(saved.token);
  }
  addEventListener('online', () => sync.wake());
  addEventListener('offline', () => {
    if (inStep.value) sync.wake();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') sync.wake();
    tick();
  });
  onSignInElsewhere((elsewhere) => {
    const here = signIn.value;
    if (!elsewhere) {
      if (here) leave();
    } else if (!here || here.devUser !== elsewhere.devUser || signInAgain.value) {
      signIn.value = elsewhere;
      sync.signIn(elsewhere.token);
    } else if (here.token !== elsewhere.token) {
      // Only kept: were it also saved again, tabs would tell each other of tokens without end.
      signIn.value = elsewhere;
      sync.keepToken(elsewhere.token);
    }
  });
  tick();
}

// Signing in and out

/** Throws DevTokenRefused, or TypeError when the server can't be reached. */
export async function signInAs(devUser: string): Promise<void> {
  const token = await fetchDevToken(devUser);
  remember({ token, devUser });
  sync.signIn(token);
}

export function signInWithToken(token: string): void {
  remember({ token, devUser: null });
  sync.signIn(token);
}

/** A new token for the person who is signed in. */
export function replaceToken(token: string): void {
  pasted = token;
  sync.useToken(token);
}

export function signOut(): void {
  saveSignIn(null);
  leave();
}

function leave(): void {
  signIn.value = null;
  signInAgain.value = null;
  sync.signOut();
}

function remember(next: SignIn): void {
  signIn.value = next;
  saveSignIn(next);
}

export { DevTokenRefused };

// What a person can do

const named = (held: Held): string => `“${held.session.title ?? ''}”`;

export interface TimerFields {
  title: string;
  initialDuration: number | null;
  dailyGoalMinutes: number | null;
  groupId: string | null;
}

export function addTimer(fields: TimerFields): void {
  const body: CommandBody = { type: 'addSession', session: newId(), title: fields.title };
  if (fields.initialDuration !== null) body['initialDuration'] = fields.initialDuration;
  if (fields.dailyGoalMinutes !== null) body['dailyGoalMinutes'] = fields.dailyGoalMinutes;
  if (fields.groupId !== null) body.group = fields.groupId;
  sync.command(body, `Add “${fields.title}”`);
}

export function fieldsOf({ session }: Held): TimerFields {
  return {
    title: session.title ?? '',
    initialDuration: session.initialDuration,
    dailyGoalMinutes: session.noGoal ? null : session.dailyGoalMinutes,
    groupId: session.groupId,
  };
}

/** Sends only what the person changed: another screen may have changed the rest meanwhile. */
export function changeTimer(held: Held, before: TimerFields, after: TimerFields): void {
  const session = held.session.id;
  if (after.title !== before.title) {
    sync.command({ type: 'renameSession', session, title: after.title }, `Rename ${named(held)}`);
  }
  const edit: CommandBody = { type: 'editSession', session };
  if (after.initialDuration !== before.initialDuration) edit['initialDuration'] = after.initialDuration;
  if (after.dailyGoalMinutes !== before.dailyGoalMinutes) {
    if (after.dailyGoalMinutes === null) edit['noGoal'] = true;
    else Object.assign(edit, { dailyGoalMinutes: after.dailyGoalMinutes, noGoal: false });
  }
  if (Object.keys(edit).length > 2) sync.command(edit, `Edit ${named(held)}`);
  if (after.groupId !== before.groupId) {
    sync.command({ type: 'moveSession', session, group: after.groupId }, `Move ${named(held)}`);
  }
}

const onTimer = (type: string, verb: string) => (held: Held) =>
  sync.command({ type, session: held.session.id }, `${verb} ${named(held)}`);

export const startTimer = onTimer('start', 'Start');
export const pauseTimer = onTimer('pause', 'Pause');
export const resetTimer = onTimer('resetSession', 'Reset');
export const deleteTimer = onTimer('deleteSession', 'Delete');

export function resetAll(group?: Group): void {
  if (group) sync.command({ type: 'resetAll', group: group.id }, `Reset all in “${group.name}”`);
  else sync.command({ type: 'resetAll' }, 'Reset all');
}

export function addGroup(name: string): void {
  sync.command({ type: 'addGroup', group: newId(), name }, `Add group “${name}”`);
}

export function renameGroup(group: Group, name: string): void {
  if (name !== group.name) sync.command({ type: 'editGroup', group: group.id, name }, `Rename group “${group.name}”`);
}

export function deleteGroup(group: Group): void {
  sync.command({ type: 'deleteGroup', group: group.id }, `Delete group “${group.name}”`);
}

export function changeDay(fields: { timeZone?: string; sessionsResetTime?: string }): void {
  if (Object.keys(fields).length > 0) sync.command({ type: 'autoResetTimeChange', ...fields }, 'Change your day');
}

/** What an answered command means for the person: most are seen in the timers, these aren't. */
function settled({ body, label }: Pending, result: ResultMessage): void {
  if (!result.ok) {
    const { message = 'no reason given', field } = result.error ?? {};
    const where = field && !message.includes(field) ? ` (${field})` : '';
    toast(`${label} did not work: ${message}${where}`, 'error');
    return;
  }
  if (result.changed === false) return;
  const name = /“.*”/.exec(label)?.[0] ?? '';
  if (body.type === 'deleteSession') {
    toast(`Deleted ${name}`, 'plain', {
      label: 'Undo',
      run: () => sync.command({ type: 'restoreSession', session: body.session! }, `Restore ${name}`),
    });
  }
  if (body.type === 'deleteGroup') toast(`Deleted group ${name}; its timers stay`);
}

// From the sync to the signals

let publishing = false;

function publishSoon(): void {
  if (publishing) return;
  publishing = true;
  queueMicrotask(() => {
    publishing = false;
    publish();
  });
}

function publish(): void {
  const { connection, replica } = sync;
  batch(() => {
    status.value = {
      phase: connection.phase,
      catchingUp: sync.catchingUp,
      loaded: sync.loaded,
      attempt: connection.attempt,
      retryAtMono: connection.retryAtMono,
      lastHeardMono: connection.lastHeardMono,
      closeCode: connection.lastClose?.code ?? null,
      signInEndsMs: sync.signInEndsMs,
    };
    user.value = replica.user;
    // Half-way through catching up nothing new is shown: the state would be one that never was.
    if (!sync.catchingUp) {
      timers.value = keepIfSame(timers.value, sorted([...replica.sessions.values()], (held) => held.session));
      groups.value = keepIfSame(groups.value, sorted([...replica.groups.values()], (group) => group));
    }
    pending.value = [...sync.outbox.pending];
  });
  tick();
}

function sorted<T>(items: T[], of: (item: T) => { createdAtMs: number; id: string }): T[] {
  return items.sort((a, b) => of(a).createdAtMs - of(b).createdAtMs || (of(a).id < of(b).id ? -1 : 1));
}

function keepIfSame<T>(before: readonly T[], after: readonly T[]): readonly T[] {
  return before.length === after.length && before.every((one, i) => one === after[i]) ? before : after;
}

// The painting of time: at the instants at which a shown second changes, and no others.

const IDLE_MS = 15_000;
let nextTick: ReturnType<typeof setTimeout> | undefined;

function tick(): void {
  clearTimeout(nextTick);
  const at = sync.clock.now();
  now.value = at;
  let wait = IDLE_MS;
  for (const held of timers.value) {
    if (isRunning(held)) wait = Math.min(wait, nextChangeMs(held, at));
  }
  if (user.value) wait = Math.min(wait, Math.max(1_000, user.value.dayEndMs - at));
  // A millisecond late rather than early; never more than a few times a second.
  nextTick = setTimeout(tick, Math.max(100, wait + 1));
}
