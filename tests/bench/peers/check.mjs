// Each server that lockstepd is measured beside does what it should, for a moment: every message arrives, once and in order.
//   node tests/bench/peers/check.mjs
// Exit code 1 when one does not.
import { mkdirSync } from 'node:fs';

import { relays } from '../table/relays.mjs';
import { faults, kinds, put, start } from '../table/run.mjs';
import { folder } from '../table/settings.mjs';

const short = { seconds: 1, 'warm-up': 100, 'parse-every': 3 };

async function check(kind) {
  const server = await start(kind);
  const fanout = await put(server, 'fanout', { ...short, sockets: 50 });
  const durable = kind in relays ? undefined : await put(server, 'durable', { ...short, users: 5 });
  const idle = await put(server, 'idle', { ...short, users: 50 });
  await server.stop();
  if (!fanout?.deliveriesPerSecond || !idle?.rss || durable?.commandsPerSecond === 0) faults.push(kind);
  console.log(`${kind}: ${fanout?.deliveriesPerSecond ?? 0} deliveries/s, ${durable?.commandsPerSecond ?? 'no'} durable commands/s`);
}

mkdirSync(folder, { recursive: true });
for (const kind of Object.keys(kinds)) await check(kind);
process.exit(faults.length ? 1 : 0);
