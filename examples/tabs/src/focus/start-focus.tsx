import { useRef, useState } from 'preact/hooks';
import { Choice } from '../parts/choice.tsx';
import { Field } from '../parts/field.tsx';
import { GroupSelect } from '../parts/group-select.tsx';
import { PlayIcon, WaitIcon } from '../parts/icons.tsx';
import { useKeptFocus } from '../parts/kept-focus.ts';
import { groups, inStep, pending, tasks } from '../state/store.ts';
import { AlertSwitches } from './alert-switches.tsx';
import {
  LONGEST_MINUTES,
  SHORTEST_MINUTES,
  START,
  startFocus,
  TYPE_MINUTES,
  TYPE_NAMES,
  type FocusFields,
  type SessionType,
} from './actions.ts';

const TYPES: readonly (readonly [SessionType, string])[] = (Object.keys(TYPE_NAMES) as SessionType[]).map((type) => [
  type,
  type === 'custom' ? TYPE_NAMES[type] : `${TYPE_NAMES[type]} ${TYPE_MINUTES[type]}`,
]);

const NOTHING_CHOSEN: FocusFields = { title: '', sessionType: 'pomodoro', plannedMinutes: 60, group: '', task: '' };

export function StartFocus() {
  const [chosen, setChosen] = useState(NOTHING_CHOSEN);
  const form = useRef<HTMLFormElement>(null);
  useKeptFocus(form);
  const set = (fields: Partial<FocusFields>) => setChosen({ ...chosen, ...fields });
  const sent = pending.value.find(({ label }) => label === START);
  const open = tasks.value.filter(({ status }) => status === 'Pending');
  const submit = (event: Event) => {
    event.preventDefault();
    if (sent) return;
    startFocus({
      ...chosen,
      title: chosen.title.trim(),
      // What was chosen may have gone on another screen since.
      group: groups.value.some(({ id }) => id === chosen.group) ? chosen.group : '',
      task: open.some(({ id }) => id === chosen.task) ? chosen.task : '',
    });
  };
  return (
    <form class="card stack start-focus" ref={form} aria-labelledby="start-focus" onSubmit={submit}>
      <h2 id="start-focus">Focus on one thing</h2>
      <Choice
        legend="Length in minutes"
        name="session-type"
        options={TYPES}
        value={chosen.sessionType}
        choose={(sessionType) => set({ sessionType })}
      />
      {chosen.sessionType === 'custom' && (
        <Field label={`Minutes, ${SHORTEST_MINUTES} to ${LONGEST_MINUTES}`} id="focus-minutes">
          <input
            id="focus-minutes"
            type="number"
            min={SHORTEST_MINUTES}
            max={LONGEST_MINUTES}
            required
            value={chosen.plannedMinutes}
            onInput={(event) => set({ plannedMinutes: event.currentTarget.valueAsNumber })}
          />
        </Field>
      )}
      <Field label="What on (optional)" id="focus-title">
        <input
          id="focus-title"
          maxLength={200}
          autocomplete="off"
          placeholder="One thing"
          value={chosen.title}
          onInput={(event) => set({ title: event.currentTarget.value })}
        />
      </Field>
      <div class="pair">
        <GroupSelect
          id="focus-group"
          label="Project"
          none="No project"
          value={chosen.group}
          onChange={(event) => set({ group: event.currentTarget.value })}
        />
        {open.length > 0 && (
          <Field label="Task at work" id="focus-task">
            <select id="focus-task" value={chosen.task} onChange={(event) => set({ task: event.currentTarget.value })}>
              <option value="">No task</option>
              {open.map(({ id, description }) => (
                <option key={id} value={id}>
                  {description}
                </option>
              ))}
            </select>
          </Field>
        )}
      </div>
      <button class="primary large" aria-disabled={sent !== undefined}>
        {sent ? <WaitIcon /> : <PlayIcon />}
        {sent ? (sent.slow || !inStep.value ? 'Start waiting' : 'Starting') : 'Start'}
      </button>
      <AlertSwitches />
    </form>
  );
}
