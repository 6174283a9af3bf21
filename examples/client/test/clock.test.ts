import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServerClock } from '../src/clock.ts';
import {
  elapsedMs,
  nextChangeMs,
  pauseEndsMs,
  remainingMs,
  shownSeconds,
  trackedMs,
  type Held,
} from '../src/session-math.ts';
import type { FocusPause, Session } from '../src/wire.ts';
import { begin, DAY_END, DAY_START, goLive, snapshot, timer, USER } from './fake.ts';

const MINUTE = 60_000;

test('the offset comes from the exchange with the smallest round trip', () => {
  let mono = 0;
  const clock = new ServerClock(() => mono);
  // The server is 5,000,000 ahead; the way there and the way back differ in the slow ones.
  clock.addExchange(1_000, 5_001_300, 5_001_300, 1_310);
  clock.addExchange(2_000, 5_002_005, 5_002_006, 2_011);
  clock.addExchange(3_000, 5_003_010, 5_003_010, 3_400);
  mono = 4_000;
  assert.ok(Math.abs(clock.now() - 5_004_000) <= 1);
});

test('a message that says it is later than we think moves the clock at once', () => {
  let mono = 0;
  const clock = new ServerClock(() => mono);
  assert.equal(clock.hint(5_000_000), true);
  clock.addExchange(0, 5_000_005, 5_000_005, 10);
  // The device slept for an hour, and its monotonic clock with it.
  mono = 1_000;
  assert.equal(clock.hint(8_601_000), false);
  assert.equal(clock.now(), 8_601_000);
});

test('a message that comes late does not move it', () => {
  let mono = 0;
  const clock = new ServerClock(() => mono);
  clock.addExchange(0, 5_000_005, 5_000_005, 10);
  mono = 2_000;
  assert.equal(clock.hint(5_001_500), true);
  assert.equal(clock.now(), 5_002_000);
});

test('a new series replaces the old one', () => {
  const clock = new ServerClock(() => 0);
  clock.addExchange(0, 5_000_000, 5_000_000, 0);
  clock.beginBurst();
  clock.addExchange(0, 7_000_050, 7_000_050, 100);
  assert.equal(clock.now(), 7_000_000);
});

test('a wall clock that is hours off changes nothing', () => {
  const { world, sync } = begin();
  world.wallOffset = 5 * 3600 * 1000;
  sync.signIn('secret');
  goLive(world, 1, DAY_START + 777);
  const { id } = world.socket.last('time');
  world.pass(20);
  world.socket.say({ type: 'time', id, t1Ms: DAY_START + 787, t2Ms: DAY_START + 787 });
  assert.equal(Math.round(sync.clock.now()), DAY_START + 797);
});

test('a snapshot says when it was made, not what time it is: the server’s clock may have been set back since', () => {
  const { world, sync } = begin();
  sync.signIn('secret');
  goLive(world, 1, DAY_START);
  world.socket.say(snapshot(1, DAY_START + 60 * MINUTE, [timer()]));
  assert.equal(Math.round(sync.clock.now()), DAY_START);
});

test('several exchanges follow upon being live, then one a minute', () => {
  const { world, sync } = begin();
  sync.signIn('secret');
  goLive(world, 1, DAY_START);
  const answer = () => {
    const { id } = world.socket.last('time');
    world.socket.say({ type: 'time', id, t1Ms: DAY_START + world.mono(), t2Ms: DAY_START + world.mono() });
  };
  for (let i = 0; i < 5; i += 1) {
    answer();
    world.pass(200);
  }
  assert.equal(world.socket.of('time').length, 5);
  for (let i = 1; i <= 4; i += 1) {
    world.pass(15_000);
    world.socket.say({ type: 'hb', seq: 1, nowMs: DAY_START + world.mono() });
  }
  assert.equal(world.socket.of('time').length, 6);
});

const held = (fields: Parameters<typeof timer>[0], madeAtMs: number): Held => ({ session: timer(fields), madeAtMs });

test('what is left is the target less the server’s now', () => {
  const running = held({ state: 'RUNNING', targetTimeMs: DAY_START + 4 * MINUTE }, DAY_START);
  assert.equal(remainingMs(running, DAY_START + MINUTE), 3 * MINUTE);
  assert.equal(remainingMs(running, DAY_START + 9 * MINUTE), 0);
  assert.equal(remainingMs(held({ timeLeft: 12.345 }, DAY_START), DAY_END), 12_345);
  assert.equal(remainingMs(held({ initialDuration: null, timeLeft: null }, DAY_START), DAY_END), null);
});

test('a countdown shows its last second to the end, a stopwatch its first from the start', () => {
  const down = held({ state: 'RUNNING', targetTimeMs: DAY_START + 4 * MINUTE }, DAY_START);
  assert.equal(shownSeconds(down, DAY_START), 240);
  assert.equal(shownSeconds(down, DAY_START + 1), 240);
  assert.equal(shownSeconds(down, DAY_START + 1000), 239);
  const up = held({ state: 'RUNNING', initialDuration: null, elapsedSeconds: 10, runningSinceMs: DAY_START }, DAY_START);
  assert.equal(elapsedMs(up, DAY_START + 1500), 11_500);
  assert.equal(shownSeconds(up, DAY_START + 1999), 11);
});

test('painting waits for the second to change', () => {
  const down = held({ state: 'RUNNING', targetTimeMs: DAY_START + 4 * MINUTE }, DAY_START);
  assert.equal(nextChangeMs(down, DAY_START), 1000);
  assert.equal(nextChangeMs(down, DAY_START + 400), 600);
  const up = held({ state: 'RUNNING', initialDuration: null, elapsedSeconds: 10.25 }, DAY_START);
  assert.equal(nextChangeMs(up, DAY_START), 750);
});

test('the pause of a focus session ends ten minutes after it began', () => {
  const pause = { pausedAtMs: DAY_START, resumedAtMs: null, reason: null, durationSeconds: null };
  const paused = held(ofFocus([{ ...pause, resumedAtMs: DAY_START }, pause]), DAY_START);
  assert.equal(pauseEndsMs(paused.session), DAY_START + 10 * MINUTE);
  assert.equal(nextChangeMs(paused, DAY_START + 300), 700, 'it is painted like what runs');
  assert.equal(pauseEndsMs({ ...paused.session, state: 'RUNNING' }), null);
  assert.equal(pauseEndsMs({ ...paused.session, status: 'completed' }), null);
  assert.equal(pauseEndsMs(held({ state: 'PAUSED' }, DAY_START).session), null, 'a timer stands still for as long as one likes');
});

function ofFocus(pauses: FocusPause[]): Partial<Session> {
  const nothing = { taskId: null, qualityRating: null, focusScore: null, taskProgress: null, abandonReason: null, progressMade: null };
  return {
    kind: 'focus',
    state: 'PAUSED',
    status: 'active',
    focus: { sessionType: 'pomodoro', plannedMinutes: 25, actualMinutes: null, distractions: 0, ...nothing, pauses },
  };
}

test('the time tracked today grows while running', () => {
  const running = held(
    { state: 'RUNNING', initialDuration: null, trackedSeconds: 90, runningSinceMs: DAY_START + MINUTE },
    DAY_START + 2 * MINUTE,
  );
  assert.equal(trackedMs(running, USER, DAY_START + 3 * MINUTE), 150_000);
  const paused = held({ trackedSeconds: 90 }, DAY_START + 2 * MINUTE);
  assert.equal(trackedMs(paused, USER, DAY_START + 3 * MINUTE), 90_000);
});

test('at the end of the day it starts anew, from the boundary while running', () => {
  const running = held(
    { state: 'RUNNING', initialDuration: null, trackedSeconds: 90, runningSinceMs: DAY_END - MINUTE },
    DAY_END - MINUTE,
  );
  assert.equal(trackedMs(running, USER, DAY_END - 1), 90_000 + MINUTE - 1);
  assert.equal(trackedMs(running, USER, DAY_END), 0);
  assert.equal(trackedMs(running, USER, DAY_END + 5_000), 5_000);
  const paused = held({ trackedSeconds: 90 }, DAY_END - MINUTE);
  assert.equal(trackedMs(paused, USER, DAY_END), 0);
});

test('a countdown tracks nothing past its target', () => {
  const over = held(
    { state: 'RUNNING', targetTimeMs: DAY_START + 4 * MINUTE, runningSinceMs: DAY_START },
    DAY_START,
  );
  assert.equal(trackedMs(over, USER, DAY_START + 60 * MINUTE), 4 * MINUTE);
});

test('past the end of its day the next one is asked for', () => {
  const { world, sync } = begin();
  sync.signIn('secret');
  goLive(world, 1, DAY_END - 1_000);
  world.pass(900);
  assert.equal(world.socket.of('getSnapshot').length, 0);
  world.pass(2_600);
  const { id } = world.socket.last('getSnapshot');
  const next = { ...USER, dayStartMs: DAY_END, dayEndMs: DAY_END + 23 * 3600 * 1000 };
  const message = snapshot(1, DAY_END + 2_500, [timer()]);
  world.socket.say({ ...message, id, state: { ...message.state, user: next } });
  assert.equal(sync.replica.user?.dayEndMs, next.dayEndMs);
  world.pass(15_000);
  assert.equal(world.socket.of('getSnapshot').length, 1);
});
