// The way to a server, as a TCP proxy that fails as networks do: it breaks, falls silent, is slow, or loses a frame.
import { connect, createServer } from 'node:net';

export class Line {
  static async to(server) {
    const line = Object.assign(new Line(), { server, ends: new Set(), opened: 0 });
    line.heal();
    line.listener = createServer((near) => line.join(near));
    await new Promise((resolve) => line.listener.listen(0, '127.0.0.1', resolve));
    return line;
  }

  get http() {
    return `http://127.0.0.1:${this.listener.address().port}`;
  }

  // As it should be; what was held back meanwhile is lost, and so are the connections that it was of.
  heal() {
    this.isCut = false;
    this.held = [];
    this.delayMs = 0;
    this.drop = () => false;
    for (const end of this.ends) if (end.lost) end.destroy();
  }

  // Every connection breaks, and there is no new one.
  cut() {
    this.isCut = true;
    for (const end of this.ends) end.destroy();
  }

  // Connections stay and begin, but nothing comes through: `up` is to the server, `down` is from it.
  hold(...ways) {
    this.held = ways;
  }

  // Loses the next message of the server that fits.
  lose(fits) {
    this.drop = (message) => {
      const is = fits(message);
      if (is) this.drop = () => false;
      return is;
    };
  }

  join(near) {
    this.opened++;
    if (this.isCut) {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ port: this.server.port, host: '127.0.0.1', noDelay: true });
    near.setNoDelay(true);
    const frames = new Frames((message) => this.drop(message));
    this.pass(near, far, 'up', (bytes) => bytes);
    this.pass(far, near, 'down', (bytes) => frames.through(bytes));
  }

  pass(from, to, way, through) {
    this.ends.add(from);
    from.on('data', (bytes) => {
      if (this.held.includes(way)) from.lost = true;
      else if (!from.lost) setTimeout(() => to.write(through(bytes)), this.delayMs);
    });
    from.on('error', () => {});
    from.on('close', () => {
      this.ends.delete(from);
      // With what is still on its way.
      if (!this.held.includes(way)) setTimeout(() => to.destroySoon(), this.delayMs);
      else to.lost = true;
    });
  }

  stop() {
    this.cut();
    return new Promise((resolve) => this.listener.close(resolve));
  }
}

// The server's side of a WebSocket, of which some messages are left out. All of ours are whole in one frame. Other answers
// pass as they are.
class Frames {
  constructor(isDropped) {
    this.isDropped = isDropped;
    this.bytes = Buffer.alloc(0);
    this.isOpen = false;
    this.isPlain = false;
  }

  through(bytes) {
    if (this.isPlain) return bytes;
    this.bytes = Buffer.concat([this.bytes, bytes]);
    const passed = this.isOpen ? [] : [this.head()];
    if (this.isPlain) return this.take(this.bytes.length);
    for (let size; this.isOpen && (size = this.size()) <= this.bytes.length; ) {
      const frame = this.take(size);
      if (!this.isDropped(messageOf(frame))) passed.push(frame);
    }
    return Buffer.concat(passed);
  }

  head() {
    const end = this.bytes.indexOf('\r\n\r\n');
    this.isPlain = end >= 0 && !this.bytes.toString('latin1').startsWith('HTTP/1.1 101 ');
    if (this.isPlain) return null;
    this.isOpen = end >= 0;
    return this.isOpen ? this.take(end + 4) : Buffer.alloc(0);
  }

  size() {
    if (this.bytes.length < 2) return Infinity;
    const short = this.bytes[1] & 127;
    if (short < 126) return 2 + short;
    if (this.bytes.length < 10) return Infinity;
    return short === 126 ? 4 + this.bytes.readUInt16BE(2) : 10 + Number(this.bytes.readBigUInt64BE(2));
  }

  take(size) {
    const taken = this.bytes.subarray(0, size);
    this.bytes = this.bytes.subarray(size);
    return taken;
  }
}

function messageOf(frame) {
  const start = { 126: 4, 127: 10 }[frame[1] & 127] ?? 2;
  try {
    return JSON.parse(frame.subarray(start).toString());
  } catch {
    return {}; // a ping, a close
  }
}
