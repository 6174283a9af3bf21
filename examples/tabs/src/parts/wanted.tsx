import { isRunning, type Held } from 'lockstep-client';
import { inStep, pending } from '../state/store.ts';
import { WaitIcon } from './icons.tsx';

export interface Wanted {
  running: boolean;
  /** What is waiting for the server's word, in a word. */
  waiting: string | null;
}

/** What a session will be once the commands on their way have been applied; the buttons go by it. */
export function wantedOf(held: Held): Wanted {
  let running = isRunning(held);
  let waiting: string | null = null;
  for (const { body, label, slow } of pending.value) {
    if (body.session !== held.session.id) continue;
    if (body.type === 'start') running = true;
    if (body.type === 'pause' || body.type === 'resetSession') running = false;
    if (slow || !inStep.value) waiting = label.split(' ')[0]!;
  }
  return { running, waiting };
}

/** How many commands of a type are on their way for a session. */
export function pendingOf(session: string, type: string): number {
  return pending.value.filter(({ body }) => body.session === session && body.type === type).length;
}

export function WaitMark({ waiting }: { waiting: string }) {
  return (
    <span class="mark wait">
      <WaitIcon /> {waiting} waiting
    </span>
  );
}
