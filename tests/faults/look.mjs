// Opens databases with the real store, in a program of its own that is asked again and again.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../build/release/tests/faults/look', import.meta.url));

export class Looker {
  // `wrapper` is a command that runs it.
  constructor(wrapper = []) {
    const [command, ...args] = [...wrapper, program];
    this.process = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  // What the database at that path holds. Nobody else has it open.
  async at(path) {
    this.process.stdin.write(`${path}\n`);
    const { value, done } = await this.lines.next();
    assert.ok(!done, `the store ended on ${path}`);
    const seen = JSON.parse(value);
    assert.equal(seen.error, undefined, path);
    assert.ok(seen.sound, `the file is damaged: ${path}`);
    return seen;
  }

  end() {
    this.process.stdin.end();
  }
}

export async function lookAt(path, wrapper) {
  const looker = new Looker(wrapper);
  try {
    return await looker.at(path);
  } finally {
    looker.end();
  }
}
