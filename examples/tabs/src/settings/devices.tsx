import { useEffect, useState } from 'preact/hooks';
import type { Scope } from 'lockstep-client';
import { leaveIt } from '../parts/leave.ts';
import { confirmed } from '../parts/modal.tsx';
import { ask } from '../state/account.ts';
import { status } from '../state/store.ts';
import { NewDevice, type MadeDevice } from './new-device.tsx';

/** A token of a device, as the server lists it: its text is told only when it is made. */
export interface Device {
  id: string;
  name: string;
  scope: Scope;
  createdAtMs: number;
  lastUsedAtMs: number | null;
}

/** As many as one person may have. */
const ALL = 100;

/** What went wrong, as a sentence. */
const problemOf = (error: unknown) =>
  error instanceof TypeError ? 'The server does not answer.' : `That did not work: ${(error as Error).message}`;

/** Tokens of the person's devices and programs. */
export function Devices() {
  const [devices, setDevices] = useState<readonly Device[] | null>(null);
  const [problem, setProblem] = useState('');
  const { phase, scope } = status.value;

  const attempt = async (what: () => Promise<void>) => {
    setProblem('');
    await what().catch((error: unknown) => setProblem(problemOf(error)));
  };
  const list = () =>
    attempt(async () => setDevices((await ask<{ items: Device[] }>('GET', `/v1/tokens?limit=${ALL}`)).items));
  const revoke = async (device: Device) => {
    const question = `Revoke the token of “${device.name}”?`;
    if (!(await confirmed(question, 'Whatever uses it is signed out at once.', 'Revoke'))) return;
    await attempt(async () => {
      await ask('DELETE', `/v1/tokens/${device.id}`);
      leaveIt();
      await list();
    });
  };
  const make = async (name: string, wanted: Scope): Promise<MadeDevice | null> => {
    let made: MadeDevice | null = null;
    await attempt(async () => {
      made = await ask<MadeDevice>('POST', '/v1/tokens', { name, scope: wanted });
    });
    if (made) await list();
    return made;
  };

  const isLive = phase === 'live';
  useEffect(() => {
    if (isLive) void list();
  }, [isLive]);

  return (
    <section class="card" aria-labelledby="devices-title">
      <h2 id="devices-title">Devices and programs</h2>
      <p class="quiet">
        Each has a token of its own, which holds until it is revoked: the command line, a widget, a screen on the wall.
      </p>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {devices && <DeviceList devices={devices} {...(scope === 'read' ? {} : { revoke })} />}
      {scope === 'read' ? <p class="hint">A screen that can only look makes and revokes none.</p> : <NewDevice make={make} />}
    </section>
  );
}

function DeviceList({ devices, revoke }: { devices: readonly Device[]; revoke?: (device: Device) => Promise<void> }) {
  if (devices.length === 0) return <p class="empty">There is none yet.</p>;
  return (
    <ul class="devices" aria-labelledby="devices-title">
      {devices.map((device) => (
        <li key={device.id}>
          <strong>{device.name}</strong>
          <span class="quiet">
            {device.scope === 'read' ? 'May only look' : 'May do everything'} · {useText(device.lastUsedAtMs)}
          </span>
          {revoke && (
            <button onClick={() => void revoke(device)}>
              Revoke<span class="unseen"> {device.name}</span>
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

const instant = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

const useText = (lastUsedAtMs: number | null): string =>
  lastUsedAtMs === null ? 'never used' : `last used ${instant.format(lastUsedAtMs)}`;
