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
if (import.meta.env.PROD) void navigator.serviceWorker?.register('/sw.js').catch(() => {});
