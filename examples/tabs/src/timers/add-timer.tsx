import { useRef } from 'preact/hooks';
import { addTimer } from './actions.ts';
import { NOTHING_TYPED, readFields, TimerFieldInputs, useTyped } from './timer-fields.tsx';

export function AddTimer() {
  const { typed, setTyped, set } = useTyped(NOTHING_TYPED);
  const title = useRef<HTMLInputElement>(null);
  const submit = (event: Event & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const fields = readFields(event.currentTarget, typed);
    if (!fields) return;
    addTimer(fields);
    setTyped({ ...NOTHING_TYPED, groupId: typed.groupId });
    title.current?.focus();
  };
  return (
    <form class="add-timer" aria-label="New timer" onSubmit={submit}>
      <TimerFieldInputs typed={typed} set={set} id="new" titleRef={title} />
      <button class="primary">Add timer</button>
    </form>
  );
}
