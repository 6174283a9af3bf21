import { useState } from 'preact/hooks';
import type { Session } from 'lockstep-client';
import { Field } from '../parts/field.tsx';
import { Modal } from '../parts/modal.tsx';
import { abandonFocus } from './actions.ts';

export function AbandonFocus({ session, done }: { session: Session; done: () => void }) {
  const [reason, setReason] = useState('');
  const [progressMade, setProgress] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    const more = { ...(reason.trim() && { reason: reason.trim() }), ...(progressMade.trim() && { progressMade: progressMade.trim() }) };
    abandonFocus(session, more);
    done();
  };
  return (
    <Modal title="Abandon this focus session?" close={done}>
      <form class="stack" onSubmit={submit}>
        <p>It ends now, without a score. Its time still counts.</p>
        <Field label="Why (optional)" id="abandon-reason">
          <input
            id="abandon-reason"
            maxLength={500}
            autocomplete="off"
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </Field>
        <Field label="What got done (optional)" id="abandon-progress">
          <textarea
            id="abandon-progress"
            rows={3}
            maxLength={10000}
            value={progressMade}
            onInput={(event) => setProgress(event.currentTarget.value)}
          />
        </Field>
        <div class="actions">
          <button class="primary">Abandon</button>
          <button type="button" onClick={done}>
            Keep going
          </button>
        </div>
      </form>
    </Modal>
  );
}
