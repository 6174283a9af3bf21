import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { isRunning, type Group, type Held } from 'lockstep-client';
import { confirmed } from '../parts/modal.tsx';
import { groups, timers } from '../state/store.ts';
import { addGroup, resetAll } from './actions.ts';
import { GroupSection } from './group-section.tsx';
import { TimerList } from './timer-list.tsx';

/** More than these are better found than looked for. */
const FEW = 8;

const sought = signal('');

/** The timers, by group; those without one come first. */
export function TimerLists() {
  const all = timers.value;
  const many = all.length > FEW;
  const words = many ? sought.value.trim().toLowerCase() : '';
  const shown = words === '' ? all : all.filter((held) => isFound(held, words));
  const known = new Set(groups.value.map(({ id }) => id));
  const loose = shown.filter(({ session }) => session.groupId === null || !known.has(session.groupId));
  return (
    <>
      <div class="toolbar">
        <AddGroup />
        {many && <Find found={shown.length} of={all.length} />}
        <button disabled={all.length === 0} onClick={() => void askResetAll(all)}>
          Reset all
        </button>
      </div>
      {all.length === 0 && <p class="empty">No timers yet. Add the first one above; it appears on all of your screens.</p>}
      {all.length > 0 && shown.length === 0 && <p class="empty">No timer and no group is called that.</p>}
      {loose.length > 0 && (
        <section class="group" aria-labelledby="loose-title">
          <h2 id="loose-title" class="unseen">
            Timers without a group
          </h2>
          <TimerList timers={loose} />
        </section>
      )}
      {groups.value.map((group) => {
        const its = shown.filter(({ session }) => session.groupId === group.id);
        // Who seeks sees what was found, also in a group that is folded.
        return words === '' || its.length > 0 ? (
          <GroupSection key={group.id} group={group} timers={its} seeking={words !== ''} />
        ) : null;
      })}
    </>
  );
}

function isFound({ session }: Held, words: string): boolean {
  const group: Group | undefined = groups.value.find(({ id }) => id === session.groupId);
  return [session.title, group?.name].some((name) => name?.toLowerCase().includes(words));
}

async function askResetAll(all: readonly Held[]): Promise<void> {
  const running = all.filter(isRunning).length;
  const stopped = running === 0 ? '' : ` ${running === 1 ? 'One that runs is' : `${running} that run are`} stopped.`;
  const text = `Every timer goes back to its full length.${stopped} The time tracked today stays.`;
  if (await confirmed('Reset all timers?', text, 'Reset them')) resetAll();
}

function Find({ found, of }: { found: number; of: number }) {
  return (
    <search class="find">
      <input
        id="find"
        type="search"
        aria-label="Find a timer"
        placeholder={`Find among ${of}`}
        value={sought.value}
        onInput={(event) => (sought.value = event.currentTarget.value)}
        autocomplete="off"
      />
      <span class="unseen" role="status">
        {found < of && `${found} of ${of} timers found`}
      </span>
    </search>
  );
}

function AddGroup() {
  const [name, setName] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    if (name.trim() === '') return;
    addGroup(name.trim());
    setName('');
  };
  return (
    <form class="inline" aria-label="New group" onSubmit={submit}>
      <input
        aria-label="Name of the new group"
        placeholder="New group"
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
        maxLength={200}
        required
        autocomplete="off"
      />
      <button>Add group</button>
    </form>
  );
}
