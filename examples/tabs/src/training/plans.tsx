import { newId, type Plan } from 'lockstep-client';
import { calendarDate } from '../parts/dates.ts';
import { Form } from '../parts/form.tsx';
import { leaveIt } from '../parts/leave.ts';
import { confirmed } from '../parts/modal.tsx';
import { Reveal } from '../parts/reveal.tsx';
import { Waits } from '../parts/waits.tsx';
import { command, plans, today, trainingSession } from '../state/store.ts';

export function Plans() {
  return (
    <section aria-labelledby="plans-title">
      <h3 id="plans-title">Plans</h3>
      <div class="actions">
        <a class="button" id="new-plan" href="#/training/plan/new">
          New plan
        </a>
      </div>
      {plans.value.length === 0 && <p class="empty">No plans yet. Write the first one; each training starts with a copy of its plan.</p>}
      <ul class="cards" role="list">
        {plans.value.map((plan) => (
          <PlanCard key={plan.id} plan={plan} />
        ))}
      </ul>
    </section>
  );
}

function PlanCard({ plan }: { plan: Plan }) {
  const title = `plan-${plan.id}`;
  const what = `“${plan.name}”`;
  const start = (date: unknown) =>
    command({ type: 'addSession', kind: 'training', session: newId(), plan: plan.id, date }, `Start ${what}`);
  const remove = async () => {
    const text = 'This can’t be undone. Trainings that were started from it keep their copy.';
    if (!(await confirmed(`Delete ${what}?`, text, 'Delete plan'))) return;
    leaveIt();
    void command({ type: 'deletePlan', plan: plan.id }, `Delete ${what}`);
  };
  return (
    <li class="card stacked" aria-labelledby={title}>
      <div class="card-head">
        <h4 id={title}>{plan.name}</h4>
        <Waits of={plan.id} />
      </div>
      <div class="actions small">
        {trainingSession.value ? (
          <span class="hint">One training at a time.</span>
        ) : (
          <Reveal label="Start">
            {(close) => (
              <Form
                label={`Start ${plan.name}`}
                rows={[{ name: 'date', label: 'Date', kind: 'date', value: calendarDate(today.peek()), required: true }]}
                submit="Start training"
                done={close}
                onSubmit={({ date }) => start(date)}
              />
            )}
          </Reveal>
        )}
        <a class="button ghost" href={`#/training/plan/${plan.id}`}>
          Edit
        </a>
        <button type="button" class="ghost" onClick={() => void remove()}>
          Delete
        </button>
      </div>
    </li>
  );
}
