// A desktop to look at without one: screens in memory (X11 and Wayland), a message bus, and what is started there, all
// of which ends with it.
import { execFileSync, spawn } from 'node:child_process';
import { accessSync, chmodSync, chownSync, constants, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Picture } from './pixels.mjs';
import { patience } from './server.mjs';

const reader = fileURLToPath(new URL('accessible.py', import.meta.url));
const nobody = 65534;

function isThere(program) {
  const candidates = program.startsWith('/') ? [program] : process.env.PATH.split(delimiter).map((dir) => join(dir, program));
  return candidates.some((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export const missing = (...programs) => programs.filter((program) => !isThere(program));

// Waits for something that is there, and answers with it.
export async function until(look, what, ms = 15000) {
  const end = Date.now() + ms * patience;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${typeof what === 'function' ? what() : what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export class Stage {
  // `env`: what everything on it finds in its environment, beside the PATH.
  constructor(env) {
    this.dir = mkdtempSync(join(tmpdir(), 'lockstep-stage-'));
    this.processes = [];
    for (const name of ['home', 'run']) mkdirSync(join(this.dir, name), { mode: 0o700 });
    const home = join(this.dir, 'home');
    this.env = {
      PATH: process.env.PATH,
      HOME: home,
      XDG_CONFIG_HOME: join(home, '.config'),
      XDG_RUNTIME_DIR: join(this.dir, 'run'),
      LC_ALL: 'C.UTF-8',
      SHELL: '/bin/sh', // some users have none
      ...env,
    };
  }

  write(name, text) {
    const path = join(this.dir, name);
    writeFileSync(path, text);
    return path;
  }

  // Starts it, and keeps what it says in `output`.
  run(program, args, { env = {}, stdio = ['ignore', 'pipe', 'pipe'], ...more } = {}) {
    const child = spawn(program, args, { env: { ...this.env, ...env }, stdio, cwd: this.dir, ...more });
    child.output = '';
    child.ended = new Promise((resolve) => child.once('close', resolve));
    child.once('error', (error) => (child.output += error));
    for (const pipe of child.stdio.slice(1)) pipe?.on('data', (data) => (child.output += data));
    this.processes.push(child);
    return child;
  }

  // What it says that fits, once it has.
  async says(child, pattern) {
    const found = await until(() => {
      if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended: ${child.output}`);
      return pattern.exec(child.output);
    }, () => `${child.spawnfile}: ${child.output}`);
    return found[0];
  }

  // The session's bus, on which a window answers to screen readers.
  async openBus() {
    const bus = this.run('dbus-daemon', ['--session', '--nofork', '--print-address']);
    this.env.DBUS_SESSION_BUS_ADDRESS = await this.says(bus, /unix:\S+/);
  }

  // An X server; answers with the environment of its clients and a function that takes a picture.
  async openX(size) {
    const dir = mkdtempSync(join(this.dir, 'x-'));
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe'];
    const server = this.run('Xvfb', ['-displayfd', '3', '-screen', '0', `${size}x24`, '-fbdir', dir, '-nolisten', 'tcp'], { stdio });
    const env = { DISPLAY: `:${(await this.says(server, /\d+\n/)).trim()}` };
    const dump = join(dir, 'Xvfb_screen0');
    return { env, shoot: () => Picture.fromXwd(readFileSync(dump)) };
  }

  // Sway, which refuses to be root.
  async openSway(size, config) {
    const dir = mkdtempSync(join(this.dir, 'sway-'));
    const path = this.write('sway.conf', `xwayland disable\noutput HEADLESS-1 resolution ${size} bg #404040 solid_color\n${config}`);
    const user = process.getuid() === 0 ? { uid: nobody, gid: nobody } : {};
    if (user.uid) {
      chownSync(dir, nobody, nobody);
      chmodSync(this.dir, 0o711);
    }
    const headless = { WLR_BACKENDS: 'headless', WLR_RENDERER: 'pixman', WLR_LIBINPUT_NO_DEVICES: '1', LIBSEAT_BACKEND: 'noop' };
    const sway = this.run('sway', ['-c', path], { env: { ...headless, XDG_RUNTIME_DIR: dir }, cwd: '/', ...user });
    const [socket, display] = await until(() => {
      if (sway.exitCode !== null) throw new Error(`sway ended: ${sway.output}`);
      const names = readdirSync(dir);
      const found = [/^sway-ipc.*\.sock$/, /^wayland-\d+$/].map((pattern) => names.find((name) => pattern.test(name)));
      return found.every(Boolean) && found;
    }, () => `sway: ${sway.output}`);
    const env = { WAYLAND_DISPLAY: join(dir, display), SWAYSOCK: join(dir, socket) };
    const call = (program, ...args) => execFileSync(program, args, { env: { ...this.env, ...env }, maxBuffer: 1e8, stdio: ['ignore', 'pipe', 'ignore'] });
    return { env, call, shoot: () => Picture.fromPpm(call('grim', '-t', 'ppm', '-')) };
  }

  // What a screen reader finds in that program: parts with role, name and states.
  parts(program) {
    const text = execFileSync(reader, [program], { env: this.env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  }

  // The command lines of whatever runs on it, whoever started it there.
  get left() {
    const mark = `HOME=${join(this.dir, 'home')}\0`;
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
      try {
        const ours = readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
        return ours ? [`${pid}: ${readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')}`] : [];
      } catch {
        return []; // gone, or somebody else's
      }
    });
  }

  // The last that came goes first: clients before their screens.
  async close() {
    for (const child of this.processes.reverse()) {
      child.kill();
      const late = setTimeout(() => child.kill('SIGKILL'), 5000);
      await child.ended;
      clearTimeout(late);
    }
    await until(() => this.left.length === 0, () => `the end of ${this.left.join(', ')}`);
    rmSync(this.dir, { recursive: true, force: true });
  }
}
