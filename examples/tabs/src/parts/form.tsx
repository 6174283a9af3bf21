import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { ResultMessage } from 'lockstep-client';
import { inStep } from '../state/store.ts';

type Value = string | boolean | number | null | readonly string[];
export type Values = Record<string, Value>;

export interface Row {
  /** As the command has it, so that a refusal finds its field. */
  name: string;
  label: string;
  /** A line of text unless said. `lines` is a list of texts, `decimal` a number or null. */
  kind?: 'area' | 'lines' | 'decimal' | 'time' | 'date' | 'check' | 'choice';
  value?: Value | undefined;
  /** Of a choice. */
  options?: readonly (readonly [value: string, label: string])[];
  required?: boolean;
  /** Of a text's length. */
  min?: number;
  max?: number;
  placeholder?: string;
  hint?: string;
}

interface Props {
  label: string;
  rows: readonly Row[];
  submit: string;
  /** `changed` has those of `values` that the person changed. */
  onSubmit: (values: Values, changed: Values) => Promise<ResultMessage> | void;
  /** It was done, or is on its way while the server is away, or the person thought better of it. */
  done?: () => void;
}

/** A form by its rows. It stays open until the server has agreed; a refusal is shown at the field that it names. */
export function Form({ label, rows, submit, onSubmit, done }: Props) {
  // Another screen may change what is edited here: what counts as changed is what this person changed.
  const [fields] = useState(rows);
  const [refusal, setRefusal] = useState<{ field?: string | undefined; message: string } | null>(null);
  const [waiting, setWaiting] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  /** Counts what was sent and closed: an answer to what was closed finds another. */
  const turn = useRef(0);
  const id = useId();
  const close = () => {
    turn.current += 1;
    setWaiting(false);
    form.current?.reset();
    done?.();
  };
  useEffect(() => {
    if (waiting && !inStep.value) close();
  }, [waiting, inStep.value]);
  const send = async () => {
    const values = Object.fromEntries(fields.map((row) => [row.name, read(form.current!, row)]));
    const isChanged = ({ name, value }: Row) => JSON.stringify(values[name]) !== JSON.stringify(value ?? EMPTY[name]);
    const EMPTY: Values = Object.fromEntries(fields.map(({ name, kind }) => [name, emptyOf(kind)]));
    const changed = Object.fromEntries(fields.filter(isChanged).map(({ name }) => [name, values[name]!]));
    const answer = onSubmit(values, changed);
    setRefusal(null);
    if (!answer || !inStep.value) return close();
    setWaiting(true);
    const mine = turn.current;
    const { ok, error } = await answer;
    // Closed already, because the server went away: something else may be typed in it by now.
    if (!form.current || turn.current !== mine) return;
    setWaiting(false);
    if (ok) return close();
    setRefusal({ field: error?.field, message: error?.message ?? 'no reason given' });
    (form.current.elements.namedItem(error?.field ?? '') as HTMLElement | null)?.focus();
  };
  const homeless = refusal && !fields.some(({ name }) => name === refusal.field);
  return (
    <form
      ref={form}
      class="rows-form"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        if (!waiting) void send();
      }}
    >
      {fields.map((row) => (
        <RowField
          key={row.name}
          row={row}
          id={`${id}-${row.name}`}
          refusal={refusal?.field === row.name ? refusal.message : null}
        />
      ))}
      {homeless && <p class="problem">{refusal.message}</p>}
      <div class="actions">
        <button class="primary" aria-disabled={waiting}>
          {submit}
        </button>
        {done && (
          <button type="button" onClick={close}>
            Cancel
          </button>
        )}
      </div>
    </form>
  );
}

const emptyOf = (kind: Row['kind']): Value =>
  kind === 'check' ? false : kind === 'lines' ? [] : kind === 'decimal' ? null : '';

function read(form: HTMLFormElement, { name, kind }: Row): Value {
  const field = form.elements.namedItem(name) as HTMLInputElement;
  const text = field.value.trim();
  if (kind === 'check') return field.checked;
  if (kind === 'decimal') return text === '' ? null : Number(text);
  if (kind === 'lines') return text.split('\n').map((line) => line.trim()).filter(Boolean);
  return text;
}

function RowField({ row, id, refusal }: { row: Row; id: string; refusal: string | null }) {
  const { name, label, kind, value, options = [], required = false, min, max, placeholder, hint } = row;
  const note = refusal ?? hint;
  const common = {
    id,
    name,
    required,
    'aria-invalid': refusal !== null,
    ...(note ? { 'aria-describedby': `${id}-note` } : {}),
  };
  const text = {
    ...common,
    placeholder: placeholder ?? '',
    autocomplete: 'off',
    ...(min ? { minLength: min } : {}),
    ...(max ? { maxLength: max } : {}),
  };
  const initial = Array.isArray(value) ? value.join('\n') : String(value ?? '');
  return (
    <div class={kind === 'check' ? 'field tickbox' : !kind || kind === 'area' ? 'field wide' : 'field'}>
      <label for={id}>{label}</label>
      {kind === 'area' || kind === 'lines' ? (
        <textarea {...text} rows={kind === 'area' ? 2 : 3} defaultValue={initial} />
      ) : kind === 'choice' ? (
        <select {...common} defaultValue={initial}>
          {options.map(([one, shown]) => (
            <option key={one} value={one} selected={one === initial}>
              {shown}
            </option>
          ))}
        </select>
      ) : kind === 'check' ? (
        <input {...common} type="checkbox" defaultChecked={value === true} />
      ) : kind === 'decimal' ? (
        <input {...common} type="number" min={0} step={0.01} defaultValue={initial} />
      ) : (
        <input {...text} type={kind ?? 'text'} defaultValue={initial} />
      )}
      {note && (
        <span id={`${id}-note`} class={refusal ? 'problem' : 'hint'}>
          {note}
        </span>
      )}
    </div>
  );
}
