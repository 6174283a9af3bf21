import { newId, type CommandBody, type Group, type ResultMessage, type Work } from 'lockstep-client';
import { Form, type Row, type Values } from '../parts/form.tsx';
import { command, now } from '../state/store.ts';

const DAY_MS = 24 * 3_600_000;

export const workRows = (work?: Work): readonly Row[] => [
  { name: 'plannedTasks', label: 'Planned tasks', kind: 'lines', value: work?.plannedTasks ?? [], hint: 'One a line' },
  { name: 'toolsNeeded', label: 'Tools needed', kind: 'lines', value: work?.toolsNeeded ?? [], hint: 'One a line' },
  { name: 'partsToInstall', label: 'Parts to install', kind: 'lines', value: work?.partsToInstall ?? [], hint: 'One a line' },
  { name: 'helperPresent', label: 'Somebody helps', kind: 'check', value: work?.helperPresent ?? false },
];

const startRows: readonly Row[] = [
  ...workRows(),
  { name: 'notes', label: 'Notes', kind: 'area', max: 10_000 },
  { name: 'startMs', label: 'Began at', kind: 'time', hint: 'Empty: now. A time that is still to come means yesterday’s' },
];

export function startWork(project: Group, values: Values): Promise<ResultMessage> {
  const { startMs, ...said } = values;
  const body: CommandBody = { type: 'addSession', kind: 'work', session: newId(), group: project.id, ...said };
  if (startMs) body['startMs'] = lastTimeOf(String(startMs));
  return command(body, `Start “${project.name}”`);
}

/** When a clock here last showed "09:30": at most a day ago. */
function lastTimeOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  const at = new Date(now.peek()).setHours(hours, minutes, 0, 0);
  return at > now.peek() ? at - DAY_MS : at;
}

export function StartWork({ project, done }: { project: Group; done: () => void }) {
  return (
    <Form
      label="Start a work session"
      rows={startRows}
      submit="Start"
      done={done}
      onSubmit={(_, said) => startWork(project, said)}
    />
  );
}
