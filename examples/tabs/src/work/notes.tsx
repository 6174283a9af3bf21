import { useEffect, useRef, useState } from 'preact/hooks';
import { command } from '../state/store.ts';

const REST_MS = 1_000;

/** A session's notes, saved when the person rests or leaves them. */
export function Notes({ session, notes, what }: { session: string; notes: string; what: string }) {
  const [draft, setDraft] = useState<string | null>(null);
  const latest = useRef({ draft, notes });
  latest.current = { draft, notes };
  const sent = useRef<string | null>(null);
  const id = `notes-${session}`;
  const save = async () => {
    const text = latest.current.draft;
    if (text === null || text === sent.current) return;
    // What is on its way would take the place of what the server has.
    if (text === latest.current.notes && sent.current === null) return setDraft(null);
    sent.current = text;
    await command({ type: 'editSession', session, notes: text }, `Save the notes of ${what}`);
    if (sent.current === text) sent.current = null;
    // A refusal is told by itself, and what the server has is shown again.
    if (latest.current.draft === text) setDraft(null);
  };
  useEffect(() => {
    if (draft === null) return;
    const timer = setTimeout(() => void save(), REST_MS);
    return () => clearTimeout(timer);
  }, [draft]);
  useEffect(() => () => void save(), []);
  return (
    <div class="field">
      <label for={id}>Notes</label>
      <textarea
        id={id}
        rows={2}
        maxLength={10_000}
        value={draft ?? notes}
        onInput={(event) => setDraft(event.currentTarget.value)}
        onBlur={() => void save()}
        aria-describedby={`${id}-note`}
      />
      <span class="hint" id={`${id}-note`}>
        {draft !== null ? 'Saving…' : ''}
      </span>
    </div>
  );
}
