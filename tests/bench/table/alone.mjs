// Rows of what others than the server itself don't do: come back to where one was, refuse, close who does not read, REST.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { thousands } from './print.mjs';
import { kinds, once, put, start } from './run.mjs';
import { folder, seconds } from './settings.mjs';

const UNLIMITED = ['--max-unauthenticated', '20000', '--max-replay', '10000/100000000', '--max-timers', '10000'];
const CHECKPOINT_SECONDS = 20;
const TIMES = [1, 1.5, 2, 4];

const ms = (time, which) => (said) => said[time][which];
const each = (figure, count) => (said) => figure(said) / count(said);
const cpuUs = (said) => said.serverCpuMs * 1000;
const returns = (said) => said.returnMs.count;
const mib = (name) => (said) => said[name] / 2 ** 20;
const refused = (said) => said.limited + said.unavailable;

// The figures of one of the runs of a row.
const of = (part, figures) => figures.map(([what, unit, figure, more]) => [what, unit, (said) => figure(said[part]), more]);

const row = (run, figures, who = ['lockstepd']) => ({ who: who.filter((kind) => kind in kinds), run, figures });

// Some runs, each with a server of its own: [name, scenario, args, how the server is started].
async function runs(kind, list) {
  const all = {};
  for (const [name, scenario, args, how] of list) {
    all[name] = await once(kind, scenario, args, how);
    if (!all[name]) return undefined;
  }
  return all;
}

function storm(users, sockets) {
  const count = users * sockets;
  const each = sockets > 1 ? `, ${sockets} a user` : '';
  return row(
    (kind) => once(kind, 'storm', { users, sockets, active: users }, { flags: UNLIMITED }),
    [
      [`${thousands(count)} come back at once${each}, 10 events behind: all live`, 's', (said) => said.seconds],
      ['  of a client, from connecting to live: p50', 'ms', ms('returnMs', 'p50')],
      ['  p99', 'ms', ms('returnMs', 'p99')],
      ['  connections that were reset, and tried again', '', (said) => said.again],
      ['  processor time a client, server', 'us', (said) => cpuUs(said) / count],
      ['  memory, at most', 'MiB', mib('rssPeak')],
    ],
  );
}

function replay(behind) {
  const figures = (what) => [
    [what, 'ms', ms('returnMs', 'p50')],
    ['  p99', 'ms', ms('returnMs', 'p99')],
    ['  KiB', '', (said) => said.bytes / 1024 / returns(said)],
    ['  processor time, server', 'us', each(cpuUs, returns)],
  ];
  const how = { flags: UNLIMITED };
  return row(
    (kind) => runs(kind, ['replay', 'snapshot'].map((scenario) => [scenario, scenario, { behind }, how])),
    [
      ...of('replay', figures(`back, ${thousands(behind)} events behind: replay, to live`)),
      ...of('snapshot', figures(`come with nothing, ${thousands(behind)} timers: snapshot, to live`)),
    ],
  );
}

function stuck(sockets) {
  const figures = (count) =>
    of(count, [
      [`events to ${thousands(sockets)} sockets, ${count} of them stuck`, 'deliveries/s', (said) => said.deliveriesPerSecond],
      ['  result p50', 'ms', ms('resultMs', 'p50')],
      ['  p99', 'ms', ms('resultMs', 'p99')],
      ['  closed 4408, and back', '', (said) => said.slowCloses],
      ['  memory, at most', 'MiB', mib('rssPeak')],
    ]);
  const long = { sockets, seconds: Math.max(seconds, 6) };
  const counts = [0, 1, 10];
  return row(
    (kind) => runs(kind, counts.map((count) => [count, 'stuck', { ...long, stuck: count }])),
    counts.flatMap(figures),
  );
}

const checkpoint = row(
  (kind) => once(kind, 'rate', { seconds: Math.max(seconds, CHECKPOINT_SECONDS) }),
  [
    ['5,000 commands/s for long, 999 sockets: result p99', 'ms', ms('resultMs', 'p99'), false],
    ['  p99.9', 'ms', ms('resultMs', 'p999'), false],
    ['  longest', 'ms', ms('resultMs', 'max'), false],
    ['  commits', '', (said) => said.commits],
    ['  checkpoints after which the log began anew', '', (said) => said.checkpoints],
  ],
  ['lockstepd', 'node grouped'],
);

const overload = [
  ['  answered', '/s', (said) => said.commandsPerSecond],
  ['  result p50', 'ms', ms('resultMs', 'p50')],
  ['  p99', 'ms', ms('resultMs', 'p99')],
  ['  refused', '', refused],
  ['  not sent, since 256 of their user were under way', '', (said) => said.dropped],
  ['  load generator late by, p99', 'ms', ms('lagMs', 'p99')],
  ['  memory, at most', 'MiB', mib('rssPeak')],
  ['  when all was answered', 'MiB', mib('rssAfter')],
];

// Each rate has a server of its own: what one leaves behind is not the next one's.
async function past(kind) {
  const full = await once(kind, 'durable', { seconds: Math.min(seconds, 3) });
  const rateOf = (times) => Math.round(times * (full?.commandsPerSecond ?? 0));
  const all = await runs(kind, TIMES.map((times) => [times, 'past', { rate: rateOf(times) }]));
  return all && Object.fromEntries(TIMES.map((times) => [times, { ...all[times], asked: rateOf(times) }]));
}

const LIMIT = 10;
const ASKED = 9990;
const limited = row(
  (kind) => once(kind, 'past', { rate: ASKED }, { flags: ['--rate-commands', `${LIMIT}/${2 * LIMIT}`] }),
  [[`${thousands(ASKED)} commands/s asked, ${thousands(333 * LIMIT)} allowed by the users' limits`, '/s', () => ASKED], ...overload],
);

function rest(users) {
  const figures = (what) => [
    [`HTTP, a connection each, ${users} at a time: ${what}`, '/s', (said) => said.commandsPerSecond],
    ['  p50', 'ms', ms('resultMs', 'p50')],
    ['  p99', 'ms', ms('resultMs', 'p99')],
    ['  processor time a request, server', 'us', (said) => (said.serverCpu / said.commandsPerSecond) * 1e6],
  ];
  return row(
    (kind) => runs(kind, [['list', 'list', { users }], ['act', 'act', { users }]]),
    [...of('list', figures('list of 20 timers')), ...of('act', figures('start, pause'))],
  );
}

function certify() {
  const [cert, key] = ['bench-cert.pem', 'bench-key.pem'].map((name) => join(folder, name));
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
  const made = spawnSync('openssl', [...words, '-keyout', key, '-out', cert], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`openssl: ${made.error ?? made.stderr}`);
  return { flags: ['--tls-cert', cert, '--tls-key', key], trusted: cert };
}

// The same without and with it.
async function tls(kind) {
  const all = {};
  for (const [name, how] of [['plain', {}], ['tls', certify()]]) {
    const durable = await once(kind, 'durable', {}, how);
    const fanout = await once(kind, 'fanout', {}, how);
    const server = await start(kind, how);
    const first = await put(server, 'idle', { users: 1000, seconds: 1 });
    const again = await put(server, 'idle', { users: 1000, seconds: 1 });
    await server.stop();
    if (!durable || !fanout || !first || !again) return undefined;
    all[name] = { durable, fanout, first, again };
  }
  return all;
}

const secured = [
  ['durable commands, saturated', '/s', (said) => said.durable.commandsPerSecond],
  ['  processor time a command, server', 'us', ({ durable }) => (durable.serverCpu / durable.commandsPerSecond) * 1e6],
  ["  one user's events to 1,000 sockets", 'deliveries/s', (said) => said.fanout.deliveriesPerSecond],
  ['  processor time a delivery, server', 'us', ({ fanout }) => (fanout.serverCpu / fanout.deliveriesPerSecond) * 1e6],
  ['  handshakes', '/s', (said) => said.again.handshakesPerSecond],
  ['  memory of an idle socket, 1,000', 'bytes', (said) => said.first.rssPerSocket],
];
const titled = (title, [[what, ...more], ...rest]) => [[`${title}: ${what}`, ...more], ...rest];

// `many`: as many sockets as there may be, ten thousand at most.
export const alone = (many) => ({
  storm1: storm(many, 1),
  storm3: storm(Math.floor(many / 3), 3),
  ...Object.fromEntries([10, 100, 1000].map((behind) => [`replay${behind}`, replay(behind)])),
  stuck: stuck(1000),
  checkpoint,
  past: row(
    past,
    TIMES.flatMap((times) => of(times, [[`${times} times what it can, 999 sockets: asked for`, '/s', (said) => said.asked], ...overload])),
  ),
  limited,
  rest1: rest(1),
  rest64: rest(64),
  tls: row(tls, [...of('plain', titled('plain', secured)), ...of('tls', titled('TLS', secured))]),
});
