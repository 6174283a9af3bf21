// A work session's clock, and the button that stops it and lets it go on.

import { isRunning, shownSeconds, type Held } from 'lockstep-client';
import { clockText, timeOfDay } from '../parts/format.ts';
import { PauseIcon, PlayIcon } from '../parts/icons.tsx';
import { wantedOf } from '../parts/wanted.tsx';
import { command, now } from '../state/store.ts';

export const beganText = ({ session }: Held) => timeOfDay(session.startedAtMs ?? session.createdAtMs);
/** How a session is called in what is told of it. */
export const named = (held: Held) => `“work since ${beganText(held)}”`;

export function Elapsed({ held, what = 'Worked' }: { held: Held; what?: string }) {
  const running = isRunning(held);
  // What stands still needs no clock.
  const at = running ? now.value : held.madeAtMs;
  return (
    <span class={running ? 'digits running' : 'digits'} role="timer" aria-label={running ? what : `${what}, paused`}>
      {clockText(shownSeconds(held, at))}
    </span>
  );
}

export function RunButton({ held, what = named(held) }: { held: Held; what?: string }) {
  const runs = wantedOf(held).running;
  const session = held.session.id;
  const press = () => void command({ type: runs ? 'pause' : 'start', session }, `${runs ? 'Pause' : 'Go on with'} ${what}`);
  return (
    <button type="button" class="primary run" onClick={press}>
      {runs ? <PauseIcon /> : <PlayIcon />}
      {runs ? 'Pause' : 'Go on'}
    </button>
  );
}
