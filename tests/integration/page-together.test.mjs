// All tabs of a browser have one connection, one sign-in and one clock: in Chromium against the real server.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { until } from './support/bytes.mjs';
import { uuid } from './support/client.mjs';
import { Clocked } from './support/clocked.mjs';
import { Line } from './support/line.mjs';
import { launch, open } from './support/page.mjs';
import { hour, minute, Person, second } from './support/person.mjs';

const built = fileURLToPath(new URL('../../build/web/', import.meta.url));

let server;
let listening;
let browser;
let dir;

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'lockstep-page-'));
  cpSync(built, dir, { recursive: true });
  shiftWorker();
  server = await Clocked.start(['--web', dir]);
  listening = server.sockets.length;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

// The worker's wall clock is three hours ahead; the tabs' are wrong otherwise.
function shiftWorker() {
  const assets = join(dir, 'assets');
  const [name] = readdirSync(assets).filter((file) => /^shared-.*\.js$/.test(file));
  const code = readFileSync(join(assets, name), 'utf8');
  writeFileSync(join(assets, name), `(${shiftClock})(${3 * hour});\n${code}`);
}

// Runs in the browser: the device's clock is wrong by so many milliseconds, and what was measured by it is nonsense.
function shiftClock(ms) {
  const Right = Date;
  globalThis.rightNow = () => Right.now();
  globalThis.Date = class extends Right {
    constructor(...given) {
      super(...(given.length > 0 ? given : [Right.now() + ms]));
    }

    static now() {
      return Right.now() + ms;
    }
  };
  Object.defineProperty(performance, 'timeOrigin', { value: 12345 });
}

const withoutWorkers = (page) => page.addInitScript(() => delete globalThis.SharedWorker);

const hasConnections = (count, what) =>
  until(() => server.sockets.length - listening === count, () => `${what}: ${server.sockets.length - listening} connections, not ${count}`);

async function addTimer(person, title, initialDuration) {
  const session = uuid();
  await person.commands({ type: 'addSession', session, title, initialDuration });
  return session;
}

const card = (page, title) => page.getByRole('listitem').filter({ hasText: title });
const button = (page, title, name) => card(page, title).getByRole('button', { name, exact: true });

test('two tabs have one connection, which goes with the last of them', async () => {
  const person = await Person.of(server);
  await addTimer(person, 'Read', 1500);
  const context = await browser.newContext();
  const other = await browser.newContext();
  const [first, second, stranger] = [await open(context, person), await open(context, person), await open(other, person)];
  await hasConnections(2, 'two tabs and another profile');

  await button(first, 'Read', 'Start').click();
  for (const page of [first, second, stranger]) await button(page, 'Read', 'Pause').waitFor();
  await first.close();
  await button(second, 'Read', 'Pause').click();
  for (const page of [second, stranger]) await button(page, 'Read', 'Start').waitFor();
  await hasConnections(2, 'the tab that came first is closed');
  await second.close();
  await hasConnections(1, 'both tabs are closed');
  await Promise.all([context.close(), other.close()]);
  await hasConnections(0, 'all are closed');
});

test('a tab that crashes, and the worker with it, leaves the others in step', async () => {
  const person = await Person.of(server);
  await addTimer(person, 'Read', 1500);
  const context = await browser.newContext();
  const [first, second] = [await open(context, person), await open(context, person)];
  const crashed = new Promise((resolve) => first.once('crash', resolve));
  first.goto('chrome://crash').catch(() => {});
  await crashed;
  await button(second, 'Read', 'Start').click();
  await button(second, 'Read', 'Pause').waitFor();
  await hasConnections(1, 'one tab is left');
  await second.close();
  await hasConnections(0, 'none is left');
  await context.close();
});

test('without SharedWorker every tab has a connection of its own', async () => {
  const person = await Person.of(server);
  await addTimer(person, 'Read', 1500);
  const context = await browser.newContext();
  const [first, second] = [await open(context, person, 'timers', withoutWorkers), await open(context, person, 'timers', withoutWorkers)];
  await hasConnections(2, 'two tabs');
  await button(first, 'Read', 'Start').click();
  for (const page of [first, second]) await button(page, 'Read', 'Pause').waitFor();
  await first.getByRole('button', { name: 'Sign out' }).click();
  for (const page of [first, second]) await page.getByLabel('Sign in as').waitFor();
  await hasConnections(0, 'signed out in one of them');
  await context.close();
});

test('a browser that keeps nothing for pages shows them all the same', async (t) => {
  const person = await Person.of(server);
  await addTimer(person, 'Read', 1500);
  const profile = mkdtempSync(join(tmpdir(), 'lockstep-profile-'));
  mkdirSync(join(profile, 'Default'));
  const blocked = { profile: { default_content_setting_values: { cookies: 2 } } };
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(blocked));
  const context = await launch(profile);
  t.after(async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  const page = await open(context, person);
  await assert.rejects(page.evaluate(() => localStorage.length), 'nothing is kept');
  await button(page, 'Read', 'Start').click();
  await button(page, 'Read', 'Pause').waitFor();
});

test('a refusal that comes when its tab is gone is told in another one', async (t) => {
  const person = await Person.of(server);
  const session = await addTimer(person, 'Gone', 1500);
  const line = await Line.to(server);
  t.after(() => line.stop());
  const context = await browser.newContext();
  t.after(() => context.close());
  const at = { server: line, name: person.name };
  const [first, second] = [await open(context, at), await open(context, at)];
  line.hold('up');
  await button(first, 'Gone', 'Start').click();
  await button(second, 'Gone', 'Pause').waitFor();
  await first.close();
  await person.commands({ type: 'deleteSession', session });
  line.heal();
  await second.getByText(/^Start “Gone”.* (did not work|refused): /).waitFor();
});

test('of many timers a tab is told only those that change', async (t) => {
  const person = await Person.of(server);
  const ids = Array.from({ length: 300 }, () => uuid());
  await person.commands(...ids.map((session, i) => ({ type: 'addSession', session, title: `Timer ${i}`, initialDuration: 1500 })));
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await open(context, person, 'settings', async (one) => {
    await withoutWorkers(one);
    await one.addInitScript(() => {
      const { postMessage } = MessagePort.prototype;
      globalThis.posted = [];
      MessagePort.prototype.postMessage = function (message, ...more) {
        globalThis.posted.push(message);
        return postMessage.call(this, message, ...more);
      };
    });
  });
  const told = () => page.evaluate(() => JSON.stringify(globalThis.posted.splice(0).filter(({ type }) => type === 'told' || type === 'event')));
  assert.ok((await told()).length > 60_000, 'first all of them');
  await person.commands({ type: 'start', session: ids[150] });
  let text = '';
  await until(async () => (text += await told()).includes(ids[150]), 'the one that was started');
  assert.ok(text.length < 6_000, `${text.length} characters for one of them`);
});

test('signing out and in holds for all tabs', async () => {
  const [anna, berta] = [await Person.of(server), await Person.of(server)];
  await addTimer(anna, 'Of Anna');
  await addTimer(berta, 'Of Berta');
  const context = await browser.newContext();
  const tabs = [await open(context, anna), await open(context, anna)];
  for (const page of tabs) await card(page, 'Of Anna').waitFor();
  await tabs[0].getByRole('button', { name: 'Sign out' }).click();
  for (const page of tabs) await page.getByLabel('Sign in as').waitFor();
  await hasConnections(0, 'signed out');
  await tabs[1].getByLabel('Sign in as').fill(berta.name);
  await tabs[1].getByRole('button', { name: 'Sign in', exact: true }).click();
  for (const page of tabs) {
    await card(page, 'Of Berta').waitFor();
    assert.equal(await card(page, 'Of Anna').count(), 0);
  }
  await hasConnections(1, 'signed in again');
  await context.close();
});

test('a new token comes by any tab, also when the one that signed in is gone', async () => {
  const person = await Person.of(server);
  const context = await browser.newContext();
  const [first, second] = [await open(context, person), await open(context, person)];
  await first.close();
  const remembered = () => second.evaluate(() => JSON.parse(localStorage['lockstep.signIn']).token);
  const before = await remembered();
  // A day later, which is how long such a token holds, the server is back from a stop.
  await server.kill();
  server.set(server.offset + 24 * hour + minute);
  await server.start();
  await until(async () => (await remembered()) !== before, 'a new token');
  await second.getByText('In step', { exact: true }).waitFor();
  await hasConnections(1, 'with the new token');
  await context.close();
});

test('a token that can’t be had for the moment is asked for again, and nobody is sent away', async () => {
  const person = await Person.of(server);
  const context = await browser.newContext();
  const page = await open(context, person);
  let refusals = 0;
  await page.route('**/v1/dev/token', (route) => {
    refusals += 1;
    return refusals > 1 ? route.continue() : route.fulfill({ status: 503, json: { ok: false, error: { code: 'unavailable', message: 'not now' } } });
  });
  await server.kill();
  server.set(server.offset + 24 * hour + minute);
  await server.start();
  await until(() => refusals > 1, () => `asked ${refusals} times`);
  await page.getByText('In step', { exact: true }).waitFor();
  await context.close();
});

// When the shown seconds of a countdown changed, by the right clock.
function watchSeconds() {
  const seen = [];
  globalThis.flips = seen;
  const look = () => {
    const text = document.querySelector('[role=timer]')?.textContent ?? '';
    const [, minutes, seconds] = /(\d+):(\d\d)/.exec(text) ?? [];
    const left = Number(minutes) * 60 + Number(seconds);
    if (seen.at(-1)?.left !== left) seen.push({ left, atMs: globalThis.rightNow() });
  };
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}

test('clocks that are hours wrong: every tab shows the server’s time, to less than 100 ms', async (t) => {
  const person = await Person.of(server);
  const session = await addTimer(person, 'Read', 1500);
  const wrongBy = (ms) => (page) => page.addInitScript(shiftClock, ms);
  const alone = async (page) => {
    await withoutWorkers(page);
    await wrongBy(hour)(page);
  };
  const contexts = [await browser.newContext(), await browser.newContext()];
  const tabs = await Promise.all([
    open(contexts[0], person, 'timers', wrongBy(hour)),
    open(contexts[1], person, 'timers', alone),
  ]);
  tabs.push(await open(contexts[0], person, 'timers', wrongBy(-hour)));
  await person.commands({ type: 'start', session });
  const { targetTimeMs } = (await person.gets('/v1/state')).state.sessions[0];
  for (const page of tabs) await button(page, 'Read', 'Pause').waitFor();
  await Promise.all(tabs.map((page) => page.evaluate(watchSeconds)));
  await Promise.all(tabs.map((page) => page.waitForFunction(() => globalThis.flips.length > 4)));
  for (const page of tabs) {
    // The first is not a change but where it began. A busy machine paints late, never early: the best is the clock's.
    const flips = (await page.evaluate(() => globalThis.flips)).slice(1);
    const late = flips.map(({ left, atMs }) => atMs + server.offset - (targetTimeMs - left * second));
    t.diagnostic(`late by ${late.map((ms) => ms.toFixed(0)).join(', ')} ms`);
    const best = Math.min(...late);
    assert.ok(best > -100 && best < 100, `off by ${best} ms`);
  }
  await Promise.all(contexts.map((context) => context.close()));
});
