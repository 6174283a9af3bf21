// What a person can do with timers and groups.

import { newId, type CommandBody, type Group, type Held } from 'lockstep-client';
import { command } from '../state/store.ts';

const named = (held: Held): string => `“${held.session.title ?? ''}”`;

export interface TimerFields {
  title: string;
  initialDuration: number | null;
  dailyGoalMinutes: number | null;
  groupId: string | null;
}

export function addTimer(fields: TimerFields): void {
  const body: CommandBody = { type: 'addSession', session: newId(), title: fields.title };
  if (fields.initialDuration !== null) body['initialDuration'] = fields.initialDuration;
  if (fields.dailyGoalMinutes !== null) body['dailyGoalMinutes'] = fields.dailyGoalMinutes;
  if (fields.groupId !== null) body.group = fields.groupId;
  void command(body, `Add “${fields.title}”`);
}

export function fieldsOf({ session }: Held): TimerFields {
  return {
    title: session.title ?? '',
    initialDuration: session.initialDuration,
    dailyGoalMinutes: session.noGoal ? null : session.dailyGoalMinutes,
    groupId: session.groupId,
  };
}

/** Sends only what the person changed: another screen may have changed the rest meanwhile. */
export function changeTimer(held: Held, before: TimerFields, after: TimerFields): void {
  const session = held.session.id;
  if (after.title !== before.title) {
    void command({ type: 'renameSession', session, title: after.title }, `Rename ${named(held)}`);
  }
  const edit: CommandBody = { type: 'editSession', session };
  if (after.initialDuration !== before.initialDuration) edit['initialDuration'] = after.initialDuration;
  if (after.dailyGoalMinutes !== before.dailyGoalMinutes) {
    if (after.dailyGoalMinutes === null) edit['noGoal'] = true;
    else Object.assign(edit, { dailyGoalMinutes: after.dailyGoalMinutes, noGoal: false });
  }
  if (Object.keys(edit).length > 2) void command(edit, `Edit ${named(held)}`);
  if (after.groupId !== before.groupId) {
    void command({ type: 'moveSession', session, group: after.groupId }, `Move ${named(held)}`);
  }
}

const onTimer = (type: string, verb: string) => (held: Held): void =>
  void command({ type, session: held.session.id }, `${verb} ${named(held)}`);

export const startTimer = onTimer('start', 'Start');
export const pauseTimer = onTimer('pause', 'Pause');
export const resetTimer = onTimer('resetSession', 'Reset');
export const deleteTimer = onTimer('deleteSession', 'Delete');

export function resetAll(group?: Group): void {
  if (group) void command({ type: 'resetAll', group: group.id }, `Reset all in “${group.name}”`);
  else void command({ type: 'resetAll' }, 'Reset all');
}

export function addGroup(name: string): void {
  void command({ type: 'addGroup', group: newId(), name }, `Add group “${name}”`);
}

export function renameGroup(group: Group, name: string): void {
  if (name !== group.name) void command({ type: 'editGroup', group: group.id, name }, `Rename group “${group.name}”`);
}

export function deleteGroup(group: Group): void {
  void command({ type: 'deleteGroup', group: group.id }, `Delete group “${group.name}”`);
}
