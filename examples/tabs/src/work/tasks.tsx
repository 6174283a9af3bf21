import type { QualityResult, Task } from 'lockstep-client';
import { Form, type Row } from '../parts/form.tsx';
import { roughText, timeOfDay } from '../parts/format.ts';
import { CheckIcon } from '../parts/icons.tsx';
import { leaveIt } from '../parts/leave.ts';
import { confirmed } from '../parts/modal.tsx';
import { Reveal } from '../parts/reveal.tsx';
import { Waits } from '../parts/waits.tsx';
import { command } from '../state/store.ts';

const qualities: readonly (readonly [QualityResult | '', string])[] = [
  ['', 'Choose…'],
  ['Excellent', 'Excellent'],
  ['Good', 'Good'],
  ['Acceptable', 'Acceptable'],
  ['NeedsRework', 'Needs rework'],
];
const qualityText = (result: string | null) => qualities.find(([value]) => value === result)?.[1];

const challenges = (value = ''): Row => ({
  name: 'challengesEncountered',
  label: 'Challenges',
  kind: 'area',
  value,
  max: 10_000,
});
const completeRows = (task: ShownTask): readonly Row[] => [
  { name: 'qualityResult', label: 'Result', kind: 'choice', options: qualities, required: true },
  challenges(task.challengesEncountered ?? ''),
  { name: 'reworkNeeded', label: 'Has to be done again', kind: 'check' },
];
const editRows = (task: ShownTask): readonly Row[] => [
  { name: 'description', label: 'Task', value: task.description, required: true, max: 500 },
  challenges(task.challengesEncountered ?? ''),
];

/** A task of a session that goes on, or as a list has it. */
type ShownTask = Pick<
  Task,
  'id' | 'description' | 'status' | 'qualityResult' | 'challengesEncountered' | 'reworkNeeded' | 'timeSpentMinutes'
> & { startMs?: number };

/** A task in a list; those of a session that has ended can still be completed or deleted. */
export function TaskRow({ task, editable = false }: { task: ShownTask; editable?: boolean }) {
  const done = task.status === 'Completed';
  const on = (type: string, verb: string, fields: object = {}) =>
    command({ type, task: task.id, ...fields }, `${verb} “${task.description}”`);
  const remove = async () => {
    if (!(await confirmed(`Delete “${task.description}”?`, 'This can’t be undone.', 'Delete task'))) return;
    leaveIt();
    void on('deleteTask', 'Delete');
  };
  return (
    <li class="row" aria-label={task.description}>
      <div class="row-head">
        <span class="row-text">{task.description}</span>
        <Waits of={task.id} />
        {done ? <Result task={task} /> : task.startMs && <span class="hint">since {timeOfDay(task.startMs)}</span>}
      </div>
      {task.challengesEncountered && <p class="quiet kept-lines">{task.challengesEncountered}</p>}
      <div class="actions small">
        {!done && (
          <Reveal label="Complete">
            {(close) => (
              <Form
                label={`Complete ${task.description}`}
                rows={completeRows(task)}
                submit="Complete task"
                done={close}
                onSubmit={({ qualityResult, challengesEncountered, reworkNeeded }) =>
                  on('completeTask', 'Complete', { qualityResult, challengesEncountered, reworkNeeded })
                }
              />
            )}
          </Reveal>
        )}
        {editable && (
          <Reveal label="Edit" kind="ghost">
            {(close) => (
              <Form
                label={`Edit ${task.description}`}
                rows={editRows(task)}
                submit="Save"
                done={close}
                onSubmit={(_, changed) => (Object.keys(changed).length > 0 ? on('editTask', 'Edit', changed) : undefined)}
              />
            )}
          </Reveal>
        )}
        <button type="button" class="ghost" onClick={() => void remove()}>
          Delete
        </button>
      </div>
    </li>
  );
}

function Result({ task }: { task: ShownTask }) {
  return (
    <>
      <span class={task.reworkNeeded ? 'mark wait' : 'mark good'}>
        <CheckIcon /> {qualityText(task.qualityResult)}
        {task.reworkNeeded && task.qualityResult !== 'NeedsRework' && ', to be done again'}
      </span>
      <span class="hint">{roughText((task.timeSpentMinutes ?? 0) * 60_000)}</span>
    </>
  );
}
