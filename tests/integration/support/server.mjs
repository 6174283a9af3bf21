// The real server, on a port of its own choice and a database of its own.
import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
export const binary = process.env.LOCKSTEPD ? resolve(process.env.LOCKSTEPD) : join(root, 'build/release/lockstepd');

// A server that runs slowly, under valgrind say, is waited for that many times as long.
export const patience = Number(process.env.PATIENCE ?? 1);

// Empty when it is gone by now.
function linkOf(path) {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

export class Server {
  constructor(options = [], { dev = true } = {}) {
    this.dir = mkdtempSync(join(tmpdir(), 'lockstep-test-'));
    this.db = join(this.dir, 'test.db');
    this.options = dev ? ['--dev', ...options] : options;
    this.log = '';
    this.port = 0;
  }

  // `wrapper` is a command that runs it, and ends as it does.
  static async start(options = [], { wrapper, ...more } = {}) {
    const server = new Server(options, more);
    await server.start(wrapper);
    return server;
  }

  // Starts it, again on the same port after the first time, so that clients find it.
  async start(wrapper = []) {
    const command = [...wrapper, binary, '--db', this.db, '--listen', `127.0.0.1:${this.port}`, ...this.options];
    this.process = spawn(command[0], command.slice(1), { stdio: ['ignore', 'ignore', 'pipe'] });
    this.exited = new Promise((resolve) => this.process.once('exit', (code, signal) => resolve({ code, signal })));
    this.port = await new Promise((resolve, reject) => {
      let seen = '';
      this.process.stderr.on('data', (chunk) => {
        this.log += chunk;
        seen += chunk;
        const found = /listening on https?:\/\/127\.0\.0\.1:(\d+)/.exec(seen);
        if (found) resolve(Number(found[1]));
      });
      this.exited.then(({ code, signal }) => reject(new Error(`server ended (${code ?? signal}): ${seen}`)));
    });
  }

  get http() {
    return `http://127.0.0.1:${this.port}`;
  }

  // What it has said, or will soon: the match.
  async logged(pattern) {
    const late = Date.now() + 10000 * patience;
    for (;;) {
      const found = pattern.exec(this.log);
      if (found) return found;
      if (Date.now() > late) throw new Error(`no ${pattern} in: ${this.log}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  get ws() {
    return `ws://127.0.0.1:${this.port}/v1/ws`;
  }

  async kill(signal = 'SIGKILL') {
    this.process.kill(signal);
    return this.exited;
  }

  async stop() {
    if (this.process.exitCode === null && this.process.signalCode === null) await this.kill('SIGTERM');
    rmSync(this.dir, { recursive: true, force: true });
  }

  // The descriptors of all sockets that it has open.
  get sockets() {
    const fds = `/proc/${this.process.pid}/fd/`;
    return readdirSync(fds).filter((fd) => linkOf(fds + fd).startsWith('socket:')).map(Number);
  }

  token(user, ...more) {
    return execFileSync(binary, ['token', '--db', this.db, '--user', user, ...more], { encoding: 'utf8' }).trim();
  }

  // One HTTP request; the answer's body is parsed when it is JSON.
  async request(method, path, { token, body, headers = {} } = {}) {
    const all = { ...headers };
    if (token) all.authorization = `Bearer ${token}`;
    if (body !== undefined) all['content-type'] ??= 'application/json';
    const response = await fetch(this.http + path, {
      method,
      headers: all,
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const json = (response.headers.get('content-type') ?? '').includes('json');
    return { status: response.status, headers: response.headers, text, body: json ? JSON.parse(text) : undefined };
  }
}
