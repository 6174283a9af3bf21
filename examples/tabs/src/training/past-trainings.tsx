import { useState } from 'preact/hooks';
import { Answered, Pages, useAnswer } from '../parts/answer.tsx';
import { calendarText } from '../parts/dates.ts';
import { timeOfDay } from '../parts/format.ts';
import { leaveIt } from '../parts/leave.ts';
import { Waits } from '../parts/waits.tsx';
import { command, plans } from '../state/store.ts';
import { ExercisesDone } from './exercises.tsx';
import { exercisesOf, othersOf, type JsonObject } from './structure.ts';

interface Summary {
  id: string;
  plan_id: string;
  date: string;
  started_at: string;
  ended_at: string | null;
  completed: boolean;
}

/** What was trained; it can't be changed any more. */
export function PastTrainings() {
  return (
    <section aria-labelledby="trained-title">
      <h3 id="trained-title">Trained</h3>
      <Pages<Summary>
        path="/api/sessions?kind=training&"
        limit={10}
        concerns={({ session }) => session?.kind === 'training' && (session.status !== 'active' || session.isDeleted)}
        none="Nothing yet. What you have trained is listed here, with its sheet."
        label="Past trainings"
      >
        {(past) => past.ended_at && <PastTraining key={past.id} past={past} ended={past.ended_at} />}
      </Pages>
    </section>
  );
}

function PastTraining({ past, ended }: { past: Summary; ended: string }) {
  const [open, setOpen] = useState(false);
  const name = plans.value.find(({ id }) => id === past.plan_id)?.name ?? 'A deleted plan';
  const remove = () => {
    void command({ type: 'deleteSession', session: past.id }, `Delete “${name}, ${calendarText(past.date)}”`);
    leaveIt();
  };
  return (
    <li class="row">
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <span class="row-text">
            {calendarText(past.date)}: {name}
          </span>{' '}
          <span class="hint">
            {timeOfDay(Date.parse(past.started_at))} – {timeOfDay(Date.parse(ended))}
          </span>{' '}
          {!past.completed && <span class="mark">Abandoned</span>} <Waits of={past.id} />
        </summary>
        {open && (
          <div class="stack">
            <PastSheet id={past.id} />
            <div class="actions small">
              <button type="button" class="ghost" onClick={remove}>
                Delete training
              </button>
            </div>
          </div>
        )}
      </details>
    </li>
  );
}

function PastSheet({ id }: { id: string }) {
  const answer = useAnswer<{ session: JsonObject }>(`/api/sessions/${id}`, () => false);
  return (
    <Answered of={answer}>
      {({ session }) => {
        const exercises = exercisesOf(session);
        const abandoned = session['abandoned'] as { reason?: string; progressMade?: string } | undefined;
        return (
          <>
            {exercises ? <ExercisesDone exercises={exercises} /> : <pre class="json">{JSON.stringify(session, null, 2)}</pre>}
            {exercises && <p class="hint">{othersOf(session, ['exercises'])}</p>}
            {abandoned?.reason && <p class="kept-lines">Why: {abandoned.reason}</p>}
            {abandoned?.progressMade && <p class="kept-lines">Got as far as: {abandoned.progressMade}</p>}
          </>
        );
      }}
    </Answered>
  );
}
