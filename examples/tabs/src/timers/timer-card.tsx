import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isRunning, remainingMs, shownSeconds, trackedMs, type Held } from 'lockstep-client';
import { clockText, lengthText, timeOfDay } from '../parts/format.ts';
import { CheckIcon, PauseIcon, PlayIcon } from '../parts/icons.tsx';
import { giveFocusBack, useKeptFocus } from '../parts/kept-focus.ts';
import { Ring } from '../parts/ring.tsx';
import { WaitMark, wantedOf } from '../parts/wanted.tsx';
import { now, today, user } from '../state/store.ts';
import { changeTimer, fieldsOf, pauseTimer, resetTimer, startTimer, type TimerFields } from './actions.ts';
import { removeTimer } from './keys.ts';
import { readFields, TimerFieldInputs, typedFrom, useTyped } from './timer-fields.tsx';

export function TimerCard({ held }: { held: Held }) {
  const { session } = held;
  const [editing, setEditing] = useState(false);
  const card = useRef<HTMLLIElement>(null);
  const edit = useRef<HTMLButtonElement>(null);
  useKeptFocus(card);
  const title = `timer-${session.id}`;
  const wanted = wantedOf(held);
  const state = isRunning(held) ? 'running' : session.isCompleted ? 'done' : 'paused';
  const done = () => {
    setEditing(false);
    giveFocusBack(edit);
  };
  return (
    <li class={`card timer ${state}`} ref={card} data-session={session.id} aria-labelledby={title}>
      <div class="timer-head">
        <h3 id={title}>{session.title}</h3>
        <StateMark held={held} waiting={wanted.waiting} />
      </div>
      {editing ? (
        <EditTimer held={held} done={done} />
      ) : (
        <>
          <TimeShown held={held} />
          <div class="actions">
            {/* One button, so that the focus stays on it. */}
            <button class="primary" onClick={() => (wanted.running ? pauseTimer(held) : startTimer(held))}>
              {wanted.running ? <PauseIcon /> : <PlayIcon />}
              {wanted.running ? 'Pause' : 'Start'}
            </button>
            <button onClick={() => resetTimer(held)}>Reset</button>
            <span class="lesser">
              <button class="ghost edit-button" ref={edit} onClick={() => setEditing(true)}>
                Edit
              </button>
              <button class="ghost" onClick={() => removeTimer(held)}>
                Delete
              </button>
            </span>
          </div>
        </>
      )}
    </li>
  );
}

function StateMark({ held, waiting }: { held: Held; waiting: string | null }) {
  const { session } = held;
  if (waiting) return <WaitMark waiting={waiting} />;
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
  const shown = clockText(shownSeconds(held, at));
  return (
    <div class="time">
      <div class="dial">
        <TimeRing held={held} at={at} />
        <div class={shown.length > 5 ? 'digits long' : 'digits'} role="timer">
          {shown}
        </div>
      </div>
      <div class="told">
        <p class="quiet">
          {initialDuration === null ? 'counts up' : `of ${lengthText(initialDuration)}`}
          {targetTimeMs !== null && (
            <>
              , <span class="whole">{targetTimeMs > at ? `ends at ${timeOfDay(targetTimeMs)}` : 'time is up'}</span>
            </>
          )}
        </p>
        <Today held={held} />
      </div>
    </div>
  );
}

/** How much of a countdown is over; of what counts up, how much of the day's goal is reached. */
function TimeRing({ held, at }: { held: Held; at: number }) {
  const left = remainingMs(held, at);
  const total = (held.session.initialDuration ?? 0) * 1000;
  if (left === null || total <= 0) return <Ring share={goalOf(held)?.share ?? 0} />;
  const over = 1 - Math.min(1, left / total);
  return <Ring share={over} label={`${Math.floor(over * 100)} % over`} />;
}

/** Today's time, and the goal for it; null until the person's day is known. */
function goalOf(held: Held): { minutes: number; goal: number | null; share: number } | null {
  const { session } = held;
  if (!user.value) return null;
  // Of a timer that stands still only a new day changes anything.
  const at = isRunning(held) ? now.value : Math.max(today.value, held.madeAtMs);
  const tracked = trackedMs(held, user.value, at) / 60_000;
  const goal = session.noGoal ? null : session.dailyGoalMinutes;
  return { minutes: Math.floor(tracked), goal, share: goal === null ? 0 : Math.min(1, tracked / goal) };
}

function Today({ held }: { held: Held }) {
  const known = goalOf(held);
  if (!known) return null;
  const { minutes, goal, share } = known;
  if (goal === null) return <p>Today {minutes} min</p>;
  const text = `${minutes} of ${goal} min`;
  const label = `today-${held.session.id}`;
  return (
    <>
      <p>
        <span id={label}>Today</span> {text}
        {share === 1 && (
          <span class="reached">
            {' '}
            <CheckIcon />
            <span class="unseen">goal reached</span>
          </span>
        )}
      </p>
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
    </>
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
      <p class="hint wide" role="status">
        {isOther(fieldsOf(held), before) && 'Another screen has changed it meanwhile. Only what you change is sent.'}
      </p>
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

function isOther(now: TimerFields, before: TimerFields): boolean {
  return (Object.keys(now) as (keyof TimerFields)[]).some((field) => now[field] !== before[field]);
}
