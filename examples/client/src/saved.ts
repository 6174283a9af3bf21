// What of a client outlives the program: a plain JSON value, from which a later life goes on.

import type { SavedCommand } from './outbox.ts';
import type { SavedState } from './replica.ts';
import type { Position } from './wire.ts';

export interface Saved {
  /** Of this shape; another one is not read. */
  format: 1;
  userId: string;
  /** Null, like the state, when the state was never there whole. */
  position: Position | null;
  state: SavedState | null;
  /** Without an answer yet. */
  commands: SavedCommand[];
  /** The server's time and the device's wall clock at one instant. */
  serverMs: number;
  wallMs: number;
}

/** The value if a client made it, else null: what a program finds in its store may be of another version, or damaged. */
export function readSaved(value: unknown): Saved | null {
  const saved = value as Partial<Saved> | null | undefined;
  if (typeof saved !== 'object' || saved === null || saved.format !== 1) return null;
  const isWhole =
    typeof saved.userId === 'string' &&
    typeof saved.serverMs === 'number' &&
    typeof saved.wallMs === 'number' &&
    typeof saved.state === 'object' &&
    typeof saved.position === 'object' &&
    Array.isArray(saved.commands);
  return isWhole ? (saved as Saved) : null;
}
