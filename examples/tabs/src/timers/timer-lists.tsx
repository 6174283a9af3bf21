import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Held } from 'lockstep-client';
import type { Group } from 'lockstep-client';
import { groups, timers } from '../state/store.ts';
import { addGroup, deleteGroup, renameGroup, resetAll } from './actions.ts';
import { TimerCard } from './timer-card.tsx';

/** The timers, by group; those without one come first. */
export function TimerLists() {
  const known = new Set(groups.value.map((group) => group.id));
  const loose = timers.value.filter(({ session }) => session.groupId === null || !known.has(session.groupId));
  const count = timers.value.length;
  return (
    <>
      <div class="toolbar">
        <AddGroup />
        <button disabled={count === 0} onClick={() => resetAll()}>
          Reset all
        </button>
      </div>
      {count === 0 && <p class="empty">No timers yet. Add the first one above; it appears on all of your screens.</p>}
      {loose.length > 0 && (
        <section class="group" aria-labelledby="loose-title">
          <h2 id="loose-title" class="unseen">
            Timers without a group
          </h2>
          <TimerList timers={loose} />
        </section>
      )}
      {groups.value.map((group) => (
        <GroupSection
          key={group.id}
          group={group}
          timers={timers.value.filter(({ session }) => session.groupId === group.id)}
        />
      ))}
    </>
  );
}

function TimerList({ timers }: { timers: readonly Held[] }) {
  return (
    <ul class="timers" role="list">
      {timers.map((held) => (
        <TimerCard key={held.session.id} held={held} />
      ))}
    </ul>
  );
}

function GroupSection({ group, timers }: { group: Group; timers: readonly Held[] }) {
  const [renaming, setRenaming] = useState(false);
  const title = `group-${group.id}`;
  return (
    <section class="group" aria-labelledby={title}>
      <div class="group-head">
        <h2 id={title}>{group.name}</h2>
        {renaming ? (
          <RenameGroup group={group} done={() => setRenaming(false)} />
        ) : (
          <div class="group-actions">
            <button class="ghost" onClick={() => setRenaming(true)}>
              Rename group
            </button>
            <button class="ghost" disabled={timers.length === 0} onClick={() => resetAll(group)}>
              Reset group
            </button>
            <button class="ghost" onClick={() => deleteGroup(group)}>
              Delete group
            </button>
          </div>
        )}
      </div>
      {timers.length > 0 ? <TimerList timers={timers} /> : <p class="empty">No timers in this group.</p>}
    </section>
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

function RenameGroup({ group, done }: { group: Group; done: () => void }) {
  const [name, setName] = useState(group.name);
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => input.current?.select(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    if (name.trim() === '') return;
    renameGroup(group, name.trim());
    done();
  };
  return (
    <form class="inline" onSubmit={submit} onKeyDown={(event) => event.key === 'Escape' && done()}>
      <input
        ref={input}
        aria-label="Name of the group"
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
        maxLength={200}
        required
        autocomplete="off"
      />
      <button class="primary">Save</button>
      <button type="button" onClick={done}>
        Cancel
      </button>
    </form>
  );
}
