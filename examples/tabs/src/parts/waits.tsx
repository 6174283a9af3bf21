import { isRunning, type Held } from 'lockstep-client';
import { inStep, pending } from '../state/store.ts';
import { WaitIcon } from './icons.tsx';

/** The verb of a command that concerns the entity and is long in coming, or null. */
export function useWaiting(id: string): string | null {
  const one = pending.value.findLast(({ body, slow }) => {
    const { session, task, problem, group, plan } = body;
    return [session, task, problem, group, plan].includes(id) && (slow || !inStep.value);
  });
  return one ? one.label.split(' ')[0]! : null;
}

export function Waits({ of }: { of: string }) {
  const verb = useWaiting(of);
  return verb ? (
    <span class="mark wait">
      <WaitIcon /> {verb} waiting
    </span>
  ) : null;
}

/** Whether it will run once the commands on their way have been applied. */
export function wantsToRun(held: Held): boolean {
  const last = pending.value.findLast(
    ({ body }) => body.session === held.session.id && (body.type === 'start' || body.type === 'pause'),
  );
  return last ? last.body.type === 'start' : isRunning(held);
}
