import { useEffect, useRef, useState } from 'preact/hooks';
import { isRunning, remainingMs, shownSeconds } from '../sync/timer-math.ts';
import { AddTimer } from './add-timer.tsx';
import { ConnectionStatus } from './connection-status.tsx';
import { clockText } from './format.ts';
import { Logo } from './icons.tsx';
import { Settings } from './settings.tsx';
import { SignInPage, TokenEnding } from './sign-in.tsx';
import { now, pending, signIn, signInAgain, signOut, status, timers, user } from './store.ts';
import { TimerLists } from './timer-lists.tsx';
import { Toasts } from './toasts.tsx';
import { WaitingCommands } from './waiting-commands.tsx';

export function App() {
  const signedIn = signIn.value !== null && signInAgain.value === null;
  return (
    <>
      <DocumentTitle />
      {signedIn ? <TimersPage /> : <SignInPage />}
      <Toasts />
    </>
  );
}

function TimersPage() {
  const [settingsOpen, setSettingsOpen] = useState(false);
  const settingsButton = useRef<HTMLButtonElement>(null);
  const { loaded } = status.value;
  const closeSettings = () => {
    setSettingsOpen(false);
    settingsButton.current?.focus();
  };
  return (
    <div class="page">
      <header class="top">
        <div class="brand">
          <Logo />
          <h1>Lockstep</h1>
        </div>
        <ConnectionStatus />
        <div class="account">
          <PersonName />
          <button ref={settingsButton} disabled={!loaded} onClick={() => setSettingsOpen(true)}>
            Settings
          </button>
          <button onClick={askSignOut}>Sign out</button>
        </div>
      </header>
      <main tabIndex={-1}>
        <TokenEnding />
        {loaded ? (
          <>
            <AddTimer />
            <WaitingCommands />
            <TimerLists />
          </>
        ) : (
          <p class="empty">Your timers appear here as soon as the server has been reached.</p>
        )}
      </main>
      {settingsOpen && <Settings close={closeSettings} />}
    </div>
  );
}

function PersonName() {
  const name = user.value?.name || user.value?.id;
  return name ? (
    <span class="person" title={name}>
      {name}
    </span>
  ) : null;
}

function askSignOut() {
  const count = pending.value.length;
  const lost = count === 1 ? 'One change has' : `${count} changes have`;
  if (count === 0 || confirm(`${lost} not reached the server yet and would be lost. Sign out?`)) signOut();
}

/** The tab's title: of the running timers the one that ends first. */
function DocumentTitle() {
  const at = now.value;
  const running = timers.value.filter(isRunning);
  const order = (left: number | null) => left ?? Infinity;
  running.sort((a, b) => order(remainingMs(a, at)) - order(remainingMs(b, at)));
  const first = running[0];
  const title = first ? `${clockText(shownSeconds(first, at))} ${first.session.title ?? ''} · Lockstep` : 'Lockstep';
  useEffect(() => {
    document.title = title;
  }, [title]);
  return null;
}
