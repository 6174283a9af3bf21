import { render } from 'preact';
import './parts/base.css';
import { App } from './shell/app.tsx';
import { beginAccount } from './state/account.ts';
import { begin } from './state/store.ts';
import { tellVerdicts } from './state/verdicts.ts';

begin();
tellVerdicts();
beginAccount();
render(<App />, document.getElementById('app')!);
