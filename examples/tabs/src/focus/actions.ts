// What a person can do with a focus session.

import { newId, type CommandBody, type Focus, type ResultMessage, type Session } from 'lockstep-client';
import { command } from '../state/store.ts';

export type SessionType = Focus['sessionType'];

export const TYPE_NAMES: Record<SessionType, string> = {
  pomodoro: 'Pomodoro',
  short: 'Short',
  long: 'Long',
  custom: 'Custom',
};
/** Of the types that have a length of their own. */
export const TYPE_MINUTES: Record<Exclude<SessionType, 'custom'>, number> = { pomodoro: 25, short: 15, long: 45 };
export const SHORTEST_MINUTES = 5;
export const LONGEST_MINUTES = 120;
export const PAUSES = 3;

export interface FocusFields {
  title: string;
  sessionType: SessionType;
  /** Of a custom one. */
  plannedMinutes: number;
  group: string;
  task: string;
}

/** The label of the command, by which a form finds the one it sent. */
export const START = 'Start focusing';

export function startFocus({ title, sessionType, plannedMinutes, group, task }: FocusFields): void {
  const body: CommandBody = { type: 'addSession', session: newId(), kind: 'focus', sessionType };
  if (title !== '') body['title'] = title;
  if (sessionType === 'custom') body['plannedMinutes'] = plannedMinutes;
  if (group !== '') body.group = group;
  if (task !== '') body['task'] = task;
  void command(body, START);
}

const onFocus = (type: string, label: string) => (session: Session, more: object = {}): void =>
  void command({ type, session: session.id, ...more }, label);

export const pauseFocus = onFocus('pause', 'Pause the focus session');
export const resumeFocus = onFocus('start', 'Resume the focus session');
export const countDistraction = onFocus('distraction', 'Distraction counted');
export const finishFocus = onFocus('complete', 'Finish the focus session');
export const abandonFocus = onFocus('abandon', 'Abandon the focus session');

export interface ReviewFields {
  qualityRating: number | null;
  taskProgress: string;
}

/** Of a session that is over; the server takes one. */
export function reviewFocus(session: string, { qualityRating, taskProgress }: ReviewFields): Promise<ResultMessage> {
  const body: CommandBody = { type: 'complete', session };
  if (qualityRating !== null) body['qualityRating'] = qualityRating;
  if (taskProgress !== '') body['taskProgress'] = taskProgress;
  return command(body, 'Review of the focus session');
}
