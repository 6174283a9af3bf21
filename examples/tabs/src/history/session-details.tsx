import { useEffect, useState } from 'preact/hooks';
import type { Kind, Session } from 'lockstep-client';
import { ask } from '../state/account.ts';
import { minutesText, timeText } from './days.ts';

/** A task as GET /api/sessions/{id}/tasks has it. */
interface ListedTask {
  description: string;
  qualityResult: string | null;
  challengesEncountered: string;
  reworkNeeded: boolean;
  timeSpent: number;
}

/** What is known of a session, by name. */
type Facts = Record<string, unknown>;

async function read(id: string, kind: Kind): Promise<Facts> {
  const { value } = await ask<{ value: Session }>('POST', '/v1/commands', { type: 'getSession', session: id });
  const tasks = kind === 'work' ? (await ask<{ items: ListedTask[] }>('GET', `/api/sessions/${id}/tasks?limit=100`)).items : [];
  return {
    timeTrackedSeconds: value.elapsedSeconds,
    ...value.focus,
    ...value.work,
    ...value.training?.structure,
    tasks: tasks.map(taskText),
  };
}

function taskText(task: ListedTask): string {
  const quality = task.qualityResult ? words(task.qualityResult).toLowerCase() : 'open';
  const rework = task.reworkNeeded && task.qualityResult !== 'NeedsRework' && 'rework needed';
  return [task.description, quality, rework, minutesText(task.timeSpent), task.challengesEncountered].filter(Boolean).join(' · ');
}

/** All that is known of one session. */
export function SessionDetails({ id, kind, zone }: { id: string; kind: Kind; zone: string }) {
  const [facts, setFacts] = useState<Facts | null>(null);
  const [failed, setFailed] = useState(false);
  const load = () => {
    setFailed(false);
    read(id, kind).then(setFacts, () => setFailed(true));
  };
  useEffect(load, [id]);
  if (failed) {
    return (
      <p class="quiet" role="status">
        The details can’t be read now.{' '}
        <button class="link" onClick={load}>
          Try again
        </button>
      </p>
    );
  }
  if (!facts) return <p class="quiet">Reading…</p>;
  return (
    <dl class="details">
      {told(facts).map(([name, value]) => (
        <div key={name}>
          <dt>{nameText(name)}</dt>
          <dd>
            <Value name={name} value={value} zone={zone} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** What says something to a person. */
function told(facts: object): [string, unknown][] {
  return Object.entries(facts).filter(([name, value]) => {
    const empty = value === null || value === '' || value === false || (Array.isArray(value) && value.length === 0);
    return !empty && !/Id$/.test(name);
  });
}

/** "qualityRating" is "Quality rating"; a unit at the end goes with the value. */
function words(name: string): string {
  const text = name.replaceAll('_', ' ').replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const UNIT = /(AtMs|Seconds|Minutes)$/;
const nameText = (name: string) => words(name.replace(UNIT, ''));

/** By the unit that its name ends with; what is nested, in one line. */
function textOf(name: string, value: unknown, zone: string): string {
  const unit = UNIT.exec(name)?.[0];
  if (typeof value === 'number' && unit === 'AtMs') return timeText(value, zone);
  if (typeof value === 'number' && unit) return minutesText(unit === 'Seconds' ? value / 60 : value);
  if (value === true) return 'yes';
  if (Array.isArray(value)) return value.map((one) => textOf('', one, zone)).join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  return told(value).map(([inner, one]) => `${nameText(inner)}: ${textOf(inner, one, zone)}`).join(' · ');
}

function Value({ name, value, zone }: { name: string; value: unknown; zone: string }) {
  if (!Array.isArray(value)) return <>{textOf(name, value, zone)}</>;
  return (
    <ul>
      {value.map((one, i) => (
        <li key={i}>{textOf('', one, zone)}</li>
      ))}
    </ul>
  );
}
