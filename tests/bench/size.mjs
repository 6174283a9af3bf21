// What to reckon with, in memory and on disk: the table of "How large" in docs/operating.md. A hundred people at three
// sockets each press twenty thousand times, with keys, as clients do; what that leaves in the file is divided by how often.
//   node tests/bench/size.mjs
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Server } from '../integration/support/server.mjs';

const USERS = 100;
const COMMANDS = 20000;
const load = fileURLToPath(new URL('../../build/release/tests/bench/load/load', import.meta.url));

const MiB = (bytes) => `${Math.round(bytes / 2 ** 20)} MiB`;
const resident = ({ process: { pid } }) => 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

// The rows of a query, as arrays.
function ask(db, query) {
  const script = 'import json, sqlite3, sys; print(json.dumps(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall()))';
  return JSON.parse(execFileSync('python3', ['-c', script, db, query], { encoding: 'utf8' }));
}

const server = await Server.start(['--rate-commands', '100000']);
const rows = [['the server, with nobody', MiB(resident(server))]];
const people = ['--users', USERS, '--sockets', 3, '--active', USERS, '--rate', COMMANDS / 10, '--seconds', 10].map(String);
execFileSync(load, ['rate', '--db', server.db, '--port', String(server.port), ...people]);
rows.push([`after ${COMMANDS} commands of ${USERS} people at ${3 * USERS} sockets`, MiB(resident(server))]);
rows.push(['its write-ahead log by then', MiB(statSync(`${server.db}-wal`).size)]);
await server.kill('SIGTERM');

// With each table its indexes. What the load did before it counted is in the file, too.
const bytes = Object.fromEntries(ask(server.db, 'SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_schema USING (name) GROUP BY 1'));
const [[commands]] = ask(server.db, 'SELECT count(*) FROM events');
rows.push(['a command, for as long as events are kept', `${Math.round((bytes.events + bytes.keys) / commands)} B`]);
rows.push(['a command, for ever', `${Math.round((bytes.audit + bytes.intervals) / commands)} B`]);
rows.push(['a timer', `${Math.round((bytes.sessions + bytes.due + bytes.goals) / USERS)} B`]);
await server.stop();
console.log(['| what | costs |', '|---|---|', ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n'));
