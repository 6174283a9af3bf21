import { AddTimer } from './add-timer.tsx';
import { TimerLists } from './timer-lists.tsx';
import './timers.css';

export function TimersView() {
  return (
    <>
      <AddTimer />
      <TimerLists />
    </>
  );
}
