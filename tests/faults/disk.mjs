// What a disk may hold of a folder after a power cut: all that was synced, and of the changes since then any choice,
// some of them torn. A file's name is on disk when its folder was synced, what is in it when it was itself.
const SECTOR = 512;

// Of the changes that were not synced: none is there, all are, or each by chance.
export const losses = ['all lost', 'none lost', 'some lost', 'some lost again'];

class File {
  constructor(synced = Buffer.alloc(0)) {
    this.synced = synced;
    this.changes = []; // {offset, data}, or {length} for a truncation
    this.doomed = []; // those that a failed sync left: no later one brings them to the disk
  }

  sync() {
    this.synced = content(this.synced, this.changes);
    this.changes = [];
  }

  syncFailed() {
    this.doomed.push(...this.changes);
    this.changes = [];
  }
}

function content(synced, changes) {
  let bytes = Buffer.from(synced);
  for (const { offset, data, length = Math.max(bytes.length, offset + data.length) } of changes) {
    if (length !== bytes.length) {
      const resized = Buffer.alloc(length);
      bytes.copy(resized);
      bytes = resized;
    }
    data?.copy(bytes, offset);
  }
  return bytes;
}

// Of a write that is there by chance only some sectors may be.
function* torn(change, luck) {
  const { offset, data } = change;
  if (!data || data.length <= SECTOR || luck.below(2)) {
    yield change;
    return;
  }
  for (let at = 0; at < data.length; at += SECTOR) {
    if (luck.below(2)) yield { offset: offset + at, data: data.subarray(at, at + SECTOR) };
  }
}

function surviving(changes, loss, luck) {
  if (loss === 'all lost') return [];
  if (loss === 'none lost') return changes;
  return changes.filter(() => luck.below(2)).flatMap((change) => [...torn(change, luck)]);
}

export class Disk {
  // Begins with these files, all of them synced: a Map of name → bytes.
  constructor(state = new Map()) {
    this.names = new Map(); // as the program sees them: name → File
    for (const [name, bytes] of state) this.names.set(name, new File(bytes));
    this.syncedNames = new Map(this.names);
    this.nameChanges = []; // {name, file}, file undefined where a name went
  }

  apply({ kind, name, offset, data }) {
    const file = this.names.get(name);
    if (kind === 'create') this.rename(name, new File());
    else if (kind === 'unlink') this.rename(name, undefined);
    else if (kind === 'rename') {
      this.rename(data.toString(), file);
      this.rename(name, undefined);
    } else if (kind === 'link') this.rename(data.toString(), file);
    else if (kind === 'sync' && name === '') this.syncNames();
    else if (!file) return;
    else if (kind === 'write') file.changes.push({ offset, data });
    else if (kind === 'truncate') file.changes.push({ length: offset });
    else if (kind === 'sync') file.sync();
    else if (kind === 'syncFailed') file.syncFailed();
  }

  rename(name, file) {
    if (file) this.names.set(name, file);
    else this.names.delete(name);
    this.nameChanges.push({ name, file });
  }

  syncNames() {
    this.syncedNames = new Map(this.names);
    this.nameChanges = [];
  }

  // Whether anything depends on luck now.
  get open() {
    return this.nameChanges.length > 0 || [...this.names.values()].some((file) => file.changes.length + file.doomed.length > 0);
  }

  // One state after a power cut: Map of name → bytes.
  cut(loss, luck) {
    const names = new Map(this.syncedNames);
    for (const { name, file } of surviving(this.nameChanges, loss, luck)) {
      if (file) names.set(name, file);
      else names.delete(name);
    }
    const state = new Map();
    for (const [name, file] of names) state.set(name, content(file.synced, surviving([...file.doomed, ...file.changes], loss, luck)));
    return state;
  }
}
