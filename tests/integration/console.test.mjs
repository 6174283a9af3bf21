// `lockstep console`, as a person uses it: on a terminal of its own, and from a pipe. What happens in wscat is in
// docs/console.md, which docs.test.mjs replays.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { patience, Server } from './support/server.mjs';
import { Wscat } from './support/wscat.mjs';

const program = process.env.LOCKSTEP ?? fileURLToPath(new URL('../../build/release/lockstep', import.meta.url));

let server;
const consoles = [];
before(async () => (server = await Server.start()));
after(async () => {
  for (const one of consoles) one.process.kill();
  await server?.stop();
});

// `lockstep console`, on a pseudo-terminal of script's (ends with it), or on pipes.
class Console {
  constructor(user, { terminal = true, options = [] } = {}) {
    const config = join(server.dir, `config-${user}`);
    mkdirSync(join(config, 'lockstep'), { recursive: true });
    const env = {
      ...process.env,
      LOCKSTEP_URL: server.http,
      LOCKSTEP_TOKEN: server.token(user),
      XDG_CONFIG_HOME: config,
      TERM: 'xterm',
      LC_ALL: 'C.UTF-8',
    };
    const command = [program, 'console', ...options];
    this.process = terminal
      ? spawn('script', ['-qfec', `stty cols 100; ${command.join(' ')}`, '/dev/null'], { env })
      : spawn(command[0], command.slice(1), { env });
    consoles.push(this);
    this.output = '';
    this.exited = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.stdout.on('data', (data) => (this.output += data));
    this.process.stderr.on('data', (data) => (this.output += data));
  }

  type(keys) {
    this.process.stdin.write(keys);
  }

  async sees(pattern, ms = 5000) {
    const end = Date.now() + ms * patience;
    // Colours are not looked at here.
    const plain = () => this.output.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '');
    while (!pattern.test(plain())) {
      if (Date.now() > end) throw new Error(`waited in vain for ${pattern}; it showed: ${plain().slice(-2000)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return pattern.exec(plain());
  }
}

test('lockstep console: words, completion by title, frames as they come', async () => {
  const other = Wscat.of(server, 'carol');
  consoles.push(other);
  const console = new Console('carol');
  await console.sees(/"type": "live"/);
  await other.sees(/"type":"live"/);
  console.type('addSession title="Read a book" initialDuration=1500\r');
  const [, id] = await console.sees(/"session": "([0-9a-f-]{36})"/);
  console.type('star\tses\tre\t\r');
  await console.sees(new RegExp(`→ \\S+ \\{"type": "start", "session": "${id}"`));
  await console.sees(/"event": "start"/);
  await console.sees(/"targetTimeMs": \d+ \(\d\d:\d\d:\d\d\.\d{3}\)/);
  await other.sees(/"event":"start"/);

  // What others do is seen while a line is being typed, and the line is still there.
  console.type(':r');
  other.type(`{"type":"pause","session":"${id}"}`);
  await console.sees(/"event": "pause"/);
  console.type('aw\r:nonsense\r');
  await console.sees(/there is no such command: :nonsense/);
  other.type(`{"type":"renameSession","session":"${id}","title":"Sleep"}`);
  await console.sees(/← \{"type":"event",.*"title":"Sleep"/);
  console.type(':quit\r');
  assert.equal(await console.exited, 0);
  other.end();
});

test('lockstep console: what was typed is remembered, a token is not', async () => {
  const first = new Console('dave');
  await first.sees(/"type": "live"/);
  first.type('help command=restoreSession\r');
  await first.sees(/"type": "help"/);
  first.type('auth token=abc\r');
  await first.sees(/tokenInvalid/);
  first.type('\x04');
  assert.equal(await first.exited, 0);
  const second = new Console('dave');
  await second.sees(/"type": "live"/);
  second.type('\x10\r');
  await second.sees(/→ \S+ \{"type": "help", "command": "restoreSession"/);
  second.type(':quit\r');
  assert.equal(await second.exited, 0);
});

test('lockstep console: it comes back after the server did', async () => {
  const console = new Console('erin');
  await console.sees(/"type": "live"/);
  await server.kill();
  await console.sees(/-- offline/);
  console.type('help\r');
  await console.sees(/not sent: there is no connection/);
  await server.start();
  await console.sees(/-- offline[^]*"type": "live"/, 15000);
  console.type(':quit\r');
  assert.equal(await console.exited, 0);
});

test('lockstep console: from a pipe it ends when all is answered', async () => {
  const console = new Console('frank', { terminal: false, options: ['--raw'] });
  console.process.stdin.end('addSession title=Tea initialDuration=240 id=9\n{"type":"getSnapshot","id":10}');
  assert.equal(await console.exited, 0);
  const frames = console.output.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(frames.find(({ type, id }) => type === 'result' && id === 9).ok, true);
  assert.equal(frames.find(({ type, id }) => type === 'snapshot' && id === 10).state.sessions[0].title, 'Tea');
});

// protocol.md: a batch is answered "with one result each", `resume` "by `ready` and what follows it".
test('lockstep console: from a pipe, a batch has many answers, and that to resume ends with `live`', async () => {
  const batch = { type: 'batch', id: 'all', commands: ['a', 'b', 'c'].map((id) => ({ type: 'resetAll', id })) };
  const position = 'resume epoch=another seq=0';
  for (const [input, last] of [[JSON.stringify(batch), { type: 'result', id: 'c' }], [position, { type: 'live' }]]) {
    const console = new Console('grace', { terminal: false, options: ['--raw', '--timeout', '60'] });
    const begun = Date.now();
    console.process.stdin.end(input);
    assert.equal(await console.exited, 0);
    assert.ok(Date.now() - begun < 30000, 'it has not waited for more');
    const frames = console.output.trim().split('\n').map((line) => JSON.parse(line));
    const { type, id } = frames.at(-1);
    assert.deepEqual(id === undefined ? { type } : { type, id }, last);
    if (input === position) assert.equal(frames.at(-2).reason, 'epoch');
  }
});

test('lockstep console: messages as they are control no terminal, even if it is not what is typed at', async () => {
  const console = new Console('heidi', { options: ['--raw <<"END"\naddSession title="\u009b2J"\nEND\n'] });
  assert.equal(await console.exited, 0);
  assert.match(console.output, /"title":"\ufffd2J"/);
});
