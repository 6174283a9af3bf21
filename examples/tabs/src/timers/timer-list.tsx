import type { Held } from 'lockstep-client';
import { TimerCard } from './timer-card.tsx';

export function TimerList({ timers }: { timers: readonly Held[] }) {
  return (
    <ul class="timers" role="list">
      {timers.map((held) => (
        <TimerCard key={held.session.id} held={held} />
      ))}
    </ul>
  );
}
