// What is measured: the rows of the table, and what each does with a server.
import { spawnSync } from 'node:child_process';

import { alone } from './alone.mjs';
import { thousands } from './print.mjs';
import { relays } from './relays.mjs';
import { kinds, once, put, start } from './run.mjs';
import { only, quick, seconds } from './settings.mjs';

const descriptors = Number(spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).stdout) || 1024;
const most = Math.min(quick ? 4000 : 19000, descriptors - 500);
const many = Math.min(10000, most);
const crowd = { users: Math.floor(many / 3), active: Math.floor(many / 3) };

const P99_HELD_MS = 10;
const isHeld = (said, rate) =>
  said && said.resultMs.p99 < P99_HELD_MS && !said.dropped && said.commandsPerSecond > 0.98 * rate;

// One slow sync of the disk is a hundredth of a short run: it may have a second one.
async function holds(server, rate) {
  const args = { rate, seconds: Math.min(seconds, 3) };
  return isHeld(await put(server, 'rate', args), rate) || isHeld(await put(server, 'rate', args), rate);
}

// The highest rate that is held, by halving between nothing and a tenth more than it does saturated.
async function highest(kind) {
  const server = await start(kind);
  const saturated = await put(server, 'durable', { seconds: 2 });
  let [low, high] = [0, 1.1 * (saturated?.commandsPerSecond ?? 0)];
  for (let step = 0; step < (quick ? 3 : 6); step++) {
    const rate = Math.round((low + high) / 2);
    if (await holds(server, rate)) low = rate;
    else high = rate;
  }
  await server.stop();
  return { held: low };
}

// With few messages under way, as there are when people use it, and with many, where some are far better than others. To
// ten thousand sockets many would be hundreds of thousands of deliveries at once.
const windowsOf = (sockets) => (quick || sockets > 1000 ? [4] : [4, 32]);

// Of each number of messages under way what was said.
async function fanout(kind, sockets) {
  const server = await start(kind);
  const said = {};
  for (const window of windowsOf(sockets)) said[window] = await put(server, 'fanout', { sockets, window });
  await server.stop();
  return said;
}

const fanoutFigures = (sockets, window) => [
  [
    `deliveries to ${thousands(sockets)} sockets of a user, ${window} under way`,
    '/s',
    (said) => said[window]?.deliveriesPerSecond,
    true,
    UWEBSOCKETS.deliveries[sockets],
  ],
  ['  processor time a delivery, server', 'us', (said) => (said[window]?.serverCpu / said[window]?.deliveriesPerSecond) * 1e6, false],
];

// The first time makes the users; the second is only who comes back.
async function handshakes(kind, count) {
  const server = await start(kind);
  const first = await put(server, 'idle', { users: count, seconds: 1 });
  const again = await put(server, 'idle', { users: count, seconds: 1 });
  await server.stop();
  return first && again && { perSocket: first.rssPerSocket, perSecond: again.handshakesPerSecond };
}

const known = (names) => names.filter((name) => name in kinds);
const plain = known(['lockstepd', 'node grouped', 'node each']);
const grouped = known(['lockstepd', 'node grouped', 'socket.io grouped']);
const durable = [...new Set([...plain, ...grouped, ...known(['socket.io each'])])];
const tellers = [...grouped, ...known(Object.keys(relays))];

// uWebSockets is in no package. What it did as a multiple of Node with ws, elsewhere; the figure is Node's here times that.
const UWEBSOCKETS = { deliveries: { 100: 8.4, 1000: 3.7, 10000: 1.65 }, few: { 10000: 0.9 }, handshakes: { 19000: 4.1 } };
const ms = (time, which) => (said) => said[time][which];

// `run` makes one object a kind; `figures` are read of it: [what, unit, how, whether more is better, times Node's it would
// be with uWebSockets].
export const rows = {
  durable: {
    who: durable,
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
    who: quick ? ['lockstepd'] : plain,
    run: highest,
    figures: [['highest rate with p99 < 10 ms, 999 sockets', '/s', (said) => said.held, true]],
  },
  rate: {
    who: grouped,
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
    who: known(['lockstepd', 'node grouped']),
    run: (kind) => once(kind, 'crowd', crowd),
    figures: [
      [`20,000 commands/s, ${thousands(crowd.users * 3)} sockets: answered`, '/s', (said) => said.commandsPerSecond, true],
      ['  result p99', 'ms', ms('resultMs', 'p99'), false],
      ['  commands dropped', '', (said) => said.dropped],
    ],
  },
  few: {
    who: grouped,
    run: (kind) => once(kind, 'few', { users: many }),
    figures: [
      [`5,000/s by 100 of ${thousands(many)} sockets: result p50`, 'ms', ms('resultMs', 'p50'), false, UWEBSOCKETS.few[many]],
      ['  p99', 'ms', ms('resultMs', 'p99'), false],
    ],
  },
  ...Object.fromEntries(
    [100, 1000, many].map((sockets) => [
      `fanout${sockets}`,
      {
        who: tellers,
        run: (kind) => fanout(kind, sockets),
        figures: windowsOf(sockets).flatMap((window) => fanoutFigures(sockets, window)),
      },
    ]),
  ),
  ...Object.fromEntries(
    (quick ? [many] : [1000, many, ...(most > many ? [most] : [])]).map((count) => [
      `idle${count}`,
      {
        who: tellers,
        run: (kind) => handshakes(kind, count),
        figures: [
          [`memory of an idle socket, ${thousands(count)}`, 'bytes', (said) => said.perSocket, false],
          ['  handshakes', '/s', (said) => said.perSecond, true, UWEBSOCKETS.handshakes[count]],
        ],
      },
    ]),
  ),
  ...(quick && !only ? {} : alone(many)),
};
