// The views of the page, each at its own address after the #. One row a view; the shell knows nothing else of them.

import { computed, signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { FocusView } from '../focus/focus-view.tsx';
import { HistoryView } from '../history/history-view.tsx';
import { SettingsView } from '../settings/settings-view.tsx';
import { TimersView } from '../timers/timers-view.tsx';
import { TrainingView } from '../training/training-view.tsx';
import { WorkView } from '../work/work-view.tsx';

export interface View {
  /** What stands after "#/"; a view may use what follows it, "#/work/<id>". */
  path: string;
  name: string;
  /** After a "g", the key that goes there. */
  key: string;
  View: ComponentType;
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
