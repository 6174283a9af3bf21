// Days as the server names them, "YYYY-MM-DD", and how periods and instants are written. A day has no zone: it is
// reckoned and written as if all were in UTC. An instant is written in the person's zone, never in the browser's.

export type Period = 'daily' | 'weekly' | 'monthly';
export const nouns: Record<Period, string> = { daily: 'day', weekly: 'week', monthly: 'month' };

const DAY_MS = 86_400_000;
const dateOf = (day: string): Date => new Date(`${day}T00:00:00Z`);
const dayOf = (date: Date | number): string => new Date(date).toISOString().slice(0, 10);

/** The day that lies `count` periods later, in the middle of nowhere: the server widens to whole periods. */
export function shift(day: string, period: Period, count: number): string {
  const date = dateOf(day);
  if (period !== 'monthly') return dayOf(date.getTime() + count * (period === 'weekly' ? 7 : 1) * DAY_MS);
  return dayOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + count, 1));
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = timeZone + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) {
    try {
      found = new Intl.DateTimeFormat(undefined, { ...options, timeZone });
    } catch {
      // A zone that the server knows and this browser doesn't.
      found = new Intl.DateTimeFormat(undefined, { ...options, timeZone: 'UTC', timeZoneName: 'short' });
    }
    formats.set(key, found);
  }
  return found;
}

const DAY = { weekday: 'short', day: 'numeric', month: 'short' } as const;
const DATE = { day: 'numeric', month: 'short', year: 'numeric' } as const;
const MONTH = { month: 'short', year: 'numeric' } as const;
const TIME = { hour: 'numeric', minute: '2-digit' } as const;

/** "Fri, 20 Nov", "16 – 22 Nov 2026", "Nov 2026". */
export function periodText(period: Period, from: string, to: string): string {
  if (period === 'daily') return format('UTC', DAY).format(dateOf(from));
  if (period === 'monthly') return format('UTC', MONTH).format(dateOf(from));
  return rangeText(from, to);
}

export const rangeText = (from: string, to: string): string =>
  format('UTC', DATE).formatRange(dateOf(from), dateOf(to));

/** Below a bar; `many` leaves no room for the weekday. */
export function tickText(period: Period, from: string, many: boolean): string {
  if (period === 'monthly') return format('UTC', many ? { month: 'short', year: '2-digit' } : { month: 'short' }).format(dateOf(from));
  const options = period === 'daily' && !many ? ({ weekday: 'short', day: 'numeric' } as const) : ({ day: 'numeric', month: 'short' } as const);
  return format('UTC', options).format(dateOf(from));
}

/** The person's day that an instant lies in, when days begin at `resetTime`, "HH:MM". */
export function dayText(ms: number, zone: string, resetTime: string): string {
  const [hours = 0, minutes = 0] = resetTime.split(':').map(Number);
  return format(zone, DAY).format(ms - (hours * 60 + minutes) * 60_000);
}

export const timeText = (ms: number, zone: string): string => format(zone, TIME).format(ms);
export const instantText = (ms: number, zone: string): string => format(zone, { ...DAY, ...TIME }).format(ms);

/** Minutes as people say them: what has begun is not over. */
export function minutesText(minutes: number): string {
  const whole = Math.floor(minutes);
  if (whole === 0) return minutes > 0 ? '< 1 min' : '0 min';
  const h = Math.floor(whole / 60);
  const m = whole % 60;
  return [h > 0 && `${h} h`, m > 0 && `${m} min`].filter(Boolean).join(' ');
}
