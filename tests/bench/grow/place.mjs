// Where the growth benchmarks work: databases that the filler made, the real server on one of them, what it uses.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Server } from '../../integration/support/server.mjs';
import { folder, root } from '../table/settings.mjs';

const LOOK_MS = 100;
const CALM_LOOKS = 5;
const CALM_SHARE = 0.03; // of a processor
const PATIENCE_MS = 120 * 1000;

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const thousands = (number) => number.toLocaleString('en-US', { maximumFractionDigits: 0 });

const run = promisify(execFile);
const words = (settings) => Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);

// Runs one of the programs beside this file, which prints an object.
async function tool(name, settings) {
  const { stdout } = await run(join(root, 'build/release/tests/bench/grow', name), words(settings));
  return JSON.parse(stdout);
}

export const databases = join(folder, 'grow');

// With all that belongs to it.
export function remove(db) {
  for (const end of ['', '-wal', '-shm', '.key', '.lock']) rmSync(db + end, { force: true });
}

// The path of a new database; one of that name is removed.
export function database(name) {
  mkdirSync(databases, { recursive: true });
  const db = join(databases, `${name}.db`);
  remove(db);
  return db;
}

export const fill = (db, settings) => tool('fill', { db, ...settings });

// Waits until nothing is due by that instant any more: each of so many timers must have ended then, once, at it.
export async function settled(db, dueAtMs, timers) {
  for (const begun = performance.now(); ; ) {
    const found = await tool('tally', { db, 'due-at': dueAtMs });
    if (found.due === 0) {
      assert.deepEqual([found.ended, found.timers, found.astray], [timers, timers, 0], 'each ended once, at its instant');
      return found;
    }
    assert.ok(performance.now() - begun < PATIENCE_MS, `${found.due} are still due`);
    await sleep(LOOK_MS);
  }
}

// The real server on a database that is there, allowed whatever a benchmark asks of it.
export class Grown extends Server {
  static async on(db) {
    const most = ['--rate-commands', '1000000/1000000', '--max-sockets', '20000', '--max-sockets-user', '20000'];
    const server = new Grown(most, { dev: false });
    server.db = db;
    await server.start();
    return server;
  }

  get pid() {
    return this.process.pid;
  }

  // Processor time so far, of all threads, in microseconds; exact for those that wait.
  get processor() {
    const tasks = `/proc/${this.pid}/task/`;
    return readdirSync(tasks).reduce((sum, task) => sum + Number(readFileSync(`${tasks}${task}/schedstat`, 'utf8').split(' ')[0]), 0) / 1000;
  }

  // Waits until it does nothing by itself any more. Answers with how long that took and what it cost, in ms. Nobody may ask
  // it for anything meanwhile.
  async calm() {
    const begun = performance.now();
    const before = this.processor;
    for (let last = before, quiet = 0; quiet < CALM_LOOKS; ) {
      await sleep(LOOK_MS);
      const now = this.processor;
      assert.ok(performance.now() - begun < PATIENCE_MS, 'it comes to rest');
      quiet = now - last < CALM_SHARE * LOOK_MS * 1000 ? quiet + 1 : 0;
      last = now;
    }
    return { ms: Math.round(performance.now() - begun - CALM_LOOKS * LOOK_MS), processorMs: Math.round((this.processor - before) / 1000) };
  }

  // Resident bytes now, and at most so far.
  get memory() {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    const [now, most] = ['VmRSS', 'VmHWM'].map((name) => 1024 * Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1]));
    return { now, most };
  }
}

export const machine = () =>
  `${cpus().length} x ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, load average ${loadavg()[0].toFixed(2)}`;
