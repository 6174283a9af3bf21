import type { Ref } from 'preact';
import { useState } from 'preact/hooks';
import { Field } from '../parts/field.tsx';
import { minutesText, parseMinutes } from '../parts/format.ts';
import { GroupSelect } from '../parts/group-select.tsx';
import { groups } from '../state/store.ts';
import { type TimerFields } from './actions.ts';

/** The fields of a timer as they are typed. */
export interface Typed {
  title: string;
  minutes: string;
  goal: string;
  groupId: string;
}

export const NOTHING_TYPED: Typed = { title: '', minutes: '', goal: '', groupId: '' };

export function typedFrom(fields: TimerFields): Typed {
  return {
    title: fields.title,
    minutes: minutesText(fields.initialDuration),
    goal: fields.dailyGoalMinutes === null ? '' : String(fields.dailyGoalMinutes),
    groupId: fields.groupId ?? '',
  };
}

export function useTyped(initial: Typed) {
  const [typed, setTyped] = useState(initial);
  const set = (field: keyof Typed) => (event: { currentTarget: HTMLInputElement | HTMLSelectElement }) => {
    event.currentTarget.setCustomValidity('');
    setTyped({ ...typed, [field]: event.currentTarget.value });
  };
  return { typed, setTyped, set };
}

const LONGEST_SECONDS = 24 * 3600;
const LARGEST_GOAL = 1440;

/** What was typed, checked; null, with the field telling the person, when something is wrong. */
export function readFields(form: HTMLFormElement, typed: Typed): TimerFields | null {
  const refuse = (name: string, why: string) => {
    const field = form.elements.namedItem(name) as HTMLInputElement;
    field.setCustomValidity(why);
    field.reportValidity();
    return null;
  };
  const title = typed.title.trim();
  if (title === '') return refuse('title', 'Give it a title.');
  const initialDuration = parseMinutes(typed.minutes);
  if (Number.isNaN(initialDuration)) return refuse('minutes', 'Minutes, like 25, 1.5 or 1:30. Empty counts up.');
  if (initialDuration !== null && (initialDuration < 1 || initialDuration > LONGEST_SECONDS)) {
    return refuse('minutes', 'From one second to 24 hours (1440). Empty counts up.');
  }
  const goal = typed.goal.trim();
  const dailyGoalMinutes = goal === '' ? null : Number(goal);
  if (dailyGoalMinutes !== null && !(/^\d+$/.test(goal) && dailyGoalMinutes >= 1 && dailyGoalMinutes <= LARGEST_GOAL)) {
    return refuse('goal', 'Whole minutes a day, from 1 to 1440. Empty means no goal.');
  }
  // The group chosen may have been deleted on another screen since.
  const group = groups.value.find(({ id }) => id === typed.groupId);
  return { title, initialDuration, dailyGoalMinutes, groupId: group?.id ?? null };
}

interface Props {
  typed: Typed;
  set: ReturnType<typeof useTyped>['set'];
  /** Begins the ids of these fields. */
  id: string;
  titleRef?: Ref<HTMLInputElement>;
}

export function TimerFieldInputs({ typed, set, id, titleRef }: Props) {
  return (
    <>
      <Field label="Title" id={`${id}-title`} wide>
        <input
          ref={titleRef ?? null}
          id={`${id}-title`}
          name="title"
          value={typed.title}
          onInput={set('title')}
          placeholder="Deep work"
          maxLength={200}
          required
          autocomplete="off"
        />
      </Field>
      <Field label="Minutes" id={`${id}-minutes`} hint="Empty: it counts up">
        <input
          id={`${id}-minutes`}
          name="minutes"
          value={typed.minutes}
          onInput={set('minutes')}
          inputMode="decimal"
          placeholder="counts up"
          autocomplete="off"
          aria-describedby={`${id}-minutes-hint`}
        />
      </Field>
      <Field label="Daily goal" id={`${id}-goal`} hint="In minutes a day. Empty: no goal">
        <input
          id={`${id}-goal`}
          name="goal"
          value={typed.goal}
          onInput={set('goal')}
          inputMode="numeric"
          placeholder="none, in min"
          autocomplete="off"
          aria-describedby={`${id}-goal-hint`}
        />
      </Field>
      <GroupSelect id={`${id}-group`} label="Group" none="No group" value={typed.groupId} onChange={set('groupId')} />
    </>
  );
}
