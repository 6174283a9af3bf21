import { useState } from 'preact/hooks';
import { notifications, sound } from '../state/preferences.ts';
import { beep, canNotify } from './alerts.ts';

/** How a person is told that a session or a pause is over. */
export function AlertSwitches({ legend = 'When it ends' }: { legend?: string }) {
  const [blocked, setBlocked] = useState(false);
  const switchNotifications = async (on: boolean) => {
    const permitted = on && (await Notification.requestPermission()) === 'granted';
    setBlocked(on && !permitted);
    notifications.value = permitted;
  };
  const switchSound = (on: boolean) => {
    sound.value = on;
    if (on) beep();
  };
  return (
    <fieldset class="switches">
      <legend>{legend}</legend>
      {canNotify && (
        <Switch
          text="Notify me"
          on={notifications.value && Notification.permission === 'granted'}
          turn={(on) => void switchNotifications(on)}
        />
      )}
      <Switch text="Play a sound" on={sound.value} turn={switchSound} />
      <p class="problem" role="alert">
        {blocked && 'The browser does not permit notifications of this page; its settings can change that.'}
      </p>
    </fieldset>
  );
}

function Switch({ text, on, turn }: { text: string; on: boolean; turn(on: boolean): void }) {
  const changed = (event: { currentTarget: HTMLInputElement }) => {
    const { checked } = event.currentTarget;
    // It shows what is so, which may take a while or not come.
    event.currentTarget.checked = on;
    turn(checked);
  };
  return (
    <label class="check">
      <input type="checkbox" checked={on} onChange={changed} />
      {text}
    </label>
  );
}
