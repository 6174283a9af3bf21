// The timers by keyboard: the card that holds the focus is the one that keys act upon.

import type { Held } from 'lockstep-client';
import { wantedOf } from '../parts/wanted.tsx';
import type { Shortcut } from '../shell/shortcuts.ts';
import { timers } from '../state/store.ts';
import { deleteTimer, pauseTimer, resetTimer, startTimer, undoDelete } from './actions.ts';

const cards = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('.timer')];
const cardOfFocus = (): HTMLElement | null => document.activeElement?.closest<HTMLElement>('.timer') ?? null;

function enter(card: HTMLElement | undefined): false | void {
  const button = card?.querySelector('button');
  if (!button) return false;
  button.focus();
  card!.scrollIntoView({ block: 'nearest' });
}

/** Deletes a timer; the focus goes to its neighbour, for it would be lost with the card. */
export function removeTimer(held: Held): void {
  const all = cards();
  const at = all.findIndex((card) => card.dataset['session'] === held.session.id);
  void deleteTimer(held);
  const neighbour = all[at + 1] ?? all[at - 1];
  if (enter(neighbour) === false) document.querySelector('main')?.focus({ preventScroll: true });
}

/** What does it for the timer of the card that holds the focus, and leaves the key alone where there is none. */
const onCard = (act: (held: Held, card: HTMLElement) => void) => (): false | void => {
  const card = cardOfFocus();
  const held = timers.value.find(({ session }) => session.id === card?.dataset['session']);
  if (!card || !held) return false;
  act(held, card);
};

/** To the card before or after, or to the nearest one of the row above or below; to the first from anywhere else. */
function move({ key }: KeyboardEvent): false | void {
  const all = cards();
  const from = cardOfFocus();
  if (!from) return enter(all[0]);
  if (key === 'ArrowLeft' || key === 'ArrowRight') return enter(all[all.indexOf(from) + (key === 'ArrowRight' ? 1 : -1)]);
  const here = from.getBoundingClientRect();
  const distance = (card: HTMLElement) => {
    const there = card.getBoundingClientRect();
    const rows = key === 'ArrowDown' ? there.top - here.top : here.top - there.top;
    return rows < 1 ? Infinity : rows * 100 + Math.abs(there.left - here.left);
  };
  const nearest = all.reduce((best, card) => (distance(card) < distance(best) ? card : best), from);
  return nearest === from ? false : enter(nearest);
}

const toField = (selector: string) => (): false | void => {
  const field = document.querySelector<HTMLInputElement>(selector);
  if (!field) return false;
  field.focus();
  field.select();
};

export const TIMER_KEYS: readonly Shortcut[] = [
  { keys: 'n', says: 'New timer', run: toField('#new-title') },
  { keys: '/', says: 'Find a timer, where there are many', run: toField('#find') },
  { keys: 'ArrowLeft, ArrowRight, ArrowUp, ArrowDown', says: 'Go to another timer', run: move },
  { keys: ' ', says: 'Start or pause it', run: onCard((held) => (wantedOf(held).running ? pauseTimer(held) : startTimer(held))) },
  { keys: 'r', says: 'Reset it', run: onCard(resetTimer) },
  { keys: 'e', says: 'Edit it', run: onCard((_, card) => card.querySelector<HTMLElement>('.edit-button')?.click()) },
  { keys: 'Delete', says: 'Delete it', run: onCard(removeTimer) },
  { keys: 'u', says: 'Bring back the timer deleted last', run: () => (undoDelete() ? undefined : false) },
];
