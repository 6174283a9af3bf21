// What is shown, as signals, and how a view asks for something. Between the connection and the views.

import { batch, computed, signal } from '@preact/signals';
import {
  dayStartMs,
  isRunning,
  nextChangeMs,
  pauseEndsMs,
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
import { toast } from '../shell/toasts.tsx';
import type { Change, Told, Verdict } from '../worker/messages.ts';
import { Link } from './link.ts';

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
/** Of what had to wait for the server, until the person has read them. */
export const verdicts = signal<readonly Verdict[]>([]);
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

/** The connection, for the rest of src/state. */
export const client = new Link();

/** How to come by a new token for the person who is signed in. */
export function renewTokenBy(renew: () => Promise<string | null>): void {
  client.renewToken = renew;
}

/**
 * Asks for something in the person's name; the verdict may be long in coming when the server is away. Who tends to a
 * conflict, and asks again by itself, has nobody told of it.
 */
export function command(body: CommandBody, label: string, tended = false): Promise<ResultMessage> {
  if (status.value.scope === 'read' && !body.type.startsWith('get')) return refuseToChange(label);
  return client.command(body, label, tended);
}

/** What the server would answer, without asking it: nothing is to wait that can never be done. */
function refuseToChange(label: string): Promise<ResultMessage> {
  const message = 'this screen can only look';
  toast(`${label} did not work: ${message}`, 'error');
  return Promise.resolve({ type: 'result', id: null, ok: false, error: { code: 'forbidden', message } });
}

/** Every event as it is applied, of this client too. The answer ends it. */
export function onEvent(listener: (event: EventMessage) => void): () => void {
  return client.on('event', listener);
}

/** Looks for the server now. */
export function wake(): void {
  client.wake();
}

export function dismissVerdicts(): void {
  client.dismissVerdicts();
}

/** Follows the connection from now on. */
export function begin(): void {
  client.on('told', publish);
  client.open();
  addEventListener('online', wake);
  addEventListener('offline', () => {
    if (inStep.value) wake();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') wake();
    tick();
  });
  tick();
}

const held = {
  sessions: new Map<string, Held>(),
  groups: new Map<string, Group>(),
  tasks: new Map<string, Task>(),
  plans: new Map<string, Plan>(),
};

function publish(told: Told): void {
  if (told.whole) for (const all of Object.values(held)) all.clear();
  batch(() => {
    if (told.status) status.value = here(told.status);
    if (told.user !== undefined) user.value = told.user;
    if (told.pending) pending.value = told.pending;
    if (told.verdicts) verdicts.value = told.verdicts;
    if (take(held.sessions, told.sessions)) sessions.value = sorted(held.sessions, (one) => one.session);
    if (take(held.groups, told.groups)) groups.value = sorted(held.groups, (group) => group);
    if (take(held.plans, told.plans)) plans.value = sorted(held.plans, (plan) => plan);
    if (take(held.tasks, told.tasks)) tasks.value = sorted(held.tasks, ({ id, startMs }) => ({ id, createdAtMs: startMs }));
  });
  tick();
}

/** With its instants by this tab's monotonic clock. */
function here(told: Status): Status {
  const { retryAtMono, lastHeardMono } = told;
  return {
    ...told,
    retryAtMono: client.mono(retryAtMono),
    lastHeardMono: lastHeardMono === null ? null : client.mono(lastHeardMono),
  };
}

function take<T>(all: Map<string, T>, change: Change<T> | undefined): boolean {
  for (const [id, one] of change?.put ?? []) all.set(id, one);
  for (const id of change?.gone ?? []) all.delete(id);
  return change !== undefined;
}

function sorted<T>(all: ReadonlyMap<string, T>, of: (item: T) => { createdAtMs: number; id: string }): T[] {
  return [...all.values()].sort((a, b) => of(a).createdAtMs - of(b).createdAtMs || (of(a).id < of(b).id ? -1 : 1));
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
    if (isRunning(held) || pauseEndsMs(held.session) !== null) wait = Math.min(wait, nextChangeMs(held, at));
  }
  if (user.value) wait = Math.min(wait, Math.max(1_000, user.value.dayEndMs - at));
  // A millisecond late rather than early; never more than a few times a second.
  nextTick = setTimeout(tick, Math.max(100, wait + 1));
}
