import assert from 'node:assert/strict';
import { test } from 'node:test';
import { begin, DAY_START, goLive } from './fake.ts';

const START = { type: 'start', session: 'tea' };
const PAUSE = { type: 'pause', session: 'tea' };

function live(options = {}) {
  const all = begin(options);
  all.sync.signIn('secret');
  goLive(all.world, 1, DAY_START);
  return all;
}

function comeBack(world: ReturnType<typeof begin>['world']): void {
  world.pass(10_000);
  goLive(world, 1, DAY_START + world.mono(), []);
}

test('a command goes out with a key and the instant of the click, and is done when it is answered', () => {
  const { world, sync, told } = live();
  world.pass(1_234);
  sync.command(START, 'Start');
  const sent = world.socket.last('start');
  assert.equal(sent['key'], 'tab:1');
  assert.equal(sent['atMs'], DAY_START + 1_234);
  assert.equal(sync.outbox.pending.length, 1);
  world.socket.say({ type: 'result', id: sent['id'], ok: true, changed: true, nowMs: DAY_START + 1_240 });
  assert.equal(sync.outbox.pending.length, 0);
  assert.deepEqual(told.settled.map((one) => one.label), ['Start']);
});

test('without an answer it is sent again, the same, with the same key', () => {
  const { world, sync } = live();
  sync.command(START, 'Start');
  const { id: _, ...first } = world.socket.last('start');
  world.socket.end();
  comeBack(world);
  const { id: __, ...again } = world.socket.last('start');
  assert.deepEqual(again, first);
  assert.equal(world.sockets.length, 2);
});

test('what was asked for offline goes out as one batch, in order, each at its own instant', () => {
  const { world, sync, told } = live();
  world.socket.end();
  sync.connection.stop();
  sync.command(START, 'Start');
  world.pass(60_000);
  sync.command(PAUSE, 'Pause');
  sync.signIn('secret');
  goLive(world, 1, DAY_START + world.mono(), []);
  const batch = world.socket.last('batch');
  const commands = batch['commands'] as { type: string; id: number; key: string; atMs: number }[];
  assert.deepEqual(commands.map((one) => [one.type, one.key]), [['start', 'tab:1'], ['pause', 'tab:2']]);
  assert.equal(commands[1]!.atMs - commands[0]!.atMs, 60_000);
  for (const { id } of commands) world.socket.say({ type: 'result', id, ok: true, changed: true });
  assert.equal(sync.outbox.pending.length, 0);
  assert.equal(told.settled.length, 2);
});

test('a refusal is told, and not tried again', () => {
  const { world, sync, told } = live();
  sync.command(START, 'Start');
  const error = { code: 'notFound', message: 'no such session', field: 'session', retryable: false };
  world.socket.say({ type: 'result', id: world.socket.last('start')['id'], ok: false, error });
  assert.equal(told.settled[0]!.result.error?.message, 'no such session');
  world.pass(20_000);
  assert.equal(world.socket.of('start').length, 1);
});

test('one that came too fast is tried again after the time named, later ones behind it', () => {
  const { world, sync, told } = live();
  sync.command(START, 'Start');
  sync.command(PAUSE, 'Pause');
  const error = { code: 'rateLimited', message: 'slower', retryable: true, details: { retryAfterMs: 700 } };
  for (const type of ['start', 'pause']) {
    world.socket.say({ type: 'result', id: world.socket.last(type)['id'], ok: false, error });
  }
  world.pass(699);
  assert.equal(world.socket.of('batch').length, 0);
  world.pass(1);
  const commands = world.socket.last('batch')['commands'] as { key: string }[];
  assert.deepEqual(commands.map((one) => one.key), ['tab:1', 'tab:2']);
  assert.equal(told.settled.length, 0);
});

test('a batch refused as a whole is tried again as a whole', () => {
  const { world, sync } = live();
  world.socket.end();
  sync.command(START, 'Start');
  sync.command(PAUSE, 'Pause');
  comeBack(world);
  const error = { code: 'unavailable', message: 'disk full', retryable: true };
  world.socket.say({ type: 'result', id: world.socket.last('batch')['id'], ok: false, error });
  assert.equal(sync.outbox.pending.length, 2);
  world.pass(1_000);
  assert.equal(world.socket.of('batch').length, 2);
});

test('many go in batches that the server takes', () => {
  const { world, sync } = live();
  world.socket.end();
  for (let i = 0; i < 100; i += 1) sync.command(START, 'Start');
  comeBack(world);
  const lengths = world.socket.sent.map((one) => (one['commands'] as unknown[] | undefined)?.length ?? 0);
  assert.deepEqual(lengths.filter(Boolean), [32, 32, 32, 4]);
});

test('an overdue answer shows', () => {
  const { world, sync } = live();
  sync.command(START, 'Start');
  assert.equal(sync.outbox.pending[0]!.slow, false);
  world.pass(1_000);
  assert.equal(sync.outbox.pending[0]!.slow, true);
});

test('a device that slept does not guess when the person acted', () => {
  const { world, sync } = live();
  world.socket.end();
  // An hour went by for the world, none for the monotonic clock.
  world.wallOffset += 3600 * 1000;
  sync.command(START, 'Start');
  comeBack(world);
  assert.equal('atMs' in world.socket.last('start'), false);
});

test('a person acts on what was shown, so never before it', () => {
  const { world, sync } = live();
  world.socket.say({
    type: 'event', seq: 2, tag: 't', event: 'start', atMs: DAY_START + 15, nowMs: DAY_START + 15,
  });
  sync.command(PAUSE, 'Pause');
  assert.equal(world.socket.last('pause')['atMs'], DAY_START + 15);
});
