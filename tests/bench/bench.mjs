// One table of what the server can do, and of what people would pick instead, in turns on the same machine. Each figure is
// the median of its runs; everything that was sent is checked by the load generator.
//   node tests/bench/bench.mjs [--quick] [--runs N] [--seconds N] [--only ROW,…] [--folder DIR]
// ROW may be the beginning of a name: fanout, idle. The databases are in DIR (build/bench), which has to be on a real disk.
// Exit code 1 when a message was missing, came twice or out of order.
import { closeSync, fdatasyncSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';

import { median, printHead, printRow } from './table/print.mjs';
import { rows } from './table/rows.mjs';
import { faults } from './table/run.mjs';
import { folder, only, runs, seconds } from './table/settings.mjs';

const TMPFS = 0x01021994;
const QUIET = 0.5;

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
printHead();

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
process.exit(faults.length ? 1 : 0);
