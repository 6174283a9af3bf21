import { Fragment } from 'preact';
import { useState } from 'preact/hooks';
import { CheckIcon } from '../parts/icons.tsx';
import { exercisesOf, othersOf, typedValue, valueAt, type CommonExercise, type CommonSet, type Json, type JsonObject, type Path } from './structure.ts';

interface Props {
  exercises: readonly CommonExercise[];
  change: (path: Path, value: Json | undefined) => void;
  /** A plan is written; of a training, sets are ticked and their figures corrected. */
  plan?: boolean;
}

const shown = (value: Json | undefined) => (value === null || value === undefined ? '' : String(value));

/** The exercises of a plan, or those of a training sheet. */
export function Exercises({ exercises, change, plan = false }: Props) {
  return (
    <ol class="exercises" role="list">
      {exercises.map((exercise, i) => (
        <Exercise key={i} exercise={exercise} at={i} change={change} plan={plan} />
      ))}
    </ol>
  );
}

interface OneProps {
  exercise: CommonExercise;
  at: number;
  change: Props['change'];
  plan: boolean;
}

function Exercise({ exercise, at, change, plan }: OneProps) {
  const name = shown(exercise.name) || `Exercise ${at + 1}`;
  const path: Path = ['exercises', at];
  const others = othersOf(exercise, ['name', 'sets']);
  const last = exercise.sets.at(-1);
  const { done: _, ...likeLast } = last ?? ({ reps: 10 } as unknown as CommonSet);
  return (
    <li class="card stacked" aria-label={name}>
      {plan ? (
        <div class="inline">
          <input
            aria-label={`Name of exercise ${at + 1}`}
            placeholder="Bench press"
            value={shown(exercise.name)}
            onInput={(event) => change([...path, 'name'], event.currentTarget.value)}
            required
          />
          <button type="button" class="ghost" onClick={() => change(path, undefined)} aria-label={`Remove ${name}`}>
            Remove
          </button>
        </div>
      ) : (
        <h4>{name}</h4>
      )}
      {others && <p class="hint">{others}</p>}
      {exercise.sets.length > 0 && (
        <ul class="sets" role="list">
          {exercise.sets.map((set, i) => (
            <SetRow key={i} set={set} name={`Set ${i + 1} of ${name}`} at={i} path={[...path, 'sets', i]} change={change} plan={plan} />
          ))}
        </ul>
      )}
      {plan && (
        <div class="actions small">
          <button
            type="button"
            onClick={() => change([...path, 'sets', exercise.sets.length], likeLast as Json)}
            aria-label={`Add a set to ${name}`}
          >
            Add a set
          </button>
        </div>
      )}
    </li>
  );
}

interface SetProps {
  set: CommonSet;
  name: string;
  at: number;
  path: Path;
  change: Props['change'];
  plan: boolean;
}

function SetRow({ set, name, at, path, change, plan }: SetProps) {
  const others = othersOf(set, ['reps', 'weight', 'done']);
  const field = (key: string, label: string) => (
    <FigureField name={name} label={label} value={shown(set[key])} change={(value) => change([...path, key], value)} />
  );
  return (
    <li class={set.done === true && !plan ? 'set done' : 'set'}>
      {plan ? (
        <span class="quiet">{at + 1}</span>
      ) : (
        <input
          type="checkbox"
          aria-label={`${name} done`}
          checked={set.done === true}
          onChange={(event) => change([...path, 'done'], event.currentTarget.checked || undefined)}
        />
      )}
      {field('reps', 'reps')}
      {field('weight', 'weight')}
      {others && <span class="hint">{others}</span>}
      {plan && (
        <button type="button" class="ghost" aria-label={`Remove ${name}`} onClick={() => change(path, undefined)}>
          <span aria-hidden="true">×</span>
        </button>
      )}
    </li>
  );
}

interface FigureProps {
  name: string;
  label: string;
  value: string;
  change: (value: Json | undefined) => void;
}

function FigureField({ name, label, value, change }: FigureProps) {
  // While it is typed in, "62." is not yet the number that it will be.
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <label class="figure-field">
      <input
        aria-label={`${name}: ${label}`}
        inputMode="decimal"
        value={typed ?? value}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          change(typedValue(event.currentTarget.value));
        }}
        onBlur={() => setTyped(null)}
      />
      <span aria-hidden="true">{label}</span>
    </label>
  );
}

/** What was done, to look at. */
export function ExercisesDone({ exercises }: { exercises: readonly CommonExercise[] }) {
  const text = ({ reps, weight }: CommonSet) => [shown(reps), shown(weight)].filter(Boolean).join(' × ') || '–';
  return (
    <ul class="rows" role="list">
      {exercises.map(({ name, sets }, i) => (
        <li key={i}>
          <strong>{shown(name)}</strong>{' '}
          {sets.map((set, n) => (
            <Fragment key={n}>
              <span class={set.done === true ? 'mark good' : 'mark'}>
                {set.done === true && <CheckIcon />} {text(set)}
                <span class="unseen">{set.done === true ? ', done' : ', not done'}</span>
              </span>{' '}
            </Fragment>
          ))}
        </li>
      ))}
    </ul>
  );
}

/** "Set 2 of Bench press, reps: yours 8, theirs 10". */
export function clashText(path: Path, mine: Json | undefined, theirs: JsonObject): string {
  const [, exercise, , set, field] = path;
  if (field === undefined) return 'the sheet';
  const name = shown(exercisesOf(theirs)?.[exercise as number]?.name);
  const said = (value: Json | undefined) => (value === true ? 'done' : shown(value) || 'nothing');
  return `Set ${Number(set) + 1} of ${name}, ${field}: yours ${said(mine)}, theirs ${said(valueAt(theirs, path))}`;
}
