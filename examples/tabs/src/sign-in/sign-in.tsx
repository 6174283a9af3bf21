import { useEffect, useState } from 'preact/hooks';
import type { SignInReason } from 'lockstep-client';
import { timeOfDay } from '../parts/format.ts';
import { Logo } from '../parts/icons.tsx';
import { askSignOut } from '../shell/app.tsx';
import { replaceToken, signIn, signInAgain, signInWithToken } from '../state/account.ts';
import { fetchConfig, type ServerConfig } from '../state/server.ts';
import { pending, status } from '../state/store.ts';
import { FirebaseForm } from './firebase-form.tsx';
import { SignInAs } from './sign-in-as.tsx';
import { TokenForm } from './token-form.tsx';
import './sign-in.css';

const REASONS: Record<SignInReason, string> = {
  expired: 'Your sign-in has ended. Sign in again to go on.',
  invalid: 'The server did not accept that token.',
  revoked: 'The token of this device was withdrawn.',
  otherPerson: 'That token belongs to another person. Sign out first to change who is signed in.',
};
const ASK_AGAIN_MS = 3_000;

export function SignInPage() {
  const { config, answers, devEnded } = useConfig();
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
      {!config && answers && <p role="status">Looking for the server…</p>}
      {!answers && <p role="status">The server does not answer. Asking again…</p>}
      {config && <Ways config={config} devEnded={devEnded} />}
      {signIn.value && (
        <button class="link" onClick={askSignOut}>
          Sign out
        </button>
      )}
    </main>
  );
}

/** The easiest way stands open, the others are folded under it. */
function Ways({ config, devEnded }: { config: ServerConfig; devEnded: () => void }) {
  const { dev, firebase, localIssuer } = config;
  const ways = [
    dev && { name: 'Use any name', form: <SignInAs devEnded={devEnded} /> },
    firebase && { name: 'Use e-mail and password', form: <FirebaseForm project={firebase} /> },
    { name: 'Use a token', form: <TokenForm button="Use token" use={signInWithToken} printed={localIssuer} /> },
  ].filter((way) => !!way);
  const [first, ...others] = ways;
  return (
    <>
      {first?.form}
      {others.map(({ name, form }) => (
        <details key={name}>
          <summary>{name} instead</summary>
          {form}
        </details>
      ))}
    </>
  );
}

/** How people sign in here; only the server can say, and it is asked until it does. */
function useConfig() {
  const [config, setConfig] = useState<ServerConfig | null>(null);
  const [answers, setAnswers] = useState(true);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const ask = async () => {
      const told = await fetchConfig().catch(() => null);
      if (over) return;
      setConfig(told);
      setAnswers(told !== null);
      if (!told) timer = setTimeout(ask, ASK_AGAIN_MS);
    };
    void ask();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, []);
  return { config, answers, devEnded: () => setConfig(config && { ...config, dev: false }) };
}

/** Shown while the sign-in is about to end and only the person can bring a new token. */
export function TokenEnding() {
  const ends = status.value.signInEndsMs;
  if (ends === null) return null;
  return (
    <section class="notice" aria-label="Your sign-in ends soon">
      <p>Your sign-in ends at {timeOfDay(ends)}. With a new token you stay signed in without a break.</p>
      <TokenForm button="Replace token" use={replaceToken} printed />
    </section>
  );
}

/** Shown where the token of this screen may change nothing. */
export function ReadOnly() {
  if (status.value.scope !== 'read') return null;
  return (
    <p class="notice" role="status">
      This screen can only look: it is signed in with a token that changes nothing.
    </p>
  );
}
