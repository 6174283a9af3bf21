// One table of what the server can do, and of what a small server on Node, ws and better-sqlite3 can, in turns on the same
// machine. Each figure is the median of its runs; everything that was sent is checked by the load generator.
//   node tests/bench/bench.mjs [--quick] [--runs N] [--seconds N] [--only ROW,…] [--folder DIR]
// ROW may be the beginning of a name: fanout, idle. The databases are in DIR (build/bench), which has to be on a real disk.
// Exit code 1 when a message was missing, came twice or out of order.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, fdatasyncSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    runs: { type: 'string' },
    seconds: { type: 'string' },
    only: { type: 'string' },
    folder: { type: 'string', default: join(root, 'build/bench') },
  },
});
const { quick, folder } = options;
const runs = Number(options.runs ?? (quick ? 1 : 3));
const seconds = Number(options.seconds ?? (quick ? 2 : 5));
const load = join(root, 'build/release/tests/bench/load/load');
const TMPFS = 0x01021994;
const QUIET = 0.5;

// --- Who is measured ---

const node = (mode) => ({
  command: (db) => [process.execPath, join(root, 'tests/bench/peers/server.mjs'), '--db', db, '--mode', mode],
  needs: 'tests/bench/peers/node_modules/better-sqlite3/build/Release/better_sqlite3.node',
});
const kinds = {
  lockstepd: {
    command: (db) => [
      join(root, 'build/release/lockstepd'),
      ...['--db', db, '--listen', '127.0.0.1:0', '--rate-commands', '1000000/1000000'],
      ...['--max-sockets', '20000', '--max-sockets-user', '20000'],
    ],
  },
  'node grouped': node('grouped'),
  'node each': node('each'),
};
for (const [name, { needs }] of Object.entries(kinds)) {
  if (!needs || existsSync(join(root, needs))) continue;
  console.log(`${name} is left out: ${needs} is not there`);
  delete kinds[name];
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// A server with a new database. It is stopped with what it says of its commits.
async function start(kind) {
  const db = join(folder, 'bench.db');
  for (const end of ['', '-wal', '-shm', '.key', '.lock']) rmSync(db + end, { force: true });
  const [program, ...args] = kinds[kind].command(db);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let log = '';
  child.stderr.on('data', (chunk) => (log += chunk));
  let port;
  while (!(port = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(log)?.[1])) {
    if (child.exitCode !== null) throw new Error(`${kind} ended: ${log}`);
    await sleep(20);
  }
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    const [, commands, commits] = /(\d+) commands in (\d+) commits/.exec(log)?.map(Number) ?? [];
    return { perCommit: commands / commits };
  };
  return { kind, db, port, pid: child.pid, stop };
}

let failed = false;

// One run of the generator: what it says, as an object.
async function put(server, scenario, args = {}) {
  const settings = { seconds, 'warm-up': quick ? 500 : 1000, ...args, db: server.db, port: server.port, pid: server.pid };
  const words = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(load, [scenario, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let said = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (said += chunk));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) {
    failed = true;
    console.log(`FAULT: ${server.kind}: load ${scenario} ${words.join(' ')}: exit code ${code}\n${said}${out}`);
  }
  return out ? JSON.parse(out) : undefined;
}

async function once(kind, scenario, args) {
  const server = await start(kind);
  const said = await put(server, scenario, args);
  return said && { ...said, ...(await server.stop()) };
}

// --- What is measured ---

const descriptors = Number(spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).stdout) || 1024;
const most = Math.min(quick ? 4000 : 19000, descriptors - 500);
const many = Math.min(10000, most);
const crowd = { users: Math.floor(many / 3), active: Math.floor(many / 3) };
const thousands = (number) => number.toLocaleString('en-US', { maximumFractionDigits: 0 });

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

const all = Object.keys(kinds);
const best = all.filter((kind) => kind !== 'node each');
const ms = (time, which) => (said) => said[time][which];

// `run` makes one object a kind; `figures` are read of it: [what, unit, how, whether more is better].
const rows = {
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

// --- The table ---

const median = (values) => values.sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
const shown = (value) =>
  value === undefined || Number.isNaN(value) ? '-' : value >= 1000 ? thousands(value) : value >= 100 ? value.toFixed(0) : value.toFixed(value < 10 ? 2 : 1);

// How many times better than the better of the others.
function ratio(medians, more) {
  const own = medians[0];
  const others = medians.slice(1).filter((value) => value !== undefined);
  if (more === undefined || own === undefined || !others.length) return '';
  const other = more ? Math.max(...others) : Math.min(...others);
  return (more ? own / other : other / own).toFixed(2);
}

function line(cells) {
  const [what, ...more] = cells;
  console.log(what.padEnd(56) + more.map((cell) => cell.padStart(15)).join(''));
}

function printRow(row, results) {
  for (const [what, unit, figure, more] of row.figures) {
    const medians = all.map((kind) => (results[kind]?.length ? median(results[kind].map(figure)) : undefined));
    line([unit ? `${what} (${unit})` : what, ...medians.map(shown), ratio(medians, more)]);
  }
}

function fdatasyncMedian() {
  const path = join(folder, 'fdatasync');
  const file = openSync(path, 'w');
  const block = Buffer.alloc(4096, 'x');
  const times = [];
  for (let i = 0; i < 200; i++) {
    writeSync(file, block);
    const start = performance.now();
    fdatasyncSync(file);
    times.push(performance.now() - start);
  }
  closeSync(file);
  rmSync(path);
  return median(times);
}

mkdirSync(folder, { recursive: true });
if (statfsSync(folder).type === TMPFS) {
  console.error(`${folder} is in memory, where nothing is durable; --folder names another`);
  process.exit(2);
}
const busy = loadavg()[0];
console.log(`${cpus().length} x ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}`);
console.log(`fdatasync of 4 KiB appended: median ${fdatasyncMedian().toFixed(3)} ms; load average ${busy.toFixed(2)}; ${runs} runs of ${seconds} s`);
if (busy > QUIET) console.log('WARNING: the machine is not quiet: these figures are of whatever else it does, too');
line(['', ...all, 'ratio']);

const only = options.only?.split(',');
for (const [name, row] of Object.entries(rows)) {
  if (only && !only.some((start) => name.startsWith(start))) continue;
  const results = {};
  for (let run = 0; run < runs; run++) {
    for (const kind of row.who) {
      const said = await row.run(kind);
      if (said) (results[kind] ??= []).push(said);
    }
  }
  printRow(row, results);
}
console.log(`${(performance.now() / 1000).toFixed(0)} s; load average at the end ${loadavg()[0].toFixed(2)}; fdatasync median ${fdatasyncMedian().toFixed(3)} ms`);
process.exit(failed ? 1 : 0);
