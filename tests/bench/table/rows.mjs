// What is measured: the rows of the table, and what each does with a server.
import { spawnSync } from 'node:child_process';

import { kinds, once, put, start } from './run.mjs';
import { quick, seconds } from './settings.mjs';

const descriptors = Number(spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).stdout) || 1024;
const most = Math.min(quick ? 4000 : 19000, descriptors - 500);
const many = Math.min(10000, most);
const crowd = { users: Math.floor(many / 3), active: Math.floor(many / 3) };
export const thousands = (number) => number.toLocaleString('en-US', { maximumFractionDigits: 0 });

const P99_HELD_MS = 10;
const isHeld = (said, rate) =>
  said && said.resultMs.p99 < P99_HELD_MS && !said.dropped && said.commandsPerSecond > 0.98 * rate;

// The highest rate that is held, by halving between nothing and a tenth more than it does saturated.
async function highest(kind) {
  const server = await start(kind);
  const saturated = await put(server, 'durable', { seconds: 2 });
  let [low, high] = [0, 1.1 * (saturated?.commandsPerSecond ?? 0)];
  for (let step = 0; step < (quick ? 3 : 6); step++) {
    const rate = Math.round((low + high) / 2);
    if (isHeld(await put(server, 'rate', { rate, seconds: Math.min(seconds, 3) }), rate)) low = rate;
    else high = rate;
  }
  await server.stop();
  return { held: low };
}

// The first time makes the users; the second is only who comes back.
async function handshakes(kind, count) {
  const server = await start(kind);
  const first = await put(server, 'idle', { users: count, seconds: 1 });
  const again = await put(server, 'idle', { users: count, seconds: 1 });
  await server.stop();
  return first && again && { perSocket: first.rssPerSocket, perSecond: again.handshakesPerSecond };
}

export const all = Object.keys(kinds);
const best = all.filter((kind) => kind !== 'node each');
const ms = (time, which) => (said) => said[time][which];

// `run` makes one object a kind; `figures` are read of it: [what, unit, how, whether more is better].
export const rows = {
  durable: {
    who: all,
    run: (kind) => once(kind, 'durable', {}),
    figures: [
      ['durable commands, saturated, 999 sockets', '/s', (said) => said.commandsPerSecond, true],
      ['  commands a commit', '', (said) => said.perCommit],
      ['  processor time a command, server', 'us', (said) => (said.serverCpu / said.commandsPerSecond) * 1e6, false],
      ['  processors, server', '', (said) => said.serverCpu],
      ['  processors, load generator', '', (said) => said.loadCpu],
    ],
  },
  highest: {
    who: quick ? ['lockstepd'] : all,
    run: highest,
    figures: [['highest rate with p99 < 10 ms, 999 sockets', '/s', (said) => said.held, true]],
  },
  rate: {
    who: best,
    run: (kind) => once(kind, 'rate', {}),
    figures: [
      ['5,000 commands/s, 999 sockets: result p50', 'ms', ms('resultMs', 'p50'), false],
      ['  p99', 'ms', ms('resultMs', 'p99'), false],
      ['  p99.9', 'ms', ms('resultMs', 'p999'), false],
      ['  event at each socket, p99', 'ms', ms('eventMs', 'p99'), false],
      ['  load generator late by, p99', 'ms', ms('lagMs', 'p99')],
    ],
  },
  crowd: {
    who: best,
    run: (kind) => once(kind, 'crowd', crowd),
    figures: [
      [`20,000 commands/s, ${thousands(crowd.users * 3)} sockets: answered`, '/s', (said) => said.commandsPerSecond, true],
      ['  result p99', 'ms', ms('resultMs', 'p99'), false],
      ['  commands dropped', '', (said) => said.dropped],
    ],
  },
  few: {
    who: best,
    run: (kind) => once(kind, 'few', { users: many }),
    figures: [
      [`5,000/s by 100 of ${thousands(many)} sockets: result p50`, 'ms', ms('resultMs', 'p50'), false],
      ['  p99', 'ms', ms('resultMs', 'p99'), false],
    ],
  },
  ...Object.fromEntries(
    [100, 1000, many].map((sockets) => [
      `fanout${sockets}`,
      {
        who: best,
        run: (kind) => once(kind, 'fanout', { sockets }),
        figures: [
          [`one user's events to ${thousands(sockets)} sockets`, 'deliveries/s', (said) => said.deliveriesPerSecond, true],
          ['  processor time a delivery, server', 'us', (said) => (said.serverCpu / said.deliveriesPerSecond) * 1e6, false],
        ],
      },
    ]),
  ),
  ...Object.fromEntries(
    (quick ? [many] : [1000, many, ...(most > many ? [most] : [])]).map((count) => [
      `idle${count}`,
      {
        who: best,
        run: (kind) => handshakes(kind, count),
        figures: [
          [`memory of an idle socket, ${thousands(count)}`, 'bytes', (said) => said.perSocket, false],
          ['  handshakes', '/s', (said) => said.perSecond, true],
        ],
      },
    ]),
  ),
};
