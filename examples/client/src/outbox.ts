// Commands on their way. Each has a key, and is sent again, unchanged, until the server has answered it:
// the key makes sure that it is applied once, its atMs that it counts from when the person acted.

import type { Environment } from './environment.ts';
import { backoffMs } from './backoff.ts';
import type { CommandBody, ResultMessage, WireError } from './wire.ts';

export interface Pending {
  key: string;
  /** What the person asked for, in words. */
  label: string;
  body: CommandBody;
  /** Its answer is overdue. */
  slow: boolean;
}

interface Item extends Pending {
  id: number;
  sent: boolean;
  cancelSlow: () => void;
}

/** What of the outbox outlives a reload of the page. */
export type SavedCommand = Pick<Pending, 'key' | 'label' | 'body'>;

export interface OutboxListener {
  settled(pending: Pending, result: ResultMessage): void;
  /** It will never be answered: its person has left. */
  dropped(pending: Pending): void;
  changed(): void;
}

const SLOW_MS = 1_000;
const BATCH_COMMANDS = 32;
const BATCH_CHARACTERS = 16_000;

export class Outbox {
  private items: Item[] = [];
  /** Batches on their way, by their own id. */
  private batches = new Map<number, Item[]>();
  private send: ((message: object) => void) | null = null;
  private cancelRetry: (() => void) | null = null;
  private failures = 0;
  private lastKey = 0;

  /** `nextId` numbers every message of the connection; `prefix` makes this tab's keys its own. */
  constructor(
    private readonly environment: Environment,
    private readonly nextId: () => number,
    private readonly prefix: string,
    private readonly listener: OutboxListener,
  ) {}

  get pending(): readonly Pending[] {
    return this.items;
  }

  /** Returns the command's key. */
  add(body: CommandBody, label: string): string {
    this.lastKey += 1;
    const key = `${this.prefix}:${this.lastKey}`;
    this.append({ key, label, body });
    this.flush();
    this.listener.changed();
    return key;
  }

  /** Commands that an earlier life left without an answer. */
  restore(saved: readonly SavedCommand[]): void {
    for (const command of saved) {
      if (!this.items.some((item) => item.key === command.key)) this.append(command);
    }
    this.listener.changed();
  }

  save(): SavedCommand[] {
    return this.items.map(({ key, label, body }) => ({ key, label, body }));
  }

  /** Forgets them all; what was sent already may still be applied. */
  clear(): void {
    const dropped = this.items;
    this.items = [];
    this.batches.clear();
    for (const item of dropped) {
      item.cancelSlow();
      this.listener.dropped(item);
    }
    this.listener.changed();
  }

  /** A live connection is here: everything without an answer goes out. */
  connected(send: (message: object) => void): void {
    this.send = send;
    this.flush();
  }

  /** Nothing that was sent can be answered any more. */
  disconnected(): void {
    this.send = null;
    this.cancelRetry?.();
    this.cancelRetry = null;
    this.batches.clear();
    for (const item of this.items) item.sent = false;
  }

  /** True if the result was an answer to something here. */
  receive(result: ResultMessage): boolean {
    const batch = typeof result.id === 'number' ? this.batches.get(result.id) : undefined;
    if (batch) {
      this.batches.delete(result.id as number);
      // Only as a whole is it refused by its own id.
      if (!result.ok && result.error) {
        for (const item of batch) this.refused(item, result, result.error);
      }
      return true;
    }
    const item = this.items.find((one) => one.sent && one.id === result.id);
    if (!item) return false;
    if (result.ok || !result.error) this.settle(item, result);
    else this.refused(item, result, result.error);
    return true;
  }

  private append(command: SavedCommand): void {
    const item: Item = { ...command, id: 0, sent: false, slow: false, cancelSlow: () => {} };
    this.items.push(item);
    item.cancelSlow = this.environment.after(SLOW_MS, () => {
      item.slow = true;
      this.listener.changed();
    });
  }

  private settle(item: Item, result: ResultMessage): void {
    this.failures = 0;
    item.cancelSlow();
    this.items = this.items.filter((one) => one !== item);
    for (const [id, batch] of this.batches) {
      if (!batch.some((one) => this.items.includes(one))) this.batches.delete(id);
    }
    this.listener.settled(item, result);
    this.listener.changed();
  }

  private refused(item: Item, result: ResultMessage, error: WireError): void {
    if (!this.items.includes(item)) return;
    if (!error.retryable) {
      this.settle(item, result);
      return;
    }
    item.sent = false;
    this.retryAfter(error.details?.retryAfterMs ?? backoffMs(this.failures, this.environment.random()));
  }

  private retryAfter(ms: number): void {
    if (this.cancelRetry) return;
    this.failures += 1;
    this.cancelRetry = this.environment.after(ms, () => {
      this.cancelRetry = null;
      this.flush();
    });
  }

  private flush(): void {
    if (this.cancelRetry) return;
    let unsent = this.items.filter((item) => !item.sent);
    while (this.send && unsent.length > 0) {
      const group = unsent.slice(0, batchLength(unsent));
      this.sendTogether(this.send, group);
      unsent = unsent.slice(group.length);
    }
  }

  /** Several at once go as a batch: then what fell due between them is settled between them. */
  private sendTogether(send: (message: object) => void, group: Item[]): void {
    for (const item of group) {
      item.sent = true;
      item.id = this.nextId();
    }
    const commands = group.map((item) => ({ ...item.body, id: item.id, key: item.key }));
    if (commands.length === 1) {
      send(commands[0]!);
      return;
    }
    const id = this.nextId();
    this.batches.set(id, group);
    send({ type: 'batch', id, commands });
  }
}

function batchLength(items: readonly Item[]): number {
  let length = 0;
  let characters = 0;
  for (const item of items) {
    characters += JSON.stringify(item.body).length + 100;
    if (length === BATCH_COMMANDS || (length > 0 && characters > BATCH_CHARACTERS)) break;
    length += 1;
  }
  return length;
}
