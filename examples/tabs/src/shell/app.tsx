import { useEffect, useRef } from 'preact/hooks';
import { isRunning, remainingMs, shownSeconds } from 'lockstep-client';
import { clockText } from '../parts/format.ts';
import { Logo } from '../parts/icons.tsx';
import { ReadOnly, SignInPage, TokenEnding } from '../sign-in/sign-in.tsx';
import { signIn, signInAgain, signOut } from '../state/account.ts';
import { now, pending, sessions, status, user } from '../state/store.ts';
import { ConnectionStatus } from './connection-status.tsx';
import { ShortcutsButton, ShortcutsPanel } from './shortcuts-panel.tsx';
import { Toasts } from './toasts.tsx';
import { VerdictList } from './verdict-list.tsx';
import { currentView, preloadViews, views } from './views.ts';
import { WaitingCommands } from './waiting-commands.tsx';
import './shell.css';

export function App() {
  const signedIn = signIn.value !== null && signInAgain.value === null;
  return (
    <>
      <DocumentTitle />
      {signedIn ? <Page /> : <SignInPage />}
      <Toasts />
    </>
  );
}

function Page() {
  const { loaded } = status.value;
  const { View, name, path } = currentView.value;
  const main = useRef<HTMLElement>(null);
  const shown = useRef(path);
  // Who goes to another view by keyboard or screen reader is taken there.
  useEffect(() => {
    if (shown.current !== path) main.current?.focus();
    shown.current = path;
  }, [path]);
  useEffect(() => {
    if (loaded) preloadViews();
  }, [loaded]);
  return (
    <div class="page">
      <a class="skip" href="#content" onClick={skip}>
        Skip to content
      </a>
      <header class="top">
        <div class="brand">
          <Logo />
          <h1>Lockstep</h1>
        </div>
        <ConnectionStatus />
        <div class="account">
          <PersonName />
          <ShortcutsButton />
          <button onClick={askSignOut}>Sign out</button>
        </div>
      </header>
      <nav class="views" aria-label="Views">
        {views.map((view) => (
          <a key={view.path} href={`#/${view.path}`} aria-current={view.path === path ? 'page' : undefined}>
            {view.name}
          </a>
        ))}
      </nav>
      <main id="content" tabIndex={-1} ref={main} aria-label={name}>
        <TokenEnding />
        <ReadOnly />
        <WaitingCommands />
        <VerdictList />
        {loaded ? <View /> : <p class="empty">Your timers appear here as soon as the server has been reached.</p>}
      </main>
      <ShortcutsPanel />
    </div>
  );
}

/** What stands after the # names a view, so the focus goes there by hand. */
function skip(event: Event) {
  event.preventDefault();
  document.querySelector('main')?.focus();
}

function PersonName() {
  const name = user.value?.name || user.value?.id;
  return name ? (
    <span class="person" title={name}>
      {name}
    </span>
  ) : null;
}

export function askSignOut(): void {
  const count = pending.value.length;
  const lost = count === 1 ? 'One change has' : `${count} changes have`;
  if (count === 0 || confirm(`${lost} not reached the server yet and would be lost. Sign out?`)) signOut();
}

/** The tab's title: of what runs, the one that ends first; else the view. */
function DocumentTitle() {
  const at = now.value;
  const running = sessions.value.filter(isRunning);
  const order = (left: number | null) => left ?? Infinity;
  running.sort((a, b) => order(remainingMs(a, at)) - order(remainingMs(b, at)));
  const first = running[0];
  const shown = first ? [clockText(shownSeconds(first, at)), first.session.title] : [user.value && currentView.value.name];
  const title = [shown.filter(Boolean).join(' '), 'Lockstep'].filter(Boolean).join(' · ');
  useEffect(() => {
    document.title = title;
  }, [title]);
  return null;
}
