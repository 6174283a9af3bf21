// The timers view in Chromium: used by keyboard alone, its groups and rings, and what it asks before it acts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uuid } from './support/client.mjs';
import { button, fitsAcross, hasNoViolation, open, stage, tabTo } from './support/page.mjs';
import { Person, minute } from './support/person.mjs';

const { server, browser } = await stage();

// Somebody who has these timers, and the page before them; each is [title, more of its fields].
async function having(...timers) {
  const person = await Person.of(server);
  const ids = timers.map(() => uuid());
  if (timers.length > 0) {
    const atMs = Date.now() - minute;
    await person.commands(
      ...timers.map(([title, more], i) => ({ type: 'addSession', session: ids[i], title, atMs: atMs + i, ...more })),
    );
  }
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await open(context, person);
  return { person, context, page, ids };
}

// A locator inside `has` begins at the card.
const pageOf = (within) => within.page?.() ?? within;
const card = (within, title) => within.getByRole('listitem').filter({ has: pageOf(within).getByRole('heading', { name: title, exact: true }) });
const titles = (page) => page.getByRole('heading', { level: 3 }).allTextContents();
const shows = (page, title, text) => card(page, title).getByRole('timer').getByText(text).waitFor();
const isFocused = (locator) => locator.evaluate((element) => element === document.activeElement);
const isLost = (page) => page.evaluate(() => document.activeElement === document.body);
const stateOf = async (person) => (await person.gets('/v1/state')).state;
const timerOf = async (person, id) => (await stateOf(person)).sessions.find((session) => session.id === id);

test('by keyboard alone: add, start, pause, reset, edit, delete, undo', async () => {
  const { person, context, page } = await having();
  await page.getByText('No timers yet').waitFor();
  const keys = page.keyboard;
  for (const [title, minutes] of [['Tea', '4'], ['Read', '25'], ['Walk', '']]) {
    await page.locator('main').focus();
    await keys.press('n');
    await keys.type(title);
    await keys.press('Tab');
    await keys.type(minutes);
    await keys.press('Enter');
    await card(page, title).waitFor();
  }
  // The key of a field is the field's.
  await keys.type('nure');
  assert.equal(await page.getByLabel('Title', { exact: true }).inputValue(), 'nure');
  await page.locator('main').focus();

  await keys.press('ArrowDown');
  assert.ok(await isFocused(button(card(page, 'Tea'), 'Start')));
  await keys.press('ArrowRight');
  await keys.press('ArrowRight');
  assert.ok(await isFocused(button(card(page, 'Walk'), 'Start')));
  await keys.press('ArrowRight');
  assert.ok(await isFocused(button(card(page, 'Walk'), 'Start')), 'there is no further one');
  await keys.press('ArrowLeft');

  await keys.press('Space');
  await button(card(page, 'Read'), 'Pause').waitFor();
  assert.ok(await isFocused(button(card(page, 'Read'), 'Pause')), 'the focus stays on the button');
  await shows(page, 'Read', /^24:\d\d$/);
  await keys.press('Space');
  await button(card(page, 'Read'), 'Start').waitFor();
  await keys.press('r');
  await shows(page, 'Read', '25:00');

  await keys.press('e');
  await page.getByRole('form', { name: 'Edit Read' }).waitFor();
  await keys.type('Read a book');
  await keys.press('Tab');
  await keys.type('30');
  await keys.press('Enter');
  await card(page, 'Read a book').waitFor();
  await shows(page, 'Read a book', '30:00');
  // The focus comes back with the next paint.
  await button(card(page, 'Read a book'), 'Edit').and(page.locator(':focus')).waitFor();
  await keys.press('e');
  await page.getByRole('form', { name: 'Edit Read a book' }).waitFor();
  await keys.press('Escape');
  await button(card(page, 'Read a book'), 'Edit').and(page.locator(':focus')).waitFor();

  await keys.press('Delete');
  await card(page, 'Read a book').waitFor({ state: 'detached' });
  assert.ok(await isFocused(button(card(page, 'Walk'), 'Start')), 'its neighbour has the focus');
  await keys.press('u');
  await card(page, 'Read a book').waitFor();
  assert.deepEqual(await titles(page), ['Tea', 'Read a book', 'Walk']);
  assert.equal(await isLost(page), false);
  const names = (await stateOf(person)).sessions.map(({ title }) => title);
  assert.deepEqual(names.sort(), ['Read a book', 'Tea', 'Walk']);
  await context.close();
});

test('the key brings back what is still gone: the one deleted before, once the last is back', async () => {
  const { context, page } = await having(['Tea'], ['Read']);
  for (const title of ['Tea', 'Read']) {
    await button(card(page, title), 'Delete').click();
    await card(page, title).waitFor({ state: 'detached' });
  }
  await page.getByText('Deleted “Read”').locator('..').getByRole('button', { name: 'Undo' }).click();
  await card(page, 'Read').waitFor();
  await page.locator('main').focus();
  await page.keyboard.press('u');
  await card(page, 'Tea').waitFor();
  await context.close();
});

test('arrows go by rows and columns', async () => {
  const { context, page } = await having(...['A', 'B', 'C', 'D', 'E'].map((title) => [title]));
  await button(card(page, 'B'), 'Start').focus();
  await page.keyboard.press('ArrowDown');
  assert.ok(await isFocused(button(card(page, 'E'), 'Start')));
  await page.keyboard.press('ArrowUp');
  assert.ok(await isFocused(button(card(page, 'B'), 'Start')));
  await context.close();
});

test('the help panel lists what the keys do', async () => {
  const { context, page } = await having(['Tea']);
  await page.locator('main').focus();
  await page.keyboard.press('?');
  const panel = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  for (const says of ['New timer', 'Start or pause it', 'Reset it', 'Edit it', 'Delete it', 'Bring back the timer deleted last']) {
    await panel.getByText(says, { exact: true }).waitFor();
  }
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Focus' }).click();
  await page.keyboard.press('?');
  await panel.waitFor();
  assert.equal(await panel.getByText('New timer').count(), 0, 'of what is shown alone');
  await context.close();
});

test('who has the focus on what another screen deletes keeps it', async () => {
  const { person, context, page, ids } = await having(['Tea'], ['Read']);
  await button(card(page, 'Tea'), 'Edit').focus();
  await person.commands({ type: 'deleteSession', session: ids[0] });
  await card(page, 'Tea').waitFor({ state: 'detached' });
  assert.equal(await isLost(page), false);
  await context.close();
});

test('rings and bars say what they show', async () => {
  const at = { atMs: Date.now() - 60 * minute };
  const { person, context, page, ids } = await having(
    ['Read', { initialDuration: 3600, dailyGoalMinutes: 60, ...at }],
    ['Walk', { dailyGoalMinutes: 10, ...at }],
  );
  await person.liveAtNoon();
  await person.commands(
    ...ids.flatMap((session) => [
      { type: 'start', session, atMs: Date.now() - 30 * minute },
      { type: 'pause', session, atMs: Date.now() - 15 * minute },
    ]),
  );
  await shows(page, 'Read', '45:00');
  await card(page, 'Read').getByRole('img', { name: '25 % over' }).waitFor();
  const bar = (title) => card(page, title).getByRole('progressbar', { name: 'Today' });
  assert.deepEqual(
    await bar('Read').evaluate((bar) => ['min', 'max', 'now', 'text'].map((part) => bar.getAttribute(`aria-value${part}`))),
    ['0', '60', '15', '15 of 60 min'],
  );
  await shows(page, 'Walk', '15:00');
  assert.equal(await bar('Walk').getAttribute('aria-valuenow'), '10');
  await card(page, 'Walk').getByText('goal reached').waitFor();
  assert.equal(await card(page, 'Walk').getByRole('img').count(), 0, 'what counts up is never over');
  await context.close();
});

test('groups are added, described, folded, emptied and deleted', async () => {
  const { person, context, page, ids } = await having(['Chapter 3', { initialDuration: 1500 }]);
  await page.getByLabel('Name of the new group').fill('Thesis');
  await button(page, 'Add group').click();
  await page.getByText('No timers in this group yet').waitFor();
  await button(card(page, 'Chapter 3'), 'Edit').click();
  const edit = page.getByRole('form', { name: 'Edit Chapter 3' });
  await edit.getByLabel('Group').selectOption({ label: 'Thesis' });
  await button(edit, 'Save').click();
  const group = page.getByRole('region', { name: 'Thesis' });
  await card(group, 'Chapter 3').waitFor();

  await button(group, 'Edit group').click();
  await page.getByLabel('Description').fill('Until May');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await group.getByText('Until May').waitFor();
  assert.ok(await isFocused(button(group, 'Edit group')));

  await page.getByRole('button', { name: 'Thesis', exact: true }).click();
  await card(page, 'Chapter 3').waitFor({ state: 'detached' });
  await group.getByText('1 timer', { exact: true }).waitFor();
  await page.reload();
  await group.getByText('1 timer', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Thesis', exact: true, expanded: false }).click();

  await button(card(page, 'Chapter 3'), 'Start').click();
  await button(card(page, 'Chapter 3'), 'Pause').waitFor();
  await button(group, 'Reset group').click();
  await button(page.getByRole('dialog'), 'Cancel').click();
  assert.equal((await timerOf(person, ids[0])).state, 'RUNNING');
  await button(group, 'Reset group').click();
  await button(page.getByRole('dialog'), 'Reset them').click();
  await button(card(page, 'Chapter 3'), 'Start').waitFor();

  await button(group, 'Delete group').click();
  await page.getByRole('dialog').getByText('Its timer stays').waitFor();
  await button(page.getByRole('dialog'), 'Delete it').click();
  await group.waitFor({ state: 'detached' });
  await card(page, 'Chapter 3').waitFor();
  assert.equal(await isLost(page), false);
  await context.close();
});

test('all are reset only after a question', async () => {
  const { person, context, page, ids } = await having(['Tea', { initialDuration: 240 }], ['Walk']);
  await person.commands({ type: 'start', session: ids[0] }, { type: 'start', session: ids[1] });
  await button(card(page, 'Tea'), 'Pause').waitFor();
  await button(page, 'Reset all').click();
  await page.getByRole('dialog').getByText('2 that run are stopped').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.ok(await isFocused(button(page, 'Reset all')));
  assert.equal((await timerOf(person, ids[0])).state, 'RUNNING');
  await page.keyboard.press('Enter');
  await tabTo(page, button(page, 'Reset them'));
  await page.keyboard.press('Enter');
  await shows(page, 'Tea', '04:00');
  await shows(page, 'Walk', '00:00');
  await context.close();
});

test('an edit sends what was changed, and says when another screen has changed something', async () => {
  const { person, context, page, ids } = await having(['Tea', { initialDuration: 240 }]);
  await button(card(page, 'Tea'), 'Edit').click();
  await person.commands({ type: 'renameSession', session: ids[0], title: 'Green tea' });
  const edit = page.getByRole('form', { name: /^Edit/ });
  await edit.getByText('Another screen has changed it').waitFor();
  await edit.getByLabel('Minutes').fill('5');
  await button(edit, 'Save').click();
  await shows(page, 'Green tea', '05:00');
  await context.close();
});

test('among many, one is found by its name or its group’s', async () => {
  const names = Array.from({ length: 9 }, (_, i) => [`Timer ${i}`]);
  const { person, context, page, ids } = await having(...names);
  await person.commands({ type: 'moveSession', session: ids[8], group: await person.group('Garage') });
  await page.getByRole('region', { name: 'Garage' }).waitFor();
  await page.locator('main').focus();
  await page.keyboard.press('/');
  await page.keyboard.type('timer 3');
  await card(page, 'Timer 4').waitFor({ state: 'detached' });
  assert.deepEqual(await titles(page), ['Timer 3']);
  await page.getByText('1 of 9 timers found').waitFor();
  await page.getByLabel('Find a timer').fill('gara');
  await card(page, 'Timer 8').waitFor();
  assert.deepEqual(await titles(page), ['Timer 8']);
  await page.getByLabel('Find a timer').fill('nothing');
  await page.getByText('No timer and no group is called that').waitFor();
  await context.close();
});

test('for everybody: axe finds nothing, nothing sticks out, nothing moves for who wants it still', async () => {
  const { person, context, page, ids } = await having(['Tea', { initialDuration: 240 }], ['W'.repeat(200), { dailyGoalMinutes: 60 }]);
  await person.commands({ type: 'start', session: ids[0] }, { type: 'addGroup', name: 'W'.repeat(200), description: 'W'.repeat(300) });
  await button(card(page, 'Tea'), 'Pause').waitFor();
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const moving = await page.evaluate(() => document.getAnimations().length);
  const transitions = await button(card(page, 'Tea'), 'Reset').evaluate((one) => getComputedStyle(one).transitionProperty);
  assert.deepEqual([moving, transitions], [0, 'none']);
  await hasNoViolation(page, 'cards');
  await fitsAcross(page, 320);
  await button(card(page, 'Tea'), 'Edit').click();
  await button(page, 'Edit group').click();
  await hasNoViolation(page, 'forms');
  await fitsAcross(page, 320);
  await button(page, 'Reset all').click();
  await hasNoViolation(page, 'a question');
  await context.close();
});
