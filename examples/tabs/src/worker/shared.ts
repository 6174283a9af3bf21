// The SharedWorker: one host for all tabs of this browser.

import { Host } from './host.ts';

/** Holds a lock for as long as this worker lives, which may be shorter than its tabs do: they see it by that. */
async function start(): Promise<Host> {
  if (!navigator.locks) return Host.start();
  const lock = `lockstep.host.${Math.random()}`;
  await new Promise<void>((held) => {
    void navigator.locks.request(lock, () => {
      held();
      return new Promise(() => {});
    });
  });
  return Host.start(lock);
}

const host = start();

(globalThis as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = async ({ ports }) => {
  (await host).attach(ports[0]!);
};
