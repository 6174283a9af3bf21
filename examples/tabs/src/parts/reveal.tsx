import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

interface Props {
  label: string;
  /** Of the button. */
  id?: string;
  kind?: 'primary' | 'ghost' | '';
  children: (close: () => void) => ComponentChildren;
}

/** A button and what it opens beneath it: Escape or `close` closes it, and the focus is back on the button. */
export function Reveal({ label, id, kind = '', children }: Props) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const inside = useRef<HTMLDivElement>(null);
  const close = () => {
    const held = inside.current?.contains(document.activeElement);
    setOpen(false);
    if (held) button.current?.focus();
  };
  useLayoutEffect(() => {
    if (open) inside.current?.querySelector<HTMLElement>('input, textarea, select')?.focus();
  }, [open]);
  return (
    <>
      <button type="button" ref={button} id={id} class={kind} aria-expanded={open} onClick={() => setOpen(!open)}>
        {label}
      </button>
      {open && (
        <div
          class="revealed"
          ref={inside}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            event.stopPropagation();
            close();
          }}
        >
          {children(close)}
        </div>
      )}
    </>
  );
}
