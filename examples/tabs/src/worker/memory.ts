// What outlives the browser: the last state, and the commands and verdicts that wait. In IndexedDB, which tabs and
// workers have alike; where that is missing or forbidden nothing is kept, and all else works.

import type { Saved, SavedCommand } from 'lockstep-client';
import type { Verdict } from './messages.ts';

export interface Life {
  saved: Saved;
  verdicts: readonly Verdict[];
}

/** The life without its commands. */
interface Row extends Life {
  id: 'life';
}

const ROWS = 'life';
/** Each by itself: hosts of several tabs or versions of the page may keep some, and none may lose another's. */
const COMMANDS = 'commands';
/** A browser whose store hangs is no reason to show nothing. */
const PATIENCE_MS = 3_000;

export class Memory {
  /** Those in the store that are known here. */
  private commands = new Set<string>();

  private constructor(private readonly db: IDBDatabase | null) {}

  static async open(): Promise<Memory> {
    try {
      const asked = indexedDB.open('lockstep', 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore(ROWS, { keyPath: 'id' });
        asked.result.createObjectStore(COMMANDS, { keyPath: 'key' });
      };
      const db = await answer(asked);
      // A later version of the page wants to change the store: it may.
      db.onversionchange = () => db.close();
      return new Memory(db);
    } catch {
      return new Memory(null);
    }
  }

  async load(): Promise<Life | null> {
    if (!this.db) return null;
    try {
      const all = this.db.transaction([ROWS, COMMANDS]);
      const [row, commands] = await Promise.all([
        answer(all.objectStore(ROWS).get('life') as IDBRequest<Row | undefined>),
        answer(all.objectStore(COMMANDS).getAll() as IDBRequest<SavedCommand[]>),
      ]);
      this.commands = new Set(commands.map(({ key }) => key));
      return row ? { saved: { ...row.saved, commands: inOrder(commands) }, verdicts: row.verdicts } : null;
    } catch {
      return null;
    }
  }

  save({ saved, verdicts }: Life): void {
    this.write((rows, commands) => {
      rows.put({ id: 'life', saved: { ...saved, commands: [] }, verdicts } satisfies Row);
      this.putCommands(commands, saved.commands);
    });
  }

  /** Only those; the life was saved before. */
  saveCommands(waiting: readonly SavedCommand[]): void {
    this.write((_, commands) => this.putCommands(commands, waiting));
  }

  forget(): void {
    this.write((rows, commands) => {
      rows.clear();
      commands.clear();
    });
    this.commands.clear();
  }

  private write(change: (rows: IDBObjectStore, commands: IDBObjectStore) => void): void {
    try {
      const all = this.db?.transaction([ROWS, COMMANDS], 'readwrite');
      if (all) change(all.objectStore(ROWS), all.objectStore(COMMANDS));
    } catch {
      // The store was closed or is full: then the rest of this life is not kept.
    }
  }

  private putCommands(store: IDBObjectStore, commands: readonly SavedCommand[]): void {
    const waiting = new Set(commands.map(({ key }) => key));
    for (const key of this.commands) {
      if (!waiting.has(key)) store.delete(key);
    }
    for (const { key, label, body } of commands) {
      if (!this.commands.has(key)) store.put({ key, label, body });
    }
    this.commands = waiting;
  }
}

/** As they were asked for: keys of several lives are in no order. */
function inOrder(commands: SavedCommand[]): SavedCommand[] {
  const serial = ({ key }: SavedCommand) => Number(key.split(':')[1]);
  const atMs = ({ body }: SavedCommand) => body.atMs ?? Infinity;
  return commands.sort((a, b) => atMs(a) - atMs(b) || serial(a) - serial(b));
}

function answer<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error('refused'));
    setTimeout(() => reject(new Error('no answer')), PATIENCE_MS);
  });
}
