import { render, type ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

interface Props {
  title: string;
  /** Asked for by Escape. */
  close(): void;
  children: ComponentChildren;
}

/** A dialog over the page for as long as it is rendered. Closed, the browser takes the focus back to where it was. */
export function Modal({ title, close, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const opened = dialog.current!;
    opened.showModal();
    return () => opened.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="stack"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}

/** Asks before something that can't be undone. `yes` names it. */
export function confirmed(title: string, text: string, yes: string): Promise<boolean> {
  const host = document.body.appendChild(document.createElement('div'));
  return new Promise((resolve) => {
    const answer = (given: boolean) => {
      render(null, host);
      host.remove();
      resolve(given);
    };
    render(
      <Modal title={title} close={() => answer(false)}>
        <p>{text}</p>
        <div class="actions">
          <button class="primary" onClick={() => answer(true)}>
            {yes}
          </button>
          <button onClick={() => answer(false)}>Cancel</button>
        </div>
      </Modal>,
      host,
    );
  });
}
