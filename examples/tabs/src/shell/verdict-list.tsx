import { exactTimeOfDay } from '../parts/format.ts';
import { dismissVerdicts, verdicts } from '../state/store.ts';
import { reasonText } from '../state/verdicts.ts';
import type { Verdict } from '../worker/messages.ts';

/** What became of what the person did while the server was away, until they have read it. */
export function VerdictList() {
  const all = verdicts.value;
  return (
    <div class="verdicts" role="status">
      {all.length > 0 && (
        <section class="notice" aria-labelledby="verdicts-title">
          <h2 id="verdicts-title">What had to wait</h2>
          {all.map((one) => (
            <p key={one.key}>
              {one.label}
              {one.atMs !== null && <span class="quiet"> at {exactTimeOfDay(one.atMs)}</span>}: <Outcome verdict={one} />
            </p>
          ))}
          <button onClick={dismiss}>Got it</button>
        </section>
      )}
    </div>
  );
}

function Outcome({ verdict: { error, changed } }: { verdict: Verdict }) {
  if (error) return <strong class="problem">refused: {reasonText(error)}</strong>;
  return <span>{changed ? 'done' : 'nothing to change'}</span>;
}

function dismiss() {
  dismissVerdicts();
  document.querySelector('main')?.focus({ preventScroll: true });
}
