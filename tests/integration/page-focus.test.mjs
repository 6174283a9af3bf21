// The focus view in Chromium: one focus session on several screens, its pauses, its end and its review. Time is the
// server's, whose clock these tests set forward.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uuid } from './support/client.mjs';
import { Clocked } from './support/clocked.mjs';
import { button, fitsAcross, hasNoViolation, open, soon, stage, tabTo } from './support/page.mjs';
import { minute, second } from './support/person.mjs';

const { server, browser } = await stage(() => Clocked.start());

// Somebody with two tabs of one browser open, or so many, who permits notifications; what is shown and played is kept.
async function looking(count = 2) {
  const person = await server.person();
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(soon);
  await context.grantPermissions(['notifications'], { origin: server.http });
  await context.addInitScript(() => {
    globalThis.told = [];
    globalThis.tones = 0;
    globalThis.Notification = class extends Notification {
      constructor(title, options) {
        super(title, options);
        globalThis.told.push({ title, ...options });
      }
    };
    globalThis.OscillatorNode = class extends OscillatorNode {
      constructor(...args) {
        super(...args);
        globalThis.tones += 1;
      }
    };
  });
  const tabs = [];
  while (tabs.length < count) tabs.push(await open(context, person, 'focus'));
  return { person, context, tabs };
}

const digits = (page, name) => page.getByRole('timer', { name });
const start = (person, more = {}) => person.commands({ type: 'addSession', kind: 'focus', sessionType: 'pomodoro', ...more });
const pass = (ms) => server.set(server.offset + ms);
const review = (page) => page.getByRole('form', { name: 'How did it go?' });
const newest = async (person) => (await person.gets('/api/sessions?kind=focus')).items[0];

// It is on once the browser permits it.
async function switchOn(page, name) {
  await page.getByLabel(name).click();
  await page.waitForFunction((input) => input.checked, await page.getByLabel(name).elementHandle());
}

// Waits until `see` finds what it looks for.
async function until(see) {
  const end = Date.now() + soon;
  for (;;) {
    const seen = await see();
    if (seen) return seen;
    assert.ok(Date.now() < end, `in vain: ${see}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('one session, two tabs: pauses, distractions, an early end, a review', async () => {
  const { person, context, tabs } = await looking();
  const [one, two] = tabs;
  await person.group('Thesis');
  await one.getByLabel('What on').fill('Chapter 3');
  await one.getByLabel('Project').selectOption({ label: 'Thesis' });
  await button(one, 'Start').click();
  for (const page of tabs) {
    await page.getByRole('heading', { name: 'Chapter 3' }).waitFor();
    await page.getByText('Pomodoro · Thesis').waitFor();
    await digits(page, 'Focus left').waitFor();
    await page.waitForFunction(() => /^(25:00|24:5\d) Chapter 3/.test(document.title));
  }
  for (const left of ['2 pauses left', '1 pause left', '0 pauses left']) {
    await button(one, 'Pause').click();
    await two.getByText(left).waitFor();
    await two.getByText(/then it goes\s*on by itself/).waitFor();
    assert.match(await digits(two, 'Pause left').textContent(), /^(10:00|09:5\d)$/);
    await button(two, 'Resume').click();
    await digits(one, 'Focus left').waitFor();
  }
  // A fourth would be refused.
  assert.equal(await button(one, 'Pause').count(), 0);
  assert.equal(await button(one, 'No pauses left').getAttribute('aria-disabled'), 'true');

  await one.getByRole('button', { name: 'Distracted' }).click();
  await one.getByRole('button', { name: 'Distracted so far 1' }).waitFor();
  await two.getByRole('button', { name: 'Distracted so far 1' }).click();
  await one.getByRole('button', { name: 'Distracted so far 2' }).waitFor();

  await button(one, 'Finish early').click();
  await one.getByRole('dialog').getByText('of 25 min').waitFor();
  await button(one, 'Cancel').click();
  await digits(one, 'Focus left').waitFor();
  await button(one, 'Finish early').click();
  await button(one, 'Finish').click();
  for (const page of tabs) await review(page).waitFor();

  await button(two, 'Save review').click();
  await two.getByText('Choose a quality or write a line.').waitFor();
  await two.getByRole('radio', { name: '4', exact: true }).check({ force: true });
  await two.getByLabel('What got done').fill('Two pages');
  await button(two, 'Save review').click();
  for (const page of tabs) {
    await review(page).waitFor({ state: 'detached' });
    await page.getByText('quality 4 of 5').waitFor();
    await page.getByText('Two pages').waitFor();
  }
  const { qualityRating, taskProgress } = await newest(person);
  assert.deepEqual([qualityRating, taskProgress], [4, 'Two pages']);
  await context.close();
});

test('abandoned, with why and what got done', async () => {
  const { person, context, tabs } = await looking(1);
  await start(person);
  await button(tabs[0], 'Abandon').click();
  await tabs[0].getByLabel('Why').fill('Fire drill');
  await tabs[0].getByLabel('What got done').fill('Half of it');
  await tabs[0].getByRole('dialog').getByRole('button', { name: 'Abandon' }).click();
  for (const page of tabs) await page.getByText(/abandoned/).waitFor();
  const { status, abandonReason, progressMade } = await newest(person);
  assert.deepEqual([status, abandonReason, progressMade], ['abandoned', 'Fire drill', 'Half of it']);
  assert.equal(await review(tabs[0]).count(), 0);
  await context.close();
});

test('the end of a pomodoro is told once, also to who looks at another view', async () => {
  const { person, context, tabs } = await looking();
  const [one, two] = tabs;
  assert.deepEqual(await one.evaluate(() => globalThis.told), []);
  await switchOn(one, 'Notify me');
  await switchOn(one, 'Play a sound');
  const heard = () => Promise.all(tabs.map((page) => page.evaluate(() => globalThis.tones)));
  const [tried] = await heard();
  assert.ok(tried > 0, 'the sound is heard when it is switched on');
  // What is chosen in one tab holds in the other; it is touched, as the browser wants it before there is a sound.
  await two.getByRole('link', { name: 'Timers' }).click();

  await start(person, { title: 'Chapter 4' });
  await digits(one, 'Focus left').waitFor();
  pass(25 * minute);
  for (const page of tabs) await page.waitForFunction(() => globalThis.told.length > 0);
  const told = await Promise.all(tabs.map((page) => page.evaluate(() => globalThis.told)));
  assert.equal(told[0].length, 1);
  assert.equal(told[0][0].title, '25 min of focus are over');
  assert.deepEqual(told[1], told[0], 'the same tag makes them one');
  await until(async () => (await heard()).some((tones, i) => tones > [tried, 0][i]));
  await new Promise((resolve) => setTimeout(resolve, second / 2));
  const [here, there] = await heard();
  assert.equal(here - tried + there, tried, 'one tab sounds');

  await review(one).waitFor();
  await review(one).getByText('Chapter 4, 25 of 25 min').waitFor();
  assert.match(await review(one).textContent(), /100\s*score/);
  await two.getByText('25 min of focus are over').waitFor();
  await two.getByRole('region', { name: 'Messages' }).getByRole('button', { name: 'Show' }).click();
  await review(two).waitFor();

  // It is asked for again after a reload, until it is declined; even then it can be given.
  await two.reload();
  await button(review(two), 'Not now').click();
  await two.reload();
  await two.getByRole('button', { name: /^Review Chapter 4/ }).click();
  await two.getByRole('radio', { name: '5 superb' }).check({ force: true });
  await button(two, 'Save review').click();
  for (const page of tabs) await page.getByText('quality 5 of 5').waitFor();
  await context.close();
});

test('a pause is counted down, and goes on by itself after ten minutes', async () => {
  const { person, context, tabs } = await looking();
  await switchOn(tabs[0], 'Notify me');
  await start(person);
  await button(tabs[0], 'Pause').click();
  const left = await digits(tabs[1], 'Pause left').textContent();
  await tabs[1].waitForFunction((text) => document.querySelector('[role=timer]').textContent !== text, left);
  pass(10 * minute);
  for (const page of tabs) await digits(page, 'Focus left').waitFor();
  await tabs[0].waitForFunction(() => globalThis.told.at(-1)?.title === 'The pause is over');
  // The server's clock was set under the page, which measures it anew now and then: now.
  await tabs[0].evaluate(() => dispatchEvent(new Event('online')));
  await tabs[0].waitForFunction(() => /^(24:\d\d|25:00)$/.test(document.querySelector('[role=timer]').textContent));
  await context.close();
});

test('without the server: what ends is told once all the same, and a start waits for it', async () => {
  const { person, context, tabs } = await looking(1);
  const [page] = tabs;
  await switchOn(page, 'Notify me');
  const session = uuid();
  await person.commands({ type: 'addSession', session, title: 'Tea', initialDuration: 3 }, { type: 'start', session });
  await page.waitForFunction(() => document.title.includes('Tea'));
  await server.kill();
  await page.waitForFunction(() => globalThis.told.length > 0);
  await button(page, 'Start').click();
  await button(page, 'Start waiting').waitFor();
  await server.start();
  await digits(page, 'Focus left').waitFor();
  assert.deepEqual(await page.evaluate(() => globalThis.told.map(({ title }) => title)), ['“Tea” is over']);
  await context.close();
});

test('what was paused elsewhere while the page was closed is not told as over', async () => {
  const { person, context, tabs } = await looking(1);
  await switchOn(tabs[0], 'Notify me');
  const session = uuid();
  await person.commands({ type: 'addSession', session, title: 'Tea', initialDuration: 4 }, { type: 'start', session });
  await tabs[0].waitForFunction(() => document.title.includes('Tea'));
  // So that it is written down.
  await tabs[0].waitForTimeout(second);
  await tabs[0].close();
  await person.commands({ type: 'pause', session });
  await new Promise((resolve) => setTimeout(resolve, 4 * second));
  const page = await open(context, person, 'focus');
  await page.waitForFunction(() => !document.title.includes('Tea'));
  assert.deepEqual(await page.evaluate(() => globalThis.told), []);
  assert.equal(await page.getByText('is over').count(), 0);
  await context.close();
});

test('a list that could not be had is asked for again', async () => {
  const { person, context, tabs } = await looking(1);
  const [page] = tabs;
  let failed = 0;
  await page.route('**/api/sessions?*', (route) => (failed++ < 2 ? route.abort() : route.continue()));
  const [{ session }] = await start(person);
  await person.commands({ type: 'complete', session });
  await review(page).waitFor();
  assert.ok(failed > 2);
  await context.close();
});

test('nothing of notifications without being asked, and a refusal is told', async () => {
  const person = await server.person();
  const context = await browser.newContext();
  await context.addInitScript(() => {
    globalThis.asked = 0;
    Notification.requestPermission = async () => {
      globalThis.asked += 1;
      return 'denied';
    };
  });
  const page = await open(context, person, 'focus');
  const notify = page.getByLabel('Notify me');
  await notify.waitFor();
  assert.equal(await page.evaluate(() => globalThis.asked), 0);
  await notify.click();
  await page.getByText('The browser does not permit notifications').waitFor();
  assert.equal(await notify.isChecked(), false);
  await context.close();
});

test('a session that was started elsewhere, with a task of the work that goes on', async () => {
  const { person, context, tabs } = await looking(1);
  const group = await person.group('Workshop');
  const [{ session }] = await person.commands({ type: 'addSession', kind: 'work', group });
  const [{ task }] = await person.commands({ type: 'addTask', session, description: 'Wire the lights' });
  await tabs[0].getByLabel('Task at work').selectOption({ label: 'Wire the lights' });
  await person.adds('/api/sessions', { sessionType: 'short', projectId: group, taskId: task });
  for (const page of tabs) {
    await page.getByRole('heading', { name: 'Short' }).waitFor();
    await page.getByText('Workshop · Wire the lights').waitFor();
  }
  await context.close();
});

test('by keyboard alone', async () => {
  const { context, tabs } = await looking(1);
  const [page] = tabs;
  await page.locator('main').focus();
  await tabTo(page, page.getByRole('radio', { name: 'Pomodoro 25' }));
  for (const name of ['Short 15', 'Long 45', 'Custom']) {
    await page.keyboard.press('ArrowRight');
    assert.ok(await page.getByRole('radio', { name }).isChecked());
  }
  await tabTo(page, page.getByLabel('Minutes, 5 to 120'));
  await page.keyboard.type('90');
  await page.keyboard.press('Enter');
  await digits(page, 'Focus left').getByText(/^1:(30:00|29:5\d)$/).waitFor();
  const isLost = () => page.evaluate(() => document.activeElement === document.body);
  assert.equal(await isLost(), false);
  await tabTo(page, button(page, 'Pause'));
  await page.keyboard.press('Space');
  await page.getByText('Paused', { exact: true }).waitFor();
  await page.keyboard.press('Space');
  await page.getByText('Focusing', { exact: true }).waitFor();
  await tabTo(page, page.getByRole('button', { name: 'Distracted' }));
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Distracted so far 1' }).waitFor();
  await tabTo(page, button(page, 'Abandon'));
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await tabTo(page, button(page, 'Finish early'), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await tabTo(page, button(page, 'Finish'));
  await page.keyboard.press('Enter');
  await review(page).waitFor();
  assert.equal(await isLost(), false);
  await tabTo(page, page.getByRole('radio', { name: '1 poor' }));
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await page.getByText('quality 1 of 5').waitFor();
  assert.equal(await isLost(), false);
  await context.close();
});

test('for everybody: axe finds nothing, and nothing sticks out on a small phone', async () => {
  const { person, context, tabs } = await looking(1);
  const [page] = tabs;
  await hasNoViolation(page, 'nothing yet');
  const title = 'W'.repeat(200);
  const [{ session }] = await start(person, { title });
  await page.getByText('Focusing', { exact: true }).waitFor();
  await hasNoViolation(page, 'running');
  await fitsAcross(page, 320);
  await button(page, 'Pause').click();
  await page.getByText('Paused', { exact: true }).waitFor();
  await hasNoViolation(page, 'paused');
  await fitsAcross(page, 320);
  await button(page, 'Abandon').click();
  await hasNoViolation(page, 'asked why');
  await person.commands({ type: 'complete', session });
  await review(page).waitFor();
  await hasNoViolation(page, 'review');
  await fitsAcross(page, 320);
  await context.close();
});
