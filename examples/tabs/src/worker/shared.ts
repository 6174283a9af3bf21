// The SharedWorker: one host for all tabs of this browser.

import { Host } from './host.ts';

const host = new Host(null);

(globalThis as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = ({ ports }) => host.attach(ports[0]!);
