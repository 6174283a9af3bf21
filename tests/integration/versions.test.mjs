// docs/versioning.md: what was released once stays. To these lists a release only adds; a test that fails here says that
// something which others rely on would break.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import { Client } from './support/client.mjs';
import { read } from './support/manual.mjs';
import { binary, Server } from './support/server.mjs';

// 0.1.0
const COMMANDS = `
addSession add: session? group? kind? title? initialDuration? dailyGoalMinutes? noGoal? sessionType? plannedMinutes? task? startMs?
  plannedTasks? toolsNeeded? partsToInstall? helperPresent? notes? plan? date? structure?
editSession edit: session initialDuration? dailyGoalMinutes? noGoal? plannedTasks? toolsNeeded? partsToInstall? helperPresent? notes? structure?
renameSession: session title
moveSession: session group
deleteSession delete: session
restoreSession: session
start: session
pause stop: session reason?
resetSession reset: session
resetAll: group?
complete: session structure? qualityRating? taskProgress? focusScore?
abandon: session reason? progressMade?
autoResetTimeChange: sessionsResetTime? timeZone?
addGroup: group? name description?
editGroup: group name? description?
deleteGroup: group
getSession: session
getSnapshot:
distraction: session
addTask: session task? startMs? description
editTask: task description? challengesEncountered?
completeTask: task qualityResult challengesEncountered? reworkNeeded?
deleteTask: task
reportProblem: group problem? description severity costImpact? timeImpact? solutionPlan? isCommonProblem? discoveryMs?
editProblem: problem description? severity? costImpact? timeImpact? solutionPlan? isCommonProblem? discoveryMs?
resolveProblem: problem solutionPlan?
addPlan: name plan? structure
editPlan: name? plan structure?
deletePlan: plan`;

const ERRORS = `badJson badRequest unknownCommand unauthenticated tokenExpired tokenInvalid forbidden notFound conflict alreadyActive
  invalidState superseded tooOld keyReuse limit tooLarge rateLimited unavailable internal`;

const OPTIONS = `config listen db web record origin trusted-proxy user dev local-issuer firebase-project firebase-api-key firebase-auth-domain
  firebase-emulator oidc-issuer oidc-audience jwks tls-cert tls-key metrics max-timers max-groups max-plans max-tasks max-problems
  max-sockets max-sockets-user max-sockets-address max-unauthenticated max-message max-outbox max-replay rate-commands max-queue
  keep-events log-format log-level check version help`;

// Without the lockstep_ that they begin with; their labels in brackets.
const METRICS = `
gauge: build_info(version) ready connections(kind) connections_max connections_unauthenticated
  connections_unauthenticated_max users_connected engine_queue_commands engine_queue_commands_max outbox_bytes
  database_size_bytes wal_size_bytes due_overdue_seconds
counter: connections_refused_total(reason) handshakes_total(status) closes_total(code) http_requests_total(status)
  tokens_total(outcome) commands_total(type,outcome) commands_refused_total(code) messages_refused_total(code) events_total deliveries_total
  slow_consumers_total(kind) replays_total replayed_events_total snapshots_total(reason) commits_failed_total
  checkpoints_total
histogram: answer_duration_seconds(kind) commit_duration_seconds sync_duration_seconds commit_commands due_lag_seconds`;

const words = (text) => text.trim().split(/\s+/).filter(Boolean);

let server;
let client;
before(async () => {
  server = await Server.start();
  client = await Client.live(server, { token: server.token('alice') });
});
after(async () => {
  await client?.end();
  await server?.stop();
});

test('each command is there, with its other names and its fields, and needs no more than it did', async () => {
  const { commands } = await client.ask({ type: 'help' });
  const promised = COMMANDS.trim().split(/\n(?! )/);
  assert.ok(promised.length > 20);
  for (const line of promised) {
    const [names, fields] = line.split(':').map(words);
    const command = commands.find(({ name }) => name === names[0]);
    assert.ok(command, names[0]);
    for (const alias of names.slice(1)) assert.ok(command.aliases.includes(alias), alias);
    for (const field of fields) assert.ok(command.fields.some(({ name }) => name === field.replace('?', '')), `${names[0]}: ${field}`);
    const needed = command.fields.filter(({ required }) => required).map(({ name }) => name);
    assert.deepEqual(needed.filter((name) => !fields.includes(name)), [], names[0]);
  }
});

test('each error code and each option is there', () => {
  const schemas = JSON.stringify(parse(read('docs/openapi.yaml')).components.schemas);
  for (const code of words(ERRORS)) assert.ok(schemas.includes(`"${code}"`), code);
  const help = execFileSync(binary, ['--help'], { encoding: 'utf8' });
  for (const option of words(OPTIONS)) assert.match(help, new RegExp(`^  --${option}\\b`, 'm'));
});

// metrics.test.mjs holds that page against the server.
test('each metric is there, with its type and its labels', () => {
  const page = read('docs/monitoring.md');
  for (const line of METRICS.trim().split(/\n(?! )/)) {
    const [type, names] = line.split(':').map(words);
    for (const [, name, labels] of names.map((one) => /^(\w+)(?:\((.*)\))?$/.exec(one))) {
      const told = `| \`lockstep_${name}\`${labels ? ` (${labels.replaceAll(',', ', ')})` : ''} | ${type} |`;
      assert.ok(page.includes(told), told);
    }
  }
});

test('each field of the objects in protocol.md is one of the answers', () => {
  const section = /^## Objects\n([^]*?)^## /m.exec(read('docs/protocol.md'))[1];
  const schemas = JSON.stringify(parse(read('docs/asyncapi.yaml')).components) + JSON.stringify(parse(read('docs/openapi.yaml')).components);
  const named = [...section.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  assert.ok(named.length > 80);
  assert.deepEqual(named.filter((name) => !schemas.includes(`"${name}"`)), []);
});

test('the version is the same wherever it stands', async () => {
  const [, version] = /^VERSION := (\S+)$/m.exec(read('Makefile'));
  const stands = {
    '--version': execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim().split(' ').at(-1),
    '/version': (await server.request('GET', '/version')).body.version,
    hello: client.messages.find(({ type }) => type === 'hello').server.split('/')[1],
    changelog: /^## \[(\d[^\]]*)\]/m.exec(read('CHANGELOG.md'))?.[1],
    openapi: parse(read('docs/openapi.yaml')).info.version,
    asyncapi: parse(read('docs/asyncapi.yaml')).info.version,
    client: JSON.parse(read('examples/client/package.json')).version,
    page: JSON.parse(read('examples/tabs/package.json')).version,
  };
  for (const [where, said] of Object.entries(stands)) assert.equal(said, version, where);
});

test('the schema is the one that the changelog and the page of versions name', async () => {
  const other = await Server.start();
  await other.kill('SIGTERM');
  // Where SQLite keeps PRAGMA user_version.
  const schema = String(readFileSync(other.db).readUInt32BE(60));
  await other.stop();
  assert.equal(/the schema (\d+)/.exec(read('CHANGELOG.md'))[1], schema);
  assert.equal(/versions up to (\d+)/.exec(read('docs/versioning.md'))[1], schema);
});
