import { useRef, useState } from 'preact/hooks';
import { isRunning, pauseEndsMs, remainingMs, shownSeconds, type Focus, type Held } from 'lockstep-client';
import { clockText, lengthText, timeOfDay } from '../parts/format.ts';
import { PauseIcon, PlayIcon } from '../parts/icons.tsx';
import { useKeptFocus } from '../parts/kept-focus.ts';
import { confirmed } from '../parts/modal.tsx';
import { Ring } from '../parts/ring.tsx';
import { pendingOf, WaitMark, wantedOf } from '../parts/wanted.tsx';
import { groups, now, tasks } from '../state/store.ts';
import { AbandonFocus } from './abandon-focus.tsx';
import { countDistraction, finishFocus, pauseFocus, PAUSES, resumeFocus, TYPE_NAMES } from './actions.ts';
import { AlertSwitches } from './alert-switches.tsx';

const PAUSE_MS = 10 * 60_000;

/** The active focus session, on whichever screen it was started. */
export function RunningFocus({ held }: { held: Held }) {
  const { session } = held;
  const box = useRef<HTMLElement>(null);
  useKeptFocus(box);
  const focus = session.focus!;
  return (
    <section class={`card running-focus ${isRunning(held) ? 'running' : 'paused'}`} ref={box} aria-labelledby="focus-on">
      <div class="focus-head">
        <h2 id="focus-on">{session.title || TYPE_NAMES[focus.sessionType]}</h2>
        <Whereabouts held={held} focus={focus} />
        <State held={held} />
      </div>
      {isRunning(held) ? <Left held={held} /> : <PauseLeft held={held} />}
      <Controls held={held} focus={focus} />
      <AlertSwitches />
    </section>
  );
}

/** What it belongs to. */
function Whereabouts({ held: { session }, focus }: { held: Held; focus: Focus }) {
  const parts = [
    session.title && TYPE_NAMES[focus.sessionType],
    groups.value.find(({ id }) => id === session.groupId)?.name,
    tasks.value.find(({ id }) => id === focus.taskId)?.description,
  ].filter(Boolean);
  return parts.length > 0 ? <p class="quiet">{parts.join(' · ')}</p> : null;
}

/** Heard when it changes. */
function State({ held }: { held: Held }) {
  const { waiting } = wantedOf(held);
  return (
    <p role="status">
      {waiting ? (
        <WaitMark waiting={waiting} />
      ) : (
        <span class={isRunning(held) ? 'mark live' : 'mark wait'}>{isRunning(held) ? 'Focusing' : 'Paused'}</span>
      )}
    </p>
  );
}

function Left({ held }: { held: Held }) {
  const at = now.value;
  const planned = held.session.initialDuration! * 1000;
  const left = remainingMs(held, at)!;
  const ends = held.session.targetTimeMs!;
  return (
    <div class="dial">
      <Ring share={1 - left / planned} />
      <Digits name="Focus left" seconds={shownSeconds(held, at)} />
      <div class="quiet">
        of {lengthText(planned / 1000)}
        <br />
        {left > 0 ? `ends at ${timeOfDay(ends)}` : 'time is up'}
      </div>
    </div>
  );
}

function Digits({ name, seconds }: { name: string; seconds: number }) {
  return (
    <div class={seconds < 3600 ? 'digits' : 'digits hours'} role="timer" aria-label={name}>
      {clockText(seconds)}
    </div>
  );
}

function PauseLeft({ held }: { held: Held }) {
  const ends = pauseEndsMs(held.session) ?? held.session.updatedAtMs + PAUSE_MS;
  const left = Math.max(0, ends - now.value);
  return (
    <div class="dial">
      <Ring share={1 - left / PAUSE_MS} />
      <Digits name="Pause left" seconds={Math.ceil(left / 1000)} />
      <div class="quiet">
        of pause, then it goes
        <br />
        on by itself at {timeOfDay(ends)}
        <br />
        {clockText(shownSeconds(held, 0))} of focus left
      </div>
    </div>
  );
}

function Controls({ held, focus }: { held: Held; focus: Focus }) {
  const { session } = held;
  const [abandoning, setAbandoning] = useState(false);
  const { running } = wantedOf(held);
  const pausesLeft = Math.max(0, PAUSES - focus.pauses.length);
  const finish = async () => {
    const done = lengthText(Math.floor(session.initialDuration! - shownSeconds(held, now.value)));
    const text = `${done} of ${focus.plannedMinutes} min are done. It counts as completed, with the score for that time.`;
    if (await confirmed('Finish early?', text, 'Finish')) finishFocus(session);
  };
  return (
    <>
      <div class="actions">
        {/* One button, so that the focus stays on it. */}
        {running ? (
          <button class="primary large" aria-disabled={pausesLeft === 0} onClick={() => pausesLeft > 0 && pauseFocus(session)}>
            <PauseIcon /> {pausesLeft > 0 ? 'Pause' : 'No pauses left'}
          </button>
        ) : (
          <button class="primary large" onClick={() => resumeFocus(session)}>
            <PlayIcon /> Resume
          </button>
        )}
        <button class="large" onClick={() => countDistraction(session)}>
          Distracted
          <span class="count">
            <span class="unseen">so far </span>
            {focus.distractions + pendingOf(session.id, 'distraction')}
          </span>
        </button>
      </div>
      <p class="pauses quiet">
        {Array.from({ length: PAUSES }, (_, i) => (
          <span key={i} class={i < pausesLeft ? 'dot left' : 'dot'} aria-hidden="true" />
        ))}
        {pausesLeft === 1 ? '1 pause left' : `${pausesLeft} pauses left`}, of up to 10 min
      </p>
      <div class="actions">
        <button class="ghost" onClick={() => void finish()}>
          Finish early
        </button>
        <button class="ghost" onClick={() => setAbandoning(true)}>
          Abandon
        </button>
      </div>
      {abandoning && <AbandonFocus session={session} done={() => setAbandoning(false)} />}
    </>
  );
}
