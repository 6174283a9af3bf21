// Bytes as no client library would send them: a bare TCP connection, and WebSocket frames made by hand.
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';

const seconds = 1000;

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Waits until `is` holds, which may be a promise's answer; on a busy machine that may take its time.
export async function until(is, what, ms = 20 * seconds) {
  for (const late = Date.now() + ms; !(await is()); await pause(20)) {
    if (Date.now() > late) throw new Error(`waited in vain: ${typeof what === 'function' ? what() : what}`);
  }
}

export class Raw {
  static async open(server) {
    const raw = new Raw();
    raw.bytes = Buffer.alloc(0);
    raw.isClosed = false;
    raw.socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    raw.socket.on('data', (chunk) => (raw.bytes = Buffer.concat([raw.bytes, chunk])));
    raw.socket.on('error', () => {});
    // The server's FIN, or its reset.
    raw.socket.on('end', () => (raw.isClosed = true));
    raw.socket.on('close', () => (raw.isClosed = true));
    await once(raw.socket, 'connect');
    return raw;
  }

  get text() {
    return this.bytes.toString('latin1');
  }

  // A string stands for its bytes, one each.
  send(bytes) {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    return this;
  }

  // No more from here, but what comes is still heard.
  fin() {
    this.socket.end();
    return this;
  }

  reset() {
    this.socket.resetAndDestroy();
  }

  end() {
    this.socket.destroy();
  }

  closed(ms) {
    return until(() => this.isClosed, () => `the server did not close; it said ${JSON.stringify(this.text.slice(0, 300))}`, ms);
  }

  until(is, ms) {
    return until(() => is(this.text), () => `${is}; it said ${JSON.stringify(this.text.slice(0, 300))}`, ms);
  }
}

// Sends it all and waits until the server has closed. `status` is 0 when it closed without a word.
export async function ask(server, bytes, { fin = false, ms } = {}) {
  const raw = await Raw.open(server);
  raw.send(bytes);
  if (fin) raw.fin();
  await raw.closed(ms);
  raw.end();
  return read(raw.text);
}

// The answers in what came, of which there must never be more than one.
export function read(text) {
  const at = text.indexOf('\r\n\r\n');
  const [line, ...fields] = (at < 0 ? text : text.slice(0, at)).split('\r\n');
  const headers = fields.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.slice(field.indexOf(':') + 1).trim()]);
  return {
    text,
    status: Number(/^HTTP\/1\.[01] (\d{3}) /.exec(line)?.[1] ?? 0),
    answers: text.split(/HTTP\/1\.[01] \d{3} /).length - 1,
    headers: new Map(headers),
    names: headers.map(([name]) => name),
    body: at < 0 ? '' : text.slice(at + 4),
  };
}

// A request's head and body with what every request needs; `fields` are whole lines.
export function request(line, fields = [], body = '') {
  return [line, 'Host: 127.0.0.1', ...fields, '', body].join('\r\n');
}

// What the server holds: open files, its sockets among them, and memory in KiB.
export const filesOf = (server) => readdirSync(`/proc/${server.process.pid}/fd`).length;
// The milliseconds of processor time that it has used.
export const effortOf = (server) => {
  const fields = readFileSync(`/proc/${server.process.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
};
export const memoryOf = (server) => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'))[1]);

// One WebSocket frame. `length` lies about the payload's; without a mask it is a server's frame.
export function frame(opcode, payload = '', { fin = true, reserved = 0, masked = true, length } = {}) {
  const bytes = Buffer.from(payload);
  const said = BigInt(length ?? bytes.length);
  const short = said < 126n ? Number(said) : said < 65536n ? 126 : 127;
  const extended = Buffer.alloc(short === 126 ? 2 : short === 127 ? 8 : 0);
  if (short === 126) extended.writeUInt16BE(Number(said));
  if (short === 127) extended.writeBigUInt64BE(said);
  const mask = Buffer.from(masked ? [0x12, 0x34, 0x56, 0x78] : []);
  const hidden = masked ? bytes.map((byte, i) => byte ^ mask[i % 4]) : bytes;
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  return Buffer.concat([Buffer.from([first, (masked ? 0x80 : 0) | short]), extended, mask, hidden]);
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };
export const closing = (code, reason = '') => {
  const bytes = Buffer.alloc(2 + Buffer.byteLength(reason));
  bytes.writeUInt16BE(code);
  bytes.write(reason, 2);
  return bytes;
};

export const handshake = (fields = [], path = '/v1/ws') =>
  request(`GET ${path} HTTP/1.1`, [
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    ...fields,
  ]);

// The server's frames so far, unmasked and short of 64 KiB as all of ours are in these tests.
export function framesOf(bytes) {
  const frames = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const opcode = bytes[at] & 15;
    let length = bytes[at + 1] & 127;
    let start = at + 2;
    if (length === 126) {
      if (start + 2 > bytes.length) break;
      length = bytes.readUInt16BE(start);
      start += 2;
    }
    if (start + length > bytes.length) break;
    const payload = bytes.subarray(start, start + length);
    const code = opcode === opcodes.close && length >= 2 ? payload.readUInt16BE(0) : undefined;
    frames.push({ opcode, payload, code });
    at = start + length;
  }
  return frames;
}

// A WebSocket that was opened by hand, with the server's `hello` already there.
export async function upgraded(server, fields) {
  const raw = await Raw.open(server);
  raw.send(handshake(fields));
  raw.frames = () => {
    const at = raw.bytes.indexOf('\r\n\r\n');
    return at < 0 ? [] : framesOf(raw.bytes.subarray(at + 4));
  };
  await until(() => raw.frames().length > 0 || raw.isClosed, () => `no hello: ${raw.text}`);
  return raw;
}
