import { Choice } from '../parts/choice.tsx';
import { Field } from '../parts/field.tsx';
import { GroupSelect } from '../parts/group-select.tsx';
import { timers } from '../state/store.ts';
import { nouns, rangeText, type Period } from './days.ts';
import { kindNames } from './lines.ts';
import { asked, change, knownTimers, move, range, report, spans, type Asked } from './report.ts';

const periods: readonly [Period, string][] = [
  ['daily', 'Day'],
  ['weekly', 'Week'],
  ['monthly', 'Month'],
];

/** What is reported. */
export function Filters() {
  const { period, span, kind, group, session } = asked.value;
  const ofTimers = kind === '' || kind === 'timer';
  return (
    <form class="filters" aria-label="What is shown" onSubmit={(event) => event.preventDefault()}>
      <Choice
        legend="Period"
        name="period"
        options={periods}
        value={period}
        choose={(value) => change({ period: value, span: spans[value][0]! })}
      />
      <Select
        id="history-span"
        label="Range"
        value={String(span)}
        options={spans[period].map((count) => [String(count), `${count} ${nouns[period]}s`])}
        choose={(value) => change({ span: Number(value) })}
      />
      <Select
        id="history-kind"
        label="Kind"
        value={kind}
        options={[['', 'All kinds'], ...Object.entries(kindNames)]}
        choose={(value) => change({ kind: value as Asked['kind'], session: '' })}
      />
      <GroupSelect
        id="history-group"
        label="Group"
        none="All groups"
        value={group}
        onChange={(event) => change({ group: event.currentTarget.value })}
      />
      {ofTimers && (
        <Select
          id="history-timer"
          label="Timer"
          value={session}
          options={[['', 'All timers'], ...timerNames()]}
          choose={(value) => change({ session: value })}
        />
      )}
    </form>
  );
}

/** Those that are there, and the deleted ones that a report has named. */
function timerNames(): [string, string][] {
  const names = new Map(knownTimers().map(({ session, title }) => [session, title ?? 'Timer']));
  for (const { session } of timers.value) names.set(session.id, session.title ?? 'Timer');
  return [...names].sort(([, a], [, b]) => a.localeCompare(b));
}

interface SelectProps {
  id: string;
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  choose: (value: string) => void;
}

function Select({ id, label, value, options, choose }: SelectProps) {
  return (
    <Field label={label} id={id}>
      <select id={id} value={value} onChange={(event) => choose(event.currentTarget.value)}>
        {options.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  );
}

/** Which days, and the way to others. */
export function Steps() {
  const latest = asked.value.end === null;
  const { from, to } = report.shown.value ?? range.value;
  return (
    <div class="steps">
      <button aria-label="Earlier" onClick={() => move(-1)}>
        <span aria-hidden="true">‹</span>
      </button>
      <strong aria-live="polite">{from && rangeText(from, to)}</strong>
      <button aria-label="Later" aria-disabled={latest} onClick={() => latest || move(1)}>
        <span aria-hidden="true">›</span>
      </button>
      <button class="ghost" aria-disabled={latest} onClick={() => change({ end: null })}>
        Today
      </button>
    </div>
  );
}
