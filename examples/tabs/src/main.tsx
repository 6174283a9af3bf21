import { render } from 'preact';
import './parts/base.css';
import { beginAlerts } from './focus/alerts.ts';
import { App } from './shell/app.tsx';
import { beginShortcuts } from './shell/shortcuts.ts';
import { beginAccount } from './state/account.ts';
import { beginPreferences } from './state/preferences.ts';
import { begin } from './state/store.ts';
import { tellVerdicts } from './state/verdicts.ts';

beginPreferences();
begin();
tellVerdicts();
beginAccount();
beginShortcuts();
beginAlerts();
render(<App />, document.getElementById('app')!);

// Of pages on plain http only those of this machine may have one.
if (import.meta.env.PROD) void keepPage().catch(() => {});

/** For when there is no network. Browsers look for a new version at their leisure; so it is there with the next load. */
async function keepPage(): Promise<void> {
  const kept = await navigator.serviceWorker?.register('/sw.js');
  if (kept?.active) await kept.update();
}
