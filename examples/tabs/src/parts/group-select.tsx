import { groups } from '../state/store.ts';
import { Field } from './field.tsx';

interface Props {
  id: string;
  label: string;
  /** What stands for no group. */
  none: string;
  /** The group's id, or "". */
  value: string;
  onChange(event: { currentTarget: HTMLSelectElement }): void;
}

/** One of the person's groups, or none. */
export function GroupSelect({ id, label, none, value, onChange }: Props) {
  return (
    <Field label={label} id={id}>
      <select id={id} name="group" value={value} onChange={onChange}>
        <option value="">{none}</option>
        {groups.value.map((group) => (
          <option key={group.id} value={group.id}>
            {group.name}
          </option>
        ))}
      </select>
    </Field>
  );
}
