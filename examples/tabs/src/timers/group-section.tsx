import { signal } from '@preact/signals';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isRunning, type Group, type Held } from 'lockstep-client';
import { Field } from '../parts/field.tsx';
import { FoldIcon } from '../parts/icons.tsx';
import { giveFocusBack, useKeptFocus } from '../parts/kept-focus.ts';
import { confirmed } from '../parts/modal.tsx';
import { read, write } from '../state/browser.ts';
import { changeGroup, deleteGroup, resetAll } from './actions.ts';
import { TimerList } from './timer-list.tsx';

const FOLDED = 'lockstep.folded';

/** The groups of which only the name is shown, as this browser remembers it. */
const folded = signal<readonly string[]>(asIds(read(FOLDED)));

function asIds(kept: unknown): string[] {
  return Array.isArray(kept) ? kept.filter((id) => typeof id === 'string') : [];
}

function fold(group: string, on: boolean): void {
  const others = folded.value.filter((id) => id !== group);
  folded.value = on ? [...others, group] : others;
  write(FOLDED, folded.value);
}

interface Props {
  group: Group;
  timers: readonly Held[];
  /** The timers are those that the person looks for: nothing of them is folded away. */
  seeking: boolean;
}

export function GroupSection({ group, timers, seeking }: Props) {
  const [editing, setEditing] = useState(false);
  const section = useRef<HTMLElement>(null);
  const edit = useRef<HTMLButtonElement>(null);
  useKeptFocus(section);
  const done = () => {
    setEditing(false);
    giveFocusBack(edit);
  };
  const title = `group-${group.id}`;
  const open = seeking || !folded.value.includes(group.id);
  return (
    <section class="group" ref={section} aria-labelledby={title}>
      <div class="group-head">
        <h2>
          <button class="ghost fold" id={title} aria-expanded={open} onClick={() => fold(group.id, open)}>
            <FoldIcon /> {group.name}
          </button>
        </h2>
        {!open && <span class="quiet">{countOf(timers)}</span>}
        {!editing && (
          <div class="group-actions">
            <button class="ghost" ref={edit} onClick={() => setEditing(true)} aria-describedby={title}>
              Edit group
            </button>
            <button class="ghost" disabled={timers.length === 0} onClick={() => void askReset(group)} aria-describedby={title}>
              Reset group
            </button>
            <button class="ghost" onClick={() => void askDelete(group, timers.length)} aria-describedby={title}>
              Delete group
            </button>
          </div>
        )}
      </div>
      {editing ? (
        <EditGroup group={group} done={done} />
      ) : (
        open && group.description && <p class="quiet description">{group.description}</p>
      )}
      {open && (timers.length > 0 ? <TimerList timers={timers} /> : <p class="empty">No timers in this group yet.</p>)}
    </section>
  );
}

function countOf(timers: readonly Held[]): string {
  const running = timers.filter(isRunning).length;
  return `${timers.length === 1 ? '1 timer' : `${timers.length} timers`}${running > 0 ? `, ${running} running` : ''}`;
}

async function askReset(group: Group): Promise<void> {
  const text = 'Every timer in it goes back to its full length; those that run are stopped.';
  if (await confirmed(`Reset “${group.name}”?`, text, 'Reset them')) resetAll(group);
}

async function askDelete(group: Group, count: number): Promise<void> {
  const stays = count === 0 ? '' : `${count === 1 ? 'Its timer stays' : `Its ${count} timers stay`}, without a group. `;
  if (await confirmed(`Delete “${group.name}”?`, `${stays}A group can’t be brought back.`, 'Delete it')) deleteGroup(group);
}

function EditGroup({ group, done }: { group: Group; done: () => void }) {
  const [before] = useState({ name: group.name, description: group.description ?? '' });
  const [typed, setTyped] = useState(before);
  const name = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => name.current?.select(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    const after = { name: typed.name.trim(), description: typed.description.trim() };
    if (after.name === '') return;
    changeGroup(group, before, after);
    done();
  };
  const id = `group-${group.id}`;
  return (
    <form
      class="card stack edit-group"
      aria-label={`Edit group ${group.name}`}
      onSubmit={submit}
      onKeyDown={(event) => event.key === 'Escape' && done()}
    >
      <Field label="Name" id={`${id}-name`}>
        <input
          ref={name}
          id={`${id}-name`}
          value={typed.name}
          onInput={(event) => setTyped({ ...typed, name: event.currentTarget.value })}
          maxLength={200}
          required
          autocomplete="off"
        />
      </Field>
      <Field label="Description" id={`${id}-description`}>
        <textarea
          id={`${id}-description`}
          rows={2}
          value={typed.description}
          onInput={(event) => setTyped({ ...typed, description: event.currentTarget.value })}
          maxLength={2000}
        />
      </Field>
      <div class="actions">
        <button class="primary">Save</button>
        <button type="button" onClick={done}>
          Cancel
        </button>
      </div>
    </form>
  );
}
