// The command-line client as a person uses it, against the real server.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from './support/bytes.mjs';
import { tlsOptions } from './support/certificate.mjs';
import { Cli, program } from './support/cli.mjs';
import { Person } from './support/person.mjs';
import { Server, patience } from './support/server.mjs';

const codes = { refused: 1, usage: 2, name: 3, token: 4, offline: 5, config: 78 };
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;

let server;
before(async () => (server = await Server.start()));
after(() => server.stop());

const clis = [];
after(() => clis.forEach((cli) => cli.end()));

const servers = [];
after(() => Promise.all(servers.map((one) => one.stop())));

// A server for one test alone, which may kill it.
async function ownServer(...options) {
  const own = await Server.start(...options);
  servers.push(own);
  return own;
}

function cliOf(...options) {
  const cli = new Cli(...options);
  clis.push(cli);
  return cli;
}

// Somebody with an account, and a `lockstep` of theirs.
async function somebody() {
  const person = await Person.of(server);
  return { person, cli: cliOf(server.http, { token: person.token }) };
}

async function fails(cli, code, said, ...words) {
  const answer = await cli.run(...words);
  assert.equal(answer.code, code, `${words.join(' ')}: ${answer.err}${answer.out}`);
  assert.match(answer.err, said);
  return answer;
}

test('a timer: added, started, paused, reset, completed, edited, renamed', async () => {
  const { person, cli } = await somebody();
  const socket = await person.live();
  await person.group('Garage');
  assert.equal(await cli.does('add', 'Read', '25m', '--goal', '1h30m', '--group', 'gar'), 'Read: ready, 25:00 left\n');
  const added = (await socket.event('addSession')).session;
  assert.deepEqual([added.title, added.initialDuration, added.dailyGoalMinutes, added.noGoal], ['Read', 1500, 90, false]);
  assert.equal(await cli.does('start', 'rea'), 'Read: running, 25:00 left\n');
  assert.equal((await socket.event('start')).session.id, added.id);
  assert.match(await cli.does('start', 'read'), /^Read: already running, 2[45]:\d\d left\n$/);
  assert.equal((await cli.does('pause', '--json')).state, 'PAUSED');
  await socket.event('pause');
  assert.match(await cli.does('toggle'), /^Read: running/);
  assert.match(await cli.does('toggle', 'read'), /^Read: paused/);
  assert.equal(await cli.does('reset', 'read'), 'Read: ready, 25:00 left\n');
  assert.equal((await cli.does('edit', 'read', '--length', '1:30:00', '--goal', 'none', '--json')).initialSeconds, 5400);
  const edited = (await socket.event('editSession')).session;
  assert.deepEqual([edited.initialDuration, edited.dailyGoalMinutes, edited.noGoal], [5400, null, true]);
  assert.equal(await cli.does('edit', 'read', '--length', 'none'), 'Read: ready, 0:00 gone by\n');
  assert.match(await cli.does('rename', 'read', 'Write'), /^Write: /);
  await cli.does('move', 'write', '-');
  assert.equal((await socket.event('moveSession')).session.groupId, null);
  assert.equal((await cli.does('move', 'write', 'garage', '--json')).group, 'Garage');
  await cli.does('start', added.id.slice(0, 30));
  assert.match(await cli.does('done'), /^Write: completed, 0:0\d gone by\n$/);
  assert.equal((await socket.event('complete')).session.status, 'completed');
  assert.equal(await cli.does('reset', '--all'), '1 reset\n');
  assert.equal(await cli.does('add', 'Tea', '90s', '--start'), 'Tea: running, 1:30 left\n');
  await socket.end();
});

test('what is deleted is hidden, and can be brought back by its name', async () => {
  const { cli } = await somebody();
  await cli.does('add', 'Read', '25');
  assert.match(await cli.does('delete', 'read'), new RegExp(`^Read is deleted; lockstep restore ${uuid.source} brings it back\n$`));
  assert.deepEqual(await cli.does('list', '--json'), []);
  assert.equal(await cli.does('restore', 'rea'), 'Read: ready, 25:00 left\n');
  await fails(cli, codes.name, /nothing called read was deleted lately/, 'restore', 'read');
  const [, id] = /restore (\S+)/.exec(await cli.does('delete', 'read'));
  assert.equal(await cli.does('restore', id), 'Read: ready, 25:00 left\n');
});

// domain.md: "replay at most 500 events or 256 KiB, else a snapshot", in which what is deleted is not.
test('what is deleted can be brought back by its name when the events before it are large', async () => {
  const { person, cli } = await somebody();
  const structure = { text: 'x'.repeat(45000) };
  for (let i = 0; i < 7; i++) await person.commands({ type: 'addPlan', name: `Plan ${i}`, structure });
  await cli.does('add', 'Read', '25');
  await cli.does('delete', 'read');
  assert.equal(await cli.does('restore', 'read'), 'Read: ready, 25:00 left\n');
});

// Of what is not there any more there is nothing to tell but which it was.
test('--json prints JSON of what is deleted, and of what is reset at once', async () => {
  const { cli } = await somebody();
  const [read, tea] = [await cli.does('add', 'Read', '25m', '--json'), await cli.does('add', 'Tea', '4m', '--start', '--json')];
  assert.deepEqual(await cli.does('reset', '--all', '--json'), { sessions: [tea.id] });
  assert.deepEqual(await cli.does('reset', '--all', '--json'), { sessions: [] });
  assert.deepEqual(await cli.does('delete', 'read', '--json'), { session: read.id });
  assert.deepEqual(await cli.does('delete', 'tea', '--json'), { session: tea.id });
});

test('a focus session', async () => {
  const { person, cli } = await somebody();
  const socket = await person.live();
  assert.equal(await cli.does('focus', 'short', 'Mail'), 'Mail: running, 15:00 left\n');
  await fails(cli, codes.refused, /refused: .*\(alreadyActive\)/, 'focus');
  await cli.does('focus', 'pause', '--reason', 'the phone');
  assert.equal((await socket.event('pause')).session.focus.pauses[0].reason, 'the phone');
  await cli.does('focus', 'resume');
  await cli.does('focus', 'distraction');
  assert.equal((await socket.event('distraction')).session.focus.distractions, 1);
  await cli.does('focus', 'done', '--rating', '4', '--progress', 'all answered');
  const { focus } = (await socket.event('complete')).session;
  assert.deepEqual([focus.qualityRating, focus.taskProgress], [4, 'all answered']);
  await fails(cli, codes.name, /no focus session is on/, 'focus', 'done');
  assert.equal((await cli.does('focus', '--json')).initialSeconds, 1500);
  await cli.does('focus', 'abandon', '--reason', 'tired', '--progress', 'half');
  assert.equal((await socket.event('abandon')).session.focus.abandonReason, 'tired');
  assert.equal((await cli.does('focus', '50m', '--json')).initialSeconds, 3000);
  await cli.does('focus', 'done');
  assert.match(await cli.does('focus', 'Letters'), /^Letters: running, 25:00 left\n$/);
  await socket.end();
});

test('status says what runs, today and next, and by its code whether anything runs', async () => {
  const { cli } = await somebody();
  const idle = await cli.run('status');
  assert.deepEqual([idle.code, idle.out], [3, 'nothing is running\ntoday: 0:00\n']);
  await cli.does('add', 'Tea', '4m');
  await cli.does('add', 'Read', '25m', '--goal', '30', '--start');
  const text = await cli.does('status');
  assert.match(text, /^Read {2}2[45]:\d\d left, until \d\d:\d\d {2}\(today 0:00 of 0:30\)\nnext: Tea {2}4:00\ntoday: 0:00\n$/);
  const json = await cli.does('status', '--json');
  assert.equal(json.phase, 'live');
  assert.deepEqual(json.sessions.find((s) => s.id === json.current).title, 'Read');
  assert.deepEqual(json.sessions.find((s) => s.id === json.next).title, 'Tea');
});

test("status counts today what has ended and what is deleted, too, as the report does", async () => {
  const { person, cli } = await somebody();
  await person.liveAtNoon();
  const ago = (hours) => Date.now() - hours * 3600000;
  const [, { session }] = await person.commands(
    { type: 'addSession', kind: 'focus', sessionType: 'long', title: 'Think', atMs: ago(3) },
    { type: 'addSession', title: 'Read', atMs: ago(3) },
  );
  await person.commands({ type: 'start', session, atMs: ago(2) }, { type: 'pause', session, atMs: ago(1) }, { type: 'deleteSession', session });
  assert.equal((await cli.run('status')).out, 'nothing is running\ntoday: 1:45\n');
  assert.match(await cli.does('report', '--day'), /\n= sum +1:45\n/);
});

test('list: a table, names for completions, JSON for scripts', async () => {
  const { cli } = await somebody();
  await cli.does('add', 'Read', '25m', '--goal', '30');
  await cli.does('add', '茶', '4m', '--start');
  assert.deepEqual((await cli.does('list', '--names')).split('\n').sort(), ['', 'Read', '茶']);
  const lines = (await cli.does('list')).split('\n');
  assert.match(lines[0], /^TITLE +KIND +GROUP +STATE +LEFT +TODAY +GOAL$/);
  assert.match(lines[1], /^茶 +running +[34]:\d\d +0:00$/);
  assert.match(lines[2], /^Read +25:00 +0:00 +0:30$/);
  await cli.does('done', '茶');
  assert.equal((await cli.does('list', '--json')).length, 1);
  const [tea] = (await cli.does('list', '--all', '--json')).filter((s) => s.title === '茶');
  assert.equal(tea.status, 'completed');
});

test('report: by session and day, sum and union, goals and streak', async () => {
  const { person, cli } = await somebody();
  await person.liveAtNoon();
  const now = Date.now();
  const [{ session: read }, { session: tea }] = await person.commands(
    { type: 'addSession', title: 'Read', dailyGoalMinutes: 60, atMs: now - 4 * 3600000 },
    { type: 'addSession', title: 'Tea', atMs: now - 4 * 3600000 },
  );
  // Two hours of the one, the second of them beside the other.
  await person.commands(
    { type: 'start', session: read, atMs: now - 3 * 3600000 },
    { type: 'start', session: tea, atMs: now - 2 * 3600000 },
    { type: 'pause', session: read, atMs: now - 3600000 },
    { type: 'pause', session: tea, atMs: now - 3600000 },
  );
  const day = await cli.does('report', '--day');
  assert.match(day, /\nRead +2:00 +1:00 ✔\n/);
  assert.match(day, /\nTea +1:00\n= sum +3:00\n= union +2:00\n\nstreak: 1 day\n$/);
  const week = (await cli.does('report')).split('\n');
  assert.match(week[2], /^SESSION +Mon \d\d +Tue \d\d +Wed \d\d +Thu \d\d +Fri \d\d +Sat \d\d +Sun \d\d +TIME +GOAL$/);
  assert.match(week[3], /^Read +2:00 +2:00 +\d:00/);
  assert.match(await cli.does('report', '--month'), /\n= union +2:00\n/);
  const json = await cli.does('report', '--day', '--json');
  assert.deepEqual([json.periods[0].sumMinutes, json.periods[0].unionMinutes], [180, 120]);
  const past = await cli.does('report', '--from', '2025-01-01', '--to', '2025-01-31');
  assert.match(past, /^2025-01-01 to 2025-01-31\n[^]*= sum +0:00\n/);
});

test('names: the beginning will do, the same wins, and more than one is asked about', async () => {
  const { cli } = await somebody();
  for (const title of ['Tea', 'Te deum', 'tea time', 'Écrire']) await cli.does('add', title, '5m');
  assert.match(await cli.does('start', 'Tea'), /^Tea: /);
  assert.match(await cli.does('start', 'tea t'), /^tea time: /);
  assert.match(await cli.does('start', 'éc'), /^Écrire: /);
  const { err } = await fails(cli, codes.name, /te may be any of these:/, 'reset', 'te');
  assert.equal(err.split('\n').filter((line) => uuid.test(line)).length, 3);
  await fails(cli, codes.name, /there is no session called nothing/, 'start', 'nothing');
  await fails(cli, codes.name, /more than one is running/, 'pause');
  await fails(cli, codes.name, /there is no group called x/, 'move', 'éc', 'x');
  // Of two of that beginning the one that runs is meant when it is about pausing.
  await cli.does('pause', 'Tea');
  assert.match(await cli.does('pause', 'te'), /^tea time: paused/);
});

test('what makes no sense is said before anybody is asked', async () => {
  const cli = cliOf('http://127.0.0.1:1', { token: 'x' });
  for (const [said, ...words] of [
    [/there is no command fly/, 'fly'],
    [/--wings is no option/, 'list', '--wings'],
    [/-x is no option/, 'list', '-xh'],
    [/--json=yes is no option/, 'list', '--json=yes'],
    [/--format needs a value/, 'watch', '--format'],
    [/--goal does not go with list/, 'list', '--goal', '5m'],
    [/usage: lockstep add TITLE/, 'add'],
    [/length soon: expected 25m/, 'add', 'Tea', 'soon'],
    [/goal never: expected 25m/, 'add', 'Tea', '--goal', 'never'],
    [/edit changes --length or --goal/, 'edit', 'Tea'],
    [/reset takes a NAME, or --all/, 'reset'],
    [/--rating 6: 1 to 5/, 'focus', 'done', '--rating', '6'],
    [/--rating does not go with focus/, 'focus', '--rating', '5'],
    [/--timeout 0: seconds/, 'list', '--timeout', '0'],
    [/--format fancy: there is none/, 'watch', '--format', 'fancy'],
    [/one of --day, --week, --month/, 'report', '--day', '--week'],
    [/--from soon: expected YYYY-MM-DD/, 'report', '--from', 'soon', '--to', '2026-01-01'],
    [/gopher:.* is no address/, 'list', '--url', 'gopher://x'],
  ]) await fails(cli, codes.usage, said, ...words);
  assert.equal((await cli.run()).code, codes.usage);
  assert.match((await cli.run('--version')).out, /^lockstep \d+\.\d+\.\d+\n$/);
  const help = await cli.does('help');
  for (const name of [...help.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1])) {
    assert.match(await cli.does('help', name), new RegExp(`^usage: lockstep ${name}`));
    assert.equal(await cli.does(name, '--help'), await cli.does('help', name));
  }
  assert.match(await cli.does('help', 'exit-codes'), /^78 /m);
});

test('nobody there is code 5, at once; a token that is no good is 4', async () => {
  const cli = cliOf('http://127.0.0.1:1', { token: 'x' });
  const begun = Date.now();
  await fails(cli, codes.offline, /no answer from http:\/\/127\.0\.0\.1:1/, 'list');
  await fails(cli, codes.offline, /no answer from/, 'report', '--day');
  await fails(cli, codes.token, /does not let us in/, 'list', '--url', server.http);
  await fails(cli, codes.token, /does not let us in/, 'report', '--day', '--url', server.http);
  await fails(cliOf(server.http), codes.token, /not signed in; run: lockstep login/, 'list');
  assert.ok(Date.now() - begun < 15000);
});

test('one that takes the connection and says nothing is code 5 after --timeout', async () => {
  const silent = createServer(() => {});
  await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const cli = cliOf(`http://127.0.0.1:${silent.address().port}`, { token: 'x' });
  await fails(cli, codes.offline, /the time is up/, 'list', '--timeout', '0.5');
  await fails(cli, codes.offline, /no answer from/, 'report', '--day', '--timeout', '0.5');
  silent.close();
});

test('login makes a token of the device from --dev, from a token that expires, and logout revokes it', async () => {
  const person = await Person.of(server);
  const tokens = async () => (await person.gets('/v1/tokens')).items;
  const cli = cliOf(server.http);
  assert.equal(await cli.does('login', '--dev', person.name), `signed in at ${server.http} as ${person.name}\n`);
  const [made] = await tokens();
  assert.equal(made.scope, 'full');
  assert.equal(statSync(cli.tokenFile).mode & 0o777, 0o600);
  assert.equal(statSync(join(cli.home, 'lockstep')).mode & 0o777, 0o700);
  assert.match(cli.savedToken, /^lockstep_/);
  assert.deepEqual(readdirSync(join(cli.home, 'lockstep')), ['token']);
  await cli.does('add', 'Tea', '4m');

  // Again, with a token on standard input: the one before is revoked.
  const again = await cli.runWith(`${person.token}\n`, 'login');
  assert.deepEqual([again.code, again.err], [0, '']);
  assert.deepEqual((await tokens()).map((token) => token.id === made.id), [false]);
  assert.ok(!again.out.includes(cli.savedToken));

  assert.equal(await cli.does('logout'), `signed out of ${server.http}\n`);
  assert.deepEqual(await tokens(), []);
  await fails(cli, codes.token, /not signed in/, 'list');
  await fails(cli, codes.token, /not signed in/, 'logout');

  // Kept as it is, from a file.
  const file = join(cli.home, 'mine');
  writeFileSync(file, `${person.token}\n`);
  await cli.does('login', '--keep', '--token-file', file);
  assert.equal(cli.savedToken, person.token);
  assert.deepEqual(await tokens(), []);
  assert.equal(await cli.does('list', '--names'), 'Tea\n');

  // A device's token is not traded for another, and logout leaves it to whoever has made it.
  const { token } = await person.adds('/v1/tokens', { name: 'phone', scope: 'full' });
  assert.equal((await cli.runWith(token, 'login')).code, 0);
  assert.equal(cli.savedToken, token);
  await cli.does('logout');
  assert.equal((await tokens()).length, 1);
});

// Runs it in a terminal of its own; `typed` follows when it asks.
function onTerminal(cli, command, typed) {
  const child = spawn('script', ['-qec', command, '/dev/null'], { env: { ...cli.env, SHELL: '/bin/sh' } });
  const late = setTimeout(() => child.kill(), 20000 * patience);
  let shown = '';
  let asked = false;
  child.stdout.on('data', (data) => {
    shown += data;
    if (asked || !shown.includes('Token: ')) return;
    asked = true;
    child.stdin.write(typed);
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, shown }))).finally(() => clearTimeout(late));
}

test('login on a terminal asks, and does not show what is typed', async () => {
  const person = await Person.of(server);
  const cli = cliOf(server.http);
  const { code, shown } = await onTerminal(cli, `${program} login`, `${person.token}\n`);
  assert.equal(code, 0, shown);
  assert.ok(!shown.includes(person.token.slice(-20)), shown);
  assert.match(shown, /^Token: \r?\n.*signed in at/);
  // Interrupted: nothing is saved, and the terminal shows again what is typed.
  await cli.does('logout');
  const given = await onTerminal(cli, `trap : INT; ${program} login; stty -a`, '\u0003');
  assert.match(given.shown, / echo /, given.shown);
  assert.deepEqual(readdirSync(join(cli.home, 'lockstep')), []);
});

test('login: what is no token, and nobody there', async () => {
  const cli = cliOf(server.http);
  assert.equal((await cli.runWith('nonsense\n', 'login')).code, codes.token);
  assert.equal((await cli.runWith('', 'login')).code, codes.usage);
  assert.equal((await cli.runWith('two words\n', 'login')).code, codes.usage);
  await fails(cli, codes.usage, /nowhere: No such file/, 'login', '--token-file', '/nowhere');
  await fails(cli, codes.offline, /no answer from/, 'login', '--dev', 'alice', '--url', 'http://127.0.0.1:1');
  assert.deepEqual(readdirSync(cli.home), []);
  // Without TLS, elsewhere than on this machine: said, and left to the person. (0.0.0.0 is this machine all the same.)
  await fails(cli, codes.offline, /warning: without https the token can be read/, 'login', '--dev', 'alice', '--url', 'http://0.0.0.0:1');
});

test('a token file that others can read is refused, and a token goes to no other server than its own', async () => {
  const person = await Person.of(server);
  const cli = cliOf(undefined);
  await cli.does('login', '--dev', person.name, '--url', server.http);
  await cli.does('list'); // the server is the one that the token is for
  await fails(cli, codes.token, /signed in at .*, not at http:\/\/127\.0\.0\.1:1;/, 'list', '--url', 'http://127.0.0.1:1');
  await fails(cli, codes.token, /signed in at .*, not at/, 'logout', '--url', 'http://127.0.0.1:1');
  for (const mode of [0o640, 0o604, 0o660]) {
    chmodSync(cli.tokenFile, mode);
    await fails(cli, codes.config, /token can be read by others; run: chmod 600/, 'list');
  }
  chmodSync(cli.tokenFile, 0o600);
  await cli.does('list');
});

test('the configuration file', async () => {
  const person = await Person.of(server);
  const cli = cliOf(undefined, { token: person.token });
  mkdirSync(join(cli.home, 'lockstep'));
  const file = join(cli.home, 'lockstep', 'config');
  writeFileSync(file, `; mine\nurl = ${server.http}/\nname = my laptop\n`);
  const socket = await person.live();
  await cli.does('add', 'Tea', '4m');
  assert.equal((await socket.event('addSession')).origin.client, 'my laptop');
  for (const [text, said] of [
    ['url = nowhere\n', /nowhere is no address/],
    ['url = http://me:secret@127.0.0.1/\n', /is no address/],
    [`url = ${server.http}\ncolour = red\n`, /config:2: expected url/],
  ]) {
    writeFileSync(file, text);
    await fails(cli, codes.config, said, 'list');
  }
  await socket.end();
});

test('watch: a line whenever something changes, seconds that pass, and the end at a signal', async () => {
  const { person, cli } = await somebody();
  const plain = cli.watch();
  const json = cli.watch('--format', 'json');
  await plain.next(/^–$/);
  await json.nextJson((m) => m.phase === 'live');
  const { id } = await person.adds('/sessions', { title: 'Read', initialDuration: 1500 });
  await plain.next(/^⏸ Read 25:00$/);
  assert.equal((await json.nextJson((m) => m.sessions.length)).next, id);
  await person.does('POST', `/sessions/${id}/actions/start`);
  await plain.next(/^Read 25:00$/);
  await plain.next(/^Read 24:59$/);
  await plain.next(/^Read 24:58$/);
  const running = await json.nextJson((m) => m.current === id);
  const [session] = running.sessions;
  assert.deepEqual(Object.keys(running), ['phase', 'userName', 'nowMs', 'sessions', 'current', 'next']);
  assert.deepEqual(Object.keys(session), ['id', 'kind', 'title', 'group', 'state', 'status', 'initialSeconds', 'leftSeconds', 'elapsedSeconds', 'targetTimeMs', 'trackedSeconds', 'goalMinutes']);
  // The first line may be of a moment that the offset puts just before the start: never more than all is left.
  const left = Math.min(1_500_000, session.targetTimeMs - running.nowMs);
  assert.ok(Math.abs(left - session.leftSeconds * 1000) < 1);
  const count = json.lines.length;
  await person.does('POST', `/sessions/${id}/actions/pause`);
  await plain.next(/^⏸ Read 24:5\d$/);
  await json.nextJson((m) => m.current === null);
  assert.equal(json.lines.length, count + 1, 'one line for one change');
  assert.equal(await plain.end('SIGTERM'), 0);
  assert.equal(await json.end('SIGINT'), 0);
});

test('watch ends when nobody reads it any more, even if it has nothing to say', async () => {
  const { cli } = await somebody();
  const watching = cli.watch();
  await watching.next(/^–$/);
  watching.process.stdout.destroy();
  assert.equal(await watching.exited, 0);
});

test('watch says offline when the server is killed, and is in step when it is back', async () => {
  const own = await ownServer();
  const person = await Person.of(own);
  const cli = cliOf(own.http, { token: person.token });
  const { id } = await person.adds('/sessions', { title: 'Read', initialDuration: 1500 });
  const watchings = ['plain', 'json', 'waybar'].map((format) => cli.watch('--format', format));
  const [plain, json, bar] = watchings;
  await person.does('POST', `/sessions/${id}/actions/start`);
  await plain.next(/^Read 24:59$/);
  await json.nextJson((m) => m.current === id);
  await bar.next(/"alt":"running"/);
  await own.kill();
  const said = await plain.next(/^offline/);
  assert.match(said, /^offline since \d\d:\d\d, last: Read 24:5\d$/);
  assert.equal((await json.nextJson((m) => m.phase !== 'live')).phase, 'offline');
  // Its end is known, so the bar goes on; and says what that is worth.
  const first = JSON.parse(await bar.next(/offline/));
  assert.deepEqual([first.class, first.alt], [['offline'], 'offline']);
  assert.match(first.text, /^⚠ ▶ Read 24:5\d$/);
  await bar.nextJson((m) => m.alt === 'offline' && m.text !== first.text);
  await own.start();
  await person.does('POST', `/sessions/${id}/actions/pause`);
  await plain.next(/^⏸ Read 2/);
  assert.equal((await json.nextJson((m) => m.phase === 'live' && m.current === null)).next, id);
  await bar.next(/"alt":"paused"/);
  const after = plain.lines.slice(plain.lines.indexOf(said) + 1);
  assert.match(after[0], /^(Read|⏸ Read) 24:\d\d$/, 'offline is said once');
  for (const watching of watchings) await watching.end();
});

test('watch says that it is refused when its token is revoked', async () => {
  const person = await Person.of(server);
  const { id, token } = await person.adds('/v1/tokens', { name: 'bar', scope: 'read' });
  const cli = cliOf(server.http, { token });
  const plain = cli.watch();
  const json = cli.watch('--format', 'json');
  await plain.next(/^–$/);
  await json.nextJson((m) => m.phase === 'live');
  await person.does('DELETE', `/v1/tokens/${id}`);
  await plain.next(/^refused since \d\d:\d\d \(revoked\), last: –$/);
  await json.nextJson((m) => m.phase === 'refused');
  await plain.end();
  await json.end();
});

test('watch --once', async () => {
  const { cli } = await somebody();
  await cli.does('add', 'Read', '25m');
  assert.equal(await cli.does('watch', '--once'), '⏸ Read 25:00\n');
  assert.equal(JSON.parse(await cli.does('watch', '--once', '--format', 'waybar')).alt, 'idle');
  const away = await cliOf('http://127.0.0.1:1', { token: 'x' }).run('watch', '--once');
  assert.equal(away.code, codes.offline);
  assert.match(away.out, /^offline since \d\d:\d\d\n$/);
});

test("a title can neither steer the terminal nor write a bar's markup", async () => {
  const { person, cli } = await somebody();
  const title = 'a\u001b[31m\u0007\u009b2J\u202e\n<b>&"\'%{F#f00}#[fg=red]#(true)';
  const clean = 'a\ufffd[31m\ufffd\ufffd2J\ufffd\ufffd<b>&"\'%{F#f00}#[fg=red]#(true)';
  const { id } = await person.adds('/sessions', { title, initialDuration: 600, dailyGoalMinutes: 5 });
  await person.group(title);
  for (const words of [
    ['list'], ['list', '--names'], ['list', '--json'], ['status'], ['start', id], ['status', '--json'], ['report'], ['report', '--json'],
    ['watch', '--once'], ['watch', '--once', '--format', 'json'], ['watch', '--once', '--format', 'polybar'], ['move', id, 'a'], ['list'],
    ['pause', 'nobody\u001b[2J'], ['rename', id, title], ['delete', id], ['restore', id],
  ]) {
    const { out, err } = await cli.run(...words);
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(out + err, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/, words.join(' '));
  }
  await cli.does('start', id);
  assert.equal((await cli.does('list', '--json'))[0].title, clean);
  assert.match(await cli.does('watch', '--once'), /^a\ufffd\[31m/);
  // Bars show but the beginning of a title.
  await cli.does('rename', id, '<b>&"\'%{F#f00}#[fg=red]#(true)');
  const bar = JSON.parse(await cli.does('watch', '--once', '--format', 'waybar'));
  assert.ok(bar.text.includes('&lt;b&gt;&amp;&quot;&#39;'), bar.text);
  assert.ok(bar.tooltip.includes('&lt;b&gt;'), bar.tooltip);
  assert.ok((await cli.does('watch', '--once', '--format', 'polybar')).includes('% {F#f00}'));
  assert.ok((await cli.does('watch', '--once', '--format', 'tmux')).includes('##[fg=red]##(true)'));
});

// Stands between the two; whatever the server says to a command is swallowed, and `then` is done.
async function swallower(to, then) {
  let swallowed = false;
  const sockets = new Set();
  const between = createServer((client) => {
    const upstream = connect(to.port, '127.0.0.1');
    let live = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => [client, upstream].forEach((one) => one.destroy()));
    }
    client.on('data', (data) => upstream.write(data));
    upstream.on('data', (data) => {
      if (live && !swallowed) {
        swallowed = true;
        client.destroy();
        then();
        return;
      }
      live ||= data.includes('"type":"live"');
      client.write(data);
    });
  });
  await new Promise((resolve) => between.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${between.address().port}`,
    get swallowed() {
      return swallowed;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      between.close();
    },
  };
}

test('a command whose answer is lost, the server killed at that, is said again and applied once', async () => {
  const own = await ownServer();
  const person = await Person.of(own);
  await person.commands({ type: 'addSession', kind: 'focus', sessionType: 'pomodoro' });
  const between = await swallower(own, () => own.kill().then(() => own.start()));
  const cli = cliOf(between.url, { token: person.token });
  assert.match(await cli.does('focus', 'distraction', '--timeout', '60'), /^focus: running/);
  assert.ok(between.swallowed);
  const { items } = await person.gets('/api/sessions');
  const { state } = await person.gets('/v1/state');
  assert.equal(items.length, 1);
  assert.equal(state.sessions[0].focus.distractions, 1);
  between.close();
});

test('a structure as deep as the server takes it does not make the client deaf', async () => {
  const { person, cli } = await somebody();
  let structure = {};
  for (let i = 0; i < 11; i++) structure = { inner: structure };
  const [{ plan }] = await person.commands({ type: 'addPlan', name: 'Legs', structure });
  await person.commands({ type: 'addSession', kind: 'training', plan, date: '2026-11-21', title: 'Legs' });
  assert.match(await cli.does('list'), /\nLegs +training +running/);
});

test('TLS: a certificate that nobody vouches for is refused; with `ca` both ways work', async () => {
  const dir = cliOf(undefined).home;
  const secure = await ownServer(tlsOptions(dir));
  const url = `https://localhost:${secure.port}`;
  const token = secure.token('alice');
  const cli = cliOf(url, { token });
  await fails(cli, codes.offline, /no answer from https.*certificate/, 'list');
  await fails(cli, codes.offline, /no answer from https/, 'report', '--day');
  mkdirSync(join(cli.home, 'lockstep'));
  writeFileSync(join(cli.home, 'lockstep', 'config'), `ca = ${join(dir, 'cert.pem')}\n`);
  assert.match(await cli.does('add', 'Tea', '4m'), /^Tea: ready/);
  assert.match(await cli.does('report', '--day'), /= union/);
  await fails(cli, codes.offline, /no answer from/, 'list', '--url', `https://127.0.0.1:${secure.port}`);
});

test('two devices: what one does the other shows, and each has its own token', async () => {
  const name = (await Person.of(server)).name;
  const [laptop, desk] = [cliOf(server.http), cliOf(server.http)];
  await laptop.does('login', '--dev', name);
  await desk.does('login', '--dev', name);
  const bar = desk.watch('--format', 'waybar');
  await bar.next(/"text":"–"/);
  await laptop.does('add', 'Read', '25m', '--start');
  await bar.next(/▶ Read 2/);
  assert.match(await desk.does('pause'), /^Read: paused/);
  await bar.next(/"alt":"paused"/);
  await laptop.does('logout');
  assert.match(await desk.does('toggle'), /^Read: running/);
  await bar.end();
  await until(() => bar.process.exitCode !== null, 'the bar has not ended');
});

test('complete: commands, their options and what those take, and names from the server', async () => {
  const { person, cli } = await somebody();
  await person.group('Garage');
  await cli.does('add', 'Read a book', '25m');
  const ways = async (...words) => (await cli.run('complete', '--', ...words)).out.split('\n').filter(Boolean);
  assert.deepEqual(await ways('st'), ['status', 'start']);
  assert.ok(!(await ways('')).includes('complete'), 'what is for programs is not offered');
  assert.deepEqual(await ways('start', ''), ['Read a book']);
  assert.deepEqual(await ways('start', '--json', 're'), ['Read a book']);
  await cli.does('add', 'Écrire');
  assert.deepEqual(await ways('start', 'éc'), ['Écrire'], 'as `start éc` finds it');
  assert.deepEqual(await ways('move', 'Read a book', ''), ['Garage']);
  assert.deepEqual(await ways('add', 'Tea', '--group', 'g'), ['Garage']);
  assert.deepEqual(await ways('watch', '--format', 'w'), ['waybar']);
  assert.deepEqual(await ways('report', '--w'), ['--week']);
  assert.deepEqual(await ways('focus', 'p'), ['pomodoro']);
  assert.deepEqual(await ways('nonsense', ''), []);
  const stranger = cliOf(server.http);
  assert.deepEqual((await stranger.does('complete', '--', 'sta')).split('\n')[0], 'status');
});

test('completion in bash: a title with blanks is one word, and no pattern', async () => {
  const { cli } = await somebody();
  await cli.does('add', 'Read a book', '25m');
  const script = `
    PATH=${dirname(program)}:$PATH
    . ${fileURLToPath(new URL('../../packaging/completions/lockstep.bash', import.meta.url))}
    COMP_WORDS=(lockstep start "$1"); COMP_CWORD=2
    _lockstep; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const ways = (typed) => execFileSync('bash', ['-c', script, 'bash', typed], { env: cli.env, cwd: cli.home, encoding: 'utf8' });
  assert.equal(ways('Read\\ a'), 'Read\\ a\\ book\n');
  // Nor is it looked for among the files.
  await cli.does('add', '[R]*');
  writeFileSync(join(cli.home, 'Rest'), '');
  assert.equal(ways('['), '\\[R\\]\\*\n');
});

test('the manual names every command, and roff has nothing against it', async () => {
  const { cli } = await somebody();
  const page = await cli.does('help', 'manual');
  const commands = [...(await cli.does('help')).matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name);
  assert.ok(commands.length > 15, commands.join());
  for (const name of commands) assert.match(page, new RegExp(`^\\.SS "${name}[ "]`, 'm'));
  const groff = spawnSync('groff', ['-ww', '-man', '-Tutf8', '-z'], { input: page, encoding: 'utf8' });
  assert.equal(groff.stderr + groff.status, '0');
});
