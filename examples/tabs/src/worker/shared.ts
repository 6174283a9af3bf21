// The SharedWorker: one host for all tabs of this browser.

import { Host } from './host.ts';

const host = Host.start();

(globalThis as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = async ({ ports }) => {
  (await host).attach(ports[0]!);
};
