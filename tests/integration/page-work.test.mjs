// The work view: projects, work sessions with their tasks, problems and figures (requirement document 000), in two tabs
// of a person.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uuid } from './support/client.mjs';
import { Line } from './support/line.mjs';
import { button, fitsAcross, hasNoViolation, open, region, soon, stage, tabTo } from './support/page.mjs';
import { Person, hour, minute } from './support/person.mjs';
import { Server } from './support/server.mjs';

const { server, browser } = await stage();

// Two tabs of a new person's, or one, at the project that `prepare` has filled.
async function atWork(prepare = () => {}, { view, alone = false } = {}) {
  const person = await Person.of(server);
  const project = await person.group('Saab 900');
  await prepare(person, project);
  const context = await browser.newContext();
  const at = view ?? `work/${project}`;
  const other = alone ? null : await open(context, person, at);
  // The one opened last is in front; what is behind is painted once a second.
  const one = await open(context, person, at);
  return { person, project, tabs: [one, other], close: () => context.close() };
}

const workSession = (project, more = {}) => ({ type: 'addSession', kind: 'work', session: uuid(), group: project, ...more });
const row = (page, name) => page.getByRole('listitem', { name, exact: true });
const sessionsOf = async (person) => (await person.gets('/v1/state')).state.sessions;

async function until(check, what) {
  const end = Date.now() + soon;
  let seen;
  while (Date.now() < end) {
    seen = await check();
    if (seen) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`in vain: ${what}`);
}

test('a project is added, edited and deleted by keyboard alone, and the other tab follows', async () => {
  const { person, tabs, close } = await atWork(undefined, { view: 'work' });
  const [one, other] = tabs;
  await tabTo(one, button(one, 'New project'));
  await one.keyboard.press('Enter');
  await one.keyboard.type('Boat');
  await tabTo(one, one.getByLabel('Description'));
  await one.keyboard.type('The hull first');
  await tabTo(one, button(one, 'Add project'));
  await one.keyboard.press('Enter');
  await other.getByText('The hull first').waitFor();
  await one.getByText('The hull first').waitFor();
  await tabTo(one, one.getByRole('link', { name: 'Boat' }));
  await one.keyboard.press('Enter');
  await one.getByRole('heading', { name: 'Boat', level: 2 }).waitFor();

  await tabTo(one, button(one, 'Edit project'));
  await one.keyboard.press('Enter');
  await one.keyboard.press('Control+A');
  await one.keyboard.type('Sailing boat');
  await one.keyboard.press('Enter');
  await other.getByRole('link', { name: 'Sailing boat' }).waitFor();
  await button(one, 'Save').waitFor({ state: 'detached' });
  assert.equal(await one.evaluate(() => document.activeElement.textContent), 'Edit project', 'the focus is back on the button');
  const groups = (await person.gets('/v1/state')).state.groups;
  assert.deepEqual(groups.map(({ name, description }) => [name, description]).at(-1), ['Sailing boat', 'The hull first']);

  await tabTo(one, button(one, 'Delete project'));
  await one.keyboard.press('Enter');
  await one.getByRole('dialog', { name: 'Delete “Sailing boat”?' }).waitFor();
  await one.keyboard.press('Escape');
  assert.ok(await other.getByRole('link', { name: 'Sailing boat' }).isVisible(), 'asked, and thought better of it');
  await one.keyboard.press('Enter');
  await tabTo(one, button(one.getByRole('dialog'), 'Delete project'));
  await one.keyboard.press('Enter');
  await other.getByRole('link', { name: 'Sailing boat' }).waitFor({ state: 'detached' });
  await one.getByRole('heading', { name: 'Projects', level: 2 }).waitFor();
  await close();
});

test('a work session is started with a plan, by keyboard alone, earlier today; either tab stops its clock', async () => {
  const { person, tabs, close } = await atWork();
  const [one, other] = tabs;
  await tabTo(one, button(one, 'Start with a plan'));
  await one.keyboard.press('Enter');
  await one.keyboard.type('Weld the sill\nZinc primer');
  const fields = { 'Tools needed': 'Welder', 'Parts to install': 'Sill, left', Notes: 'Gas is low' };
  for (const [name, text] of Object.entries(fields)) {
    await tabTo(one, one.getByLabel(name));
    await one.keyboard.type(text);
  }
  await tabTo(one, one.getByLabel('Somebody helps'));
  await one.keyboard.press('Space');
  // A clock here, two hours ago: where that was yesterday, it is yesterday's.
  const [began, text] = await one.evaluate(() => {
    const at = new Date(Date.now() - 2 * 3600_000);
    at.setSeconds(0, 0);
    return [at.getTime(), [at.getHours(), at.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':')];
  });
  await one.getByLabel('Began at').fill(text);
  await tabTo(one, button(one, 'Start'));
  await one.keyboard.press('Enter');
  await button(other, 'Pause').waitFor();
  const [session] = await sessionsOf(person);
  assert.deepEqual(session.work, { plannedTasks: ['Weld the sill', 'Zinc primer'], toolsNeeded: ['Welder'], partsToInstall: ['Sill, left'], helperPresent: true, notes: 'Gas is low' });
  assert.equal(session.startedAtMs, began);
  for (const tab of tabs) {
    await tab.getByText('Parts: Sill, left').waitFor();
    await tab.getByText('24 hours after its start').waitFor();
    assert.match(await tab.getByRole('timer').textContent(), /^2:0\d:\d\d$/);
  }
  await other.bringToFront();
  await button(other, 'Pause').click();
  await one.bringToFront();
  await one.getByRole('timer', { name: 'Worked, paused' }).waitFor();
  await tabTo(one, button(one, 'Go on'));
  await one.keyboard.press('Enter');
  await button(other, 'Pause').waitFor();

  await button(one, 'Edit plan').click();
  await one.getByLabel('Tools needed').fill('Welder\nGrinder');
  await button(one, 'Save').click();
  await other.getByText('Tools: Welder, Grinder').waitFor();
  await close();
});

test('twenty sessions at once, and the twenty-first is refused in words', async () => {
  const { tabs, close } = await atWork((person, project) => person.commands(...Array.from({ length: 20 }, () => workSession(project))), { alone: true });
  const [one] = tabs;
  // A view comes when it is wanted.
  await one.getByRole('timer').nth(19).waitFor();
  assert.equal(await one.getByRole('timer').count(), 20);
  await button(one, 'Start work').click();
  await one.getByText(/Start “Saab 900” did not work/).waitFor();
  assert.equal(await one.getByRole('timer').count(), 20);
  await close();
});

test('tasks: planned ones become tasks, are edited, completed with their quality, and deleted', async () => {
  const session = uuid();
  const { person, tabs, close } = await atWork((person, project) =>
    person.commands(workSession(project, { session, startMs: Date.now() - hour, plannedTasks: ['Weld the sill', 'Paint'] })));
  const [one, other] = tabs;
  await button(one, 'Begin Weld the sill').click();
  await row(other, 'Weld the sill').waitFor();
  await button(other, 'Begin Weld the sill').waitFor({ state: 'detached' });
  await tabTo(one, one.getByLabel('New task'));
  await one.keyboard.type('Fit the seat');
  await one.keyboard.press('Enter');
  await row(other, 'Fit the seat').waitFor();
  await until(async () => (await one.getByLabel('New task').inputValue()) === '', 'room for the next');

  await button(row(one, 'Fit the seat'), 'Edit').click();
  await row(one, 'Fit the seat').getByLabel('Task').fill('Fit both seats');
  await row(one, 'Fit the seat').getByLabel('Challenges').fill('A bolt is missing');
  await button(row(one, 'Fit the seat'), 'Save').click();
  await row(other, 'Fit both seats').getByText('A bolt is missing').waitFor();

  await tabTo(one, button(row(one, 'Weld the sill'), 'Complete'));
  await one.keyboard.press('Enter');
  await tabTo(one, button(one, 'Complete task'));
  await one.keyboard.press('Enter');
  assert.equal((await person.gets(`/api/sessions/${session}/tasks`)).items.find(({ description }) => description === 'Weld the sill').status, 'Pending', 'a result is required');
  await one.getByLabel('Result').selectOption('Good');
  await row(one, 'Weld the sill').getByLabel('Challenges').fill('Thin metal');
  await row(one, 'Weld the sill').getByLabel('Has to be done again').check();
  await button(one, 'Complete task').click();
  await row(other, 'Weld the sill').getByText('Good, to be done again').waitFor();
  const done = (await person.gets(`/api/sessions/${session}/tasks`)).items.find(({ description }) => description === 'Weld the sill');
  assert.deepEqual([done.qualityResult, done.challengesEncountered, done.reworkNeeded], ['Good', 'Thin metal', true]);

  await button(row(one, 'Fit both seats'), 'Delete').click();
  await button(one.getByRole('dialog'), 'Delete task').click();
  await row(other, 'Fit both seats').waitFor({ state: 'detached' });
  await close();
});

test('notes are saved by themselves; a session is finished with its open tasks named, and noted and completed afterwards', async () => {
  const session = uuid();
  const { person, tabs, close } = await atWork((person, project) =>
    person.commands(workSession(project, { session, startMs: Date.now() - 2 * hour }), { type: 'addTask', session, description: 'Weld the sill' }));
  const [one, other] = tabs;
  await one.getByLabel('Notes').fill('Gas is low ');
  await until(async () => (await other.getByLabel('Notes').inputValue()) === 'Gas is low ', 'the notes in the other tab');
  await button(one, 'Finish').click();
  await one.getByRole('dialog').getByText('“Weld the sill”').waitFor();
  await button(one.getByRole('dialog'), 'Finish').click();
  const past = (page) => region(page, 'Past sessions').getByRole('listitem').first();
  for (const tab of tabs) await past(tab).getByText('2 h').waitFor();
  assert.equal(await other.getByRole('timer').count(), 0);

  for (const tab of [other, one]) {
    await tab.bringToFront();
    await past(tab).locator('summary').click();
  }
  await button(row(one, 'Weld the sill'), 'Complete').click();
  await one.getByLabel('Result').selectOption('NeedsRework');
  await button(one, 'Complete task').click();
  await row(other, 'Weld the sill').getByText('Needs rework').waitFor();
  await one.getByLabel('Notes').fill('New bottle bought');
  await one.getByLabel('Notes').blur();
  await until(async () => (await other.getByLabel('Notes').inputValue()) === 'New bottle bought', 'the later notes');
  assert.equal((await person.gets(`/api/sessions/${session}`)).notes, 'New bottle bought');

  await button(past(one), 'Delete session').click();
  await region(other, 'Past sessions').getByText('Nothing yet').waitFor();
  await one.getByRole('button', { name: 'Undo' }).click();
  await past(other).getByText('2 h').waitFor();
  await close();
});

test('problems are reported by keyboard alone, edited and resolved; a refusal stands at its field', async () => {
  const { person, project, tabs, close } = await atWork();
  const [one, other] = tabs;
  await region(one, 'Problems').getByText('No problems reported.').waitFor();
  await one.keyboard.press('p');
  await one.getByLabel('What is wrong').waitFor();
  await one.keyboard.press('Escape');
  assert.equal(await one.evaluate(() => document.activeElement.textContent), 'Report a problem');
  await one.keyboard.press('Enter');
  // Ten characters with the spaces around them: only the server finds them too few.
  await one.keyboard.type('   rust   ');
  await tabTo(one, button(one, 'Report'));
  await one.keyboard.press('Enter');
  const field = one.getByLabel('What is wrong');
  await until(async () => (await field.getAttribute('aria-invalid')) === 'true', 'the refused field');
  assert.ok(await field.evaluate((element) => element === document.activeElement));
  await field.fill('The sill has rusted through');
  await tabTo(one, one.getByLabel('Severity'));
  await one.keyboard.type('Maj');
  for (const [name, text] of [['Cost impact', '240.5'], ['Time impact', '6'], ['Solution plan', 'Weld a panel']]) {
    await tabTo(one, one.getByLabel(name));
    await one.keyboard.type(text);
  }
  await tabTo(one, one.getByLabel('A common problem'));
  await one.keyboard.press('Space');
  await tabTo(one, button(one, 'Report'));
  await one.keyboard.press('Enter');
  const sill = (page) => row(page, 'The sill has rusted through');
  await sill(other).getByText('cost 240.5 · time 6 · common').waitFor();
  const [problem] = (await person.gets(`/projects/${project}/problems`)).items;
  assert.deepEqual([problem.severity, problem.costImpact, problem.solutionPlan], ['Major', 240.5, 'Weld a panel']);

  await sill(one).waitFor();
  await button(sill(one), 'Edit').click();
  await sill(one).getByLabel('Severity').selectOption('Critical');
  await sill(one).getByLabel('Cost impact').fill('');
  await button(sill(one), 'Save').click();
  await sill(other).getByText('Critical', { exact: true }).waitFor();
  assert.equal((await person.gets(`/problems/${problem.id}`)).costImpact, null);

  await button(sill(one), 'Resolve').click();
  await sill(one).getByLabel('Solution plan').fill('Welded');
  await button(one, 'Mark resolved').click();
  await sill(other).waitFor({ state: 'detached' });
  await other.bringToFront();
  await other.getByLabel('Show resolved ones').check();
  await sill(other).getByText('Welded').waitFor();
  await close();
});

test('what a project has taken is what the server says, and past sessions come in pages', async () => {
  const started = Date.now() - 20 * hour;
  const { person, project, tabs, close } = await atWork(async (person, project) => {
    for (let i = 0; i < 13; i += 1) {
      const session = uuid();
      const [from, to] = [started + i * hour, started + i * hour + (i + 1) * minute];
      const task = uuid();
      await person.commands(
        workSession(project, { session, startMs: from, atMs: from }),
        { type: 'addTask', task, session, description: `Task ${i}`, atMs: from },
        { type: 'completeTask', task, qualityResult: i % 2 ? 'Good' : 'NeedsRework', atMs: to },
        { type: 'complete', session, atMs: to },
      );
    }
  });
  const [one, other] = tabs;
  const time = await person.gets(`/projects/${project}/time-tracking`);
  const figures = region(one, 'So far');
  assert.equal(time.totalMinutes, 91);
  // Late in the day all of it is of one day, whose row says the same.
  await figures.getByRole('definition').filter({ hasText: /^1 h 31 min$/ }).waitFor();
  await figures.getByText('13 of 13').waitFor();
  await figures.getByText(/6 good, 7 needs rework, 54 % to be done again/).waitFor();
  await figures.locator('summary').click();
  const days = figures.getByRole('table').first().getByRole('row');
  assert.equal(await days.count(), 1 + time.days.length);
  assert.match(await figures.getByRole('table').nth(2).getByRole('row').nth(1).textContent(), /Task 12.*13 min/);

  const rows = region(one, 'Past sessions').getByRole('list', { name: 'Past sessions' }).locator('> li');
  assert.equal(await rows.count(), 10);
  await button(one, 'Show more (3)').click();
  await until(async () => (await rows.count()) === 13, 'the second page');
  assert.ok(await one.getByText('All 13 shown.').evaluate((element) => element === document.activeElement));

  await person.commands(workSession(project));
  await other.bringToFront();
  await button(other, 'Finish').click();
  await figures.getByText('14 sessions').waitFor();
  await close();
});

test('while the server is away, what was there stays, says how old it is, and takes what is done', async () => {
  const own = await Server.start();
  try {
    const person = await Person.of(own);
    const project = await person.group('Saab 900');
    const session = uuid();
    await person.commands(workSession(project, { session }), { type: 'reportProblem', group: project, description: 'The sill has rusted through', severity: 'Minor' });
    const context = await browser.newContext();
    const page = await open(context, person, `work/${project}`);
    await row(page, 'The sill has rusted through').waitFor();
    await own.kill();
    await region(page, 'Problems').getByText(/Offline: as of/).waitFor();
    assert.ok(await row(page, 'The sill has rusted through').isVisible());
    await button(page, 'Pause').click();
    await page.getByText('Pause waiting').waitFor();
    await button(page, 'Report a problem').click();
    await page.getByLabel('What is wrong').fill('The bulkhead is cracked');
    await button(page, 'Report').click();
    await page.getByLabel('What is wrong').waitFor({ state: 'detached' });
    await own.start();
    await row(page, 'The bulkhead is cracked').waitFor({ timeout: 2 * soon });
    await button(page, 'Go on').waitFor();
    const [stopped] = await sessionsOf(person);
    assert.equal(stopped.state, 'PAUSED');
    await context.close();
  } finally {
    await own.stop();
  }
});

test('what is typed while something waits is neither undone nor taken away by its answer', async (t) => {
  const line = await Line.to(server);
  t.after(() => line.stop());
  const person = await Person.of(server);
  const project = await person.group('Saab 900');
  const session = uuid();
  await person.commands(workSession(project, { session }));
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await open(context, { server: line, name: person.name }, `work/${project}`);
  const offline = () => page.getByText('Offline', { exact: true }).waitFor();
  const back = async () => {
    line.heal();
    await page.getByRole('button', { name: 'Try now' }).click({ timeout: 2000 }).catch(() => {});
    await region(page, 'Waiting to be sent').waitFor({ state: 'detached' });
  };

  // Asked for in step, and the answer gets lost.
  await page.getByLabel('New task').fill('Weld the sill');
  line.hold('up');
  await button(page, 'Add task').click();
  line.cut();
  await offline();
  await until(async () => (await page.getByLabel('New task').inputValue()) === '', 'it is on its way');
  await page.getByLabel('New task').fill('Paint the');
  await back();
  await row(page, 'Weld the sill').waitFor();
  assert.equal(await page.getByLabel('New task').inputValue(), 'Paint the');

  line.cut();
  await offline();
  await page.getByLabel('Notes').fill('All is well');
  await page.getByLabel('Notes').blur();
  await region(page, 'Waiting to be sent').getByText('Save the notes').waitFor();
  await page.getByLabel('Notes').fill('');
  await page.getByLabel('Notes').blur();
  await back();
  await until(async () => (await page.getByText('Saving…').count()) === 0, 'the notes are saved');
  assert.equal((await sessionsOf(person)).find(({ id }) => id === session).work.notes ?? '', '');
});

test('a list that could not be had is asked for again', async () => {
  const { person, project, tabs, close } = await atWork(undefined, { alone: true });
  const [page] = tabs;
  await region(page, 'Problems').getByText('No problems reported.').waitFor();
  await page.route('**/problems?*', (route) => route.abort(), { times: 1 });
  await person.commands({ type: 'reportProblem', group: project, description: 'The sill has rusted through', severity: 'Minor' });
  await region(page, 'Problems').getByText('the server was not reached').waitFor();
  await row(page, 'The sill has rusted through').waitFor();
  assert.equal(await region(page, 'Problems').getByText('can’t be shown').count(), 0);
  await close();
});

test('axe has nothing to say against it, and it fits a narrow screen', async () => {
  const { tabs, close } = await atWork(async (person, project) => {
    const [past, now] = [uuid(), uuid()];
    await person.commands(
      workSession(project, { session: past, startMs: Date.now() - hour }),
      { type: 'addTask', session: past, description: 'Strip the floor', startMs: Date.now() - hour },
      { type: 'complete', session: past },
      workSession(project, { session: now, plannedTasks: ['Paint', 'x'.repeat(200)], toolsNeeded: ['Welder'], helperPresent: true }),
      { type: 'addTask', session: now, description: 'Weld '.repeat(40) },
      { type: 'reportProblem', group: project, description: 'Rust'.repeat(60), severity: 'Critical', costImpact: 12 },
      { type: 'reportProblem', group: project, description: 'A scratch on the door', severity: 'Moderate' },
    );
  }, { alone: true });
  const [page] = tabs;
  await row(page, 'A scratch on the door').waitFor();
  for (const name of ['Start with a plan', 'Report a problem', 'Edit plan', 'Complete']) await button(page, name).first().click();
  for (const summary of await page.locator('summary').all()) await summary.click();
  await region(page, 'Past sessions').getByText('Strip the floor').waitFor();
  await hasNoViolation(page, 'a project');
  await fitsAcross(page, 320);
  await page.goto(`${server.http}/#/work`);
  await page.getByRole('link', { name: 'Saab 900' }).waitFor();
  await button(page, 'New project').click();
  await hasNoViolation(page, 'projects, and a new one');
  await fitsAcross(page, 320);
  await page.goto(`${server.http}/#/work/${uuid()}`);
  await page.getByText('This project was deleted.').waitFor();
  await close();
});
