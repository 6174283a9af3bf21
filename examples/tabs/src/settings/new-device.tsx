import { useEffect, useRef, useState } from 'preact/hooks';
import type { Scope } from 'lockstep-client';
import { Choice } from '../parts/choice.tsx';
import { Field } from '../parts/field.tsx';

const SCOPES = [
  ['full', 'Do everything'],
  ['read', 'Only look'],
] as const;

export interface MadeDevice {
  id: string;
  name: string;
  scope: Scope;
  token: string;
}

/** Makes a token, and shows it this once. */
export function NewDevice({ make }: { make: (name: string, scope: Scope) => Promise<MadeDevice | null> }) {
  const [made, setMade] = useState<MadeDevice | null>(null);
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Scope>('full');
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const shown = useRef(false);
  // Whoever is done with a token had the focus in what is gone now.
  useEffect(() => {
    if (shown.current && !made) field.current?.focus();
    shown.current = made !== null;
  }, [made]);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const device = await make(name.trim(), scope);
    setBusy(false);
    if (!device) return;
    setMade(device);
    setName('');
  };
  if (made) return <Made device={made} done={() => setMade(null)} />;
  return (
    <form class="stack new-device" onSubmit={submit}>
      <Field label="Name of the device" id="device-name">
        <input
          ref={field}
          id="device-name"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
          placeholder="Laptop"
          maxLength={200}
          required
          autocomplete="off"
        />
      </Field>
      <Choice legend="It may" name="scope" options={SCOPES} value={scope} choose={(one) => setScope(one)} />
      <div class="actions">
        <button class="primary" disabled={busy}>
          Make a token
        </button>
      </div>
    </form>
  );
}

function Made({ device, done }: { device: MadeDevice; done: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState('');
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const copy = async () => setCopied((await copyFrom(field.current!)) ? 'Copied.' : 'Copy it by hand: it is selected.');
  return (
    <section class="notice stack" aria-labelledby="made-title">
      <h3 id="made-title">The token of “{device.name}”</h3>
      <p>It is shown this once: copy it now.</p>
      <div class="inline">
        <input ref={field} aria-label="Token" value={device.token} readOnly spellcheck={false} />
        <button class="primary" onClick={() => void copy()}>
          Copy
        </button>
      </div>
      <p role="status">{copied}</p>
      <p>
        On the command line, and for widgets: <code>lockstep login --url {location.origin}</code>, which asks for it. On
        another screen: “Use a token” on this page.
      </p>
      <div class="actions">
        <button onClick={done}>Done</button>
      </div>
    </section>
  );
}

/** There is no clipboard on plain http away from this machine, and the browser may refuse it. */
async function copyFrom(field: HTMLInputElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    return document.execCommand('copy');
  }
}
