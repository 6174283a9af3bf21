// The training view: plans, the sheet of the training that goes on, and what was trained (requirement document 004), in
// two tabs of a person.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uuid } from './support/client.mjs';
import { Line } from './support/line.mjs';
import { button, fitsAcross, hasNoViolation, open, region, soon, stage, tabTo } from './support/page.mjs';
import { Person } from './support/person.mjs';
import { Server } from './support/server.mjs';

const push = {
  note: 'Warm up first',
  exercises: [
    { name: 'Bench press', rest: '2 min', sets: [{ reps: 8, weight: 60, tempo: '3-1-1' }, { reps: 6, weight: 65 }] },
    { name: 'Dips', sets: [{ reps: 12 }] },
  ],
};

const { server, browser } = await stage();

// Two tabs of a new person's, or one, who has one plan; `training` has begun it, too.
async function atTraining({ structure = push, training = false, at = server, alone = false } = {}) {
  const person = await Person.of(at);
  const [plan, session] = [uuid(), uuid()];
  await person.commands({ type: 'addPlan', plan, name: 'Push day', structure });
  if (training) await person.commands({ type: 'addSession', kind: 'training', session, plan, date: '2026-11-21' });
  const context = await browser.newContext();
  const other = alone ? null : await open(context, person, 'training');
  // The one opened last is in front; what is behind is painted once a second.
  const one = await open(context, person, 'training');
  const sheet = async () => (await person.gets(`/api/sessions/${session}`)).session;
  const stored = async () => (await person.gets(`/api/plans/${plan}`)).structure;
  return { person, plan, session, tabs: [one, other], sheet, stored, close: () => context.close() };
}

const card = (page, name) => region(page, 'Plans').getByRole('listitem', { name, exact: true });
const past = (page) => region(page, 'Trained').getByRole('list', { name: 'Past trainings' }).locator('> li');
const press = (locator) => locator.evaluate((element) => element.click());

async function until(check, what) {
  const end = Date.now() + soon;
  while (Date.now() < end) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`in vain: ${what}`);
}

test('a plan is written, started with a date, ticked and completed by keyboard alone, and the other tab follows', async () => {
  const { person, tabs, close } = await atTraining();
  const [one, other] = tabs;
  await one.keyboard.press('n');
  await one.getByRole('heading', { name: 'New plan', level: 2 }).waitFor();
  await tabTo(one, one.getByLabel('Name', { exact: true }));
  await one.keyboard.type('Leg day');
  await tabTo(one, one.getByLabel('Name of exercise 1'));
  await one.keyboard.type('Squat');
  await tabTo(one, one.getByLabel('Set 1 of Squat: weight'));
  await one.keyboard.type('62.5');
  await tabTo(one, button(one, 'Add a set to Squat'));
  await one.keyboard.press('Enter');
  await tabTo(one, one.getByLabel('Set 2 of Squat: reps'), 'Shift+Tab');
  await one.keyboard.type('6');
  await tabTo(one, button(one, 'Add exercise'));
  await one.keyboard.press('Enter');
  await one.getByLabel('Name of exercise 2').waitFor();
  await until(() => one.getByLabel('Name of exercise 2').evaluate((element) => element === document.activeElement), 'the focus in the new exercise');
  await one.keyboard.type('Lunges');
  await tabTo(one, button(one, 'Save plan'));
  await one.keyboard.press('Enter');
  await card(other, 'Leg day').waitFor();
  const plan = (await person.gets('/api/plans')).items.find(({ name }) => name === 'Leg day');
  assert.deepEqual(plan.structure, {
    exercises: [{ name: 'Squat', sets: [{ reps: 10, weight: 62.5 }, { reps: 6, weight: 62.5 }] }, { name: 'Lunges', sets: [{ reps: 10 }] }],
  });

  await card(one, 'Leg day').waitFor();
  await tabTo(one, button(card(one, 'Leg day'), 'Start'));
  await one.keyboard.press('Enter');
  assert.equal(await one.getByLabel('Date').inputValue(), (await person.gets('/v1/state')).state.user.day, 'today, by the person’s day');
  await one.getByLabel('Date').fill('2026-11-19');
  await one.keyboard.press('Enter');
  for (const tab of tabs) await tab.getByRole('heading', { name: /^Leg day · .*19/ }).waitFor();
  assert.equal(await button(other, 'Start').count(), 0, 'one at a time');
  await tabTo(one, one.getByLabel('Set 1 of Squat done'));
  await one.keyboard.press('Space');
  await other.getByText('1 of 3 sets done').waitFor();
  assert.ok(await other.getByLabel('Set 1 of Squat done').isChecked());

  await tabTo(one, button(one, 'Pause'), 'Shift+Tab');
  await one.keyboard.press('Enter');
  await other.getByRole('timer', { name: 'Trained, paused' }).waitFor();
  await tabTo(one, button(one, 'Complete'));
  await one.keyboard.press('Enter');
  await past(other).getByText(/19.*: Leg day/).waitFor();
  assert.equal(await other.getByRole('timer').count(), 0);
  await close();
});

test('the sheet is the training’s own: what is corrected in it is saved, no field is lost, and its plan stays', async () => {
  const { tabs, sheet, stored, close } = await atTraining({ training: true });
  const [one, other] = tabs;
  await one.getByText('note: Warm up first').waitFor();
  await one.getByText('rest: 2 min').waitFor();
  await one.getByText('tempo: 3-1-1').waitFor();
  await one.getByLabel('Set 1 of Bench press: reps').fill('7');
  await one.getByLabel('Set 1 of Bench press: weight').press('End');
  await one.keyboard.type('.5');
  assert.equal(await one.getByLabel('Set 1 of Bench press: weight').inputValue(), '60.5');
  await one.getByLabel('Set 1 of Bench press done').check();
  await one.getByLabel('Set 1 of Dips: reps').fill('8-10');
  await until(async () => (await other.getByLabel('Set 1 of Dips: reps').inputValue()) === '8-10', 'the other tab');
  const expected = structuredClone(push);
  Object.assign(expected.exercises[0].sets[0], { reps: 7, weight: 60.5, done: true });
  expected.exercises[1].sets[0].reps = '8-10';
  assert.deepEqual(await sheet(), expected);
  await one.getByLabel('Set 1 of Bench press done').uncheck();
  delete expected.exercises[0].sets[0].done;
  await other.getByText('0 of 3 sets done').waitFor();
  assert.deepEqual(await sheet(), expected);
  assert.deepEqual(await stored(), push);
  await close();
});

test('two screens tick at once and both count; what both changed is asked', async () => {
  const { person, session, tabs, sheet, close } = await atTraining({ training: true });
  const [one, other] = tabs;
  // With the same version in mind: the second to arrive is a conflict, and is put on top.
  await Promise.all([press(one.getByLabel('Set 1 of Bench press done')), press(other.getByLabel('Set 2 of Bench press done'))]);
  for (const tab of tabs) {
    await tab.getByText('2 of 3 sets done').waitFor();
    await tab.getByText('saving').waitFor({ state: 'detached' });
  }
  const sets = (await sheet()).exercises[0].sets;
  assert.deepEqual(sets.map(({ done }) => done), [true, true]);
  assert.equal(await one.getByText('did not work').count() + await other.getByText('did not work').count(), 0);

  const theirs = async (reps) => {
    const structure = await sheet();
    structure.exercises[1].sets[0].reps = reps;
    await person.commands({ type: 'editSession', session, structure });
  };
  const reps = one.getByLabel('Set 1 of Dips: reps');
  // Nothing is saved while it is typed in.
  const bothChange = async (mine, other) => {
    let over = false;
    await reps.fill(mine);
    const changed = theirs(other).then(() => (over = true));
    while (!over) await reps.fill(mine);
    await changed;
  };
  await bothChange('10', 15);
  await one.getByText('Set 1 of Dips, reps: yours 10, theirs 15').waitFor();
  await button(one, 'Take mine').click();
  await until(async () => (await sheet()).exercises[1].sets[0].reps === 10, 'mine');
  await one.getByText('Another screen').waitFor({ state: 'detached' });
  await bothChange('11', 16);
  await button(one, 'Take theirs').click();
  await until(async () => (await reps.inputValue()) === '16', 'theirs');
  assert.equal((await sheet()).exercises[1].sets[0].reps, 16);
  await close();
});

test('what was corrected a moment before is completed with the rest, and can only be looked at then', async () => {
  const { tabs, sheet, close } = await atTraining({ training: true });
  const [one, other] = tabs;
  await one.getByLabel('Set 2 of Bench press: weight').fill('70');
  await button(one, 'Complete').click();
  await past(one).waitFor();
  assert.equal((await sheet()).exercises[0].sets[1].weight, 70);
  await past(one).locator('summary').click();
  await past(one).getByText('6 × 70').waitFor();
  await past(one).getByText('note: Warm up first').waitFor();
  assert.equal(await past(one).getByRole('textbox').count(), 0);
  await button(past(one), 'Delete training').click();
  await past(other).waitFor({ state: 'detached' });
  await button(one, 'Undo').click();
  await past(other).waitFor();
  await close();
});

test('a training is abandoned, and why and how far is kept', async () => {
  const { tabs, close } = await atTraining({ training: true });
  const [one, other] = tabs;
  await tabTo(one, button(one, 'Abandon'));
  await one.keyboard.press('Enter');
  await one.keyboard.type('The shoulder hurts');
  await tabTo(one, one.getByLabel('How far did you get?'));
  await one.keyboard.type('Two sets');
  await tabTo(one, button(one.getByRole('form', { name: 'Abandon the training' }), 'Abandon'));
  await one.keyboard.press('Enter');
  await past(other).getByText('Abandoned').waitFor();
  await other.bringToFront();
  await past(other).locator('summary').click();
  await past(other).getByText('Why: The shoulder hurts').waitFor();
  await past(other).getByText('Got as far as: Two sets').waitFor();
  await close();
});

test('a plan is edited with every other field kept; what another screen did meanwhile is told', async () => {
  const { person, plan, tabs, stored, close } = await atTraining({ alone: true });
  const [one] = tabs;
  await card(one, 'Push day').getByRole('link', { name: 'Edit' }).click();
  await one.getByLabel('Set 2 of Bench press: weight').fill('');
  await one.getByLabel('Remove Dips').click();
  await button(one, 'Save plan').click();
  await card(one, 'Push day').waitFor();
  const expected = structuredClone(push);
  expected.exercises.pop();
  delete expected.exercises[0].sets[1].weight;
  assert.deepEqual(await stored(), expected);

  await card(one, 'Push day').getByRole('link', { name: 'Edit' }).click();
  await one.getByLabel('Name', { exact: true }).fill('Push hard');
  await person.commands({ type: 'editPlan', plan, structure: push });
  await one.getByText('changed on another screen').waitFor();
  await button(one, 'Take theirs').click();
  await one.getByLabel('Set 1 of Dips: reps').waitFor();
  assert.equal(await one.getByLabel('Name', { exact: true }).inputValue(), 'Push day');
  await one.getByLabel('Name', { exact: true }).fill('Push hard');
  await button(one, 'Save plan').click();
  await card(one, 'Push hard').waitFor();
  assert.deepEqual(await stored(), push);

  await button(card(one, 'Push hard'), 'Delete').click();
  await button(one.getByRole('dialog', { name: 'Delete “Push hard”?' }), 'Delete plan').click();
  await region(one, 'Plans').getByText('No plans yet.').waitFor();
  await close();
});

test('a plan of any other shape is JSON; what is wrong with it stands at the field', async () => {
  const free = { intervals: [{ km: 1, pace: '4:30' }], exercises: 'none' };
  const { tabs, stored, close } = await atTraining({ structure: free, alone: true });
  const [one] = tabs;
  await card(one, 'Push day').getByRole('link', { name: 'Edit' }).click();
  const field = one.getByLabel('Plan (JSON)');
  assert.deepEqual(JSON.parse(await field.inputValue()), free);
  const refuses = async (text, why) => {
    await field.fill(text);
    await button(one, 'Save plan').click();
    await one.getByText(why).first().waitFor();
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
  };
  await refuses('{"a":', 'That is not JSON');
  await refuses('[1]', 'It has to be a JSON object');
  await refuses(JSON.stringify({ a: 'x'.repeat(50_000) }), 'It is too large');
  await refuses(`${'{"a":'.repeat(13)}1${'}'.repeat(13)}`, 'structure must be a JSON object of at most');
  assert.deepEqual(await stored(), free);
  await field.fill('{"intervals": [], "kept": {"deep": [1, null]}}');
  await button(one, 'Save plan').click();
  await card(one, 'Push day').waitFor();
  assert.deepEqual(await stored(), { intervals: [], kept: { deep: [1, null] } });

  await button(card(one, 'Push day'), 'Start').click();
  await button(one, 'Start training').click();
  const sheet = one.getByLabel('Sheet (JSON)');
  await sheet.fill('{"intervals": ["done"]}');
  await one.getByText('saving').waitFor({ state: 'detached' });
  await button(one, 'Complete').click();
  await past(one).locator('summary').click();
  await past(one).getByText('"done"').waitFor();
  await close();
});

test('ticked while the server is away: kept, and saved when it is back', async () => {
  const own = await Server.start();
  try {
    const { tabs, sheet, close } = await atTraining({ training: true, at: own });
    const [one, other] = tabs;
    await own.kill();
    await one.getByText('Offline', { exact: true }).waitFor();
    await one.getByLabel('Set 1 of Bench press done').check();
    await one.getByText('Save waiting').waitFor();
    await one.getByLabel('Set 2 of Bench press done').check();
    await own.start();
    await other.getByText('2 of 3 sets done').waitFor({ timeout: 2 * soon });
    await one.getByText('saving').waitFor({ state: 'detached' });
    assert.deepEqual((await sheet()).exercises[0].sets.map(({ done }) => done), [true, true]);
    await close();
  } finally {
    await own.stop();
  }
});

test('paused and ticked while the server is away: nothing that is saved in the end is told as refused', async (t) => {
  const line = await Line.to(server);
  t.after(() => line.stop());
  const { person, sheet, close } = await atTraining({ training: true });
  await close();
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await open(context, { server: line, name: person.name }, 'training');
  line.cut();
  await page.getByText('Offline', { exact: true }).waitFor();
  await button(page, 'Pause').click();
  await page.getByLabel('Set 1 of Bench press done').check();
  await page.getByText('Save waiting').waitFor();
  // By its time it is one that waited.
  await page.waitForTimeout(3500);
  line.heal();
  const told = region(page, 'What had to wait');
  await told.getByText(/^Pause .*: done/).waitFor();
  await page.getByText('saving').waitFor({ state: 'detached' });
  assert.equal((await sheet()).exercises[0].sets[0].done, true);
  assert.equal(await told.getByText('refused').count(), 0);
});

test('completed at once while the server is away: the sheet goes with it, and nothing is refused later', async () => {
  const own = await Server.start();
  try {
    const { tabs, sheet, close } = await atTraining({ training: true, at: own, alone: true });
    const [page] = tabs;
    await own.kill();
    await page.getByText('Offline', { exact: true }).waitFor();
    await page.getByLabel('Set 1 of Bench press done').check();
    await button(page, 'Complete').click();
    // Longer than a change rests before it is saved.
    await page.waitForTimeout(3500);
    await own.start();
    const told = region(page, 'What had to wait');
    await told.getByText(/^Complete .*: done/).waitFor({ timeout: 2 * soon });
    await region(page, 'Waiting to be sent').waitFor({ state: 'detached' });
    assert.equal(await told.getByText('refused').count(), 0);
    assert.equal((await sheet()).exercises[0].sets[0].done, true);
    await close();
  } finally {
    await own.stop();
  }
});

test('signed out, what was not saved of a sheet does not stay in the browser', async (t) => {
  const line = await Line.to(server);
  t.after(() => line.stop());
  const { person, session, close } = await atTraining({ training: true });
  await close();
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await open(context, { server: line, name: person.name }, 'training');
  const kept = () => page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  line.cut();
  await page.getByText('Offline', { exact: true }).waitFor();
  await page.getByLabel('Set 1 of Dips done').check();
  await page.getByText('Save waiting').waitFor();
  assert.ok((await kept()).includes(session));
  page.once('dialog', (dialog) => void dialog.accept());
  await button(page, 'Sign out').first().click();
  await page.getByText('The server does not answer').waitFor();
  assert.ok(!(await kept()).includes(session), await kept());
});

test('ticked just before the page is loaded again: not lost', async () => {
  const { tabs, sheet, close } = await atTraining({ training: true });
  const [one, other] = tabs;
  await one.getByLabel('Set 1 of Dips done').check();
  await one.reload();
  await other.getByText('1 of 3 sets done').waitFor();
  assert.equal((await sheet()).exercises[1].sets[0].done, true);
  await close();
});

test('axe has nothing to say against it, and it fits a narrow screen', async () => {
  const structure = structuredClone(push);
  structure.exercises.push({ name: 'Press '.repeat(30), sets: [{ reps: 1, weight: 2, pause: 'long '.repeat(20) }] });
  const { person, plan, tabs, close } = await atTraining({ training: true, structure, alone: true });
  const [page] = tabs;
  await button(page, 'Complete').click();
  await past(page).waitFor();
  await person.commands({ type: 'addSession', kind: 'training', plan, date: '2026-11-21' }, { type: 'addPlan', name: 'x'.repeat(200), structure: {} });
  await page.getByRole('timer').waitFor();
  await button(page, 'Abandon').click();
  await page.locator('summary').click();
  await past(page).getByText('8 × 60').waitFor();
  await hasNoViolation(page, 'a training');
  await fitsAcross(page, 320);
  await card(page, 'Push day').getByRole('link', { name: 'Edit' }).click();
  await page.getByLabel('Name of exercise 1').waitFor();
  await hasNoViolation(page, 'a plan');
  await fitsAcross(page, 320);
  await page.getByLabel('As JSON').check();
  await page.getByLabel('Plan (JSON)').waitFor();
  await fitsAcross(page, 320);
  await close();
});
