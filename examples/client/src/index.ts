export { LockstepClient, type ClientOptions, type CommandOptions, type Listeners, type State, type Status } from './client.ts';
export type { Phase } from './connection.ts';
export type { Environment, Socket, SocketClass } from './environment.ts';
export type { Pending, SavedCommand } from './outbox.ts';
export type { SavedState } from './replica.ts';
export type { Saved } from './saved.ts';
export * from './session-math.ts';
export type { SignInReason } from './sync.ts';
export type * from './wire.ts';
