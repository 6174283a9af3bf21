// The sheet of the training that goes on: what the person changed in it, kept until the server has it. Several screens
// may write on it; each change is put on top of what the server has, and where both changed the same, it is asked.

import { signal } from '@preact/signals';
import { trainingSession, command } from '../state/store.ts';
import { valueAt, withValue, type Json, type JsonObject, type Path } from './structure.ts';

interface Change {
  path: Path;
  value: Json | undefined;
  /** What the server had there when it was changed. */
  before: Json | undefined;
}

const REST_MS = 600;
const STORED = 'lockstep.sheet';
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

export class Sheet {
  readonly changes = signal<readonly Change[]>([]);
  /** Both this screen and another one changed these. */
  readonly clashes = signal<readonly Change[]>([]);
  readonly refused = signal<string | null>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private saving = false;
  private readonly id: string;

  constructor(id: string) {
    this.id = id;
    const stored = load();
    if (stored?.id !== id) return;
    this.changes.value = stored.changes;
    this.saveSoon();
  }

  /** With this screen's changes in it. */
  of(structure: JsonObject): JsonObject {
    return this.changes.value.reduce((whole, { path, value }) => withValue(whole, path, value), structure);
  }

  change(path: Path, value: Json | undefined): void {
    const held = this.held();
    if (!held) return;
    const old = this.changes.value.find((one) => same(one.path, path));
    const before = old ? old.before : valueAt(held.structure, path);
    this.keep([...this.changes.value.filter((one) => one !== old), { path, value, before }]);
    this.saveSoon();
  }

  /** What is to be done with what both screens changed. */
  settle(mine: boolean): void {
    const clashing = this.clashes.value;
    this.clashes.value = [];
    this.rebase(this.changes.value.filter((one) => mine || !clashing.includes(one)));
    void this.save();
  }

  /** What is not yet on its way goes with something else. */
  rest(): void {
    clearTimeout(this.timer);
  }

  drop(): void {
    this.keep([]);
    this.clashes.value = [];
    this.refused.value = null;
  }

  async save(): Promise<void> {
    clearTimeout(this.timer);
    const held = this.held();
    const sent = this.changes.value;
    if (!held || this.saving || sent.length === 0) return;
    this.clashes.value = sent.filter(({ path, value, before }) => {
      const theirs = valueAt(held.structure, path);
      return !same(theirs, before) && !same(theirs, value);
    });
    if (this.clashes.value.length > 0) return;
    this.saving = true;
    const structure = this.of(held.structure);
    const { ok, error } = await command(
      { type: 'editSession', session: this.id, structure, ifVersion: held.version },
      'Save the sheet',
      true,
    );
    this.saving = false;
    const conflict = error?.code === 'conflict';
    this.refused.value = ok || conflict ? null : (error?.message ?? 'no reason given');
    if (ok) this.rebase(this.changes.value.filter((one) => !sent.includes(one)));
    // Another screen was faster, and what it did is here by now.
    if (ok || conflict) this.saveSoon();
  }

  /** Keeps these, as changes of what the server has now. */
  private rebase(changes: readonly Change[]): void {
    const structure = this.held()?.structure;
    this.keep(changes.map((one) => ({ ...one, before: valueAt(structure, one.path) })));
  }

  private saveSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.save(), REST_MS);
  }

  private keep(changes: readonly Change[]): void {
    this.changes.value = changes;
    try {
      if (changes.length > 0) sessionStorage.setItem(STORED, JSON.stringify({ id: this.id, changes }));
      else sessionStorage.removeItem(STORED);
    } catch {
      // Without storage only a reload within the next second loses them.
    }
  }

  private held() {
    const session = trainingSession.peek()?.session;
    if (session?.id !== this.id) return null;
    return { structure: session.training!.structure as JsonObject, version: session.version };
  }
}

function load(): { id: string; changes: Change[] } | null {
  try {
    return JSON.parse(sessionStorage.getItem(STORED) ?? 'null');
  } catch {
    return null;
  }
}

let latest: { id: string; sheet: Sheet } | null = null;

/** That of the training that goes on: there is one at a time. */
export function sheetOf(id: string): Sheet {
  if (latest?.id !== id) latest = { id, sheet: new Sheet(id) };
  return latest.sheet;
}
