interface Props<Value extends string> {
  legend: string;
  /** Of the radio buttons; one choice on the page has it. */
  name: string;
  options: readonly (readonly [value: Value, text: string])[];
  value: Value | null;
  choose(value: Value): void;
}

/** One of a few: radio buttons that look like a row of buttons. */
export function Choice<Value extends string>({ legend, name, options, value, choose }: Props<Value>) {
  return (
    <fieldset class="choice">
      <legend>{legend}</legend>
      {options.map(([one, text]) => (
        <label key={one}>
          <input type="radio" name={name} value={one} checked={one === value} onChange={() => choose(one)} />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}
