// What is on a screen, pixel by pixel: from an X window dump or a portable pixmap, to a PNG for people to look at.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { deflateSync } from 'node:zlib';

export class Picture {
  // `rgb`: three bytes a pixel, line by line from the top.
  constructor(width, height, rgb) {
    Object.assign(this, { width, height, rgb });
  }

  // The format of xwd and of Xvfb's -fbdir: a header of big-endian words, a table of colours, four bytes a pixel.
  static fromXwd(bytes) {
    const word = (n) => bytes.readUInt32BE(4 * n);
    const [width, height, lineLength] = [word(4), word(5), word(12)];
    const start = word(0) + 12 * word(19);
    const rgb = Buffer.alloc(3 * width * height);
    for (let y = 0, to = 0; y < height; y++) {
      for (let x = 0, from = start + y * lineLength; x < width; x++, from += 4) {
        rgb[to++] = bytes[from + 2];
        rgb[to++] = bytes[from + 1];
        rgb[to++] = bytes[from];
      }
    }
    return new Picture(width, height, rgb);
  }

  static fromPpm(bytes) {
    const [head, width, height] = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(bytes.toString('latin1', 0, 64));
    return new Picture(Number(width), Number(height), bytes.subarray(head.length));
  }

  equals(other) {
    return this.rgb.equals(other.rgb);
  }

  // How many pixels are of exactly that colour, `#rrggbb`. Letters have some between their blurred edges.
  count(colour) {
    const wanted = Buffer.from(colour.slice(1), 'hex');
    let found = 0;
    for (let i = 0; i < this.rgb.length; i += 3) {
      if (this.rgb[i] === wanted[0] && this.rgb[i + 1] === wanted[1] && this.rgb[i + 2] === wanted[2]) found++;
    }
    return found;
  }

  // From 0, black, to 255.
  get brightness() {
    return this.rgb.reduce((sum, byte) => sum + byte, 0) / this.rgb.length;
  }

  save(path) {
    const lines = Buffer.alloc((3 * this.width + 1) * this.height); // each begins with its filter, none
    for (let y = 0; y < this.height; y++) {
      this.rgb.copy(lines, y * (3 * this.width + 1) + 1, 3 * this.width * y, 3 * this.width * (y + 1));
    }
    const head = Buffer.alloc(13);
    head.writeUInt32BE(this.width, 0);
    head.writeUInt32BE(this.height, 4);
    head.set([8, 2, 0, 0, 0], 8); // eight bits, red green blue
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(lines)), chunk('IEND', Buffer.alloc(0))]));
  }
}

const signature = Buffer.from('89504e470d0a1a0a', 'hex');

// Node's own is newer than 18.
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
