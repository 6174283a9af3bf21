import { isRunning, type Held, type ResultMessage } from 'lockstep-client';
import { calendarText } from '../parts/dates.ts';
import { Form, type Row } from '../parts/form.tsx';
import { leaveIt } from '../parts/leave.ts';
import { Reveal } from '../parts/reveal.tsx';
import { Waits } from '../parts/waits.tsx';
import { command, plans } from '../state/store.ts';
import { Elapsed, RunButton } from '../work/clock.tsx';
import { clashText, Exercises } from './exercises.tsx';
import { JsonField } from './json-field.tsx';
import { sheetOf, type Sheet } from './sheet.ts';
import { exercisesOf, othersOf, type JsonObject } from './structure.ts';

const abandonRows: readonly Row[] = [
  { name: 'reason', label: 'Why?', kind: 'area', max: 500 },
  { name: 'progressMade', label: 'How far did you get?', kind: 'area', max: 10_000 },
];

/** The training that goes on, with its sheet. */
export function RunningTraining({ held }: { held: Held }) {
  const { session } = held;
  const { planId, date, structure } = session.training!;
  const sheet = sheetOf(session.id);
  const shown = sheet.of(structure as JsonObject);
  const exercises = exercisesOf(shown);
  const name = plans.value.find(({ id }) => id === planId)?.name ?? 'Training';
  const what = `“${name}”`;
  const sets = exercises?.flatMap((one) => one.sets) ?? [];
  return (
    <section aria-labelledby="running-title">
      <div class={isRunning(held) ? 'card stacked live' : 'card stacked'}>
        <div class="card-head">
          <h3 id="running-title">
            {name} · {calendarText(date)}
          </h3>
          <Waits of={session.id} />
          {!isRunning(held) && <span class="mark">Paused</span>}
        </div>
        <Elapsed held={held} what="Trained" />
        {sets.length > 0 && (
          <p>
            {sets.filter(({ done }) => done === true).length} of {sets.length} sets done{' '}
            <span class="hint">{sheet.changes.value.length > 0 ? '· saving…' : ''}</span>
          </p>
        )}
        <div class="actions">
          <RunButton held={held} what={what} />
          <button type="button" onClick={() => void complete(sheet, held, what)}>
            Complete
          </button>
          <Reveal label="Abandon" kind="ghost">
            {(close) => (
              <Form
                label="Abandon the training"
                rows={abandonRows}
                submit="Abandon"
                done={close}
                onSubmit={(_, said) => abandon(held, shown, said, what)}
              />
            )}
          </Reveal>
        </div>
        <Troubles sheet={sheet} structure={structure as JsonObject} />
      </div>
      {othersOf(shown, ['exercises']) && <p class="quiet">{othersOf(shown, ['exercises'])}</p>}
      {exercises && <Exercises exercises={exercises} change={(path, value) => sheet.change(path, value)} />}
      {!exercises && <JsonField label="Sheet" structure={shown} save={(next) => sheet.change([], next)} />}
    </section>
  );
}

async function complete(sheet: Sheet, { session }: Held, what: string): Promise<void> {
  const body = { type: 'complete', session: session.id };
  const structure = sheet.of(session.training!.structure as JsonObject);
  const unsaved = sheet.changes.value.length > 0;
  leaveIt();
  sheet.rest();
  const { ok } = await command(unsaved ? { ...body, structure } : body, `Complete ${what}`);
  if (ok) sheet.drop();
}

/** A training keeps no reason of its own, so it is written on the sheet. */
function abandon({ session }: Held, shown: JsonObject, said: object, what: string): Promise<ResultMessage> {
  if (Object.keys(said).length > 0) {
    const structure = { ...shown, abandoned: said };
    void command({ type: 'editSession', session: session.id, structure }, `Save the sheet of ${what}`);
  }
  return command({ type: 'abandon', session: session.id, ...said }, `Abandon ${what}`);
}

/** What the person has to decide before the sheet can be saved. */
function Troubles({ sheet, structure }: { sheet: Sheet; structure: JsonObject }) {
  const clashes = sheet.clashes.value;
  const refused = sheet.refused.value;
  return (
    <div role="status">
      {clashes.length > 0 && (
        <div class="notice stack">
          <p>Another screen changed the same at the same time:</p>
          <ul class="plain-list">
            {clashes.map(({ path, value }) => (
              <li key={path.join()}>{clashText(path, value, structure)}</li>
            ))}
          </ul>
          <div class="actions">
            <button type="button" class="primary" onClick={() => sheet.settle(true)}>
              Take mine
            </button>
            <button type="button" onClick={() => sheet.settle(false)}>
              Take theirs
            </button>
          </div>
        </div>
      )}
      {refused && (
        <div class="notice stack">
          <p>The sheet could not be saved: {refused}</p>
          <div class="actions">
            <button type="button" class="primary" onClick={() => void sheet.save()}>
              Try again
            </button>
            <button type="button" onClick={() => sheet.drop()}>
              Drop my changes
            </button>
          </div>
        </div>
      )}
    </div>
  );
}
