import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';

interface Props {
  /** On the button that leads here. */
  label: ComponentChildren;
  kind?: 'primary' | 'ghost' | '';
  question: string;
  /** On the button that does it. */
  yes: string;
  onYes: () => void;
  /** What follows from it. */
  children?: ComponentChildren;
}

/** A button for what can't be undone: it asks first. */
export function Confirm({ label, kind = 'ghost', question, yes, onYes, children }: Props) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <button type="button" class={kind} onClick={() => setAsking(true)}>
        {label}
      </button>
      {asking && (
        <Question question={question} yes={yes} onYes={onYes} done={() => setAsking(false)}>
          {children}
        </Question>
      )}
    </>
  );
}

function Question({ question, yes, onYes, done, children }: Omit<Props, 'label' | 'kind'> & { done: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const decide = () => {
    dialog.current?.close();
    onYes();
    // What was asked about may be gone in a moment, with the button that had the focus.
    document.querySelector('main')?.focus({ preventScroll: true });
  };
  return (
    <dialog ref={dialog} class="stack" aria-labelledby={id} onClose={done}>
      <h2 id={id}>{question}</h2>
      {children}
      <div class="actions">
        <button type="button" class="primary" onClick={decide}>
          {yes}
        </button>
        <button type="button" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
      </div>
    </dialog>
  );
}
