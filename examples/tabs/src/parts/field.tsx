import type { ComponentChildren } from 'preact';

interface Props {
  label: string;
  /** Of the control inside. */
  id: string;
  /** Heard with the control (`aria-describedby="ID-hint"`), not seen. */
  hint?: string;
  wide?: boolean;
  children: ComponentChildren;
}

/** A control under its label. */
export function Field({ label, id, hint, wide, children }: Props) {
  return (
    <div class={wide ? 'field wide' : 'field'}>
      <label for={id}>{label}</label>
      {children}
      {hint && (
        <span id={`${id}-hint`} class="unseen">
          {hint}
        </span>
      )}
    </div>
  );
}
