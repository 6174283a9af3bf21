import { AlertSwitches } from '../focus/alert-switches.tsx';
import { Choice } from '../parts/choice.tsx';
import { theme } from '../state/preferences.ts';

const THEMES = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
] as const;

/** How the page behaves in this browser. */
export function PreferencesForm() {
  return (
    <section class="card" aria-labelledby="browser-title">
      <h2 id="browser-title">This browser</h2>
      <Choice legend="Appearance" name="theme" options={THEMES} value={theme.value} choose={(one) => (theme.value = one)} />
      <AlertSwitches legend="When a session ends" />
    </section>
  );
}
