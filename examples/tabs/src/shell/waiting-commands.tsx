import { exactTimeOfDay } from '../parts/format.ts';
import { WaitIcon } from '../parts/icons.tsx';
import { inStep, pending } from '../state/store.ts';

/** What the person asked for and the server has not answered: sent again until it has. */
export function WaitingCommands() {
  const waiting = pending.value.filter((one) => one.slow || !inStep.value);
  if (waiting.length === 0) return null;
  return (
    <section class="waiting" aria-labelledby="waiting-title">
      <h2 id="waiting-title">
        <WaitIcon /> Waiting to be sent
      </h2>
      {waiting.map((one) => (
        <p key={one.key}>
          {one.label}
          {one.body.atMs !== undefined && <span class="quiet"> · since {exactTimeOfDay(one.body.atMs)}</span>}
        </p>
      ))}
    </section>
  );
}
