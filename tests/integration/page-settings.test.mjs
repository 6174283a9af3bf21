// Signing in and settings, in Chromium: by name, by token, with Firebase; tokens of devices; the day; this browser.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { until } from './support/bytes.mjs';
import { jwksOf, makeKey } from './support/issuer.mjs';
import { button, fitsAcross, hasNoViolation, launch, open, soon, tabTo } from './support/page.mjs';
import { Server } from './support/server.mjs';

let dir;
let server; // for development
let browser;

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'lockstep-settings-'));
  [server, browser] = await Promise.all([Server.start(), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function starting(t, ...how) {
  const own = await Server.start(...how);
  t.after(() => own.stop());
  return own;
}

// Somebody's browser, which knows nobody yet and ends with the test.
async function profile(t, options) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(soon);
  t.after(() => context.close());
  return context;
}

let people = 0;
const somebody = (at = server) => ({ server: at, name: `person-${++people}` });
const tokenOf = (person) => person.server.token(person.name);
const make = async (person, name, scope) =>
  (await person.server.request('POST', '/v1/tokens', { token: tokenOf(person), body: { name, scope } })).body.token;

const inStep = (page) => page.getByText('In step', { exact: true }).waitFor();
const devices = (page) => page.getByRole('list', { name: 'Devices and programs' }).getByRole('listitem');

// The page, signed in with a token of any kind.
async function withToken(context, at, token, view = 'timers') {
  const page = await context.newPage();
  await page.goto(`${at.http}/#/${view}`);
  const folded = page.getByText('Use a token instead');
  const field = page.getByLabel('Token', { exact: true });
  await folded.or(field).first().waitFor();
  if (await folded.isVisible()) await folded.click();
  await field.fill(token);
  await button(page, 'Use token').click();
  return page;
}

// The form under Settings, filled in and sent; answers with the token that it then shows.
async function makeOnPage(page, name, may) {
  await page.getByLabel('Name of the device').fill(name);
  await page.getByRole('radio', { name: may }).check();
  await button(page, 'Make a token').click();
  const shown = page.getByRole('region', { name: `The token of “${name}”` });
  return shown.getByLabel('Token').inputValue();
}

test('a token that the server’s operator printed signs in; a wrong one does not; nothing of Firebase is loaded', async (t) => {
  const strict = await starting(t, [], { dev: false });
  const context = await profile(t);
  const asked = [];
  context.on('request', (request) => asked.push(request.url()));
  const page = await withToken(context, strict, 'nonsense');
  await page.getByRole('alert').getByText('The server did not accept that token.').waitFor();
  assert.equal(await page.getByLabel('Sign in as').count(), 0);
  await page.getByLabel('Token', { exact: true }).fill(`Bearer ${strict.token('ada', '--name', 'Ada L.', '--email', 'ada@example.org')}`);
  await button(page, 'Use token').click();
  await inStep(page);
  await page.getByRole('link', { name: 'Settings' }).click();
  const you = page.getByRole('region', { name: 'You', exact: true });
  for (const fact of ['Ada L.', 'ada@example.org', 'ada', 'with a token']) await you.getByText(fact, { exact: true }).waitFor();
  await you.getByRole('button', { name: 'Sign out' }).click();
  await button(page, 'Use token').waitFor();
  await page.reload();
  await button(page, 'Use token').waitFor();
  assert.deepEqual(asked.filter((url) => !url.startsWith(strict.http) && !url.startsWith('data:')), []);
  assert.deepEqual(asked.filter((url) => url.includes('firebase')), []);
});

test('a device’s token: made, shown once, used by another browser, revoked: that one is signed out at once', async (t) => {
  const person = somebody();
  const context = await profile(t, { permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await open(context, person, 'settings');
  await page.getByText('There is none yet.').waitFor();
  const token = await makeOnPage(page, 'Phone', 'Do everything');
  await button(page, 'Copy').click();
  await page.getByText('Copied.').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), token);
  await page.getByText(`lockstep login --url ${server.http}`).waitFor();
  await button(page, 'Done').click();
  assert.ok(!(await page.content()).includes(token), 'it is not shown again');
  await devices(page).filter({ hasText: 'Phone' }).getByText('May do everything · never used').waitFor();

  const phone = await withToken(await profile(t), server, token);
  await inStep(phone);
  await phone.getByText(person.name).waitFor();
  await page.reload();
  await devices(page).getByText(/May do everything · last used/).waitFor();

  // Asked first, and nothing happens without a yes.
  await button(page, 'Revoke Phone').click();
  const question = page.getByRole('dialog', { name: 'Revoke the token of “Phone”?' });
  await question.getByText('Whatever uses it is signed out at once.').waitFor();
  await hasNoViolation(page, 'the question');
  await button(question, 'Cancel').click();
  assert.equal(await devices(page).count(), 1);
  await inStep(phone);
  await button(page, 'Revoke Phone').click();
  await button(question, 'Revoke').click();
  await phone.getByRole('alert').getByText('The token of this device was withdrawn.').waitFor();
  await page.getByText('There is none yet.').waitFor();
});

test('a token that may only look: the page says so, and refuses what would change something', async (t) => {
  const person = somebody();
  const wall = await withToken(await profile(t), server, await make(person, 'Wall', 'read'));
  await inStep(wall);
  await wall.getByText('This screen can only look').waitFor();
  await wall.getByLabel('Title', { exact: true }).fill('Read');
  await button(wall, 'Add timer').click();
  await wall.getByText('did not work: this screen can only look').waitFor();
  assert.equal(await wall.getByText('Waiting to be sent').count(), 0);
  const { body } = await server.request('GET', '/sessions', { token: tokenOf(person) });
  assert.deepEqual(body.items, []);

  // What others do is seen all the same.
  await server.request('POST', '/sessions', { token: tokenOf(person), body: { title: 'Tea' } });
  await wall.getByRole('listitem').filter({ hasText: 'Tea' }).waitFor();
  await wall.getByRole('link', { name: 'Settings' }).click();
  await wall.getByText('A screen that can only look makes and revokes none.').waitFor();
  await devices(wall).filter({ hasText: 'Wall' }).getByText(/^May only look/).waitFor();
  assert.equal(await button(wall, 'Revoke Wall').count(), 0);
  assert.equal(await button(wall, 'Make a token').count(), 0);
  await hasNoViolation(wall, 'settings of a screen that can only look');
});

test('the day: a change is seen in another tab, says when it holds, and a wrong one is refused with the reason', async (t) => {
  const person = somebody();
  // Something has happened on this day, so that another rule has to wait for its end.
  await server.request('POST', '/v1/commands', { token: tokenOf(person), body: { type: 'addSession', title: 'Tea' } });
  const context = await profile(t);
  const [one, other] = [await open(context, person, 'settings'), await open(context, person, 'settings')];
  await one.getByLabel('Time zone').fill('Asia/Tokyo');
  await one.getByLabel('Reset time').fill('04:30');
  await button(one, 'Save').click();
  await one.getByText('Saved.').waitFor();
  for (const page of [one, other]) {
    await until(async () => (await page.getByLabel('Time zone').inputValue()) === 'Asia/Tokyo', 'the zone');
    assert.equal(await page.getByLabel('Reset time').inputValue(), '04:30');
  }
  const { body } = await server.request('GET', '/me', { token: tokenOf(person) });
  const rule = body.pending ?? body;
  assert.deepEqual([rule.timeZone, rule.sessionsResetTime], ['Asia/Tokyo', '04:30']);
  if (body.pending) await other.getByText('after it 04:30 in Asia/Tokyo').waitFor();

  // What is being written here stays, whatever others do.
  await other.getByLabel('Time zone').fill('Atlantis/Nowhere');
  await one.getByLabel('Reset time').fill('05:00');
  await button(one, 'Save').click();
  await until(async () => (await other.getByLabel('Reset time').inputValue()) === '05:00', 'the other’s time');
  assert.equal(await other.getByLabel('Time zone').inputValue(), 'Atlantis/Nowhere');
  await button(other, 'Save').click();
  await other.getByText(/Change your day did not work: .*time.?zone/i).first().waitFor();
  assert.equal(await one.getByLabel('Time zone').inputValue(), 'Asia/Tokyo');
});

test('this browser: light and dark by choice, sound and notifications, for all of its tabs and after a reload', async (t) => {
  const person = somebody();
  // Whatever is not granted is denied.
  const context = await profile(t, { colorScheme: 'light', permissions: ['clipboard-read'] });
  const [one, other] = [await open(context, person, 'settings'), await open(context, person, 'settings')];
  const painted = (page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await painted(one);
  await one.getByRole('radio', { name: 'Dark' }).check();
  await until(async () => (await painted(other)) !== light, 'the other tab in dark');
  assert.equal(await painted(one), await painted(other));
  await one.getByRole('checkbox', { name: 'Play a sound' }).check();

  await one.reload();
  for (const page of [one, other]) {
    await until(() => page.getByRole('checkbox', { name: 'Play a sound' }).isChecked(), 'the sound');
    assert.ok(await page.getByRole('radio', { name: 'Dark' }).isChecked());
  }
  await one.getByRole('radio', { name: 'As the system' }).check();
  await until(async () => (await painted(other)) === light, 'light again');
  await one.emulateMedia({ colorScheme: 'dark' });
  await until(async () => (await painted(one)) !== light, 'dark with the system');

  await one.getByRole('checkbox', { name: 'Notify me' }).click();
  await one.getByText('The browser does not permit notifications of this page').waitFor();
  assert.ok(!(await one.getByRole('checkbox', { name: 'Notify me' }).isChecked()));
  await context.grantPermissions(['notifications']);
  await other.getByRole('checkbox', { name: 'Notify me' }).click();
  await until(() => one.getByRole('checkbox', { name: 'Notify me' }).isChecked(), 'leave to notify');
});

test('without the server: what was wanted is said not to work, and the list comes back with it', async (t) => {
  const own = await starting(t);
  const person = somebody(own);
  const page = await open(await profile(t), person, 'settings');
  await page.getByText('There is none yet.').waitFor();
  await own.kill();
  await page.getByLabel('Name of the device').fill('Laptop');
  await button(page, 'Make a token').click();
  await page.getByRole('alert').getByText('The server does not answer.').waitFor();
  await own.start();
  await inStep(page);
  await button(page, 'Make a token').click();
  await page.getByRole('region', { name: 'The token of “Laptop”' }).waitFor();
  assert.equal(await page.getByText('The server does not answer.').count(), 0);
});

test('by keyboard alone: in, a token made and revoked, dark, out', async (t) => {
  const page = await (await profile(t)).newPage();
  await page.goto(`${server.http}/#/settings`);
  const name = page.getByLabel('Sign in as');
  await name.waitFor();
  await page.locator('body').press('Tab');
  await tabTo(page, name);
  await page.keyboard.type('typist');
  await page.keyboard.press('Enter');
  await inStep(page);
  await page.getByText('There is none yet.').waitFor();

  await tabTo(page, page.getByRole('radio', { name: 'As the system' }));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');

  await tabTo(page, page.getByLabel('Name of the device'));
  await page.keyboard.type('Wall');
  await tabTo(page, page.getByRole('radio', { name: 'Do everything' }));
  await page.keyboard.press('ArrowDown');
  await tabTo(page, button(page, 'Make a token'));
  await page.keyboard.press('Enter');
  // The token has the focus, and the way on from it leads to what can be done with it.
  const token = page.getByLabel('Token', { exact: true });
  await token.waitFor();
  await until(() => token.evaluate((element) => element === document.activeElement), 'the focus on the token');
  await tabTo(page, button(page, 'Copy'));
  await tabTo(page, button(page, 'Done'));
  await page.keyboard.press('Enter');
  await devices(page).filter({ hasText: 'Wall' }).getByText(/^May only look/).waitFor();
  const field = page.getByLabel('Name of the device');
  await until(() => field.evaluate((element) => element === document.activeElement), 'the focus on the form again');

  await tabTo(page, button(page, 'Revoke Wall'), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await tabTo(page, button(page.getByRole('dialog'), 'Revoke'));
  await page.keyboard.press('Enter');
  await page.getByText('There is none yet.').waitFor();
  assert.ok(await page.evaluate(() => document.activeElement !== document.body), 'the focus is not lost');
  await tabTo(page, page.getByRole('region', { name: 'You', exact: true }).getByRole('button', { name: 'Sign out' }));
  await page.keyboard.press('Enter');
  await page.getByLabel('Sign in as').waitFor();
});

test('nothing that axe or a narrow screen has against signing in and settings', async (t) => {
  const person = somebody();
  const context = await profile(t, { viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await page.goto(server.http);
  await page.getByText('Use a token instead').click();
  await hasNoViolation(page, 'signing in');
  await fitsAcross(page, 320);
  await page.close();
  await make(person, 'A screen on the wall, with quite a long name', 'read');
  const settings = await open(context, person, 'settings');
  await makeOnPage(settings, 'Laptop', 'Do everything');
  await hasNoViolation(settings, 'settings');
  await fitsAcross(settings, 320);
});

test('with a Firebase project there is a form for it, and its library comes when it is sent', async (t) => {
  const keys = join(dir, 'keys.json');
  writeFileSync(keys, jwksOf(makeKey('RS256')));
  // Nobody listens there.
  const project = ['--firebase-project', 'demo-x', '--jwks', keys, '--firebase-api-key', 'k', '--firebase-emulator', 'http://127.0.0.1:9'];
  const own = await starting(t, ['--local-issuer', 'on', ...project]);
  const page = await (await profile(t)).newPage();
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(own.http);
  await page.getByText('Use e-mail and password instead').click();
  await page.getByLabel('E-mail').fill('ada@example.org');
  await page.getByLabel('Password').fill('correct horse');
  await hasNoViolation(page, 'signing in with e-mail');
  await fitsAcross(page, 320);
  assert.deepEqual(asked.filter((url) => /firebase|:9\//.test(url)), []);
  await button(page, 'Sign in with e-mail').click();
  await page.getByRole('alert').getByText('Firebase does not answer.').waitFor();
  assert.ok(asked.some((url) => url.includes('/assets/firebase-')));
  const hosts = new Set(asked.filter((url) => url.startsWith('http')).map((url) => new URL(url).host));
  assert.deepEqual([...hosts].sort(), [new URL(own.http).host, '127.0.0.1:9'].sort());
});
