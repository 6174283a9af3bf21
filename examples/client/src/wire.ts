// The messages of lockstep.v1 and what they carry, as docs/protocol.md names them. Types only.

export interface Position {
  epoch: string;
  seq: number;
  tag?: string;
}

/** Of the last event; null where there is none yet. */
type Tag = string | null;

export type Kind = 'timer' | 'focus' | 'work' | 'training';

export interface Session {
  id: string;
  kind: Kind;
  version: number;
  title: string | null;
  groupId: string | null;
  state: 'RUNNING' | 'PAUSED';
  status: 'active' | 'completed' | 'abandoned';
  isCompleted: boolean;
  isDeleted: boolean;
  /** Seconds, like timeLeft; null without a length. */
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
  focus?: Focus;
  work?: Work;
  training?: Training;
}

export interface Focus {
  sessionType: 'pomodoro' | 'short' | 'long' | 'custom';
  plannedMinutes: number;
  actualMinutes: number | null;
  taskId: string | null;
  pauses: FocusPause[];
  distractions: number;
  qualityRating: number | null;
  focusScore: number | null;
  taskProgress: string | null;
  abandonReason: string | null;
  progressMade: string | null;
}

export interface FocusPause {
  pausedAtMs: number;
  resumedAtMs: number | null;
  reason: string | null;
  durationSeconds: number | null;
}

export interface Work {
  plannedTasks: string[];
  toolsNeeded: string[];
  partsToInstall: string[];
  helperPresent: boolean;
  notes: string | null;
}

export interface Training {
  planId: string;
  /** YYYY-MM-DD */
  date: string;
  structure: Record<string, unknown>;
}

export type QualityResult = 'Excellent' | 'Good' | 'Acceptable' | 'NeedsRework';

export interface Task {
  id: string;
  sessionId: string;
  version: number;
  description: string;
  startMs: number;
  completedAtMs: number | null;
  status: 'Pending' | 'Completed';
  qualityResult: QualityResult | null;
  challengesEncountered: string | null;
  reworkNeeded: boolean;
  timeSpentMinutes: number | null;
  isDeleted: boolean;
}

export interface Problem {
  id: string;
  groupId: string;
  version: number;
  description: string;
  severity: 'Minor' | 'Moderate' | 'Major' | 'Critical';
  costImpact: number | null;
  timeImpact: number | null;
  solutionPlan: string | null;
  isCommonProblem: boolean;
  discoveryMs: number;
  resolved: boolean;
  resolvedAtMs: number | null;
}

export interface Plan {
  id: string;
  version: number;
  name: string;
  hasSessions: boolean;
  /** Only events bring it; a snapshot does not. */
  structure?: Record<string, unknown>;
  isDeleted: boolean;
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
  createdAtMs: number;
  timeZone: string;
  sessionsResetTime: string;
  /** The current one, YYYY-MM-DD. */
  day: string;
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
  details?: { retryAfterMs?: number; session?: string; version?: number };
}

export interface HelloMessage {
  type: 'hello';
  nowMs: number;
}

/** What a token is good for: with `read` whatever changes something is refused. */
export type Scope = 'full' | 'read';

export interface ReadyMessage {
  type: 'ready';
  userId: string;
  epoch: string;
  seq: number;
  tag?: Tag;
  mode: 'replay' | 'snapshot';
  tokenExpiresAtMs: number | null;
  scope?: Scope;
  nowMs: number;
  heartbeatMs: number;
}

export interface SnapshotMessage {
  type: 'snapshot';
  epoch: string;
  seq: number;
  tag?: Tag;
  nowMs: number;
  state: { user: User; groups: Group[]; plans: Plan[]; sessions: Session[]; tasks: Task[] };
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
  task?: Task;
  problem?: Problem;
  plan?: Plan;
  user?: User;
  domainEvent?: string;
  origin?: { connectionId?: string; client?: string; key?: string; via: 'ws' | 'http' | 'server' };
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
  /** What was made or changed, by its id. */
  session?: string;
  group?: string;
  task?: string;
  problem?: string;
  plan?: string;
  tokenExpiresAtMs?: number | null;
  /** Of a renewed token. */
  scope?: Scope;
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
