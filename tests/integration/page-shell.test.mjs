// What stands around every view: the keys and their panel, the way from view to view, on a phone and by keyboard.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitsAcross, hasNoViolation, open, stage, tabTo } from './support/page.mjs';
import { Person } from './support/person.mjs';

const views = ['timers', 'focus', 'work', 'training', 'history', 'settings'];

const { server, browser } = await stage();

const panel = (page) => page.getByRole('dialog', { name: 'Keyboard shortcuts' });
const shows = (page, view) => page.waitForURL(`**/#/${view}`);
const isFocused = (page, selector) => page.waitForFunction((wanted) => document.activeElement?.matches(wanted), selector);

test('keys go to every view, and the focus with them', async (t) => {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await open(context, await Person.of(server));
  await page.locator('main').focus();
  for (const [i, view] of views.entries()) {
    await page.keyboard.press(String(i + 1));
    await shows(page, view);
    await isFocused(page, 'main');
    await page.waitForFunction((name) => document.title === `${name} · Lockstep`, view[0].toUpperCase() + view.slice(1));
  }
  for (const [letter, view] of [['t', 'timers'], ['f', 'focus'], ['w', 'work'], ['r', 'training'], ['h', 'history'], ['s', 'settings']]) {
    await page.keyboard.press('g');
    await page.keyboard.press(letter);
    await shows(page, view);
  }
});

test('the panel lists the keys, and switches them off', async (t) => {
  const context = await browser.newContext();
  t.after(() => context.close());
  const person = await Person.of(server);
  const page = await open(context, person);
  await page.locator('main').focus();
  await page.keyboard.press('?');
  await panel(page).waitFor();
  for (const view of views) await panel(page).getByText(`Go to ${view}`, { exact: false }).waitFor();
  await hasNoViolation(page, 'the panel');
  await page.keyboard.press('2');
  await page.keyboard.press('Escape');
  await panel(page).waitFor({ state: 'detached' });
  assert.match(page.url(), /#\/timers$/, 'keys belong to the panel while it is open');

  await page.keyboard.press('?');
  await panel(page).getByLabel('Use these shortcuts').uncheck();
  await panel(page).getByRole('button', { name: 'Close' }).click();
  for (const key of ['2', '?', 'g', 'w']) await page.keyboard.press(key);
  await page.reload();
  await page.getByText('In step', { exact: true }).waitFor();
  for (const key of ['2', '?', 'g', 'w']) await page.keyboard.press(key);
  assert.match(page.url(), /#\/timers$/);
  assert.equal(await panel(page).count(), 0);
  // Who does without them can still find them.
  await tabTo(page, page.getByRole('button', { name: 'Keyboard shortcuts' }));
  await page.keyboard.press('Enter');
  await panel(page).getByLabel('Use these shortcuts').check();
  await page.keyboard.press('Escape');
  await isFocused(page, '[aria-label="Keyboard shortcuts"]');
  await page.keyboard.press('2');
  await shows(page, 'focus');
});

test('what is typed, or pressed with another key, is no shortcut', async (t) => {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await open(context, await Person.of(server));
  const title = page.getByLabel('Title', { exact: true });
  await title.click();
  await page.keyboard.type('g f 2 ? 12');
  assert.equal(await title.inputValue(), 'g f 2 ? 12');
  await page.locator('main').focus();
  for (const keys of ['Control+2', 'Alt+2', 'Meta+2']) await page.keyboard.press(keys);
  assert.match(page.url(), /#\/timers$/);
  assert.equal(await panel(page).count(), 0);
});

test('the first Tab skips what stands before the view', async (t) => {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await open(context, await Person.of(server), 'history');
  await page.keyboard.press('Tab');
  await isFocused(page, '.skip');
  await page.keyboard.press('Enter');
  await isFocused(page, 'main');
  assert.match(page.url(), /#\/history$/);
});

test('on a phone the views are at the thumb, all of them in reach', async (t) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  t.after(() => context.close());
  const page = await open(context, await Person.of(server));
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 844 });
    for (const view of views) {
      const link = page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: view });
      const { x, y, width: wide, height } = await link.boundingBox();
      assert.ok(x >= 0 && x + wide <= width && y > 700 && y + height <= 844, `${view} at ${x}, ${y}`);
      assert.ok(wide >= 24 && height >= 24, `${view} is ${wide} by ${height}`);
      await link.tap();
      await shows(page, view);
      await fitsAcross(page, width);
    }
  }
  await hasNoViolation(page, 'on a phone');
});
