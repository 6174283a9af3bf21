// The server's subcommands, run while everything else goes on; and how a file is broken.
import { execFile, execFileSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import assert from 'node:assert/strict';
import { binary } from './server.mjs';

// {status, stdout, stderr}. `wrapper` is a command that runs it.
export function run(args, { wrapper = [] } = {}) {
  const [command, ...all] = [...wrapper, binary, ...args];
  return new Promise((resolve) => {
    execFile(command, all, { maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      resolve({ status: error ? (error.signal ?? error.code) : 0, stdout, stderr });
    });
  });
}

// What it prints; it must succeed and complain of nothing.
export async function does(...args) {
  const { status, stdout, stderr } = await run(args);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' }, args.join(' '));
  return stdout;
}

// It must end with that code and say why in one line, which is like that.
export async function refuses(code, like, ...args) {
  const { status, stderr } = await run(args);
  assert.equal(status, code, `${args.join(' ')}: ${stderr}`);
  assert.match(stderr, /^lockstepd: [^\n]+\n$/);
  assert.match(stderr, like);
}

export function overwrite(path, offset, bytes) {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, offset);
  closeSync(file);
}

// Changes a database that nobody has open, without regard for what refers to what.
export function change(path, sql) {
  execFileSync('python3', ['-c', `import sqlite3; c = sqlite3.connect(${JSON.stringify(path)}); c.executescript(${JSON.stringify(sql)})`]);
}
