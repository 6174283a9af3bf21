// Keys that do something without a click. Whatever is shown brings rows for as long as it is shown; the panel lists
// them. Knows no view.

import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { goTo, views } from './views.ts';

export interface Shortcut {
  /** `KeyboardEvent.key`, alternatives apart by a comma, one after the other apart by a space: "n", "ArrowUp", "g t, 1". */
  keys: string;
  /** What it does, as the panel says it: "New timer". */
  says: string;
  /** False when it does not apply just now (no card has the focus, say): the key keeps its usual meaning. */
  run(event: KeyboardEvent): false | void;
}

interface Section {
  title: string;
  rows(): readonly Shortcut[];
}

/** How long the first key of two waits for the second. */
const SECOND_KEY_MS = 1_500;
const OFF = 'lockstep.shortcutsOff';

export const panelOpen = signal(false);
/** A person who dictates, or whose screen reader wants these keys, can do without. */
export const shortcutsOn = signal(load());

const fixed: Section = {
  title: 'Everywhere',
  rows: () => [
    { keys: '?', says: 'Show these shortcuts', run: () => void (panelOpen.value = true) },
    ...views.map(({ key, path, name }, i) => ({ keys: `g ${key}, ${i + 1}`, says: `Go to ${name}`, run: () => goTo(path) })),
  ],
};
/** Those of what is shown last come first. */
export const sections = signal<readonly Section[]>([fixed]);

/** Offers `rows` for as long as the component is shown, under `title` in the panel. */
export function useShortcuts(title: string, rows: readonly Shortcut[]): void {
  const latest = useRef(rows);
  latest.current = rows;
  useEffect(() => {
    const section = { title, rows: () => latest.current };
    sections.value = [section, ...sections.value];
    return () => {
      sections.value = sections.value.filter((one) => one !== section);
    };
  }, [title]);
}

export function switchShortcuts(on: boolean): void {
  shortcutsOn.value = on;
  try {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, 'yes');
  } catch {
    // Then it holds until the page is left.
  }
}

/** Listens from now on. */
export function beginShortcuts(): void {
  addEventListener('keydown', pressed);
}

let first = '';
let forget: ReturnType<typeof setTimeout> | undefined;

function pressed(event: KeyboardEvent): void {
  if (!shortcutsOn.value || !isFree(event)) return;
  const typed = first ? `${first} ${event.key}` : event.key;
  clearTimeout(forget);
  first = '';
  const rows = sections.value.flatMap((section) => section.rows());
  for (const row of rows) {
    if (row.keys.split(', ').includes(typed) && row.run(event) !== false) {
      event.preventDefault();
      return;
    }
  }
  if (rows.some(({ keys }) => keys.split(', ').some((one) => one.startsWith(`${typed} `)))) {
    first = typed;
    forget = setTimeout(() => (first = ''), SECOND_KEY_MS);
  }
}

/** Is the key nobody else's: not the browser's, not something typed, not a press of the focused button? */
function isFree(event: KeyboardEvent): boolean {
  const { key, target } = event;
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return false;
  if (event.repeat && !key.startsWith('Arrow')) return false;
  if (!(target instanceof Element) || document.querySelector('dialog[open]')) return false;
  if (target.closest('input, select, textarea, [contenteditable], [role=radiogroup], [role=tablist]')) return false;
  return !((key === ' ' || key === 'Enter') && target.closest('button, a, summary, [role=button]'));
}

function load(): boolean {
  try {
    return localStorage.getItem(OFF) === null;
  } catch {
    return true;
  }
}
