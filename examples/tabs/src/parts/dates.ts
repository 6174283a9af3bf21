// Dates as people read them; the year is told once it doesn't go without saying.

import { now, user } from '../state/store.ts';

const RECENT_MS = 300 * 86_400_000;
const words = (timeZone?: string) => {
  const zone = timeZone ? { timeZone } : {};
  const near = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short', ...zone });
  const far = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric', ...zone });
  return (ms: number) => (Math.abs(now.peek() - ms) < RECENT_MS ? near : far).format(ms);
};
const ofCalendar = words('UTC');

/** The day of an instant, where this screen is. */
export const dateText = words();
/** A date of the person's calendar, YYYY-MM-DD. */
export const calendarText = (date: string): string => ofCalendar(Date.parse(date));
/** The date of an instant by the person's zone, YYYY-MM-DD; of the beginning of their day, the date of that day. */
export const calendarDate = (ms: number): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: user.peek()?.timeZone ?? 'UTC' }).format(ms);
