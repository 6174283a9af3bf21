// A terminal as the documents show it. A block of theirs is a list of commands ("$ …"), each with what it prints; in
// wscat lines are typed ("> …") and come back ("< …"). "…" is whatever stands there; in what is typed it is the value that
// came last under that name. A message may go on in the next lines, indented.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { root } from './manual.mjs';
import { program } from './cli.mjs';
import { binary, patience } from './server.mjs';
import { Wscat } from './wscat.mjs';

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const patternOf = (line) => new RegExp(`^${line.split('…').map(escape).join('.*')}$`);

// [{command, lines: [what follows it]}]
export function stepsOf(block) {
  const steps = [];
  for (const line of block.lines) {
    const last = steps.at(-1);
    const lines = last?.lines ?? [];
    if (last && lines.length === 0 && last.command.endsWith('\\')) last.command = last.command.slice(0, -1) + line.trim();
    else if (line.startsWith('$ ')) steps.push({ command: line.slice(2), lines: [] });
    else if (/^ +\S/.test(line) && /^([<>] )?[{[]/.test(lines.at(-1) ?? '')) lines.push(lines.pop() + line.trim());
    else lines.push(line);
  }
  return steps;
}

function assertLine(shown, wanted, where) {
  assert.ok(patternOf(wanted).test(shown ?? ''), `${where}\nthe page shows ${wanted}\nwhat came is  ${shown ?? 'nothing more'}`);
}

// A line "…" alone is any number of lines.
function assertShown(shown, wanted, where) {
  let at = 0;
  for (const [index, line] of wanted.entries()) {
    if (line === '…' && index === wanted.length - 1) return;
    if (line === '…') {
      const next = patternOf(wanted[index + 1]);
      while (at < shown.length && !next.test(shown[at])) at++;
    } else {
      assertLine(shown[at++], line, where);
    }
  }
  assert.deepEqual(shown.slice(at), [], `${where}: nothing but what the page shows`);
}

// Empty when there is none.
function statusOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

async function freePort() {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address();
  listener.close();
  return port;
}

// Where the pages have servers of their own.
const ADDRESSES = ['127.0.0.1:8081', '0.0.0.0:8443'];

export class Session {
  // With a server, which is what the page has at 127.0.0.1:8080.
  static async with(server) {
    const swaps = [['127.0.0.1:8080', `127.0.0.1:${server.port}`]];
    for (const address of ADDRESSES) {
      const [, port] = address.split(':');
      const here = await freePort();
      // Nothing listens to other machines here.
      swaps.push([address, `127.0.0.1:${here}`], [`localhost:${port}`, `localhost:${here}`]);
    }
    return new Session(server, swaps);
  }

  // `swaps` are [as the page has it, as it is here].
  constructor(server, swaps) {
    this.swaps = swaps;
    this.url = server.http;
    this.seen = {};
    this.jobs = [];
    this.layOut(server.dir);
    const env = {
      ...process.env,
      PATH: `${join(server.dir, 'bin')}:${join(root, 'tests/node_modules/.bin')}:${process.env.PATH}`,
      HOME: server.dir,
      TZ: 'UTC',
      LC_ALL: 'C.UTF-8',
    };
    for (const name of ['XDG_CONFIG_HOME', 'LOCKSTEP_URL', 'LOCKSTEP_TOKEN']) delete env[name];
    writeFileSync(join(server.dir, '.config/lockstep/config'), `url = ${server.http}\n`);
    this.options = { cwd: server.dir, env };
    this.shell = spawn('bash', [], { ...this.options, stdio: ['pipe', 'pipe', 'inherit'] });
    this.output = '';
    this.shell.stdout.on('data', (data) => (this.output += data));
  }

  // A working copy with everything built, and an installed system's programs.
  layOut(dir) {
    for (const folder of ['bin', 'build/release', '.config/lockstep']) mkdirSync(join(dir, folder), { recursive: true });
    for (const folder of ['docs', 'examples', 'packaging', 'tests']) symlinkSync(join(root, folder), join(dir, folder));
    symlinkSync(join(root, 'build/web'), join(dir, 'build/web'));
    for (const [name, path] of [['lockstepd', resolve(binary)], ['lockstep', program]]) {
      for (const folder of ['bin', 'build/release']) symlinkSync(path, join(dir, folder, name));
    }
  }

  swap(text, from, to) {
    return this.swaps.reduce((all, pair) => all.replaceAll(pair[from], pair[to]), text);
  }

  remember(value, top = true) {
    for (const [name, one] of Object.entries(value ?? {})) {
      if (one !== null && typeof one === 'object') this.remember(one, false);
      else this.seen[name] = one;
      if (top && (name === 'id' || name === 'sessionId') && typeof one === 'string') this.id = one;
    }
  }

  rememberAll(lines) {
    for (const line of lines) {
      try {
        this.remember(JSON.parse(line));
      } catch {
        // Not a message.
      }
    }
  }

  async until(check, what, ms = 10000) {
    const end = Date.now() + ms * patience;
    for (let found; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
      if ((found = check())) return found;
      if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    }
  }

  // What came back last, as variables of the shell.
  get variables() {
    const { epoch, token } = this.seen;
    return Object.entries({ id: this.id, epoch, device: token }).map(([name, value]) => (value ? `${name}=${value}\n` : '')).join('');
  }

  // What the command prints, by lines, and how it ends.
  async run(command) {
    this.output = '';
    this.shell.stdin.write(`${this.variables}{ ${command}\n} 2>&1 </dev/null\nprintf '\\n\\1%s\\1\\n' "$?"\n`);
    const end = /\n\x01(\d+)\x01\n$/;
    await this.until(() => end.test(this.output), command, 20000);
    const lines = this.swap(this.output.replace(end, ''), 1, 0).split('\n');
    if (lines.at(-1) === '') lines.pop();
    return { lines, code: Number(end.exec(this.output)[1]) };
  }

  // Something that stays: a server. What it says must come; it is ended with the session.
  async leave(command, lines, where) {
    const file = join(this.options.cwd, `job-${this.jobs.length}`);
    writeFileSync(file, ''); // before the shell makes it it is looked into
    const { lines: [pid] } = await this.run(`${command.replace(/ *&$/, '')} >${file} 2>&1 & echo $!`);
    this.jobs.push(Number(pid));
    for (const line of lines) {
      const said = () => this.swap(readFileSync(file, 'utf8'), 1, 0).split('\n').some((one) => patternOf(line).test(one));
      await this.until(said, `${where}: ${line}`);
    }
  }

  async converse(command, lines, where) {
    const { lines: [token] } = await this.run('echo "$token"');
    this.seen.token = token;
    const line = `export token=${token} LOCKSTEP_URL=${this.url}\nexec ${command}`;
    // How a conversation ended wscat says to a terminal only, which shows what is typed, too.
    const ends = lines.some((one) => one.startsWith('Disconnected'));
    const terminal = new Wscat(ends ? ['script', '-qfec', line, '/dev/null'] : ['bash', '-c', line], this.options);
    let received = 0;
    for (const line of lines) {
      if (line.startsWith('> ')) {
        terminal.type(line.slice(2).replace(/"(\w+)":("?)…\2/g, (_, name) => `"${name}":${JSON.stringify(this.seen[name])}`));
      } else if (line.startsWith('< ')) {
        await terminal.until(() => terminal.lines.length > received);
        assertLine(terminal.lines[received], line.slice(2), where);
        this.remember(JSON.parse(terminal.lines[received++]));
      } else {
        await terminal.sees(new RegExp(escape(line)), 5000);
      }
    }
    assert.equal(terminal.lines.length, received, `${where}: nothing but what the page shows`);
    terminal.end();
  }

  // A block of commands that must succeed, whatever they print.
  async sh(block) {
    for (const line of block.lines.join('\n').replaceAll(/\\\n */g, '').split('\n')) {
      const { lines, code } = await this.run(this.swap(line, 0, 1));
      const where = `${block.page}:${block.line}: ${line}: ${lines.join('\n')}`;
      assert.equal(code, 0, where);
      assert.doesNotMatch(lines.join('\n'), /"error":/, where);
      this.rememberAll(lines);
    }
  }

  // A block of commands and what they print.
  async console(block) {
    for (const { command, lines } of stepsOf(block)) {
      const here = this.swap(command, 0, 1);
      const where = `${block.page}:${block.line}: ${command}`;
      if (lines.some((line) => /^[<>] /.test(line))) {
        await this.converse(here, lines, where);
      } else if (command.endsWith('&')) {
        await this.leave(here, lines, where);
      } else {
        const { lines: shown } = await this.run(here);
        this.rememberAll(shown);
        assertShown(shown, lines, where);
      }
    }
  }

  // Nothing of it writes into the server's folder any more.
  async end() {
    const runs = (pid) => /^State:\s+[^Z]/m.test(statusOf(pid));
    for (const pid of this.jobs.filter(runs)) process.kill(pid);
    for (const pid of this.jobs) await this.until(() => !runs(pid), 'its end');
    this.shell.kill();
  }
}
