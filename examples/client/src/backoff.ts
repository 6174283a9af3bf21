const FIRST_MS = 500;
export const BACKOFF_CAP_MS = 10_000;

/**
 * How long to wait before connecting again after `attempt` failures in a row (0 is the first).
 * Doubles each time up to the cap; half of it is `chance` (0 to 1), so that a server that comes back
 * isn't met by all of its clients at one instant.
 */
export function backoffMs(attempt: number, chance: number): number {
  const ceiling = Math.min(BACKOFF_CAP_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return ceiling / 2 + (ceiling / 2) * chance;
}
