// How the page behaves in this browser: kept by the browser, for all of its tabs, and told to nobody.

import { batch, computed, effect, signal } from '@preact/signals';
import { read, write } from './browser.ts';

export type Theme = 'system' | 'light' | 'dark';

/** A sound at the end of a session. */
export const sound = signal(false);
/** A message of the system at the end of a session; the browser must have been asked for leave. */
export const notifications = signal(false);
export const theme = signal<Theme>('system');

const PREFERENCES = 'lockstep.preferences';
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
const systemDark = signal(systemIsDark.matches);
systemIsDark.addEventListener('change', () => (systemDark.value = systemIsDark.matches));

/** Whether the page is dark at the moment, by the person's wish or the system's. */
export const dark = computed(() => (theme.value === 'system' ? systemDark.value : theme.value === 'dark'));

function load(): void {
  const saved = read(PREFERENCES) as { sound?: unknown; notifications?: unknown; theme?: unknown } | null;
  // At once: half of it would be kept, and taken over by the other tabs.
  batch(() => {
    sound.value = saved?.sound === true;
    notifications.value = saved?.notifications === true;
    theme.value = saved?.theme === 'light' || saved?.theme === 'dark' ? saved.theme : 'system';
  });
}

/** Reads them, and from now on keeps what is changed, follows the other tabs, and paints the page. */
export function beginPreferences(): void {
  load();
  addEventListener('storage', (event) => {
    if (event.key === PREFERENCES || event.key === null) load();
  });
  effect(() => {
    const wanted = { sound: sound.value, notifications: notifications.value, theme: theme.value };
    write(PREFERENCES, wanted);
  });
  effect(() => {
    document.documentElement.dataset['theme'] = dark.value ? 'dark' : 'light';
  });
}
