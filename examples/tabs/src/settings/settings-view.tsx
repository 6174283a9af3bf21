import { DayForm } from './day.tsx';
import { Devices } from './devices.tsx';
import { Person } from './person.tsx';
import { PreferencesForm } from './preferences-form.tsx';
import './settings.css';

export function SettingsView() {
  return (
    <div class="settings">
      <Person />
      <DayForm />
      <PreferencesForm />
      <Devices />
    </div>
  );
}
