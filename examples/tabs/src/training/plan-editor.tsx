import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { newId, type ResultMessage } from 'lockstep-client';
import { Answered, useAnswer } from '../parts/answer.tsx';
import { goTo } from '../shell/views.ts';
import { command, inStep, plans } from '../state/store.ts';
import { Exercises } from './exercises.tsx';
import { JsonField } from './json-field.tsx';
import { exercisesOf, tooLarge, withValue, type Json, type JsonObject } from './structure.ts';

interface Written {
  name: string;
  structure: JsonObject;
}

const FIRST_SET = { reps: 10 };
const newExercise = (): Json => ({ name: '', sets: [{ ...FIRST_SET }] });

export function NewPlan() {
  const save = ({ name, structure }: Written) =>
    command({ type: 'addPlan', plan: newId(), name, structure }, `Add “${name}”`);
  return <PlanForm plan={{ name: '', structure: { exercises: [newExercise()] } }} save={save} />;
}

/** Begins with the plan as the server has it now. */
export function EditPlan({ id }: { id: string }) {
  const plan = plans.value.find((one) => one.id === id);
  const answer = useAnswer<Written>(`/api/plans/${id}`, ({ plan }) => plan?.id === id);
  // One that was kept from earlier is nothing to begin with: it may be older than the version that is known of.
  const begun = useRef(false);
  begun.current ||= answer.fresh;
  if (!plan) return <p class="empty">This plan was deleted.</p>;
  if (!begun.current && !inStep.value) return <p class="empty">Offline: a plan can be edited when the server is back.</p>;
  if (!begun.current) return null;
  return <Answered of={answer}>{(value) => <ChangePlan id={id} version={plan.version} latest={value} />}</Answered>;
}

function ChangePlan({ id, version, latest }: { id: string; version: number; latest: Written }) {
  const [begun, setBegun] = useState({ count: 0, plan: latest });
  // The one that `latest` was read at: should a newer one be there already, the server refuses.
  const ifVersion = useMemo(() => version, [latest]);
  const elsewhere = JSON.stringify(begun.plan) !== JSON.stringify(latest);
  const save = async ({ name, structure }: Written): Promise<ResultMessage> => {
    const changed = {
      ...(name !== latest.name && { name }),
      ...(JSON.stringify(structure) !== JSON.stringify(latest.structure) && { structure }),
    };
    if (Object.keys(changed).length === 0) return { type: 'result', id: null, ok: true };
    // What another screen changed meanwhile was told above: it is overwritten knowingly.
    return command({ type: 'editPlan', plan: id, ...changed, ifVersion }, `Edit “${latest.name}”`);
  };
  return (
    <>
      <div role="status">
        {elsewhere && (
          <div class="notice stack">
            <p>This plan was changed on another screen. Saving puts yours in its place.</p>
            <div class="actions">
              <button type="button" onClick={() => setBegun({ count: begun.count + 1, plan: latest })}>
                Take theirs
              </button>
            </div>
          </div>
        )}
      </div>
      <PlanForm key={begun.count} plan={begun.plan} save={save} />
    </>
  );
}

function PlanForm({ plan, save }: { plan: Written; save: (written: Written) => Promise<ResultMessage> }) {
  const [name, setName] = useState(plan.name);
  const [structure, setStructure] = useState(plan.structure);
  const [asJson, setAsJson] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<ResultMessage['error'] | null>(null);
  const [waiting, setWaiting] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const exercises = exercisesOf(structure);
  const leave = () => goTo('training');
  useEffect(() => {
    // What was asked for while the server was away is listed as waiting.
    if (waiting && !inStep.value) leave();
  }, [waiting, inStep.value]);
  const submit = async () => {
    const large = tooLarge(structure);
    if (large) return setRefusal({ code: 'tooLarge', message: large, field: 'structure' });
    setWaiting(true);
    const { ok, error } = await save({ name: name.trim(), structure });
    setWaiting(false);
    if (ok) leave();
    else setRefusal(error);
  };
  const addExercise = () => {
    setStructure(withValue(structure, ['exercises', exercises!.length], newExercise()));
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>('.exercises > li:last-child input')?.focus());
  };
  const refused = (field: string) => (refusal?.field === field ? refusal.message : null);
  return (
    <form
      class="stack"
      aria-label="Plan"
      onSubmit={(event) => {
        event.preventDefault();
        setRefusal(null);
        if (!wrong && !waiting) void submit();
      }}
    >
      <div class="field">
        <label for="plan-name">Name</label>
        <input
          id="plan-name"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
          placeholder="Push day"
          required
          maxLength={200}
          autocomplete="off"
          aria-describedby="plan-name-note"
        />
        <span id="plan-name-note" class="problem">
          {refused('name')}
        </span>
      </div>
      {exercises && (
        <label class="tick">
          <input type="checkbox" checked={asJson} onChange={(event) => setAsJson(event.currentTarget.checked)} disabled={wrong !== null} />
          As JSON
        </label>
      )}
      {exercises && !asJson ? (
        <div class="stack" ref={list}>
          <Exercises plan exercises={exercises} change={(path, value) => setStructure(withValue(structure, path, value))} />
          <p class="problem">{refused('structure')}</p>
          <div class="actions">
            <button type="button" onClick={addExercise}>
              Add exercise
            </button>
          </div>
        </div>
      ) : (
        <JsonField label="Plan" structure={structure} save={setStructure} refuse={setWrong} refusal={refused('structure')} />
      )}
      {refusal && !['name', 'structure'].includes(refusal.field ?? '') && <p class="problem">{refusal.message}</p>}
      <div class="actions">
        <button class="primary" aria-disabled={waiting}>
          Save plan
        </button>
        <button type="button" onClick={leave}>
          Cancel
        </button>
      </div>
    </form>
  );
}
