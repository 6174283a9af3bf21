import { useState } from 'preact/hooks';
import { Field } from '../parts/field.tsx';
import { roughText, timeOfDay } from '../parts/format.ts';
import { command, now, user } from '../state/store.ts';

const zones: readonly string[] =
  typeof Intl.supportedValuesOf === 'function' ? ['UTC', ...Intl.supportedValuesOf('timeZone')] : ['UTC'];
const zoneHere = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function DayForm() {
  const known = user.value;
  const [timeZone, setTimeZone] = useState(known?.pending?.timeZone ?? known?.timeZone ?? 'UTC');
  const [resetTime, setResetTime] = useState(known?.pending?.sessionsResetTime ?? known?.sessionsResetTime ?? '00:00');
  if (!known) return null;

  const submit = (event: Event) => {
    event.preventDefault();
    const fields: { timeZone?: string; sessionsResetTime?: string } = {};
    const before = known.pending ?? known;
    if (timeZone.trim() !== (before.timeZone ?? known.timeZone)) fields.timeZone = timeZone.trim();
    if (resetTime !== (before.sessionsResetTime ?? known.sessionsResetTime)) fields.sessionsResetTime = resetTime;
    changeDay(fields);
  };
  return (
      <form class="stack" aria-labelledby="day-title" onSubmit={submit}>
        <h2 id="day-title">Your day</h2>
        <p class="quiet">
          At the reset time a new day begins: timers that stand still go back to their full length, and the time tracked
          today starts at zero. This day ends in {roughText(known.dayEndMs - now.value)}, at{' '}
          {timeOfDay(known.dayEndMs)} where you are.
        </p>
        <Field label="Time zone" id="time-zone">
          <input
            id="time-zone"
            list="zones"
            value={timeZone}
            onInput={(event) => setTimeZone(event.currentTarget.value)}
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
          <button type="button" class="link" onClick={() => setTimeZone(zoneHere)}>
            Use this device’s zone, {zoneHere}
          </button>
        )}
        <Field label="Reset time" id="reset-time">
          <input
            id="reset-time"
            type="time"
            value={resetTime}
            onInput={(event) => setResetTime(event.currentTarget.value)}
            required
          />
        </Field>
        {known.pending && (
          <p class="notice">
            Until this day ends, {known.sessionsResetTime} in {known.timeZone} holds; after it{' '}
            {known.pending.sessionsResetTime ?? known.sessionsResetTime} in {known.pending.timeZone ?? known.timeZone}.
          </p>
        )}
        <div class="actions">
          <button class="primary">Save</button>
        </div>
      </form>
  );
}

function changeDay(fields: { timeZone?: string; sessionsResetTime?: string }): void {
  if (Object.keys(fields).length > 0) void command({ type: 'autoResetTimeChange', ...fields }, 'Change your day');
}
