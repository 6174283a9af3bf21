import { useLayoutEffect, useRef } from 'preact/hooks';
import { panelOpen, sections, shortcutsOn, switchShortcuts, type Shortcut } from './shortcuts.ts';

export function ShortcutsButton() {
  return (
    <button class="ghost keys-button" aria-label="Keyboard shortcuts" onClick={() => (panelOpen.value = true)}>
      <kbd>?</kbd>
    </button>
  );
}

export function ShortcutsPanel() {
  return panelOpen.value ? <Panel /> : null;
}

function Panel() {
  const dialog = useRef<HTMLDialogElement>(null);
  const close = () => dialog.current?.close();
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      class="shortcuts stack"
      ref={dialog}
      aria-labelledby="shortcuts-title"
      onClose={() => (panelOpen.value = false)}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <h2 id="shortcuts-title">Keyboard shortcuts</h2>
      {sections.value.map(({ title, rows }) => (
        <section key={title}>
          <h3>{title}</h3>
          <dl>
            {rows().map((row) => (
              <Row key={row.keys} row={row} />
            ))}
          </dl>
        </section>
      ))}
      <label class="check">
        <input
          type="checkbox"
          checked={shortcutsOn.value}
          onChange={(event) => switchShortcuts(event.currentTarget.checked)}
        />
        Use these shortcuts
      </label>
      <button class="primary" onClick={close} autofocus>
        Close
      </button>
    </dialog>
  );
}

function Row({ row }: { row: Shortcut }) {
  return (
    <div>
      <dt>
        {row.keys.split(', ').map((one, i) => (
          <>
            {i > 0 && ' or '}
            {one === ' ' ? <kbd>Space</kbd> : one.split(' ').map((key) => <kbd>{NAMES[key] ?? key}</kbd>)}
          </>
        ))}
      </dt>
      <dd>{row.says}</dd>
    </div>
  );
}

const NAMES: Record<string, string> = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→', Delete: 'Del' };
