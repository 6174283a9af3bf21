import { useState } from 'preact/hooks';
import { Field } from '../parts/field.tsx';
import { signIn, signInAs } from '../state/account.ts';
import { DevTokenRefused } from '../state/server.ts';

/** Signing in by name alone, where the server lets anybody in. */
export function SignInAs({ devEnded }: { devEnded: () => void }) {
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
