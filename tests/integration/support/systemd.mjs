// systemd's part, played by two small programs: one hears what a service tells, the other opens sockets for it.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { binary, patience, Server } from './server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const longMs = 30000 * patience;

// A program that prints lines of JSON, and ends when its standard input does.
class Helper {
  constructor(name, args) {
    this.lines = [];
    this.log = '';
    this.changed = () => {};
    this.process = spawn(join(here, name), args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.process.stderr.on('data', (chunk) => this.hear(() => (this.log += chunk)));
    createInterface({ input: this.process.stdout }).on('line', (line) => this.hear(() => this.lines.push(JSON.parse(line))));
    this.ended = new Promise((resolve) => this.process.once('exit', resolve));
  }

  hear(take) {
    take();
    this.changed();
  }

  // The first line from `from` on that fits; what is only in the log can be waited for, too.
  async until(what, look) {
    const end = Date.now() + longMs;
    for (;;) {
      const found = look();
      if (found) return found;
      if (Date.now() >= end) throw new Error(`${what} did not come: ${JSON.stringify(this.lines)}\n${this.log}`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.changed = () => resolve(clearTimeout(timer));
      });
    }
  }

  async end() {
    this.process.stdin.end();
    await this.ended;
  }
}

export class Manager extends Helper {
  // `path` begins with @ for a name of the abstract kind.
  static async at(path) {
    const manager = new Manager('notified.py', [path]);
    manager.heard = 0;
    await manager.next('the socket', ({ bound }) => bound);
    manager.variables = [`NOTIFY_SOCKET=${path}`];
    return manager;
  }

  // For Server.start.
  get wrapper() {
    return ['env', ...this.variables];
  }

  watch(ms) {
    this.variables.push(`WATCHDOG_USEC=${ms * 1000}`);
  }

  // What is told next that fits; what came before it is passed over.
  async next(what, fits) {
    return this.until(what, () => {
      const at = this.lines.findIndex((line, index) => index >= this.heard && fits(line));
      if (at >= 0) this.heard = at + 1;
      return this.lines[at];
    });
  }
}

// A server whose sockets were opened by somebody else: `sockets` are those of activate.py.
export class Activated extends Server {
  static async start(sockets, options = [], { before = [], wrapper = [], ...more } = {}) {
    const server = new Activated(options, more);
    const command = [...wrapper, binary, '--db', server.db, ...server.options];
    server.helper = new Helper('activate.py', [...before, ...sockets, '--', ...command]);
    await server.helper.until('the process', () => server.helper.lines.find(({ pid }) => pid));
    server.port = server.ports[0];
    return server;
  }

  get ports() {
    return this.helper.lines[0].ports;
  }

  get log() {
    return this.helper?.log ?? '';
  }

  set log(text) {}

  async logged(pattern, times = 1) {
    return this.helper.until(`${pattern}`, () => [...this.helper.log.matchAll(new RegExp(pattern, 'g'))].at(times - 1));
  }

  get pid() {
    return this.helper.lines.findLast(({ pid }) => pid).pid;
  }

  // The exit code, once it has ended; negative for a signal.
  async code() {
    const of = this.helper.lines.findLastIndex(({ pid }) => pid);
    return (await this.helper.until('its end', () => this.helper.lines.slice(of).find(({ code }) => code !== undefined))).code;
  }

  async kill(signal = 'SIGTERM') {
    process.kill(this.pid, signal);
    return this.code();
  }

  // Another process with the same sockets, after the last one has ended.
  async again() {
    const runs = () => this.helper.lines.filter(({ pid }) => pid).length;
    const before = runs();
    this.helper.process.stdin.write('\n');
    await this.helper.until('the next process', () => runs() > before);
  }

  async stop() {
    if (!this.helper.lines.at(-1).pid) await this.helper.end();
    else {
      await this.kill();
      await this.helper.end();
    }
    this.process = { exitCode: 0 };
    await super.stop();
  }
}
