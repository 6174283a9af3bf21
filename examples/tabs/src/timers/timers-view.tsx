import { useShortcuts } from '../shell/shortcuts.ts';
import { AddTimer } from './add-timer.tsx';
import { TIMER_KEYS } from './keys.ts';
import { TimerLists } from './timer-lists.tsx';
import './timers.css';

export function TimersView() {
  useShortcuts('Timers', TIMER_KEYS);
  return (
    <>
      <AddTimer />
      <TimerLists />
    </>
  );
}
