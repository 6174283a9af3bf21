// The messages of lockstep.v1, as far as this page uses them. Types only.

export interface Position {
  epoch: string;
  seq: number;
  tag?: string;
}

/** Of the last event; null where there is none yet. */
type Tag = string | null;

export interface Session {
  id: string;
  kind: 'timer' | 'focus' | 'work' | 'training';
  version: number;
  title: string | null;
  groupId: string | null;
  state: 'RUNNING' | 'PAUSED';
  status: 'active' | 'completed' | 'abandoned';
  isCompleted: boolean;
  isDeleted: boolean;
  initialDuration: number | null;
  timeLeft: number | null;
  targetTimeMs: number | null;
  elapsedSeconds: number;
  runningSinceMs: number | null;
  trackedSeconds: number;
  dailyGoalMinutes: number | null;
  noGoal: boolean;
  startedAtMs: number | null;
  endedAtMs: number | null;
  createdAtMs: number;
  updatedAtMs: number;
}

export interface Group {
  id: string;
  version: number;
  name: string;
  description: string | null;
  isDeleted: boolean;
  createdAtMs: number;
}

export interface User {
  id: string;
  version: number;
  name: string | null;
  email: string | null;
  timeZone: string;
  sessionsResetTime: string;
  dayStartMs: number;
  dayEndMs: number;
  /** The rule of the day that holds once the current day has ended. */
  pending: { timeZone?: string; sessionsResetTime?: string } | null;
}

export interface WireError {
  code: string;
  message: string;
  field?: string;
  retryable?: boolean;
  details?: { retryAfterMs?: number };
}

export interface HelloMessage {
  type: 'hello';
  nowMs: number;
}

export interface ReadyMessage {
  type: 'ready';
  userId: string;
  epoch: string;
  seq: number;
  tag?: Tag;
  mode: 'replay' | 'snapshot';
  tokenExpiresAtMs: number | null;
  nowMs: number;
  heartbeatMs: number;
}

export interface SnapshotMessage {
  type: 'snapshot';
  epoch: string;
  seq: number;
  tag?: Tag;
  nowMs: number;
  state: { user: User; groups: Group[]; sessions: Session[] };
}

export interface EventMessage {
  type: 'event';
  seq: number;
  tag?: Tag;
  event: string;
  atMs: number;
  nowMs: number;
  n?: number;
  of?: number;
  session?: Session;
  sessions?: Session[];
  group?: Group;
  user?: User;
}

export interface LiveMessage {
  type: 'live';
  seq: number;
  tag?: Tag;
}

export interface HeartbeatMessage {
  type: 'hb';
  seq: number;
  nowMs: number;
}

export interface TimeMessage {
  type: 'time';
  id: number;
  t1Ms: number;
  t2Ms: number;
}

export interface ResultMessage {
  type: 'result';
  id: number | string | null;
  ok: boolean;
  nowMs?: number;
  changed?: boolean;
  duplicate?: boolean;
  error?: WireError;
  tokenExpiresAtMs?: number | null;
  /** Of a batch, where its results come in one message. */
  results?: ResultMessage[];
}

export interface AuthExpiringMessage {
  type: 'authExpiring';
  inMs: number;
}

export type ServerMessage =
  | HelloMessage
  | ReadyMessage
  | SnapshotMessage
  | EventMessage
  | LiveMessage
  | HeartbeatMessage
  | TimeMessage
  | ResultMessage
  | AuthExpiringMessage;

/** A command without its id and key: its name, its fields, and when the person acted. */
export interface CommandBody {
  type: string;
  session?: string;
  group?: string | null;
  atMs?: number;
  [field: string]: unknown;
}
