// What an answered command means for the person: most are seen in what is shown, these aren't.

import type { Pending, ResultMessage, WireError } from 'lockstep-client';
import { toast } from '../shell/toasts.tsx';
import { client, command } from './store.ts';

export function tellVerdicts(): void {
  client.on('settled', tell);
}

function tell({ body, label }: Pending, result: ResultMessage): void {
  if (!result.ok) {
    // Who asked by version has something to show: what the other screen made of it.
    if (result.error?.code === 'conflict' && body['ifVersion'] !== undefined) return;
    toast(`${label} did not work: ${reasonText(result.error)}`, 'error');
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

/** Why it was refused. */
export function reasonText({ message, field }: Partial<WireError> = {}): string {
  const where = field && !message?.includes(field) ? ` (${field})` : '';
  return `${message ?? 'no reason given'}${where}`;
}
