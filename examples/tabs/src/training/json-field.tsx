import { useId, useState } from 'preact/hooks';
import { parseStructure, type JsonObject } from './structure.ts';

interface Props {
  label: string;
  structure: JsonObject;
  /** Called with each structure that was typed whole. */
  save: (structure: JsonObject) => void;
  /** Told what is wrong with what stands there, or null. */
  refuse?: (wrong: string | null) => void;
  /** What the server said against it. */
  refusal?: string | null;
}

const written = (structure: JsonObject) => JSON.stringify(structure, null, 2);

/** Any JSON object, as text: for what is not of the common shape. */
export function JsonField({ label, structure, save, refuse, refusal }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const parsed = typed === null ? null : parseStructure(typed);
  const wrong = parsed && 'wrong' in parsed ? parsed.wrong : null;
  const note = wrong ?? refusal;
  const id = `json-${useId()}`;
  return (
    <div class="field">
      <label for={id}>{label} (JSON)</label>
      <textarea
        id={id}
        class="json"
        rows={12}
        spellcheck={false}
        value={typed ?? written(structure)}
        onInput={(event) => {
          const text = event.currentTarget.value;
          setTyped(text);
          const result = parseStructure(text);
          refuse?.('wrong' in result ? result.wrong : null);
          if ('structure' in result) save(result.structure);
        }}
        onBlur={() => !wrong && setTyped(null)}
        aria-invalid={Boolean(note)}
        aria-describedby={`${id}-note`}
      />
      <span id={`${id}-note`} class="problem">
        {note}
      </span>
    </div>
  );
}
