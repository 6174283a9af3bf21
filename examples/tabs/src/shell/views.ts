// The views of the page, each at its own address after the #. One row a view; the shell knows nothing else of them.

import { computed, signal } from '@preact/signals';
import type { FunctionComponent } from 'preact';
import { TimersView } from '../timers/timers-view.tsx';
import { lazy } from './lazy.tsx';

export interface View {
  /** What stands after "#/"; a view may use what follows it, "#/work/<id>". */
  path: string;
  name: string;
  /** After a "g", the key that goes there. */
  key: string;
  View: FunctionComponent;
}

// The first one comes with the page; the others soon after, so that the page is there at once.
const FocusView = lazy(async () => (await import('../focus/focus-view.tsx')).FocusView);
const WorkView = lazy(async () => (await import('../work/work-view.tsx')).WorkView);
const TrainingView = lazy(async () => (await import('../training/training-view.tsx')).TrainingView);
const HistoryView = lazy(async () => (await import('../history/history-view.tsx')).HistoryView);
const SettingsView = lazy(async () => (await import('../settings/settings-view.tsx')).SettingsView);

/** Fetches what may be wanted next, while there is a network. */
export function preloadViews(): void {
  for (const view of [FocusView, WorkView, TrainingView, HistoryView, SettingsView]) view.preload();
}

export const views: readonly [View, ...View[]] = [
  { path: 'timers', name: 'Timers', key: 't', View: TimersView },
  { path: 'focus', name: 'Focus', key: 'f', View: FocusView },
  { path: 'work', name: 'Work', key: 'w', View: WorkView },
  { path: 'training', name: 'Training', key: 'r', View: TrainingView },
  { path: 'history', name: 'History', key: 'h', View: HistoryView },
  { path: 'settings', name: 'Settings', key: 's', View: SettingsView },
];

const place = signal(location.hash);
addEventListener('hashchange', () => (place.value = location.hash));

/** What stands after "#/", by its parts. */
export const route = computed(() => place.value.replace(/^#\/?/, '').split('/'));
export const currentView = computed(() => views.find(({ path }) => path === route.value[0]) ?? views[0]);

export function goTo(path: string): void {
  location.hash = `#/${path}`;
}
