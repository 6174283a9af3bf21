// What a person can do with timers and groups.

import { newId, type CommandBody, type Group, type Held } from 'lockstep-client';
import { command, timers, user } from '../state/store.ts';

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

/** Those deleted in this tab, which can be brought back; the last one at the end. */
const deleted: { held: Held; of: string | undefined }[] = [];

export async function deleteTimer(held: Held): Promise<void> {
  const of = user.peek()?.id;
  const { ok } = await command({ type: 'deleteSession', session: held.session.id }, `Delete ${named(held)}`);
  if (ok) deleted.push({ held, of });
}

const restoreTimer = onTimer('restoreSession', 'Restore');

/** False when there is nothing to bring back: what is there again by other means, or another person's, is not. */
export function undoDelete(): boolean {
  const isThere = ({ session }: Held) => timers.peek().some((one) => one.session.id === session.id);
  for (let last = deleted.pop(); last; last = deleted.pop()) {
    if (isThere(last.held) || last.of !== user.peek()?.id) continue;
    restoreTimer(last.held);
    return true;
  }
  return false;
}

export function resetAll(group?: Group): void {
  if (group) void command({ type: 'resetAll', group: group.id }, `Reset all in “${group.name}”`);
  else void command({ type: 'resetAll' }, 'Reset all');
}

export interface GroupFields {
  name: string;
  description: string;
}

export function addGroup(name: string): void {
  void command({ type: 'addGroup', group: newId(), name }, `Add group “${name}”`);
}

/** Sends only what the person changed. */
export function changeGroup(group: Group, before: GroupFields, after: GroupFields): void {
  const edit: CommandBody = { type: 'editGroup', group: group.id };
  if (after.name !== before.name) edit['name'] = after.name;
  if (after.description !== before.description) edit['description'] = after.description;
  if (Object.keys(edit).length > 2) void command(edit, `Edit group “${group.name}”`);
}

export function deleteGroup(group: Group): void {
  void command({ type: 'deleteGroup', group: group.id }, `Delete group “${group.name}”`);
}
