import { render } from 'preact';
import { App } from './ui/app.tsx';
import { begin } from './ui/store.ts';
import './ui/styles.css';

begin();
render(<App />, document.getElementById('app')!);
