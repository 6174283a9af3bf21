import { useState } from 'preact/hooks';
import { Field } from '../parts/field.tsx';

interface Props {
  button: string;
  use: (token: string) => void;
  /** The server believes tokens that `lockstepd token` prints. */
  printed: boolean;
}

/** A token that the person has from elsewhere. */
export function TokenForm({ button, use, printed }: Props) {
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
        You make one under Settings, on a screen where you are signed in.
        {printed && (
          <>
            {' '}
            Whoever runs the server prints one with <code>lockstepd token --db FILE --user YOU</code>.
          </>
        )}
      </p>
    </form>
  );
}
