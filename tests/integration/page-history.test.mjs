// History, in Chromium: what is shown is what the server reports, by the person's days, and is asked for no more often
// than it changes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { until } from './support/bytes.mjs';
import { uuid } from './support/client.mjs';
import { button, fitsAcross, hasNoViolation, open, soon, stage, tabTo } from './support/page.mjs';
import { day, hour, minute, Person } from './support/person.mjs';
import { Server } from './support/server.mjs';

const { server, browser } = await stage(() => Server.start(['--rate-commands', '5000/5000']));

async function profile(t, options) {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  context.setDefaultTimeout(soon);
  t.after(() => context.close());
  return context;
}

// Timers that ran side by side on the last three days, a focus session and a stretch of work, all about noon.
async function withPast(at = server) {
  const person = await Person.of(at);
  person.dayOf = await person.liveAtNoon();
  const now = Date.now();
  const [read, write, focus, work, task] = Array.from({ length: 5 }, uuid);
  const group = await person.group('Garage');
  const run = (session, start, length) => [
    { type: 'start', session, atMs: start },
    { type: 'pause', session, atMs: start + length },
  ];
  await person.commands(
    { type: 'addSession', session: read, title: 'Read', dailyGoalMinutes: 30, atMs: now - 3 * day },
    { type: 'addSession', session: write, title: '=Write, "much"', group, atMs: now - 3 * day },
    ...[2, 1, 0].flatMap((days) => run(read, now - days * day - 5 * hour, 40 * minute)),
    ...run(write, now - day - 5 * hour, 70 * minute),
    { type: 'addSession', session: focus, kind: 'focus', sessionType: 'pomodoro', atMs: now - 4 * hour },
    { type: 'distraction', session: focus, atMs: now - 4 * hour + minute },
    { type: 'pause', session: focus, reason: 'The phone rang', atMs: now - 4 * hour + 5 * minute },
    { type: 'start', session: focus, atMs: now - 4 * hour + 8 * minute },
    { type: 'complete', session: focus, qualityRating: 4, atMs: now - 4 * hour + 20 * minute },
    { type: 'addSession', session: work, kind: 'work', group, notes: 'Gas is low', atMs: now - 3 * hour },
    { type: 'addTask', task, session: work, description: 'Weld the frame', atMs: now - 3 * hour },
    { type: 'completeTask', task, qualityResult: 'Good', atMs: now - 2 * hour },
    { type: 'complete', session: work, atMs: now - 2 * hour },
  );
  return Object.assign(person, { now, read, write, group });
}

const figure = (page, name) => page.locator('.figures dt', { hasText: name }).locator('xpath=following-sibling::dd[1]');
const range = (page) => page.locator('.steps strong');
const table = (page) => page.getByRole('table');
const cells = async (page, name) => (await table(page).getByRole('row', { name }).getByRole('cell').allTextContents()).map((text) => text.trim());
const sessions = (page) => page.getByRole('list', { name: 'Sessions' }).getByRole('listitem');

// As the page writes minutes.
function written(minutes) {
  const [h, m] = [Math.floor(minutes / 60), Math.floor(minutes) % 60];
  if (minutes > 0 && minutes < 1) return '< 1 min';
  return [h && `${h} h`, m && `${m} min`].filter(Boolean).join(' ') || '0 min';
}

const sum = (periods, field) => periods.reduce((all, one) => all + one[field], 0);

async function showsReport(page, report) {
  await figure(page, 'Sum').filter({ hasText: written(sum(report.periods, 'sumMinutes')) }).waitFor();
  assert.equal(await figure(page, 'Sum').textContent(), written(sum(report.periods, 'sumMinutes')));
  assert.equal(await figure(page, 'By the clock').textContent(), written(sum(report.periods, 'unionMinutes')));
  assert.match(await figure(page, 'Streak').textContent(), new RegExp(`^${report.streakDays} days?$`));
}

test('the figures and the table are the server’s', async (t) => {
  const person = await withPast();
  const page = await open(await profile(t), person, 'history');
  const report = await person.gets('/analytics');
  assert.equal(report.streakDays, 3);
  await showsReport(page, report);
  assert.equal(await figure(page, 'Goals met').textContent(), '3 of 4', 'of the days that Read had a goal on');
  await page.locator('.plot canvas').waitFor();

  await button(page, 'Table').click();
  const newestFirst = [...report.periods].reverse();
  assert.deepEqual((await cells(page, /^Sum/)).slice(1), newestFirst.map((one) => written(one.sumMinutes)));
  assert.deepEqual((await cells(page, /^By the clock/)).slice(1), newestFirst.map((one) => written(one.unionMinutes)));
  const reading = newestFirst.map((one) => one.sessions.find(({ session }) => session === person.read));
  assert.deepEqual(
    (await cells(page, /^Read/)).slice(1),
    reading.map((row) => (row ? `${written(row.minutes)} of 30 min${row.goalMet ? ' goal met' : ''}` : '–')),
  );
});

test('days, weeks and months, earlier and later', async (t) => {
  const person = await withPast();
  const page = await open(await profile(t), person, 'history');
  for (const [name, period] of [['Week', 'weekly'], ['Month', 'monthly'], ['Day', 'daily']]) {
    await page.getByRole('radio', { name }).check();
    await showsReport(page, await person.gets(`/analytics?period=${period}`));
    const count = { weekly: 8, monthly: 12, daily: 7 }[period];
    if (!(await table(page).isVisible())) await button(page, 'Table').click();
    await until(async () => (await table(page).getByRole('columnheader').count()) === count + 1);
  }
  const shown = await range(page).textContent();
  await button(page, 'Earlier').click();
  await until(async () => (await figure(page, 'Sum').textContent()) === '0 min');
  assert.notEqual(await range(page).textContent(), shown);
  await button(page, 'Later').click();
  await until(async () => (await range(page).textContent()) === shown);
  assert.equal(await button(page, 'Today').getAttribute('aria-disabled'), 'true');
  await page.getByLabel('Range').selectOption('30 days');
  await showsReport(page, await person.gets(`/analytics?from=${person.dayOf(person.now - 29 * day)}&to=${person.dayOf(person.now)}`));
});

test('by kind, by group and by timer, a deleted one too', async (t) => {
  const person = await withPast();
  await person.commands({ type: 'deleteSession', session: person.write });
  const page = await open(await profile(t), person, 'history');
  for (const [label, option, filter] of [
    ['Kind', 'Focus', 'kind=focus'],
    ['Kind', 'Timer', 'kind=timer'],
    ['Kind', 'All kinds', ''],
    ['Group', 'Garage', `group=${person.group}`],
    ['Group', 'All groups', ''],
    ['Timer', '=Write, "much"', `session=${person.write}`],
  ]) {
    await page.getByLabel(label, { exact: true }).selectOption(option);
    await showsReport(page, await person.gets(`/analytics?${filter}`));
  }
});

test('a timer paused in one tab shows in the table of the other', async (t) => {
  const person = await withPast();
  const context = await profile(t);
  const [timers, history] = [await open(context, person), await open(context, person, 'history')];
  await button(history, 'Table').click();
  await person.commands({ type: 'addSession', session: uuid(), title: 'Tea', atMs: person.now - hour });
  const tea = timers.getByRole('listitem').filter({ hasText: 'Tea' });
  await tea.getByRole('button', { name: 'Start' }).click();
  await tea.getByRole('timer').filter({ hasText: '00:01' }).waitFor();
  await tea.getByRole('button', { name: 'Pause' }).click();
  await table(history).getByRole('row', { name: /^Tea/ }).filter({ hasText: '< 1 min' }).waitFor();
});

test('what one day’s time went to', async (t) => {
  const person = await withPast();
  const page = await open(await profile(t), person, 'history');
  const section = page.locator('.breakdown');
  await section.getByRole('listitem').first().waitFor();
  await button(page, 'Previous day').click();
  await button(page, 'Previous day').click();
  await until(async () => (await section.getByRole('listitem').count()) === 2);
  assert.match(await section.getByRole('listitem').filter({ hasText: 'Read' }).textContent(), /40 min of 30 min goal met/);
  assert.match(await section.getByRole('listitem').filter({ hasText: 'Write' }).textContent(), /1 h 10 min/);
  await button(page, 'All').click();
  await until(async () => (await section.getByRole('listitem').count()) === 4);
});

test('past sessions, with all that is known of each', async (t) => {
  const person = await withPast();
  const page = await open(await profile(t), person, 'history');
  await sessions(page).first().waitFor();
  assert.equal(await sessions(page).count(), 2, 'timers are in the report, not in the list');
  await sessions(page).filter({ hasText: 'Pomodoro' }).locator('summary').click();
  for (const text of ['The phone rang', 'Distractions', 'Quality rating']) await page.getByText(text).first().waitFor();
  await sessions(page).filter({ hasText: 'Garage' }).locator('summary').click();
  for (const text of ['Gas is low', 'Weld the frame · good · 1 h']) await page.getByText(text).waitFor();
  await page.getByLabel('Kind', { exact: true }).selectOption('Work');
  await until(async () => (await sessions(page).count()) === 1);
  await page.getByLabel('Kind', { exact: true }).selectOption('All kinds');
  await button(page, 'Earlier').click();
  await page.getByText('No session of focus, work or training began in this time.').waitFor();
});

test('days and instants are the person’s, whatever the browser’s zone', async (t) => {
  const person = await Person.of(server);
  await person.does('PATCH', '/me', { timeZone: 'Pacific/Kiritimati' });
  const focus = uuid();
  const start = Math.floor((Date.now() - 2 * day) / day) * day + 10 * hour + 5 * minute; // 00:05 of the next day there
  await person.commands(
    { type: 'addSession', session: focus, kind: 'focus', sessionType: 'short', atMs: start },
    { type: 'complete', session: focus, atMs: start + 10 * minute },
  );
  const page = await open(await profile(t, { timezoneId: 'America/Los_Angeles' }), person, 'history');
  const { to } = await person.gets('/analytics');
  const text = (date) => new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(date);
  await until(async () => (await range(page).textContent()).includes(text(Date.parse(to))));
  await sessions(page).filter({ hasText: text(start + 14 * hour) }).filter({ hasText: / 00?:05 – 00?:15/ }).waitFor();
});

test('without a server the last figures stay, and say of when they are', async (t) => {
  const own = await Server.start();
  t.after(() => own.stop());
  const person = await withPast(own);
  const page = await open(await profile(t), person, 'history');
  const before = written(sum((await person.gets('/analytics')).periods, 'sumMinutes'));
  await figure(page, 'Sum').filter({ hasText: before }).waitFor();
  await own.kill();
  await page.getByText(/These figures are as of /).waitFor();
  assert.equal(await figure(page, 'Sum').textContent(), before);
  await page.getByRole('radio', { name: 'Month' }).check();
  await page.getByText(/has not been shown before/).waitFor();
  await page.getByRole('radio', { name: 'Day' }).check();
  await figure(page, 'Sum').filter({ hasText: before }).waitFor();
  await own.start();
  await page.getByText(/These figures are as of /).waitFor({ state: 'detached', timeout: 2 * soon });
});

test('what is shown, as a file that no spreadsheet takes for formulas', async (t) => {
  const person = await withPast();
  const page = await open(await profile(t), person, 'history');
  const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Download CSV').click()]);
  const yesterday = person.dayOf(person.now - day);
  const [head, ...lines] = readFileSync(await download.path(), 'utf8').split('\r\n');
  assert.equal(head, '\ufefffrom,to,name,kind,group,minutes,goalMinutes,goalMet');
  assert.ok(lines.includes(`${yesterday},${yesterday},Read,Timer,,40,30,yes`), lines.join('\n'));
  assert.ok(lines.includes(`${yesterday},${yesterday},"'=Write, ""much""",Timer,Garage,70,,`), lines.join('\n'));
  assert.match(download.suggestedFilename(), /^lockstep-daily-.*\.csv$/);
});

const countAsked = (page) => {
  const counted = { asked: 0 };
  page.on('request', (request) => (counted.asked += request.url().includes('/analytics')));
  return counted;
};

test('many changes make few questions', async (t) => {
  const person = await withPast();
  const page = await open(await profile(t), person, 'history');
  const counted = countAsked(page);
  await figure(page, 'Sum').waitFor();
  const { asked } = counted;
  const started = performance.now();
  for (let i = 0; i < 30; i++) await person.commands({ type: i % 2 ? 'pause' : 'start', session: person.read });
  await person.commands({ type: 'addSession', session: uuid(), kind: 'focus', sessionType: 'custom', title: 'Last', plannedMinutes: 5 });
  await page.locator('.breakdown').getByText('Last').waitFor();
  const seconds = (performance.now() - started) / 1000;
  assert.ok(counted.asked - asked <= 2 + seconds / 2, `${counted.asked - asked} questions in ${seconds} s`);
});

test('what runs is asked for once a minute; where nothing runs, nothing is', async (t) => {
  const person = await withPast();
  const context = await profile(t);
  await context.clock.install();
  const page = await open(context, person, 'history');
  const counted = countAsked(page);
  await figure(page, 'Sum').waitFor();
  const idle = counted.asked;
  await page.clock.runFor(5 * minute);
  assert.ok(counted.asked - idle <= 1, `${counted.asked - idle} questions`);
  await person.commands({ type: 'start', session: person.read });
  await page.locator('.breakdown').getByText('Read').waitFor();
  await page.clock.runFor(10_000);
  const { asked } = counted;
  for (let i = 1; i <= 3; i++) {
    await page.clock.runFor(minute);
    await until(() => counted.asked >= asked + i, `${i} questions`);
    assert.ok(counted.asked <= asked + i + 1, `${counted.asked - asked} questions in ${i} min`);
  }
});

test('five hundred timers over five years', async (t) => {
  const person = await Person.of(server);
  const now = Date.now();
  const ids = Array.from({ length: 500 }, uuid);
  await person.commands(
    ...ids.flatMap((session, i) => [
      { type: 'addSession', session, title: `Timer ${i}`, atMs: now - 2 * hour },
      { type: 'start', session, atMs: now - 2 * hour },
      { type: 'pause', session, atMs: now - 2 * hour + (i + 1) * 5000 },
    ]),
  );
  const page = await open(await profile(t), person, 'history');
  await page.getByRole('radio', { name: 'Month' }).check();
  await page.getByLabel('Range').selectOption('60 months');
  await showsReport(page, await person.gets('/analytics'));
  await page.getByText('and 488 more: see the table').waitFor();
  await button(page, 'Table').click();
  await button(page, 'Show all 500 lines').click();
  await until(async () => (await table(page).locator('tbody tr').count()) === 500);
});

test('by keyboard alone', async (t) => {
  const person = await withPast();
  const page = await open(await profile(t), person, 'history');
  await page.locator('.plot canvas').waitFor();
  await tabTo(page, page.getByRole('radio', { name: 'Day' }));
  await page.keyboard.press('ArrowRight');
  await showsReport(page, await person.gets('/analytics?period=weekly'));
  await tabTo(page, button(page, 'Earlier'));
  await page.keyboard.press('Enter');
  await until(async () => (await button(page, 'Today').getAttribute('aria-disabled')) === 'false');
  await tabTo(page, button(page, 'Today'));
  await page.keyboard.press('Enter');
  await figure(page, 'Sum').filter({ hasNotText: /^0 min/ }).waitFor();
  assert.ok(await button(page, 'Today').evaluate((one) => one === document.activeElement), 'the focus stays');
  await tabTo(page, button(page, 'Table'));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('region', { name: 'Table of the time tracked' }));
  await tabTo(page, sessions(page).first().locator('summary'));
  await page.keyboard.press('Enter');
  await page.getByText('Time tracked', { exact: true }).waitFor();
});

test('nothing for axe to find, and nothing sticks out of a phone', async (t) => {
  const person = await withPast();
  const page = await open(await profile(t, { viewport: { width: 390, height: 844 } }), person, 'history');
  await page.locator('.plot canvas').waitFor();
  await sessions(page).first().locator('summary').click();
  await page.getByText('Time tracked', { exact: true }).waitFor();
  await hasNoViolation(page, 'the chart');
  await button(page, 'Table').click();
  await hasNoViolation(page, 'the table');
  await fitsAcross(page, 320);
  await button(page, 'Table').click();
  await fitsAcross(page, 320);
});
