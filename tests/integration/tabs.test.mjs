// The main job, seen on screens: two pages in Chromium and a plain wscat of one user, and a second user beside them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './support/page.mjs';
import { Server } from './support/server.mjs';
import { Wscat } from './support/wscat.mjs';

let server;
let browser;
let alice; // two tabs of one browser
let bob;

before(async () => {
  server = await Server.start();
  browser = await launch();
  const context = await browser.newContext();
  alice = [await context.newPage(), await context.newPage()];
  bob = await (await browser.newContext()).newPage();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function signIn(page, user) {
  await page.goto(server.http);
  await page.getByLabel('Sign in as').fill(user);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('button', { name: 'Add timer' }).waitFor();
}

async function addTimer(page, title, minutes) {
  await page.getByLabel('Title', { exact: true }).fill(title);
  await page.getByLabel('Minutes', { exact: true }).first().fill(minutes);
  await page.getByRole('button', { name: 'Add timer' }).click();
}

const item = (page, title) => page.getByRole('listitem').filter({ hasText: title });
const button = (page, title, name) => item(page, title).getByRole('button', { name, exact: true });
const left = async (page, title) => (await item(page, title).getByRole('timer').textContent()).trim();

// What is left, in seconds, of "24:59" or "1:24:59".
const seconds = (text) => /(\d+(?::\d+)+)/.exec(text)[1].split(':').reduce((sum, part) => sum * 60 + Number(part), 0);

test('two tabs, a console and a stranger', async () => {
  const terminal = Wscat.of(server, 'alice');
  await signIn(alice[0], 'alice');
  // Signing in is remembered for the browser: the second tab needs none.
  await alice[1].goto(server.http);
  await alice[1].getByRole('button', { name: 'Add timer' }).waitFor();
  await signIn(bob, 'bob');
  await terminal.sees(/"type":"live"/);

  await addTimer(alice[0], 'Read', '25');
  await item(alice[1], 'Read').waitFor({ timeout: 2000 });
  await terminal.sees(/"event":"addSession"/);

  await button(alice[1], 'Read', 'Start').click();
  await button(alice[0], 'Read', 'Pause').waitFor({ timeout: 2000 });
  await terminal.sees(/"event":"start"/);
  await alice[0].waitForTimeout(1500);
  const shown = await Promise.all(alice.map((page) => left(page, 'Read')));
  for (const text of shown) assert.ok(seconds(text) < 1500 && seconds(text) > 1490, text);
  assert.ok(Math.abs(seconds(shown[0]) - seconds(shown[1])) <= 1, shown.join(' / '));

  const session = /"session":\{"id":"([0-9a-f-]{36})"/.exec(terminal.output)[1];
  terminal.type(`{"type":"pause","session":"${session}"}`);
  for (const page of alice) await button(page, 'Read', 'Start').waitFor({ timeout: 2000 });
  terminal.type(`{"type":"renameSession","session":"${session}","title":"Read a book"}`);
  for (const page of alice) await item(page, 'Read a book').waitFor({ timeout: 2000 });

  await button(alice[0], 'Read a book', 'Reset').click();
  for (const page of alice) {
    await page.waitForFunction(() => document.querySelector('[role=timer]')?.textContent.includes('25:00'), null, { timeout: 2000 });
  }
  assert.equal(await bob.getByRole('timer').count(), 0, "bob sees nothing of alice's");
  terminal.end();
});

test('killed in the middle: all come back by themselves and nothing is missing', async () => {
  const terminal = Wscat.of(server, 'alice');
  await terminal.sees(/"type":"live"/);
  await addTimer(alice[0], 'Survivor', '10');
  await item(alice[1], 'Survivor').waitFor({ timeout: 2000 });
  await button(alice[0], 'Survivor', 'Start').click();
  await button(alice[1], 'Survivor', 'Pause').waitFor({ timeout: 2000 });
  await server.kill();
  await server.start();
  for (const page of alice) {
    await page.waitForFunction(() => /In step/i.test(document.body.textContent), null, { timeout: 15000 });
    await button(page, 'Survivor', 'Pause').waitFor({ timeout: 5000 });
  }
  await button(alice[1], 'Survivor', 'Pause').click();
  await button(alice[0], 'Survivor', 'Start').waitFor({ timeout: 5000 });
  terminal.end();
});

test('a target that passes while the server is down is seen as completed once it is back', async () => {
  await addTimer(alice[0], 'Tea', '0.05');
  const added = await item(alice[0], 'Tea').waitFor({ timeout: 2000 }).then(() => true, () => false);
  assert.ok(added, 'a timer of three seconds can be added');
  await button(alice[0], 'Tea', 'Start').click();
  await button(alice[1], 'Tea', 'Pause').waitFor({ timeout: 2000 });
  await server.kill();
  await new Promise((resolve) => setTimeout(resolve, 3200));
  await server.start();
  for (const page of alice) await button(page, 'Tea', 'Start').waitFor({ timeout: 15000 });
});

test('delete and undo', async () => {
  await button(alice[0], 'Survivor', 'Delete').click();
  await item(alice[1], 'Survivor').waitFor({ state: 'detached', timeout: 2000 });
  await alice[0].getByRole('button', { name: /Undo/ }).first().click();
  await item(alice[1], 'Survivor').waitFor({ timeout: 2000 });
});

test('a client clock that is an hour wrong shows the same', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(() => {
    const real = Date.now.bind(Date);
    Date.now = () => real() + 3600000;
  });
  await signIn(page, 'alice');
  await button(alice[0], 'Survivor', 'Start').click();
  await button(page, 'Survivor', 'Pause').waitFor({ timeout: 5000 });
  await page.waitForTimeout(1000);
  const [here, there] = await Promise.all([left(page, 'Survivor'), left(alice[0], 'Survivor')]);
  assert.ok(Math.abs(seconds(here) - seconds(there)) <= 1, `${here} / ${there}`);
  await context.close();
});
