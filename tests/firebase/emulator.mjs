// The Firebase Auth emulator, as its own command line tool runs it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { patience } from '../integration/support/server.mjs';

const tool = fileURLToPath(new URL('node_modules/firebase-tools/lib/bin/firebase.js', import.meta.url));

export const project = 'demo-lockstep';

// The emulator lives as long as this, which ends with our end of its pipe: when we stop it, or are gone.
const script = 'echo "emulator at $FIREBASE_AUTH_EMULATOR_HOST."; cat';

// Left to itself the tool takes the first free ones after its usual ones, and two that start at once take the same.
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function settings() {
  const names = ['auth', 'hub', 'logging'];
  const ports = await freePorts(names.length);
  const emulators = Object.fromEntries(names.map((name, i) => [name, { host: '127.0.0.1', port: ports[i] }]));
  return JSON.stringify({ emulators });
}

export class Emulator {
  static async start() {
    const emulator = new Emulator();
    emulator.dir = mkdtempSync(join(tmpdir(), 'lockstep-firebase-'));
    writeFileSync(join(emulator.dir, 'firebase.json'), await settings());
    // With CI it asks nobody for news; at home in that folder it finds nobody's account.
    const env = { ...process.env, CI: '1', NO_COLOR: '1', HOME: emulator.dir, XDG_CONFIG_HOME: emulator.dir };
    const words = [tool, 'emulators:exec', '--only', 'auth', '--project', project, script];
    emulator.process = spawn(process.execPath, words, { cwd: emulator.dir, env, stdio: ['pipe', 'pipe', 'pipe'] });
    emulator.exited = new Promise((resolve) => emulator.process.once('exit', (code, signal) => resolve({ code, signal })));
    emulator.url = `http://${await emulator.address()}`;
    return emulator;
  }

  address() {
    this.log = '';
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no emulator yet: ${this.log}`)), 120000 * patience);
      const read = (chunk) => {
        this.log += chunk;
        const found = /^emulator at (\S+)\.$/m.exec(this.log);
        if (!found) return;
        clearTimeout(late);
        resolve(found[1]);
      };
      this.process.stdout.on('data', read);
      this.process.stderr.on('data', read);
      this.exited.then(({ code, signal }) => {
        clearTimeout(late);
        reject(new Error(`the emulator ended (${code ?? signal}): ${this.log}`));
      });
    });
  }

  async stop() {
    this.process.stdin.end();
    const how = await this.exited;
    rmSync(this.dir, { recursive: true, force: true });
    return how;
  }
}
