import type { EventMessage, Group } from 'lockstep-client';
import { Answered, useAnswer, type Answer } from '../parts/answer.tsx';
import { roughText, timeOfDay } from '../parts/format.ts';
import { calendarDate, calendarText, dateText } from '../parts/dates.ts';
import { today } from '../state/store.ts';

interface Analytics {
  sessions: { count: number; totalMinutes: number; meanMinutes: number; longestMinutes: number };
  tasks: { count: number; completed: number; byQualityResult: Record<string, number>; reworkRate: number | null };
  problems: { open: number; resolved: number; bySeverity: Record<string, number>; costImpact: number; timeImpact: number };
}

export interface TimeTracking {
  nowMs: number;
  totalMinutes: number;
  days: { date: string; minutes: number }[];
  sessions: { sessionId: string; startTime: string; minutes: number }[];
  tasks: { taskId: string; description: string; minutes: number }[];
}

const SHOWN = 14;
const WEEKS = 12;
const WEEKS_MS = WEEKS * 7 * 86_400_000;

export const concernsWork = (project: Group) => (event: EventMessage) =>
  event.task !== undefined ||
  event.problem?.groupId === project.id ||
  (event.session?.kind === 'work' && event.session.groupId === project.id);

/** Of the last weeks: a project may be years old. */
export function useTimeTracking(project: Group): Answer<TimeTracking> {
  const from = calendarDate(today.value - WEEKS_MS);
  return useAnswer<TimeTracking>(`/projects/${project.id}/time-tracking?from=${from}`, concernsWork(project));
}

/** What the project has taken so far. */
export function Figures({ project, time }: { project: Group; time: TimeTracking | null }) {
  const analytics = useAnswer<Analytics>(`/projects/${project.id}/sessions/analytics`, concernsWork(project));
  return (
    <section aria-labelledby="figures-title">
      <h3 id="figures-title">So far</h3>
      <Answered of={analytics}>{(value) => <Totals of={value} />}</Answered>
      {time && time.totalMinutes > 0 && <TimeSpent of={time} />}
    </section>
  );
}

const minutesText = (minutes: number) => roughText(minutes * 60_000);
const counted = (by: Record<string, number>) =>
  Object.entries(by)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name === 'NeedsRework' ? 'needs rework' : name.toLowerCase()}`)
    .join(', ');

function Totals({ of: { sessions, tasks, problems } }: { of: Analytics }) {
  const { costImpact, timeImpact } = problems;
  const rework = tasks.reworkRate ? `, ${Math.round(tasks.reworkRate * 100)} % to be done again` : '';
  const impact = [costImpact > 0 && `cost ${costImpact}`, timeImpact > 0 && `time ${timeImpact}`];
  const facts: [string, string, string][] = [
    ['Worked', minutesText(sessions.totalMinutes), `${sessions.count} ${sessions.count === 1 ? 'session' : 'sessions'}`],
    ['A session', minutesText(sessions.meanMinutes), `longest ${minutesText(sessions.longestMinutes)}`],
    ['Tasks', `${tasks.completed} of ${tasks.count}`, counted(tasks.byQualityResult) + rework],
    ['Problems', `${problems.open} open`, [`${problems.resolved} resolved`, ...impact].filter(Boolean).join(', ')],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, figure, more]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class="figure">{figure}</dd>
          {more && <dd class="hint">{more}</dd>}
        </div>
      ))}
    </dl>
  );
}

function TimeSpent({ of: { days, sessions, tasks, nowMs } }: { of: TimeTracking }) {
  return (
    <details>
      <summary>Time by day, session and task</summary>
      <p class="hint">Of the last {WEEKS} weeks, counted up to {timeOfDay(nowMs)}.</p>
      <div class="tables">
        <Bars label="Day" rows={days.map(({ date, minutes }) => [calendarText(date), minutes]).reverse() as Bar[]} />
        <Bars label="Session" rows={sessions.map(({ startTime, minutes }) => [sessionText(startTime), minutes])} />
        <Bars label="Task" rows={tasks.map(({ description, minutes }) => [description, minutes])} />
      </div>
    </details>
  );
}

const sessionText = (startTime: string) => `${dateText(Date.parse(startTime))}, ${timeOfDay(Date.parse(startTime))}`;

type Bar = [name: string, minutes: number];

/** The latest of them, each with a bar as long as its share of the longest. */
function Bars({ label, rows }: { label: string; rows: Bar[] }) {
  if (rows.length === 0) return null;
  const shown = rows.slice(0, SHOWN);
  const most = Math.max(...shown.map(([, minutes]) => minutes), 1);
  return (
    <table class="bars">
      <thead>
        <tr>
          <th scope="col">{label}</th>
          <th scope="col">Time{rows.length > SHOWN ? ` (latest ${SHOWN})` : ''}</th>
        </tr>
      </thead>
      <tbody>
        {shown.map(([name, minutes], i) => (
          <tr key={i}>
            <th scope="row">{name}</th>
            <td>
              {minutesText(minutes)}
              <div class="bar" style={{ width: `${(100 * minutes) / most}%` }} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
