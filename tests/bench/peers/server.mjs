// What somebody would write in an afternoon with Node, ws and better-sqlite3, doing as much of lockstepd's work as the
// load generator looks at: signs in by the same tokens, writes the session's row and the event's in a transaction with
// synchronous=FULL, then sends the event to the user's sockets and the result to the sender. It has no idempotency keys,
// no audit, no timers that end by themselves, no limits and no replay, all of which lockstepd pays for.
//   node tests/bench/peers/server.mjs --db FILE [--mode each|grouped] [--port N]
// each: a commit for each command. grouped: one for all that a turn of the event loop has read.
import { createPublicKey, randomUUID, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { WebSocketServer } from 'ws';

const { values: options } = parseArgs({
  options: { db: { type: 'string' }, mode: { type: 'string', default: 'grouped' }, port: { type: 'string', default: '0' } },
});
const grouped = options.mode === 'grouped';
const epoch = randomUUID();
const users = new Map();
const counts = { commands: 0, commits: 0 };

// --- The database ---

const db = new Database(options.db);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec(`
  CREATE TABLE IF NOT EXISTS sessions (user TEXT NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL, version INTEGER NOT NULL,
    state TEXT NOT NULL, initial_ms INTEGER NOT NULL, elapsed_ms INTEGER NOT NULL, running_since_ms INTEGER,
    created_at_ms INTEGER NOT NULL, updated_at_ms INTEGER NOT NULL, PRIMARY KEY (user, id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS events (user TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (user, seq));
`);
const begin = db.prepare('BEGIN IMMEDIATE');
const commit = db.prepare('COMMIT');
const lastSeq = db.prepare('SELECT max(seq) AS seq FROM events WHERE user = ?');
const addEvent = db.prepare('INSERT INTO events (user, seq, body) VALUES (?, ?, ?)');
const addSession = db.prepare(`INSERT INTO sessions VALUES (@userId, @id, @title, @version, @state, @initialMs, @elapsedMs,
  @runningSinceMs, @createdAtMs, @updatedAtMs)`);
const moveSession = db.prepare(`UPDATE sessions SET version = @version, state = @state, elapsed_ms = @elapsedMs,
  running_since_ms = @runningSinceMs, updated_at_ms = @updatedAtMs WHERE user = @userId AND id = @id`);

// --- What a command does ---

function userOf(name) {
  let user = users.get(name);
  if (!user) {
    user = { name, seq: lastSeq.get(name).seq ?? 0, sockets: new Set(), sessions: new Map() };
    users.set(name, user);
  }
  return user;
}

function shown(session) {
  const left = session.initialMs - session.elapsedMs;
  return {
    id: session.id,
    kind: 'timer',
    userId: session.userId,
    version: session.version,
    title: session.title,
    groupId: null,
    state: session.state,
    status: 'active',
    isCompleted: false,
    isDeleted: false,
    initialDuration: session.initialMs / 1000,
    timeLeft: left / 1000,
    targetTimeMs: session.runningSinceMs === null ? null : session.runningSinceMs + left,
    elapsedSeconds: session.elapsedMs / 1000,
    runningSinceMs: session.runningSinceMs,
    day: new Date(session.updatedAtMs).toISOString().slice(0, 10),
    trackedSeconds: session.elapsedMs / 1000,
    focusSeconds: session.elapsedMs / 1000,
    dailyGoalMinutes: 90,
    noGoal: false,
    startedAtMs: session.createdAtMs,
    endedAtMs: null,
    createdAtMs: session.createdAtMs,
    updatedAtMs: session.updatedAtMs,
  };
}

const commands = {
  addSession(user, command, nowMs) {
    const session = {
      userId: user.name,
      id: command.session,
      title: command.title,
      version: 1,
      state: 'PAUSED',
      initialMs: command.initialDuration * 1000,
      elapsedMs: 0,
      runningSinceMs: null,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    };
    addSession.run(session);
    user.sessions.set(session.id, session);
    return session;
  },
  start(user, command, nowMs) {
    const session = user.sessions.get(command.session);
    Object.assign(session, { state: 'RUNNING', runningSinceMs: nowMs, updatedAtMs: nowMs, version: session.version + 1 });
    moveSession.run(session);
    return session;
  },
  pause(user, command, nowMs) {
    const session = user.sessions.get(command.session);
    session.elapsedMs += nowMs - session.runningSinceMs;
    Object.assign(session, { state: 'PAUSED', runningSinceMs: null, updatedAtMs: nowMs, version: session.version + 1 });
    moveSession.run(session);
    return session;
  },
};

// Everything but telling: what is to be told comes back, for after the commit.
function apply({ socket, command, nowMs }) {
  const { user } = socket;
  const session = commands[command.type](user, command, nowMs);
  const seq = ++user.seq;
  const event = JSON.stringify({
    type: 'event',
    seq,
    tag: Math.floor(Math.random() * 0x100000000).toString(16).padStart(8, '0'),
    event: command.type,
    atMs: nowMs,
    nowMs,
    origin: { connectionId: socket.connectionId, key: command.key, via: 'ws' },
    session: shown(session),
  });
  addEvent.run(user.name, seq, event);
  counts.commands++;
  const result = { type: 'result', id: command.id, ok: true, seq, changed: true, duplicate: false, session: session.id, nowMs };
  return { socket, event: Buffer.from(event), result: JSON.stringify(result) };
}

function tell({ socket, event, result }) {
  for (const other of socket.user.sockets) other.send(event, { binary: false });
  socket.send(result);
}

function run(batch) {
  begin.run();
  const told = batch.map(apply);
  commit.run();
  counts.commits++;
  told.forEach(tell);
}

// --- The sockets ---

let waiting = [];

function take(socket, data) {
  const one = { socket, command: JSON.parse(data), nowMs: Date.now() };
  if (!grouped) {
    run([one]);
    return;
  }
  if (!waiting.length)
    setImmediate(() => {
      const batch = waiting;
      waiting = [];
      run(batch);
    });
  waiting.push(one);
}

let key;

// The user's name of a token that is good.
function signedIn(header = '') {
  const [head, payload, signature] = header.replace(/^Bearer /, '').split('.');
  key ??= createPublicKey(readFileSync(`${options.db}.key`));
  const signed = Buffer.from(`${head}.${payload}`);
  if (!verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature ?? '', 'base64url'))) return undefined;
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  return claims.exp > Date.now() / 1000 ? claims.sub : undefined;
}

function welcome(socket, name) {
  const user = userOf(name);
  const nowMs = Date.now();
  socket.user = user;
  socket.connectionId = randomUUID();
  user.sockets.add(socket);
  socket.on('close', () => user.sockets.delete(socket));
  socket.on('error', () => {});
  socket.on('message', (data) => take(socket, data));
  const { seq } = user;
  socket.send(JSON.stringify({ type: 'hello', protocol: 'lockstep.v1', server: 'peer', nowMs, authTimeoutMs: 10000 }));
  socket.send(JSON.stringify({ type: 'ready', userId: name, connectionId: socket.connectionId, epoch, seq, mode: 'snapshot', nowMs }));
  const sessions = [...user.sessions.values()].map(shown);
  socket.send(JSON.stringify({ type: 'snapshot', epoch, seq, reason: 'fresh', nowMs, state: { sessions } }));
  socket.send(JSON.stringify({ type: 'live', seq }));
}

const sockets = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: 65536 });
const http = createServer((request, response) => response.writeHead(404).end());
http.on('upgrade', (request, stream, head) => {
  const name = signedIn(request.headers.authorization);
  if (name === undefined) stream.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
  else sockets.handleUpgrade(request, stream, head, (socket) => welcome(socket, name));
});
http.listen({ port: Number(options.port), host: '127.0.0.1', backlog: 4096 }, () => {
  console.error(`listening on http://127.0.0.1:${http.address().port}`);
});
process.on('SIGTERM', () => {
  console.error(`${counts.commands} commands in ${counts.commits} commits`);
  process.exit(0);
});
