import './sign-in.css';
import { useEffect, useState } from 'preact/hooks';
import type { SignInReason } from 'lockstep-client';
import { Field } from '../parts/field.tsx';
import { timeOfDay } from '../parts/format.ts';
import { Logo } from '../parts/icons.tsx';
import { serverIsDev } from '../state/server.ts';
import { replaceToken, signIn, signInAgain, signInAs, signInWithToken, signOut } from '../state/account.ts';
import { DevTokenRefused } from '../state/server.ts';
import { pending, status } from '../state/store.ts';

const REASONS: Record<SignInReason, string> = {
  expired: 'Your sign-in has ended. Sign in again to go on.',
  invalid: 'The server did not accept that token.',
  revoked: 'The token of this device was withdrawn.',
  otherPerson: 'That token belongs to another person. Sign out first to change who is signed in.',
};
const ASK_AGAIN_MS = 3_000;

export function SignInPage() {
  const dev = useDevMode();
  const why = signInAgain.value;
  const waiting = pending.value.length;
  return (
    <main class="sign-in">
      <Logo />
      <h1>Lockstep</h1>
      <p class="lead">Your timers, in step on every screen.</p>
      {why && (
        <p class="notice" role="alert">
          {REASONS[why]}
          {waiting > 0 && ` ${waiting === 1 ? 'One change waits' : `${waiting} changes wait`} to be sent.`}
        </p>
      )}
      {dev.mode === 'unknown' && <p role="status">Looking for the server…</p>}
      {dev.mode === 'unreachable' && <p role="status">The server does not answer. Asking again…</p>}
      {dev.mode === 'on' && <SignInAs devEnded={dev.ended} />}
      {dev.mode === 'on' && (
        <details>
          <summary>Use a token instead</summary>
          <TokenForm button="Use token" use={signInWithToken} />
        </details>
      )}
      {dev.mode === 'off' && <TokenForm button="Use token" use={signInWithToken} />}
      {signIn.value && (
        <button class="link" onClick={signOut}>
          Sign out
        </button>
      )}
    </main>
  );
}

/** Whether this server makes tokens for anyone who asks; only it can say. */
function useDevMode() {
  const [mode, setMode] = useState<'unknown' | 'unreachable' | 'on' | 'off'>('unknown');
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const ask = async () => {
      try {
        const dev = await serverIsDev();
        if (!over) setMode(dev ? 'on' : 'off');
      } catch {
        if (over) return;
        setMode('unreachable');
        timer = setTimeout(ask, ASK_AGAIN_MS);
      }
    };
    void ask();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, []);
  return { mode, ended: () => setMode('off') };
}

function SignInAs({ devEnded }: { devEnded: () => void }) {
  const [name, setName] = useState(signIn.value?.devUser ?? '');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem('');
    try {
      await signInAs(name.trim());
    } catch (error) {
      setProblem(error instanceof DevTokenRefused ? error.message : 'The server does not answer.');
      if (error instanceof DevTokenRefused && error.notDev) devEnded();
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="stack" onSubmit={submit}>
      <Field label="Sign in as" id="user">
        <input
          id="user"
          name="user"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
          placeholder="alice"
          maxLength={128}
          required
          autofocus
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
        />
      </Field>
      <button class="primary" disabled={busy}>
        Sign in
      </button>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <p class="hint">This server runs for development: any name will do, and none is checked.</p>
    </form>
  );
}

function TokenForm({ button, use }: { button: string; use: (token: string) => void }) {
  const [token, setToken] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    const trimmed = token.trim().replace(/^bearer\s+/i, '');
    if (trimmed) use(trimmed);
    setToken('');
  };
  return (
    <form class="stack" onSubmit={submit}>
      <Field label="Token" id="token">
        <input
          id="token"
          name="token"
          type="password"
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
          required
          autocomplete="off"
          spellcheck={false}
        />
      </Field>
      <button class="primary">{button}</button>
      <p class="hint">
        Whoever runs the server prints one with <code>lockstepd token --db FILE --user YOU</code>.
      </p>
    </form>
  );
}

/** Shown while the sign-in is about to end and only the person can bring a new token. */
export function TokenEnding() {
  const ends = status.value.signInEndsMs;
  if (ends === null) return null;
  return (
    <section class="notice" aria-label="Your sign-in ends soon">
      <p>Your sign-in ends at {timeOfDay(ends)}. With a new token you stay signed in without a break.</p>
      <TokenForm button="Replace token" use={replaceToken} />
    </section>
  );
}
