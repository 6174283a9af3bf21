import { useState } from 'preact/hooks';
import type { Group, Task } from 'lockstep-client';
import { Answered, Pages, useAnswer, type List } from '../parts/answer.tsx';
import { roughText, timeOfDay } from '../parts/format.ts';
import { leaveIt } from '../parts/leave.ts';
import { Waits } from '../parts/waits.tsx';
import { command } from '../state/store.ts';
import { dateText } from '../parts/dates.ts';
import { concernsWork, type TimeTracking } from './figures.tsx';
import { Notes } from './notes.tsx';
import { TaskRow } from './tasks.tsx';
import { Listed } from './work-session.tsx';

interface Past {
  id: string;
  startTime: string;
  endTime: string;
  plannedTasks: string[];
  toolsNeeded: string[];
  partsToInstall: string[];
  helperPresent: boolean;
  notes: string;
}

/** A task as the list endpoint has it. */
type ListedTask = Omit<Task, 'version' | 'startMs' | 'completedAtMs' | 'timeSpentMinutes' | 'isDeleted'> & {
  completionTime: string | null;
  timeSpent: number | null;
};

export function PastSessions({ project, time }: { project: Group; time: TimeTracking | null }) {
  const minutes = new Map(time?.sessions.map((one) => [one.sessionId, one.minutes]));
  return (
    <section aria-labelledby="past-title">
      <h3 id="past-title">Past sessions</h3>
      <Pages<Past>
        path={`/projects/${project.id}/sessions?status=Completed&`}
        limit={10}
        concerns={concernsWork(project)}
        none="Nothing yet. Finished sessions are listed here, with what was done in them."
        label="Past sessions"
      >
        {(past) => <PastSession key={past.id} past={past} minutes={minutes.get(past.id)} />}
      </Pages>
    </section>
  );
}

function PastSession({ past, minutes }: { past: Past; minutes: number | undefined }) {
  const [open, setOpen] = useState(false);
  const [start, end] = [Date.parse(past.startTime), Date.parse(past.endTime)];
  const what = `“work on ${dateText(start)}”`;
  const remove = () => {
    void command({ type: 'deleteSession', session: past.id }, `Delete ${what}`);
    leaveIt();
  };
  return (
    <li class="row">
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <span class="row-text">
            {dateText(start)}, {timeOfDay(start)} – {timeOfDay(end)}
          </span>{' '}
          <span class="hint">{minutes !== undefined && roughText(minutes * 60_000)}</span> <Waits of={past.id} />
        </summary>
        {open && (
          <div class="stack">
            <Listed label="Planned" items={past.plannedTasks} />
            <Listed label="Tools" items={past.toolsNeeded} />
            <Listed label="Parts" items={past.partsToInstall} />
            {past.helperPresent && <p>Somebody helped.</p>}
            <PastTasks session={past.id} />
            <Notes session={past.id} notes={past.notes} what={what} />
            <div class="actions small">
              <button type="button" class="ghost" onClick={remove}>
                Delete session
              </button>
            </div>
          </div>
        )}
      </details>
    </li>
  );
}

function PastTasks({ session }: { session: string }) {
  const list = useAnswer<List<ListedTask>>(`/api/sessions/${session}/tasks?limit=100`, ({ task }) => task?.sessionId === session);
  return (
    <Answered of={list}>
      {({ items }) =>
        items.length === 0 ? (
          <p class="quiet">No tasks.</p>
        ) : (
          <ul class="rows" role="list" aria-label="Tasks">
            {items.map((task) => (
              <TaskRow key={task.id} task={{ ...task, timeSpentMinutes: task.timeSpent }} />
            ))}
          </ul>
        )
      }
    </Answered>
  );
}
