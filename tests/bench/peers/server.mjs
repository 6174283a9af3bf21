// What somebody would write in an afternoon with Node, ws or socket.io, and better-sqlite3, doing as much of lockstepd's
// work as the load generator looks at: signs in by the same tokens, writes the session's row and the event's in a
// transaction with synchronous=FULL, then sends the event to the user's sockets and the result to the sender. It has no
// idempotency keys, no audit, no timers that end by themselves, no limits and no replay, all of which lockstepd pays for.
//   node tests/bench/peers/server.mjs --db FILE [--over ws|socket.io] [--mode each|grouped] [--port N]
// each: a commit for each command. grouped: one for all that a turn of the event loop has read.
import { createServer } from 'node:http';

import { over, port } from './settings.mjs';
import { counts } from './work.mjs';

// Only the one is loaded: what the other takes would be in its memory.
const { serve } = await import(over === 'ws' ? './ws.mjs' : './socketio.mjs');
const http = createServer((request, response) => response.writeHead(404).end());
serve(http);
http.listen({ port, host: '127.0.0.1', backlog: 4096 }, () => {
  console.error(`listening on http://127.0.0.1:${http.address().port}`);
});
process.on('SIGTERM', () => {
  console.error(`${counts.commands} commands in ${counts.commits} commits`);
  process.exit(0);
});
