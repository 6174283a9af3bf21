import { useLayoutEffect, useRef } from 'preact/hooks';
import '../parts/pieces.css';
import { pressing } from '../parts/pressing.ts';
import { useShortcuts, type Shortcut } from '../shell/shortcuts.ts';
import { route } from '../shell/views.ts';
import { trainingSession } from '../state/store.ts';
import { PastTrainings } from './past-trainings.tsx';
import { EditPlan, NewPlan } from './plan-editor.tsx';
import { Plans } from './plans.tsx';
import { RunningTraining } from './running-training.tsx';
import './training.css';

const KEYS: readonly Shortcut[] = [{ keys: 'n', says: 'New plan', run: pressing('new-plan') }];

/** What goes on, the plans and the past; or the plan that the address names. */
export function TrainingView() {
  const [, place, id] = route.value;
  useShortcuts('Training', KEYS);
  const title = useRef<HTMLHeadingElement>(null);
  const shown = useRef(id);
  useLayoutEffect(() => {
    if (shown.current !== id) title.current?.focus();
    shown.current = id;
  }, [id]);
  const editing = place === 'plan' && id;
  const held = trainingSession.value;
  return (
    <div class="sections">
      {editing && (
        <a class="back" href="#/training">
          ← Training
        </a>
      )}
      <h2 tabIndex={-1} ref={title}>
        {!editing ? 'Training' : id === 'new' ? 'New plan' : 'Edit plan'}
      </h2>
      {editing && (id === 'new' ? <NewPlan /> : <EditPlan key={id} id={id} />)}
      {!editing && held && <RunningTraining key={held.session.id} held={held} />}
      {!editing && <Plans />}
      {!editing && <PastTrainings />}
    </div>
  );
}
