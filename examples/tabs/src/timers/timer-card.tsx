import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isRunning, remainingMs, shownSeconds, trackedMs, type Held } from 'lockstep-client';
import { clockText, lengthText, timeOfDay } from '../parts/format.ts';
import { CheckIcon, PauseIcon, PlayIcon, WaitIcon } from '../parts/icons.tsx';
import { inStep, now, pending, today, user } from '../state/store.ts';
import { changeTimer, deleteTimer, fieldsOf, pauseTimer, resetTimer, startTimer } from './actions.ts';
import { readFields, TimerFieldInputs, typedFrom, useTyped } from './timer-fields.tsx';

export function TimerCard({ held }: { held: Held }) {
  const { session } = held;
  const [editing, setEditing] = useState(false);
  const edit = useRef<HTMLButtonElement>(null);
  const title = `timer-${session.id}`;
  const running = isRunning(held);
  const wanted = useWanted(held);
  const done = () => {
    setEditing(false);
    // The button is back only at the next paint; by then the person may have gone elsewhere.
    requestAnimationFrame(() => {
      if (document.activeElement === document.body) edit.current?.focus();
    });
  };
  return (
    <li class={`timer ${running ? 'running' : session.isCompleted ? 'done' : 'paused'}`} aria-labelledby={title}>
      <div class="timer-head">
        <h3 id={title}>{session.title}</h3>
        <StateMark held={held} waiting={wanted.waiting} />
      </div>
      {editing ? (
        <EditTimer held={held} done={done} />
      ) : (
        <>
          <TimeShown held={held} />
          <Today held={held} />
          <div class="actions">
            {/* One button, so that the focus stays on it. */}
            <button class="primary" onClick={() => (wanted.running ? pauseTimer(held) : startTimer(held))}>
              {wanted.running ? <PauseIcon /> : <PlayIcon />}
              {wanted.running ? 'Pause' : 'Start'}
            </button>
            <button onClick={() => resetTimer(held)}>Reset</button>
            <span class="lesser">
              <button class="ghost" ref={edit} onClick={() => setEditing(true)}>
                Edit
              </button>
              <button class="ghost" onClick={() => remove(held)}>
                Delete
              </button>
            </span>
          </div>
        </>
      )}
      <Elapsing held={held} />
    </li>
  );
}

function remove(held: Held) {
  deleteTimer(held);
  document.querySelector('main')?.focus({ preventScroll: true });
}

/** What the timer will be once the commands on their way have been applied; the buttons go by it. */
function useWanted(held: Held): { running: boolean; waiting: string | null } {
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

function StateMark({ held, waiting }: { held: Held; waiting: string | null }) {
  const { session } = held;
  if (waiting) {
    return (
      <span class="mark wait">
        <WaitIcon /> {waiting} waiting
      </span>
    );
  }
  if (session.isCompleted) {
    return (
      <span class="mark good">
        <CheckIcon /> {session.endedAtMs === null ? 'Done' : `Done at ${timeOfDay(session.endedAtMs)}`}
      </span>
    );
  }
  return isRunning(held) ? <span class="mark live">Running</span> : null;
}

function TimeShown({ held }: { held: Held }) {
  const { session } = held;
  // A timer that stands still needs no clock.
  const at = isRunning(held) ? now.value : 0;
  const { initialDuration, targetTimeMs } = session;
  return (
    <div class="time">
      <div class="digits" role="timer">
        {clockText(shownSeconds(held, at))}
      </div>
      <div class="quiet">
        {initialDuration === null ? 'counts up' : `of ${lengthText(initialDuration)}`}
        {targetTimeMs !== null && (targetTimeMs > at ? `, ends at ${timeOfDay(targetTimeMs)}` : ', time is up')}
      </div>
    </div>
  );
}

function Today({ held }: { held: Held }) {
  const { session } = held;
  if (!user.value) return null;
  // Of a timer that stands still only a new day changes anything.
  const at = isRunning(held) ? now.value : Math.max(today.value, held.madeAtMs);
  const tracked = trackedMs(held, user.value, at) / 60_000;
  const minutes = Math.floor(tracked);
  const goal = session.noGoal ? null : session.dailyGoalMinutes;
  const label = `today-${session.id}`;
  if (goal === null) {
    return (
      <div class="today">
        <span class="quiet">Today</span>
        <span>{minutes} min</span>
      </div>
    );
  }
  const share = Math.min(1, tracked / goal);
  const text = `${minutes} of ${goal} min`;
  return (
    <div class="today">
      <span class="quiet" id={label}>
        Today
      </span>
      <div
        class={`progress ${share === 1 ? 'reached' : ''}`}
        role="progressbar"
        aria-labelledby={label}
        aria-valuemin={0}
        aria-valuemax={goal}
        aria-valuenow={Math.min(minutes, goal)}
        aria-valuetext={text}
      >
        <div style={{ width: `${share * 100}%` }} />
      </div>
      <span>
        {text}
        {share === 1 && (
          <>
            {' '}
            <CheckIcon />
            <span class="unseen">goal reached</span>
          </>
        )}
      </span>
    </div>
  );
}

/** The line at the foot of a card: how much of a countdown is over. */
function Elapsing({ held }: { held: Held }) {
  const at = isRunning(held) ? now.value : 0;
  const left = remainingMs(held, at);
  const total = (held.session.initialDuration ?? 0) * 1000;
  if (left === null || total <= 0) return null;
  return (
    <div class="elapsing" aria-hidden="true">
      <div style={{ transform: `scaleX(${1 - Math.min(1, left / total)})` }} />
    </div>
  );
}

function EditTimer({ held, done }: { held: Held; done: () => void }) {
  const { session } = held;
  const [before] = useState(() => fieldsOf(held));
  const { typed, set } = useTyped(typedFrom(before));
  const title = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => title.current?.select(), []);
  const submit = (event: Event & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const fields = readFields(event.currentTarget, typed);
    if (!fields) return;
    changeTimer(held, before, fields);
    done();
  };
  return (
    <form
      class="edit"
      aria-label={`Edit ${session.title ?? ''}`}
      onSubmit={submit}
      onKeyDown={(event) => event.key === 'Escape' && done()}
    >
      <TimerFieldInputs typed={typed} set={set} id={`edit-${session.id}`} titleRef={title} />
      <div class="actions">
        <button class="primary">Save</button>
        <button type="button" onClick={done}>
          Cancel
        </button>
      </div>
    </form>
  );
}
