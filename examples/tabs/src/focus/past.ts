// The focus sessions that are over, as the server lists them, and the one whose review is asked for.

import { computed, effect, signal } from '@preact/signals';
import type { EventMessage } from 'lockstep-client';
import { ask } from '../state/account.ts';
import { read, write } from '../state/browser.ts';
import { inStep, onEvent, pending, today, user } from '../state/store.ts';
import { reviewFocus, type ReviewFields, type SessionType } from './actions.ts';

/** A focus session as `GET /api/sessions` shows it; instants are ISO 8601, durations minutes. */
export interface PastFocus {
  sessionId: string;
  sessionType: SessionType;
  plannedDuration: number;
  actualDuration: number | null;
  startTime: string;
  endTime: string | null;
  status: 'active' | 'completed' | 'abandoned';
  projectId: string | null;
  qualityRating: number | null;
  focusScore: number | null;
  taskProgress: string | null;
  abandonReason: string | null;
  progressMade: string | null;
}

const NEWEST = 50;
const RETRY_MS = 3_000;
const SKIPPED = 'lockstep.reviewSkipped';

/** The newest first; null until they were read. */
const past = signal<readonly PastFocus[] | null>(null);
/** By session. The list above has none. */
export const titles = signal<ReadonlyMap<string, string>>(new Map());
/** Whose review the person chose not to give now. */
const skipped = signal(read(SKIPPED));
/** Whose review was just given, which the list may not have yet. */
const given = signal<string | null>(null);
/** Whose review the person asked to give. */
const chosen = signal<string | null>(null);

export const todays = computed(() => past.value?.filter(({ endTime }) => Date.parse(endTime ?? '') >= today.value) ?? null);

/** Does the server still take a review of it, and is none on its way? */
export function isReviewable({ sessionId, status, qualityRating, taskProgress }: PastFocus): boolean {
  const sent = pending.value.some(({ body }) => body.session === sessionId && body.type === 'complete');
  return status === 'completed' && qualityRating === null && taskProgress === null && !sent && sessionId !== given.value;
}

/** The one whose review is asked for: chosen by the person, else the last one that is completed. */
export const toReview = computed(() => {
  const all = past.value ?? [];
  const last = all.find(({ status }) => status === 'completed');
  const picked = all.find(({ sessionId }) => sessionId === chosen.value);
  const one = picked ?? (last?.sessionId === skipped.value ? null : last);
  return one && isReviewable(one) ? { past: one, picked: one === picked } : null;
});

export function chooseReview(session: string): void {
  chosen.value = session;
}

export async function giveReview(session: string, fields: ReviewFields): Promise<void> {
  given.value = session;
  const { ok } = await reviewFocus(session, fields);
  if (!ok && given.value === session) given.value = null;
}

export function skipReview(session: string): void {
  chosen.value = null;
  skipped.value = session;
  write(SKIPPED, session);
}

/** Keeps the list as the server has it, from now until the answer is called. */
export function followPast(): () => void {
  const offEvents = onEvent((event) => isOfFocus(event) && void readPast());
  // Also after a snapshot, which brings no events, and for another person.
  const offSteps = effect(() => {
    const person = user.value?.id;
    if (person !== pastOf) past.value = null;
    pastOf = person;
    if (inStep.value && person) void readPast();
  });
  return () => {
    offEvents();
    offSteps();
    clearTimeout(again);
    reads += 1;
  };
}

const isOfFocus = ({ session, sessions = [] }: EventMessage): boolean =>
  [session, ...sessions].some((one) => one?.kind === 'focus');

let pastOf: string | undefined;
let reads = 0;
let again: ReturnType<typeof setTimeout> | undefined;

async function readPast(): Promise<void> {
  clearTimeout(again);
  const mine = (reads += 1);
  try {
    const [{ items }, quests] = await Promise.all([
      ask<{ items: PastFocus[] }>('GET', `/api/sessions?kind=focus&limit=${NEWEST}`),
      ask<{ id: string; description: string | null }[]>('GET', `/focus-sessions?limit=${NEWEST}`),
    ]);
    if (mine !== reads) return;
    titles.value = new Map(quests.map(({ id, description }) => [id, description ?? '']));
    past.value = items.filter(({ status }) => status !== 'active');
  } catch {
    // What was read before stays. The socket may live while a request fails; in step again, it is read in any case.
    if (mine === reads && inStep.peek()) again = setTimeout(() => void readPast(), RETRY_MS);
  }
}
