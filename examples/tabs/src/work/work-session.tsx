import { isRunning, newId, type Held, type Task } from 'lockstep-client';
import { Form } from '../parts/form.tsx';
import { timeOfDay } from '../parts/format.ts';
import { leaveIt } from '../parts/leave.ts';
import { confirmed } from '../parts/modal.tsx';
import { Reveal } from '../parts/reveal.tsx';
import { Waits } from '../parts/waits.tsx';
import { command, tasks } from '../state/store.ts';
import { beganText, Elapsed, named, RunButton } from './clock.tsx';
import { Notes } from './notes.tsx';
import { workRows } from './start-work.tsx';
import { TaskRow } from './tasks.tsx';

const LONGEST_MS = 24 * 3_600_000;

/** A work session that is going on. */
export function WorkSession({ held }: { held: Held }) {
  const { session } = held;
  const work = session.work!;
  const title = `session-${session.id}`;
  const ends = timeOfDay((session.startedAtMs ?? session.createdAtMs) + LONGEST_MS);
  const own = tasks.value.filter(({ sessionId }) => sessionId === session.id);
  return (
    <li class={isRunning(held) ? 'card stacked live' : 'card stacked'} aria-labelledby={title}>
      <div class="card-head">
        <h4 id={title}>Since {beganText(held)}</h4>
        <Waits of={session.id} />
        {!isRunning(held) && <span class="mark">Paused</span>}
      </div>
      <div>
        <Elapsed held={held} />
        <p class="hint">Ends by itself at {ends}, 24 hours after its start.</p>
      </div>
      <div class="actions">
        <RunButton held={held} />
        <button type="button" onClick={() => void finish(held, own.filter(({ status }) => status === 'Pending'))}>
          Finish
        </button>
        <Reveal label="Edit plan" kind="ghost">
          {(close) => <EditWork held={held} done={close} />}
        </Reveal>
        <button type="button" class="ghost" onClick={() => remove(held)}>
          Delete
        </button>
      </div>
      <div class="needed">
        <Listed label="Tools" items={work.toolsNeeded} />
        <Listed label="Parts" items={work.partsToInstall} />
        {work.helperPresent && <p>Somebody helps.</p>}
      </div>
      <Tasks held={held} own={own} />
      <Notes session={session.id} notes={work.notes ?? ''} what={named(held)} />
    </li>
  );
}

export function Listed({ label, items }: { label: string; items: readonly string[] }) {
  return items.length > 0 ? (
    <p>
      <span class="quiet">{label}:</span> {items.join(', ')}
    </p>
  ) : null;
}

function remove(held: Held): void {
  void command({ type: 'deleteSession', session: held.session.id }, `Delete ${named(held)}`);
  leaveIt();
}

async function finish(held: Held, open: readonly Task[]): Promise<void> {
  const left = open.map(({ description }) => `“${description}”`).join(', ');
  const text = `Still open: ${left}. Their time ends with the session; they can be completed in “Past sessions”.`;
  if (open.length > 0 && !(await confirmed('Finish with open tasks?', text, 'Finish'))) return;
  leaveIt();
  void command({ type: 'complete', session: held.session.id }, `Finish ${named(held)}`);
}

function EditWork({ held, done }: { held: Held; done: () => void }) {
  const save = (_: unknown, changed: object) => {
    if (Object.keys(changed).length === 0) return;
    return command({ type: 'editSession', session: held.session.id, ...changed }, `Edit ${named(held)}`);
  };
  return <Form label="Edit plan" rows={workRows(held.session.work)} submit="Save" done={done} onSubmit={save} />;
}

function Tasks({ held, own }: { held: Held; own: readonly Task[] }) {
  const session = held.session.id;
  const add = (description: string) =>
    command({ type: 'addTask', task: newId(), session, description }, `Add “${description}”`);
  const planned = held.session.work!.plannedTasks.filter((text) => !own.some(({ description }) => description === text));
  return (
    <div class="tasks">
      <h5>Tasks</h5>
      {own.length > 0 && (
        <ul class="rows" role="list">
          {own.map((task) => (
            <TaskRow key={task.id} task={task} editable />
          ))}
        </ul>
      )}
      {planned.length > 0 && (
        <div class="actions">
          <span class="quiet">Planned:</span>
          {planned.map((text) => (
            <button type="button" class="chip" key={text} onClick={() => void add(text)} aria-label={`Begin ${text}`}>
              + {text}
            </button>
          ))}
        </div>
      )}
      <Form
        label="Add a task"
        rows={[{ name: 'description', label: 'New task', required: true, max: 500 }]}
        submit="Add task"
        onSubmit={({ description }) => add(String(description))}
      />
    </div>
  );
}
