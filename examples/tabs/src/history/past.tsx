import { useEffect, useState } from 'preact/hooks';
import { groups, plans, user } from '../state/store.ts';
import { dayText, minutesText, timeText } from './days.ts';
import { kindNames } from './lines.ts';
import { SessionDetails } from './session-details.tsx';
import { asked, offset, PAGE, past, titleOf, tracked, type Listed } from './report.ts';

/** What began in the range shown. */
export function Past() {
  const { kind, group, session } = asked.value;
  useEffect(past.follow, []);
  if (kind === 'timer' || session !== '') return null;
  const answer = past.shown.value;
  const items = answer?.items ?? [];
  const shown = group === '' ? items : items.filter((one) => one.projectId === group);
  const [first, last] = [offset.value + 1, offset.value + items.length];
  return (
    <section class="past" aria-labelledby="past-title">
      <h3 id="past-title">Sessions</h3>
      {past.trouble.value && <p class="quiet">The list can’t be read now.</p>}
      {answer && shown.length === 0 && (
        <p class="empty">No session of focus, work or training {group === '' ? 'began here' : 'of this group is among these'}.</p>
      )}
      <Days listed={shown} />
      {answer && answer.total > PAGE && (
        <div class="steps">
          <button aria-label="Newer sessions" aria-disabled={first === 1} onClick={() => turn(-PAGE)}>
            <span aria-hidden="true">‹</span>
          </button>
          <strong aria-live="polite">
            {first} – {last} of {answer.total}
          </strong>
          <button aria-label="Older sessions" aria-disabled={last >= answer.total} onClick={() => turn(PAGE)}>
            <span aria-hidden="true">›</span>
          </button>
        </div>
      )}
    </section>
  );
}

function turn(by: number): void {
  const next = offset.value + by;
  if (next >= 0 && next < (past.shown.value?.total ?? 0)) offset.value = next;
}

function Days({ listed }: { listed: Listed[] }) {
  const { timeZone, sessionsResetTime } = user.value ?? { timeZone: 'UTC', sessionsResetTime: '00:00' };
  const days = new Map<string, Listed[]>();
  for (const one of listed) {
    const name = dayText(startOf(one), timeZone, sessionsResetTime);
    days.set(name, [...(days.get(name) ?? []), one]);
  }
  if (days.size === 0) return null;
  return (
    <div class="card">
      {[...days].map(([name, sessions]) => (
        <section key={name}>
          <h4>{name}</h4>
          <ul role="list">
            {sessions.map((one) => (
              <li key={idOf(one)}>
                <PastSession one={one} zone={timeZone} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

const idOf = (one: Listed): string => one.sessionId ?? one.id ?? '';
const startOf = (one: Listed): number => Date.parse(one.startTime ?? one.started_at ?? '');
const focusTypes: Record<string, string> = { pomodoro: 'Pomodoro', short: 'Short focus', long: 'Long focus' };

function nameOf(one: Listed): string {
  const title = titleOf(idOf(one));
  if (title) return title;
  if (one.kind === 'focus') return focusTypes[one.sessionType ?? ''] ?? 'Focus';
  if (one.kind === 'training') return plans.value.find(({ id }) => id === one.plan_id)?.name ?? 'Training';
  return groups.value.find(({ id }) => id === one.projectId)?.name ?? 'Work';
}

function stateOf(one: Listed): string {
  if (!(one.endTime ?? one.ended_at)) return 'active';
  if (one.status === 'abandoned' || one.completed === false) return 'abandoned';
  return 'completed';
}

/** The details are asked for when they are first opened. */
function PastSession({ one, zone }: { one: Listed; zone: string }) {
  const [opened, setOpened] = useState(false);
  const start = startOf(one);
  const ended = one.endTime ?? one.ended_at;
  const state = stateOf(one);
  return (
    <details onToggle={(event) => event.currentTarget.open && setOpened(true)}>
      <summary>
        <span class="name">{nameOf(one)}</span>
        <span class="quiet">{kindNames[one.kind]}</span>
        <span class="when">
          {timeText(start, zone)}
          {ended && ` – ${timeText(Date.parse(ended), zone)}`}
        </span>
        <span class={`state ${state}`}>{state === 'active' ? 'now' : state}</span>
        <span class="figure">{minutesText(tracked.value.get(idOf(one)) ?? 0)}</span>
      </summary>
      {opened && <SessionDetails id={idOf(one)} kind={one.kind} zone={zone} />}
    </details>
  );
}
