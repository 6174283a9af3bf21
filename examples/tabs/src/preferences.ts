// What a person chose for this browser: kept by it, the same in all of its tabs.

import { effect, signal, type Signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const PREFIX = 'lockstep.';

/** One of the values, the first until another is chosen. */
function kept<Value extends string | boolean>(name: string, values: readonly [Value, ...Value[]]): Signal<Value> {
  const key = PREFIX + name;
  const read = (): Value => {
    try {
      return values.find((value) => String(value) === localStorage.getItem(key)) ?? values[0];
    } catch {
      return values[0];
    }
  };
  const chosen = signal(read());
  addEventListener('storage', (event) => {
    if (event.key === key || event.key === null) chosen.value = read();
  });
  effect(() => {
    const { value } = chosen;
    try {
      if (value !== read()) localStorage.setItem(key, String(value));
    } catch {
      // Storage may be full or forbidden; then it holds for this tab until it is closed.
    }
  });
  return chosen;
}

export const theme = kept<Theme>('theme', ['system', 'light', 'dark']);
/** A beep when something ends. */
export const sound = kept('sound', [false, true]);
/** The browser's, when something ends; it has to permit them, too. */
export const notifications = kept('notifications', [false, true]);
