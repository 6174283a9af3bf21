// Many minutes of a mixed load, with kills and reloads, and then: is memory flat, are descriptors, is the write-ahead log
// bounded, is every acknowledged command there, and does the log of events agree with what everybody saw?
//   node tests/faults/soak.mjs [minutes] [households]
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server } from '../integration/support/server.mjs';
import { Device, Household, Tally, readSlowly, useRest, useStream } from './soak-load.mjs';
import { run } from '../integration/support/tool.mjs';

const [minutes = 1, households = 36] = process.argv.slice(2).map(Number);
const second = 1000;
const total = minutes * 60 * second;
const devicesEach = 2;
const flags = ['--max-sockets-address', '4000', '--max-unauthenticated', '1000', '--log-level', 'info'];

// The kills come in the first half, so that the last life is long enough to see a leak.
const kills = [0.15, 0.3, 0.45];
const reloads = Array.from({ length: 10 }, (_, i) => (i + 0.5) / 10);

// What is allowed. A checkpoint begins at eight megabytes of the write-ahead log, and what comes until it ends goes beyond.
const WAL_MAX = 20 * 1024 * 1024;
// Between the second quarter of the last life and its end. SQLite's page cache must have filled up by then: in a run that
// is too short for that, memory is shown, not judged.
const GROWTH_MAX = { share: 0.1, kib: 2048 };
const CACHE = 16 * 1024 * 1024;

const tally = new Tally();
const samples = [];
const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.floor(values.length * q)] ?? 0;
const middle = (values) => quantile(values, 0.5);

function resident(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
}

const descriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;
const sizeOf = (path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
const mib = (bytes) => (bytes / 1024 / 1024).toFixed(1);

class Soak {
  constructor(server) {
    Object.assign(this, { server, life: 1, over: false, downUntil: 0, start: Date.now() });
    this.endMs = this.start + total;
    this.homes = Array.from({ length: households }, (_, i) => new Household(server, `home-${i}`, tally));
    this.slow = [0, 1].map((i) => new Household(server, `slow-${i}`, tally));
  }

  // What goes wrong while the server is away, or just came back, is no finding; it is tried again.
  failed(error) {
    tally.add('failures');
    if (Date.now() > this.downUntil) tally.finding(`while the server was up: ${error.message} ${error.cause?.message ?? ''}`);
  }

  begin() {
    this.actors = [
      ...this.homes.flatMap((home) => Array.from({ length: devicesEach }, () => new Device(home, this).live())),
      ...this.homes.filter((_, i) => i % 3 === 0).map((home) => useRest(home, this)),
      ...this.homes.filter((_, i) => i % 4 === 0).map((home) => useStream(home, this)),
      ...this.slow.map((home) => readSlowly(home, this)),
    ];
  }

  async kill() {
    this.downUntil = Infinity;
    await this.server.kill();
    await this.server.start();
    this.life++;
    this.downUntil = Date.now() + 5 * second;
  }

  sample() {
    const { pid } = this.server.process;
    const before = samples.at(-1) ?? { ms: this.start, commands: 0, events: 0 };
    const now = { ms: Date.now(), life: this.life, rss: resident(pid), fds: descriptors(pid), wal: sizeOf(`${this.server.db}-wal`), db: sizeOf(this.server.db), commands: tally.of('commands'), events: tally.of('events') };
    const seconds = (now.ms - before.ms) / second;
    const rate = (name) => ((now[name] - before[name]) / seconds).toFixed(1).padStart(8);
    const trips = tally.trips.splice(0);
    samples.push(now);
    const at = `${((now.ms - this.start) / 60000).toFixed(1)}`.padStart(6);
    console.log(`${at} ${String(now.life).padStart(4)} ${String(now.rss).padStart(8)} ${String(now.fds).padStart(5)} ${mib(now.wal).padStart(8)} ${mib(now.db).padStart(8)} ${rate('commands')} ${rate('events')} ${quantile(trips, 0.5).toFixed(1).padStart(8)} ${quantile(trips, 0.99).toFixed(1).padStart(8)} ${String(tally.of('findings')).padStart(8)}`);
  }

  async run() {
    const share = () => (Date.now() - this.start) / total;
    const [toKill, toReload] = [[...kills], [...reloads]];
    const every = Math.min(30 * second, total / 24);
    console.log('minute life  rss kiB   fds  wal MiB   db MiB   cmds/s events/s   p50 ms   p99 ms findings');
    let next = Date.now() + every;
    while (share() < 1) {
      if (toKill[0] < share()) await this.kill(toKill.shift());
      if (toReload[0] < share()) this.server.process.kill(toReload.shift() && 'SIGHUP');
      if (Date.now() > next) {
        this.sample();
        next += every;
      }
      await sleep(100);
    }
    this.over = true;
    await Promise.all(this.actors);
  }
}

const checks = [];
function check(name, good, said) {
  checks.push(good);
  console.log(`${good ? 'ok  ' : 'FAIL'} ${name}: ${said}`);
}

function checkMemory() {
  const last = samples.filter(({ life }) => life === samples.at(-1).life);
  const quarter = Math.floor(last.length / 4);
  const [early, late] = [last.slice(quarter, 2 * quarter), last.slice(-quarter)].map((part) => middle(part.map(({ rss }) => rss)));
  const most = early * (1 + GROWTH_MAX.share) + GROWTH_MAX.kib;
  const span = (last.at(-1).ms - last[0].ms) / 60000;
  const judged = last[0].db > 2 * CACHE && span >= 5;
  check('memory is flat', !judged || late <= most, `${early} KiB in the second quarter of the last life (${span.toFixed(1)} min), ${late} KiB in its last${judged ? '' : '; too short to judge'}`);
}

// Everybody is gone: so must be what they held.
async function checkDescriptors(server, before) {
  const start = Date.now();
  let now = descriptors(server.process.pid);
  while (now > before && Date.now() < start + 60 * second) {
    await sleep(200);
    now = descriptors(server.process.pid);
  }
  check('descriptors are given back', now <= before, `${before} at the start, ${now} at the end, ${Math.max(...samples.map(({ fds }) => fds))} at most; after ${Math.round((Date.now() - start) / second)} s`);
}

// Without what moves while a session runs, and with the day.
function fixed(session) {
  const moving = ['trackedSeconds', 'focusSeconds', 'day', ...(session.state === 'RUNNING' ? ['timeLeft', 'elapsedSeconds'] : [])];
  return Object.fromEntries(Object.entries(session).filter(([name]) => !moving.includes(name)));
}

// The state that the events alone make, and that of a snapshot, in an order to be compared.
function folded(events) {
  const sessions = new Map();
  for (const event of events) for (const session of event.sessions ?? [event.session].filter(Boolean)) sessions.set(session.id, session);
  return [...sessions.values()].filter((session) => !session.isDeleted && (session.kind === 'timer' || session.status === 'active'));
}
const inOrder = (sessions) => JSON.stringify(sessions.map(fixed).sort((a, b) => a.id.localeCompare(b.id)));

async function checkHome(server, home) {
  const token = await home.signIn();
  const get = async (path) => (await server.request('GET', path, { token })).body;
  const { epoch } = await get('/v1/state');
  const log = await get(`/v1/events?epoch=${epoch}&seq=0`);
  if (!log.events) throw new Error(`${home.name}: no events but ${log.type} (${log.reason})`);
  const state = await get('/v1/state');
  log.events.push(...((await get(`/v1/events?epoch=${epoch}&seq=${log.events.length}`)).events ?? []));
  const gaps = log.events.filter((event, i) => event.seq !== i + 1).length + Math.abs(log.events.length - state.seq);
  const forked = log.events.filter((event) => home.tags[event.seq] && home.tags[event.seq] !== event.tag).length;
  const beyond = Math.max(0, home.tags.length - 1 - log.events.length);
  const keys = new Map();
  for (const event of log.events) if (event.origin.key) keys.set(event.origin.key, Math.max(event.seq, keys.get(event.origin.key) ?? 0));
  const missing = home.promised.filter(({ key, seq, changed }) => changed && keys.get(key) !== seq).length;
  const twice = log.events.filter((event) => event.origin.key && (event.n ?? 1) === 1 && event.event !== 'reworkRequired').length - keys.size;
  const differs = inOrder(folded(log.events)) === inOrder(state.state.sessions) ? 0 : 1;
  return { events: log.events.length, promised: home.promised.length, gaps, forked, beyond, missing, twice, differs };
}

// Started once more, with a replay that is never too long, and asked for everything.
async function checkLog(server, homes) {
  server.options = [...flags, '--max-replay', '100000/268435456'];
  await server.start();
  const sum = {};
  for (const home of homes) {
    for (const [name, value] of Object.entries(await checkHome(server, home))) sum[name] = (sum[name] ?? 0) + value;
  }
  check('every acknowledged command is there, once', sum.missing + sum.twice === 0, `${sum.promised} acknowledged, ${sum.missing} missing, ${sum.twice} twice`);
  check('seq has no gap', sum.gaps === 0, `${sum.events} events, ${sum.gaps} gaps`);
  check('nothing that a socket saw is gone or another', sum.forked + sum.beyond === 0, `${sum.forked} another, ${sum.beyond} gone`);
  check('the state is what the events make', sum.differs === 0, `${homes.length} users, ${sum.differs} differ`);
}

const server = await Server.start(flags);
try {
  const before = descriptors(server.process.pid);
  const soak = new Soak(server);
  soak.begin();
  await soak.run();
  soak.sample();
  console.log(JSON.stringify(Object.fromEntries([...tally.counts].sort())));
  checkMemory();
  await checkDescriptors(server, before);
  const wal = Math.max(...samples.map((sample) => sample.wal));
  check('the write-ahead log is bounded', wal <= WAL_MAX, `${mib(wal)} MiB at most`);
  const ended = await server.kill('SIGTERM');
  check('SIGTERM ends it in order', ended.code === 0, `exit code ${ended.code ?? ended.signal}`);
  const { status, stdout } = await run(['check-db', '--db', server.db]);
  check('the database is whole', status === 0, stdout.trim().split('\n').join(' | '));
  await checkLog(server, [...soak.homes, ...soak.slow]);
  const errors = server.log.split('\n').filter((line) => / (error|warn) /.test(line));
  check('no error in the log', errors.length === 0, errors.slice(0, 5).join(' | ') || `${server.log.split('\n').length - 1} lines`);
  check('nobody met anything strange', tally.findings.length === 0, tally.findings.slice(0, 10).join('\n     ') || 'nothing');
} finally {
  await server.stop();
}
process.exitCode = checks.every(Boolean) ? 0 : 1;
