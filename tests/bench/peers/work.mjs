// What the servers here do, whoever carries their messages: sign-in by lockstepd's tokens, the session's row and the
// event's in a transaction with synchronous=FULL, and only then telling.
import { createPublicKey, randomUUID, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';

import { file, grouped } from './settings.mjs';

const epoch = randomUUID();
const users = new Map();
export const counts = { commands: 0, commits: 0 };

// --- The database ---

const db = new Database(file);
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
    user = { name, seq: lastSeq.get(name).seq ?? 0, guests: new Set(), sessions: new Map() };
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
function apply({ guest, command, nowMs }) {
  const { user } = guest;
  const session = commands[command.type](user, command, nowMs);
  const seq = ++user.seq;
  const event = {
    type: 'event',
    seq,
    tag: Math.floor(Math.random() * 0x100000000).toString(16).padStart(8, '0'),
    event: command.type,
    atMs: nowMs,
    nowMs,
    origin: { connectionId: guest.connectionId, key: command.key, via: 'ws' },
    session: shown(session),
  };
  const body = JSON.stringify(event);
  addEvent.run(user.name, seq, body);
  counts.commands++;
  const result = { type: 'result', id: command.id, ok: true, seq, changed: true, duplicate: false, session: session.id, nowMs };
  return { guest, event, body, result };
}

function run(batch) {
  begin.run();
  const told = batch.map(apply);
  commit.run();
  counts.commits++;
  for (const { guest, event, body, result } of told) {
    guest.tellAll(event, body);
    guest.tell(result);
  }
}

let waiting = [];

// A command of a guest's.
export function take(guest, command) {
  const one = { guest, command, nowMs: Date.now() };
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

// --- Who comes ---

let key;

// The user's name of a token that is good.
export function signedIn(header = '') {
  const [head, payload, signature] = header.replace(/^Bearer /, '').split('.');
  key ??= createPublicKey(readFileSync(`${file}.key`));
  const signed = Buffer.from(`${head}.${payload}`);
  if (!verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature ?? '', 'base64url'))) return undefined;
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  return claims.exp > Date.now() / 1000 ? claims.sub : undefined;
}

// A guest has tell(message), which is for it alone, and tellAll(message, text), for all of its user's.
export function welcome(guest, name) {
  const user = userOf(name);
  const nowMs = Date.now();
  guest.user = user;
  guest.connectionId = randomUUID();
  user.guests.add(guest);
  const { seq } = user;
  guest.tell({ type: 'hello', protocol: 'lockstep.v1', server: 'peer', nowMs, authTimeoutMs: 10000 });
  guest.tell({ type: 'ready', userId: name, connectionId: guest.connectionId, epoch, seq, mode: 'snapshot', nowMs });
  const sessions = [...user.sessions.values()].map(shown);
  guest.tell({ type: 'snapshot', epoch, seq, reason: 'fresh', nowMs, state: { sessions } });
  guest.tell({ type: 'live', seq });
}

export function leave(guest) {
  guest.user.guests.delete(guest);
}
