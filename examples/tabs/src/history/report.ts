// What the person wants to see, and what the server says of it. Knows nothing of how that looks.

import { computed, signal } from '@preact/signals';
import type { Kind } from 'lockstep-client';
import { today, user } from '../state/store.ts';
import { shift, type Period } from './days.ts';
import { live } from './live.ts';

export interface Row {
  session: string;
  kind: Kind;
  title: string | null;
  groupId: string | null;
  minutes: number;
  goalMinutes: number | null;
  goalMet: boolean | null;
}

export interface PeriodReport {
  from: string;
  to: string;
  sumMinutes: number;
  unionMinutes: number;
  sessions: Row[];
}

/** GET /analytics. */
export interface Report {
  period: Period;
  timeZone: string;
  from: string;
  to: string;
  nowMs: number;
  streakDays: number;
  periods: PeriodReport[];
}

export interface Asked {
  period: Period;
  /** How many periods. */
  span: number;
  /** A day of the last of them; null: today, whenever that is. */
  end: string | null;
  kind: Kind | '';
  group: string;
  /** A timer. */
  session: string;
}

/** The first of each is what the server gives to who asks for no range. */
export const spans: Record<Period, readonly number[]> = { daily: [7, 30, 90], weekly: [8, 26, 52], monthly: [12, 24, 60] };

export const asked = signal<Asked>({ period: 'daily', span: 7, end: null, kind: '', group: '', session: '' });

export function change(fields: Partial<Asked>): void {
  asked.value = { ...asked.value, ...fields };
}

let asker = '';

/** Another person has other groups and timers. */
export function askAs(person: string): void {
  if (person !== asker) change({ group: '', session: '', end: null });
  asker = person;
}

/** The person's day, by the server: one later from its end until the server has told the next. */
const currentDay = computed(() => {
  const known = user.value;
  return known && (today.value > known.dayStartMs ? shift(known.day, 'daily', 1) : known.day);
});

/** The days asked for: from a day of the first period to one of the last. */
export const range = computed(() => {
  const { period, span, end } = asked.value;
  const to = end ?? currentDay.value ?? '';
  return { from: to && shift(to, period, 1 - span), to };
});

/** Moves by as much as is shown; ends at today. */
export function move(direction: 1 | -1): void {
  const { period, span } = asked.value;
  const end = shift(range.value.to, period, direction * span);
  change({ end: currentDay.value !== null && end >= currentDay.value ? null : end });
}

/** As a query's text; what isn't narrowed isn't there. */
export function query(fields: Record<string, string>): string {
  return new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== '')).toString();
}

export const report = live<Report>(
  computed(() => {
    const { period, kind, group, session } = asked.value;
    return range.value.to === '' ? null : `/analytics?${query({ period, ...range.value, kind, group, session })}`;
  }),
);

const rows = computed(() => {
  const found = new Map<string, Row>();
  for (const { periods } of report.answers.value.values()) {
    for (const period of periods) for (const row of period.sessions) found.set(row.session, row);
  }
  return found;
});

/** The time of each session in what is shown. */
export const tracked = computed(() => {
  const found = new Map<string, number>();
  for (const period of report.shown.value?.periods ?? []) {
    for (const { session, minutes } of period.sessions) found.set(session, (found.get(session) ?? 0) + minutes);
  }
  return found;
});

/** Of a session that a report names: lists leave it out. */
export const titleOf = (session: string): string | null => rows.value.get(session)?.title ?? null;
/** The timers that reports name, deleted ones too. */
export const knownTimers = (): Row[] => [...rows.value.values()].filter(({ kind }) => kind === 'timer');
