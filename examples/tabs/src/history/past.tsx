import { useState } from 'preact/hooks';
import type { EventMessage, Kind } from 'lockstep-client';
import { Pages } from '../parts/answer.tsx';
import { groups, plans, user } from '../state/store.ts';
import { dayText, minutesText, timeText } from './days.ts';
import { kindNames } from './lines.ts';
import { asked, query, range, report, titleOf, tracked } from './report.ts';
import { SessionDetails } from './session-details.tsx';

/** A session as GET /api/sessions has it, in the words of its kind. */
interface Listed {
  kind: Kind;
  id?: string;
  sessionId?: string;
  sessionType?: string;
  projectId?: string | null;
  plan_id?: string;
  startTime?: string;
  endTime?: string | null;
  started_at?: string;
  ended_at?: string | null;
  status?: string;
  completed?: boolean;
}

const concerns = ({ session }: EventMessage) => session !== undefined && session.kind !== 'timer';

/** The sessions that began in the reported range, of every kind but timers, which are used again and again. */
export function Past() {
  const { kind, group, session } = asked.value;
  const { from, to } = report.shown.value ?? range.value;
  if (kind === 'timer' || session !== '' || to === '') return null;
  const path = `/api/sessions?${query({ from, to, kind })}&`;
  return (
    <section class="past card" aria-labelledby="past-title">
      <h3 id="past-title">Sessions</h3>
      <Pages<Listed>
        key={path}
        path={path}
        limit={20}
        concerns={concerns}
        none="No session of focus, work or training began in this time."
        label="Sessions"
      >
        {(one) => (group === '' || one.projectId === group) && <PastSession key={idOf(one)} one={one} />}
      </Pages>
    </section>
  );
}

const idOf = (one: Listed): string => one.sessionId ?? one.id ?? '';
const focusTypes: Record<string, string> = { pomodoro: 'Pomodoro', short: 'Short focus', long: 'Long focus' };

function nameOf(one: Listed): string {
  const title = titleOf(idOf(one));
  if (title) return title;
  if (one.kind === 'focus') return focusTypes[one.sessionType ?? ''] ?? 'Focus';
  if (one.kind === 'training') return plans.value.find(({ id }) => id === one.plan_id)?.name ?? 'Training';
  return groups.value.find(({ id }) => id === one.projectId)?.name ?? 'Work';
}

/** The details are asked for when they are first opened. */
function PastSession({ one }: { one: Listed }) {
  const [opened, setOpened] = useState(false);
  const { timeZone = 'UTC', sessionsResetTime = '00:00' } = user.value ?? {};
  const start = Date.parse(one.startTime ?? one.started_at ?? '');
  const ended = one.endTime ?? one.ended_at;
  const state = !ended ? 'now' : one.status === 'abandoned' || one.completed === false ? 'abandoned' : 'completed';
  return (
    <li>
      <details onToggle={(event) => event.currentTarget.open && setOpened(true)}>
        <summary>
          <span class="name">{nameOf(one)}</span>
          <span class="quiet">{kindNames[one.kind]}</span>
          <span class="when">
            {dayText(start, timeZone, sessionsResetTime)}, {timeText(start, timeZone)}
            {ended && ` – ${timeText(Date.parse(ended), timeZone)}`}
          </span>
          <span class={`state ${state}`}>{state}</span>
          <span class="amount">{minutesText(tracked.value.get(idOf(one)) ?? 0)}</span>
        </summary>
        {opened && <SessionDetails id={idOf(one)} kind={one.kind} zone={timeZone} />}
      </details>
    </li>
  );
}
