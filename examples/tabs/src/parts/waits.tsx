import { inStep, pending } from '../state/store.ts';
import { WaitMark } from './wanted.tsx';

/** Says so when a command that concerns the entity is long in coming. */
export function Waits({ of }: { of: string }) {
  const one = pending.value.findLast(({ body, slow }) => {
    const { session, task, problem, group, plan } = body;
    return [session, task, problem, group, plan].includes(of) && (slow || !inStep.value);
  });
  return one ? <WaitMark waiting={one.label.split(' ')[0]!} /> : null;
}
