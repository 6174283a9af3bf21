// `lockstep` as a person has it: a configuration of its own, a server, and what it says.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './bytes.mjs';
import { patience } from './server.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
export const program = resolve(process.env.LOCKSTEP ?? join(root, 'build/release/lockstep'));

export class Cli {
  // `url` is where the server is; undefined: the program finds it by itself.
  constructor(url, { token, env = {} } = {}) {
    this.home = mkdtempSync(join(tmpdir(), 'lockstep-cli-'));
    this.children = new Set();
    this.env = { ...process.env, XDG_CONFIG_HOME: this.home, TZ: 'UTC', ...(url && { LOCKSTEP_URL: url }), ...(token && { LOCKSTEP_TOKEN: token }), ...env };
  }

  get tokenFile() {
    return join(this.home, 'lockstep', 'token');
  }

  get savedToken() {
    return readFileSync(this.tokenFile, 'utf8').split('\n')[0];
  }

  start(words, input) {
    const child = spawn(program, words, { env: this.env, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
    this.children.add(child);
    child.once('exit', () => this.children.delete(child));
    child.stdin?.end(input);
    return child;
  }

  // Runs it to its end: {code, out, err}.
  run(...words) {
    return this.runWith(undefined, ...words);
  }

  async runWith(input, ...words) {
    const child = this.start(words, input);
    let out = '';
    let err = '';
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    const code = await new Promise((resolve) => child.on('close', (number, signal) => resolve(number ?? signal)));
    return { code, out, err };
  }

  // What must succeed, and what it printed; parsed, where --json is among the words.
  async does(...words) {
    const { code, out, err } = await this.run(...words);
    if (code !== 0) throw new Error(`lockstep ${words.join(' ')}: ${code}: ${err}${out}`);
    return words.includes('--json') ? JSON.parse(out) : out;
  }

  watch(...words) {
    return new Watching(this.start(['watch', ...words]));
  }

  // Whatever still runs is ended.
  end() {
    for (const child of this.children) child.kill('SIGKILL');
    rmSync(this.home, { recursive: true, force: true });
  }
}

// `lockstep watch` while it runs.
class Watching {
  constructor(child) {
    this.process = child;
    this.out = this.err = '';
    this.taken = 0;
    child.stdout.on('data', (data) => (this.out += data));
    child.stderr.on('data', (data) => (this.err += data));
    this.exited = new Promise((resolve) => child.on('exit', (code, signal) => resolve(code ?? signal)));
  }

  get lines() {
    return this.out.split('\n').slice(0, -1);
  }

  // The next line that fits, a pattern or a function; those before it are passed over.
  async next(fits, ms = 20000) {
    const is = typeof fits === 'function' ? fits : (line) => fits.test(line);
    let found;
    await until(
      () => {
        while (this.taken < this.lines.length && found === undefined) {
          const line = this.lines[this.taken++];
          if (is(line)) found = line;
        }
        return found !== undefined;
      },
      () => `${fits}; watch said ${this.lines.slice(-5).join('\n')} ${this.err}`,
      ms * patience,
    );
    return found;
  }

  // The next line of JSON that fits.
  async nextJson(fits, ms) {
    return JSON.parse(await this.next((line) => fits(JSON.parse(line)), ms));
  }

  async end(signal = 'SIGTERM') {
    this.process.kill(signal);
    return this.exited;
  }
}
