// A server whose wall clock can be set while it runs.
import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { uuid } from './client.mjs';
import { Person } from './person.mjs';
import { Server } from './server.mjs';

const shim = fileURLToPath(new URL('../../../build/release/tests/faults/clock.so', import.meta.url));

export class Clocked extends Server {
  static async start(options) {
    assert.ok(existsSync(shim), `${shim} is missing: make build/release/tests/faults/clock.so`);
    const server = new Clocked(options);
    server.clockDir = mkdtempSync(join(tmpdir(), 'lockstep-clock-'));
    server.file = openSync(join(server.clockDir, 'offset'), 'w+');
    server.set(0);
    await server.start();
    return server;
  }

  start() {
    return super.start(['env', `LD_PRELOAD=${shim}`, `CLOCK_OFFSET_FILE=${join(this.clockDir, 'offset')}`,
      `ASAN_OPTIONS=${process.env.ASAN_OPTIONS ?? ''}:verify_asan_link_order=0`]);
  }

  // So many milliseconds ahead of the test's clock.
  set(ms) {
    this.offset = ms;
    writeSync(this.file, new BigInt64Array([BigInt(ms)]), 0, 8, 0);
  }

  now() {
    return Date.now() + this.offset;
  }

  // A token that no step of these tests ends.
  async person(name = uuid()) {
    return Object.assign(new Person(), { server: this, name, token: this.token(name, '--minutes', '6000') });
  }

  async stop() {
    await super.stop();
    closeSync(this.file);
    rmSync(this.clockDir, { recursive: true });
  }
}
