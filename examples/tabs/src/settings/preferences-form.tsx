import { useState } from 'preact/hooks';
import { notifications, sound, theme, type Theme } from '../state/preferences.ts';

const THEMES: readonly [Theme, string][] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

/** How the page behaves in this browser. */
export function PreferencesForm() {
  return (
    <section class="card" aria-labelledby="browser-title">
      <h2 id="browser-title">This browser</h2>
      <fieldset class="choices">
        <legend>Appearance</legend>
        {THEMES.map(([value, name]) => (
          <label key={value} class="choice">
            <input type="radio" name="theme" checked={theme.value === value} onChange={() => (theme.value = value)} />
            {name}
          </label>
        ))}
      </fieldset>
      <fieldset class="choices">
        <legend>When a session ends</legend>
        <label class="choice">
          <input type="checkbox" checked={sound.value} onChange={(event) => (sound.value = event.currentTarget.checked)} />
          Play a sound
        </label>
        <Notifications />
      </fieldset>
    </section>
  );
}

/** The browser asks the person itself, once; after a no only its own settings help. */
function Notifications() {
  const [problem, setProblem] = useState('');
  const change = async (box: HTMLInputElement) => {
    const wanted = box.checked;
    const allowed = !wanted || (await mayNotify());
    notifications.value = wanted && allowed;
    box.checked = notifications.value;
    setProblem(allowed ? '' : 'This browser does not let the page show notifications. Its own settings for this page can change that.');
  };
  return (
    <>
      <label class="choice">
        <input type="checkbox" checked={notifications.value} onChange={(event) => void change(event.currentTarget)} />
        Show a notification
      </label>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}

async function mayNotify(): Promise<boolean> {
  return 'Notification' in window && (await Notification.requestPermission()) === 'granted';
}
