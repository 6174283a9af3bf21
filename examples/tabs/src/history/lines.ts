// A report as lines: what is one thing to the person is one line, with its time in every period. Chart, table and file
// show the same lines. Pure.

import type { Kind } from 'lockstep-client';
import type { Report, Row } from './report.ts';

export type By = 'session' | 'kind' | 'group';

export interface Goal {
  minutes: number;
  met: boolean;
}

export interface Line {
  key: string;
  name: string;
  kind: string;
  group: string;
  /** By period, like the goals. */
  minutes: number[];
  goals: (Goal | null)[];
  total: number;
}

export const kindNames: Record<Kind, string> = { timer: 'Timer', focus: 'Focus', work: 'Work', training: 'Training' };

/** A timer is one line; other sessions, made anew each time, are one by their title or their project. */
function describe(row: Row, by: By, groupName: (id: string) => string): Pick<Line, 'key' | 'name' | 'kind' | 'group'> {
  const kind = kindNames[row.kind];
  const group = row.groupId ? groupName(row.groupId) : '';
  if (by === 'kind') return { key: row.kind, name: kind, kind, group: '' };
  if (by === 'group') return { key: row.groupId ?? '', name: group || 'No group', kind: '', group };
  if (row.kind === 'timer') return { key: row.session, name: row.title ?? kind, kind, group };
  const name = row.title ?? (row.kind === 'work' && group ? group : kind);
  return { key: `${row.kind} ${row.groupId ?? ''} ${name}`, name, kind, group };
}

/** Those with the most time come first. */
export function linesOf(report: Report, by: By, groupName: (id: string) => string): Line[] {
  const lines = new Map<string, Line>();
  const count = report.periods.length;
  report.periods.forEach((period, i) => {
    for (const row of period.sessions) {
      const about = describe(row, by, groupName);
      let line = lines.get(about.key);
      if (!line) {
        line = { ...about, minutes: Array(count).fill(0), goals: Array(count).fill(null), total: 0 };
        lines.set(about.key, line);
      }
      line.minutes[i]! += row.minutes;
      line.total += row.minutes;
      if (by === 'session' && row.goalMinutes !== null) line.goals[i] = { minutes: row.goalMinutes, met: row.goalMet === true };
    }
  });
  return [...lines.values()].sort((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1));
}

/** How many have a colour of their own; the rest is drawn as one. */
export const COLOURS = 7;

/** What the chart stacks. */
export function barsOf(lines: readonly Line[]): number[][] {
  const shown = lines.slice(0, COLOURS).map((line) => line.minutes);
  const rest = lines.slice(COLOURS);
  if (rest.length === 0) return shown;
  return [...shown, rest[0]!.minutes.map((_, i) => rest.reduce((sum, line) => sum + line.minutes[i]!, 0))];
}

/** Of the periods with a goal, those in which every goal was met. */
export function goalsMet(report: Report): { met: number; of: number } {
  const withGoal = report.periods.map(({ sessions }) => sessions.filter((row) => row.goalMinutes !== null)).filter((rows) => rows.length > 0);
  return { met: withGoal.filter((rows) => rows.every((row) => row.goalMet)).length, of: withGoal.length };
}

export const sumOf = (report: Report): number => report.periods.reduce((sum, one) => sum + one.sumMinutes, 0);
export const unionOf = (report: Report): number => report.periods.reduce((sum, one) => sum + one.unionMinutes, 0);

/** One line of the file a line and period, as spreadsheets like it. */
export function csvOf(report: Report, lines: readonly Line[]): string {
  const rows: (string | number)[][] = [['from', 'to', 'name', 'kind', 'group', 'minutes', 'goalMinutes', 'goalMet']];
  report.periods.forEach(({ from, to }, i) => {
    for (const line of lines) {
      const goal = line.goals[i];
      const minutes = Math.round(line.minutes[i]! * 100) / 100;
      if (minutes === 0 && !goal) continue;
      rows.push([from, to, line.name, line.kind, line.group, minutes, goal?.minutes ?? '', goal ? (goal.met ? 'yes' : 'no') : '']);
    }
  });
  return rows.map((row) => row.map(cell).join(',') + '\r\n').join('');
}

/** What a spreadsheet would take for a formula is kept from being one. */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
