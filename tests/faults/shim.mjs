// The shim in front of a server: turns its faults on and off while it runs, and reads its log.
import { closeSync, existsSync, openSync, readFileSync, readSync, realpathSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const library = fileURLToPath(new URL('../../build/release/tests/faults/shim.so', import.meta.url));

// The same order as in shim.c, which says what they do.
const controls = ['writes', 'syncs', 'failWritesFrom', 'failWritesWith', 'failSyncAt', 'failSyncWith', 'killWriteAt', 'killSyncAt', 'lingerMs', 'syncMs'];

export const EIO = 5;
export const ENOSPC = 28;

export class Shim {
  // For a server that is not started yet.
  constructor(server, { log = false } = {}) {
    const folder = realpathSync(server.dir);
    this.control = join(folder, 'control');
    this.log = join(folder, 'log');
    writeFileSync(this.control, Buffer.alloc(controls.length * 8));
    this.wrapper = ['env', `LD_PRELOAD=${library}`, `FAULTS_FOLDER=${folder}`, `FAULTS_CONTROL=${this.control}`];
    if (log) this.wrapper.push(`FAULTS_LOG=${this.log}`);
  }

  get(name) {
    const number = Buffer.alloc(8);
    const file = openSync(this.control, 'r');
    readSync(file, number, 0, 8, controls.indexOf(name) * 8);
    closeSync(file);
    return Number(number.readBigInt64LE());
  }

  set(values) {
    const file = openSync(this.control, 'r+');
    for (const [name, value] of Object.entries(values)) {
      const number = Buffer.alloc(8);
      number.writeBigInt64LE(BigInt(value));
      writeSync(file, number, 0, 8, controls.indexOf(name) * 8);
    }
    closeSync(file);
  }

  // Every fault is off, and counts start anew.
  clear() {
    this.set(Object.fromEntries(controls.map((name) => [name, 0])));
  }

  full() {
    this.set({ failWritesWith: ENOSPC, failWritesFrom: 1 });
  }

  roomAgain() {
    this.set({ failWritesFrom: 0 });
  }

  records() {
    return existsSync(this.log) ? parse(readFileSync(this.log)) : [];
  }
}

const kinds = ['', 'write', 'truncate', 'sync', 'syncFailed', 'create', 'unlink', 'rename', 'send', 'link'];

// {kind, fd, offset, name, data} in the order in which they happened.
function parse(log) {
  const records = [];
  for (let at = 0; at + 24 <= log.length; ) {
    const [kind, nameLength, dataLength] = [0, 4, 8].map((more) => log.readUInt32LE(at + more));
    const nameAt = at + 24;
    const dataAt = nameAt + nameLength;
    if (dataAt + dataLength > log.length) break; // killed while it was written
    records.push({
      kind: kinds[kind],
      fd: log.readInt32LE(at + 12),
      offset: Number(log.readBigInt64LE(at + 16)),
      name: log.toString('utf8', nameAt, dataAt),
      data: log.subarray(dataAt, dataAt + dataLength),
    });
    at = dataAt + dataLength;
  }
  return records;
}

// What the server said on its WebSockets, as [{at, fd, message}], where `at` is the record that completed it.
export function messagesIn(records) {
  const streams = new Map();
  const messages = [];
  records.forEach(({ kind, fd, data }, at) => {
    if (kind !== 'send') return;
    // Each connection begins with the answer to its upgrade; descriptors are used again.
    const isNew = data.subarray(0, 9).toString() === 'HTTP/1.1 ';
    const stream = isNew ? data.subarray(data.indexOf('\r\n\r\n') + 4) : Buffer.concat([streams.get(fd) ?? Buffer.alloc(0), data]);
    if (isNew && !data.subarray(9, 12).equals(Buffer.from('101'))) {
      streams.delete(fd);
      return;
    }
    streams.set(fd, takeFrames(stream, (text) => messages.push({ at, fd, message: JSON.parse(text) })));
  });
  return messages;
}

// Calls back for each whole text frame; answers with what is left. A server's frames have no mask.
function takeFrames(stream, take) {
  while (stream.length >= 2) {
    let length = stream[1];
    let head = 2;
    if (length === 126 && stream.length >= (head = 4)) length = stream.readUInt16BE(2);
    else if (length === 127 && stream.length >= (head = 10)) length = Number(stream.readBigUInt64BE(2));
    if (stream.length < head + length) break;
    if ((stream[0] & 0x0f) === 1) take(stream.toString('utf8', head, head + length));
    stream = stream.subarray(head + length);
  }
  return stream;
}
