// What an answered command means for the person: most are seen in what is shown, these aren't.

import type { Pending, ResultMessage } from 'lockstep-client';
import { toast } from '../shell/toasts.tsx';
import { client, command } from './store.ts';

export function tellVerdicts(): void {
  client.on('settled', tell);
}

function tell({ body, label }: Pending, result: ResultMessage): void {
  if (!result.ok) {
    const { message = 'no reason given', field } = result.error ?? {};
    const where = field && !message.includes(field) ? ` (${field})` : '';
    toast(`${label} did not work: ${message}${where}`, 'error');
    return;
  }
  if (result.changed === false) return;
  const name = /“.*”/.exec(label)?.[0] ?? '';
  if (body.type === 'deleteSession') {
    toast(`Deleted ${name}`, 'plain', {
      label: 'Undo',
      run: () => void command({ type: 'restoreSession', session: body.session! }, `Restore ${name}`),
    });
  }
  if (body.type === 'deleteGroup') toast(`Deleted group ${name}; its timers stay`);
}
