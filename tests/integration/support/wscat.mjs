// A wscat as a person has it in a terminal.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { patience } from './server.mjs';

const wscat = fileURLToPath(new URL('../../node_modules/.bin/wscat', import.meta.url));

export class Wscat {
  // Of a person at a server; by [program, …words] another command line that ends in one.
  static of(server, user) {
    const header = `Authorization: Bearer ${server.token(user)}`;
    return new Wscat([wscat, '--no-color', '-c', server.ws, '-s', 'lockstep.v1', '-H', header]);
  }

  constructor([program, ...words], options = {}) {
    this.process = spawn(program, words, options);
    this.output = '';
    this.process.stdout.on('data', (data) => (this.output += data));
    this.process.stderr.on('data', (data) => (this.output += data));
  }

  // The messages received so far, as text. Terminal control sequences and the prompt are taken off.
  get lines() {
    const plain = this.output.replace(/\x1b\[[0-9;]*[A-Za-z]|\r/g, '');
    return plain.split('\n').map((line) => /^(?:[<>] )*(\{.*\})\s*$/.exec(line)?.[1]).filter(Boolean);
  }

  async until(check, ms = 5000) {
    const end = Date.now() + ms * patience;
    while (!check()) {
      if (Date.now() > end) throw new Error(`waited in vain for ${check}; wscat showed: ${this.output.slice(-2000)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  sees(pattern, ms) {
    return this.until(() => pattern.test(this.output), ms);
  }

  type(text) {
    this.process.stdin.write(`${text}\n`);
  }

  end() {
    this.process.kill();
  }
}
