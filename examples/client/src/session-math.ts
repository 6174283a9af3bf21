// What a session shows at an instant of the server's clock. Nothing here counts: every figure follows
// from instants that the server gave (domain rules: a day's tracked time starts anew at its boundary).

import type { Session, User } from './wire.ts';

/** A session and the instant of the server's clock for which its figures were made. */
export interface Held {
  session: Session;
  madeAtMs: number;
}

export function isRunning(held: Held): boolean {
  return held.session.state === 'RUNNING';
}

/** Milliseconds left, or null without a length. */
export function remainingMs({ session }: Pick<Held, 'session'>, nowMs: number): number | null {
  if (session.initialDuration === null) return null;
  if (session.state === 'RUNNING' && session.targetTimeMs !== null) {
    return Math.max(0, session.targetTimeMs - nowMs);
  }
  return Math.max(0, (session.timeLeft ?? 0) * 1000);
}

/** All running time since it began or was last reset. */
export function elapsedMs(held: Held, nowMs: number): number {
  const settled = held.session.elapsedSeconds * 1000;
  return isRunning(held) ? settled + Math.max(0, nowMs - held.madeAtMs) : settled;
}

/** Where the day that holds `nowMs` began: past the known day's end, that end is the boundary. */
export function dayStartMs(user: User, nowMs: number): number {
  return nowMs >= user.dayEndMs ? user.dayEndMs : user.dayStartMs;
}

/** Time tracked in the user's current day. */
export function trackedMs(held: Held, user: User, nowMs: number): number {
  const { session, madeAtMs } = held;
  const boundary = dayStartMs(user, nowMs);
  const end = runningUntilMs(session, nowMs);
  if (madeAtMs >= boundary) {
    const settled = session.trackedSeconds * 1000;
    return isRunning(held) ? settled + Math.max(0, end - madeAtMs) : settled;
  }
  if (!isRunning(held)) return 0;
  return Math.max(0, end - Math.max(boundary, session.runningSinceMs ?? boundary));
}

/** A countdown tracks nothing past its target, even while the news of its end is on its way. */
function runningUntilMs(session: Session, nowMs: number): number {
  return session.targetTimeMs === null ? nowMs : Math.min(nowMs, session.targetTimeMs);
}

const FOCUS_PAUSE_MS = 10 * 60_000;

/** When the pause of a focus session ends by itself; null while there is none. */
export function pauseEndsMs({ state, status, focus }: Session): number | null {
  const pause = focus?.pauses.at(-1);
  if (state !== 'PAUSED' || status !== 'active' || !pause || pause.resumedAtMs !== null) return null;
  return pause.pausedAtMs + FOCUS_PAUSE_MS;
}

/** Milliseconds until the shown second of a running session, or of a pause that ends by itself, changes. */
export function nextChangeMs(held: Held, nowMs: number): number {
  const pauseEnds = pauseEndsMs(held.session);
  const left = pauseEnds === null ? remainingMs(held, nowMs) : Math.max(0, pauseEnds - nowMs);
  if (left === null) return 1000 - (elapsedMs(held, nowMs) % 1000);
  const rest = left % 1000;
  return left > 0 && rest === 0 ? 1000 : rest || 1000;
}

/** The whole seconds to show: a countdown ends with its last second, a stopwatch begins with its first. */
export function shownSeconds(held: Held, nowMs: number): number {
  const left = remainingMs(held, nowMs);
  return left === null ? Math.floor(elapsedMs(held, nowMs) / 1000) : Math.ceil(left / 1000);
}
