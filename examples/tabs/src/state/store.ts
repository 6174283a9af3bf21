// What is shown, as signals, and how a view asks for something. Between lockstep-client and the views.

import { batch, computed, signal } from '@preact/signals';
import {
  dayStartMs,
  isRunning,
  LockstepClient,
  nextChangeMs,
  type CommandBody,
  type EventMessage,
  type Group,
  type Held,
  type Pending,
  type Plan,
  type ResultMessage,
  type Status,
  type Task,
  type User,
} from 'lockstep-client';
import { clientName, loadLife, saveLife } from './browser.ts';

export const status = signal<Status>({
  phase: 'off',
  catchingUp: false,
  loaded: false,
  attempt: 0,
  retryAtMono: 0,
  lastHeardMono: null,
  closeCode: null,
  signInEndsMs: null,
  scope: null,
});
export const user = signal<User | null>(null);
/** Every timer that is not deleted and the active sessions of the other kinds, the oldest first. */
export const sessions = signal<readonly Held[]>([]);
export const groups = signal<readonly Group[]>([]);
/** Those of the active work sessions. */
export const tasks = signal<readonly Task[]>([]);
/** Without their structures. */
export const plans = signal<readonly Plan[]>([]);
export const pending = signal<readonly Pending[]>([]);
/** The server's time, set anew whenever a shown second changes. */
export const now = signal(0);

const ofKind = (kind: string) => computed(() => sessions.value.filter(({ session }) => session.kind === kind));
export const timers = ofKind('timer');
export const workSessions = ofKind('work');
/** The active one, if there is one. */
export const focusSession = computed(() => sessions.value.find(({ session }) => session.kind === 'focus') ?? null);
export const trainingSession = computed(() => sessions.value.find(({ session }) => session.kind === 'training') ?? null);

export const inStep = computed(() => status.value.phase === 'live' && !status.value.catchingUp);
/** Changes only at the boundary of the person's day. */
export const today = computed(() => (user.value ? dayStartMs(user.value, now.value) : 0));

let renewToken: () => Promise<string | null> = async () => null;

export const client = new LockstepClient({
  name: clientName(),
  renewToken: () => renewToken(),
  saved: loadLife(),
});

/** How to come by a new token for the person who is signed in. */
export function renewTokenBy(renew: () => Promise<string | null>): void {
  renewToken = renew;
}

/** Asks for something in the person's name; the verdict may be long in coming when the server is away. */
export function command(body: CommandBody, label: string): Promise<ResultMessage> {
  return client.command(body, { label });
}

/** Every event as it is applied, of this client too. The answer ends it. */
export function onEvent(listener: (event: EventMessage) => void): () => void {
  return client.on('event', listener);
}

/** Follows the client from now on. */
export function begin(): void {
  client.on('change', () => {
    publishSoon();
    saveSoon();
  });
  addEventListener('pagehide', save);
  addEventListener('online', () => client.wake());
  addEventListener('offline', () => {
    if (inStep.value) client.wake();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') client.wake();
    tick();
  });
  tick();
}

const SAVE_MS = 250;
let nextSave: ReturnType<typeof setTimeout> | undefined;

function saveSoon(): void {
  nextSave ??= setTimeout(save, SAVE_MS);
}

function save(): void {
  clearTimeout(nextSave);
  nextSave = undefined;
  saveLife(client.save());
}

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
  const { state } = client;
  batch(() => {
    status.value = client.status;
    user.value = state.user;
    // Half-way through catching up nothing new is shown: the state would be one that never was.
    if (!client.status.catchingUp) {
      sessions.value = keepIfSame(sessions.value, sorted(state.sessions, (held) => held.session));
      groups.value = keepIfSame(groups.value, sorted(state.groups, (group) => group));
      plans.value = keepIfSame(plans.value, sorted(state.plans, (plan) => plan));
      tasks.value = keepIfSame(tasks.value, sorted(state.tasks, ({ id, startMs }) => ({ id, createdAtMs: startMs })));
    }
    pending.value = [...client.pending];
  });
  tick();
}

function sorted<T>(all: ReadonlyMap<string, T>, of: (item: T) => { createdAtMs: number; id: string }): T[] {
  return [...all.values()].sort((a, b) => of(a).createdAtMs - of(b).createdAtMs || (of(a).id < of(b).id ? -1 : 1));
}

function keepIfSame<T>(before: readonly T[], after: readonly T[]): readonly T[] {
  return before.length === after.length && before.every((one, i) => one === after[i]) ? before : after;
}

// The painting of time: at the instants at which a shown second changes, and no others.

const IDLE_MS = 15_000;
let nextTick: ReturnType<typeof setTimeout> | undefined;

function tick(): void {
  clearTimeout(nextTick);
  const at = client.now();
  now.value = at;
  let wait = IDLE_MS;
  for (const held of sessions.value) {
    if (isRunning(held)) wait = Math.min(wait, nextChangeMs(held, at));
  }
  if (user.value) wait = Math.min(wait, Math.max(1_000, user.value.dayEndMs - at));
  // A millisecond late rather than early; never more than a few times a second.
  nextTick = setTimeout(tick, Math.max(100, wait + 1));
}
