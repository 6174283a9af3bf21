// What a tab and the host of the one connection say to each other over a MessagePort. Types only.

import type {
  CommandBody,
  EventMessage,
  Group,
  Held,
  Pending,
  Plan,
  ResultMessage,
  SignInReason,
  Status,
  Task,
  User,
  WireError,
} from 'lockstep-client';

/** What the state is made of, by id. */
export interface Collections {
  sessions: Held;
  groups: Group;
  tasks: Task;
  plans: Plan;
}

export interface Change<T> {
  put: [id: string, one: T][];
  gone: string[];
}

/** What became of something that had to wait for the server. */
export interface Verdict {
  key: string;
  label: string;
  /** When the person asked, by the server's clock; null when nobody knew the time. */
  atMs: number | null;
  /** Whether anything is different for it. */
  changed: boolean;
  error: WireError | null;
}

/** What has changed since the last one; to a tab that is new, all there is. Its instants are of the host's clock. */
export type Told = { [Name in keyof Collections]?: Change<Collections[Name]> } & {
  type: 'told';
  /** To a tab that is new, this is all there is. */
  whole?: true;
  /** Then too: the Web Lock that the host holds for as long as it lives. */
  lock?: string | undefined;
  /** The host's monotonic clock, and what the server's is ahead of that. */
  mono: number;
  serverOffset?: number;
  status?: Status;
  user?: User | null;
  pending?: Pending[];
  verdicts?: readonly Verdict[];
};

/** A new token; null where only the person can bring one, undefined where it could not be asked for. */
export type Renewed = string | null | undefined;

export type FromTab =
  | { type: 'hello' }
  | { type: 'bye' }
  /** The tab lives for as long as it holds this Web Lock. */
  | { type: 'alive'; lock: string }
  | { type: 'time'; sent: number }
  | { type: 'wake' }
  | { type: 'signIn' | 'useToken' | 'keepToken'; token: string }
  /** With a token only if it is still the one in use. */
  | { type: 'signOut'; token?: string | undefined }
  /** Tended: as long as the tab lives it deals with a conflict by itself, and nobody needs to be told of one. */
  | { type: 'command'; id: number; body: CommandBody; label: string; tended: boolean }
  | { type: 'renewed'; id: number; token: Renewed }
  | { type: 'dismissVerdicts' };

export type ToTab =
  | Told
  | { type: 'time'; sent: number; mono: number }
  | { type: 'event'; event: EventMessage }
  | { type: 'answer'; id: number; result: ResultMessage }
  | { type: 'settled'; pending: Pending; result: ResultMessage }
  | { type: 'signInNeeded'; why: SignInReason }
  | { type: 'tokenAccepted'; token: string }
  | { type: 'tokenRefused'; error: WireError }
  /** Wants a new token for the person who is signed in. */
  | { type: 'renew'; id: number };
