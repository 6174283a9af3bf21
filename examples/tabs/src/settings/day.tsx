import { useState } from 'preact/hooks';
import { Field } from '../parts/field.tsx';
import { roughText, timeOfDay } from '../parts/format.ts';
import { command, now, user } from '../state/store.ts';

const zones: readonly string[] =
  typeof Intl.supportedValuesOf === 'function' ? ['UTC', ...Intl.supportedValuesOf('timeZone')] : ['UTC'];
const zoneHere = Intl.DateTimeFormat().resolvedOptions().timeZone;

interface Rule {
  timeZone?: string;
  sessionsResetTime?: string;
}

/** When the person's days begin. What is not being changed here follows what other screens do. */
export function DayForm() {
  const [changed, setChanged] = useState<Rule>({});
  const [news, setNews] = useState('');
  const known = user.value;
  if (!known) return null;
  const ruled = {
    timeZone: known.pending?.timeZone ?? known.timeZone,
    sessionsResetTime: known.pending?.sessionsResetTime ?? known.sessionsResetTime,
  };
  const { timeZone, sessionsResetTime } = { ...ruled, ...changed };

  const change = (fields: Rule) => {
    setChanged({ ...changed, ...fields });
    setNews('');
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    const fields: Rule = {};
    if (timeZone.trim() !== ruled.timeZone) fields.timeZone = timeZone.trim();
    if (sessionsResetTime !== ruled.sessionsResetTime) fields.sessionsResetTime = sessionsResetTime;
    if (Object.keys(fields).length > 0) {
      const { ok } = await command({ type: 'autoResetTimeChange', ...fields }, 'Change your day');
      if (!ok) return;
    }
    setChanged({});
    setNews('Saved.');
  };

  return (
    <form class="card" aria-labelledby="day-title" onSubmit={submit}>
      <h2 id="day-title">Your day</h2>
      <p class="quiet">
        At the reset time a new day begins: timers that stand still go back to their full length, and the time tracked
        today starts at zero. This day ends in {roughText(known.dayEndMs - now.value)}, at {timeOfDay(known.dayEndMs)}{' '}
        where you are.
      </p>
      <Field label="Time zone" id="time-zone">
        <input
          id="time-zone"
          list="zones"
          value={timeZone}
          onInput={(event) => change({ timeZone: event.currentTarget.value })}
          required
          autocomplete="off"
          spellcheck={false}
        />
        <datalist id="zones">
          {zones.map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
      </Field>
      {zoneHere && zoneHere !== timeZone && (
        <button type="button" class="link" onClick={() => change({ timeZone: zoneHere })}>
          Use this device’s zone, {zoneHere}
        </button>
      )}
      <Field label="Reset time" id="reset-time">
        <input
          id="reset-time"
          type="time"
          value={sessionsResetTime}
          onInput={(event) => change({ sessionsResetTime: event.currentTarget.value })}
          required
        />
      </Field>
      {known.pending && (
        <p class="notice">
          Until this day ends, {known.sessionsResetTime} in {known.timeZone} holds; after it {ruled.sessionsResetTime} in{' '}
          {ruled.timeZone}.
        </p>
      )}
      <div class="actions">
        <button class="primary">Save</button>
        <span role="status">{news}</span>
      </div>
    </form>
  );
}
