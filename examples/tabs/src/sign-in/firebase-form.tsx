import { useRef, useState } from 'preact/hooks';
import { Field } from '../parts/field.tsx';
import { resetPassword, signInWithFirebase } from '../state/account.ts';
import type { FirebaseProject } from '../state/server.ts';

/** E-mail and password, for Firebase; its library is loaded when they are sent. */
export function FirebaseForm({ project }: { project: FirebaseProject }) {
  const [isNew, setIsNew] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const [news, setNews] = useState('');
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);

  const act = async (what: () => Promise<string>) => {
    setBusy(true);
    setProblem('');
    setNews('');
    try {
      setNews(await what());
    } catch (error) {
      setProblem(error instanceof TypeError ? 'The server does not answer.' : (error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  const enter = (event: Event) => {
    event.preventDefault();
    void act(async () => {
      await signInWithFirebase(project, email.current!.value, password.current!.value, isNew);
      return '';
    });
  };
  const reset = () => {
    if (!email.current!.reportValidity()) return;
    void act(async () => {
      await resetPassword(project, email.current!.value);
      return 'If there is an account with this e-mail, a mail is on its way to it.';
    });
  };

  return (
    <form class="stack" onSubmit={enter}>
      <Field label="E-mail" id="email">
        <input ref={email} id="email" name="email" type="email" required autocomplete="username" />
      </Field>
      <Field label="Password" id="password">
        <input
          ref={password}
          id="password"
          name="password"
          type="password"
          required
          minLength={isNew ? 6 : undefined}
          autocomplete={isNew ? 'new-password' : 'current-password'}
        />
      </Field>
      <button class="primary" disabled={busy}>
        {isNew ? 'Create account' : 'Sign in with e-mail'}
      </button>
      <p role="status">{news}</p>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <div class="inline">
        <button type="button" class="link" onClick={() => setIsNew(!isNew)}>
          {isNew ? 'I have an account' : 'Make a new account'}
        </button>
        {!isNew && (
          <button type="button" class="link" disabled={busy} onClick={reset}>
            Forgot the password?
          </button>
        )}
      </div>
    </form>
  );
}
