import { DayForm } from './day.tsx';
import './settings.css';

export function SettingsView() {
  return <DayForm />;
}
