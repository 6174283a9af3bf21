// The page that the server serves, with a Firebase project: an account is made, people sign in, are renewed and sign out,
// with its real client library under the page's Content-Security-Policy.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../integration/support/bytes.mjs';
import { launch, soon } from '../integration/support/page.mjs';
import { Server, patience } from '../integration/support/server.mjs';
import { Emulator } from './emulator.mjs';
import { FirebaseIssuer } from './issuer.mjs';

const limit = { timeout: 90000 * patience };
const account = { email: 'ada@example.org', password: 'correct horse' };

let emulator;
let issuer;
let server;
let browser;
const asked = new Set(); // hosts
const complaints = []; // of the page's policy, and errors that nobody caught

before(async () => {
  [emulator, browser] = await Promise.all([Emulator.start(), launch()]);
  issuer = await FirebaseIssuer.start(emulator);
  const page = ['--firebase-api-key', 'any', '--firebase-emulator', issuer.url];
  server = await Server.start([...issuer.options(), '--local-issuer', 'on', ...page]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await issuer?.stop();
  assert.deepEqual(await emulator?.stop(), { code: 0, signal: null });
});

async function profile(t) {
  const context = await browser.newContext();
  context.setDefaultTimeout(2 * soon);
  t.after(() => context.close());
  context.on('request', (request) => asked.add(new URL(request.url()).hostname));
  context.on('weberror', (error) => complaints.push(String(error.error())));
  context.on('console', (message) => /Content.Security.Policy/i.test(message.text()) && complaints.push(message.text()));
  return context;
}

const button = (page, name) => page.getByRole('button', { name, exact: true });
const inStep = (page) => page.getByText('In step', { exact: true }).waitFor();

async function open(context) {
  const page = await context.newPage();
  await page.goto(server.http);
  await page.getByText('Use e-mail and password instead').click();
  return page;
}

async function enter(page, { email, password }, how = 'Sign in with e-mail') {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await button(page, how).click();
}

async function addTimer(page, title) {
  await page.getByLabel('Title', { exact: true }).fill(title);
  await button(page, 'Add timer').click();
  await page.getByRole('listitem').filter({ hasText: title }).waitFor();
}

// What Firebase has kept of anybody in this browser.
const kept = (page) =>
  page.evaluate(async () => {
    const wait = (request) => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: reject }));
    const database = await wait(indexedDB.open('firebaseLocalStorageDb'));
    const count = database.objectStoreNames.length ? await wait(database.transaction('firebaseLocalStorage').objectStore('firebaseLocalStorage').count()) : 0;
    database.close();
    return count;
  });

test('an account is made, and its person is in step in both tabs and in another browser', limit, async (t) => {
  const [home, away] = [await profile(t), await profile(t)];
  const desk = await open(home);
  await button(desk, 'Make a new account').click();
  await enter(desk, account, 'Create account');
  await inStep(desk);
  await addTimer(desk, 'Read');
  const tab = await home.newPage();
  await tab.goto(`${server.http}/#/settings`);
  await tab.getByText(account.email, { exact: true }).waitFor();
  await tab.getByText('with e-mail and password', { exact: true }).waitFor();

  const phone = await open(away);
  await enter(phone, { ...account, password: 'wrong horse' });
  await phone.getByText('E-mail or password is wrong.').waitFor();
  await enter(phone, account);
  await inStep(phone);
  await phone.getByRole('listitem').filter({ hasText: 'Read' }).waitFor();

  // Signed out in one tab is signed out in both, and nothing is left of them; the other browser goes on.
  assert.equal(await kept(desk), 1);
  await desk.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
  for (const page of [desk, tab]) await page.getByLabel('Sign in as').waitFor();
  await until(async () => (await kept(desk)) === 0, 'that Firebase has forgotten them');
  await desk.reload();
  await desk.getByLabel('Sign in as').waitFor();
  await addTimer(phone, 'Write');
});

test('a sign-up that is one already, and a mail for a new password', limit, async (t) => {
  const page = await open(await profile(t));
  await button(page, 'Make a new account').click();
  await enter(page, account, 'Create account');
  await page.getByText('There is an account with this e-mail already.').waitFor();
  await button(page, 'I have an account').click();
  await button(page, 'Forgot the password?').click();
  await page.getByText('If there is an account with this e-mail, a mail is on its way to it.').waitFor();
  const { oobCodes } = await (await fetch(`${emulator.url}/emulator/v1/projects/demo-lockstep/oobCodes`)).json();
  assert.deepEqual(oobCodes.map(({ email, requestType }) => [email, requestType]), [[account.email, 'PASSWORD_RESET']]);
});

// Seconds: enough to sign in on a busy machine.
const short = 10;

test('a token that ends is renewed on the live socket, and nobody notices', limit, async (t) => {
  const page = await open(await profile(t));
  issuer.endIn(short);
  const ends = Date.now() + short * 1000;
  await enter(page, account);
  await inStep(page);
  issuer.endIn();
  const lapses = await page.evaluateHandle(() => {
    const seen = [];
    const look = () => document.body.innerText.includes('In step') || seen.push(document.body.innerText);
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
    return seen;
  });
  await until(() => Date.now() > ends + 2000, 'the end of the first token');
  await addTimer(page, 'Still here');
  await inStep(page);
  assert.deepEqual(await lapses.jsonValue(), []);
});

test('a token that ends while Firebase cannot be reached: the page waits, and is back by itself', limit, async (t) => {
  const context = await profile(t);
  const page = await open(context);
  await context.route(/securetoken/, (route) => route.abort());
  issuer.endIn(short);
  await enter(page, account);
  await inStep(page);
  issuer.endIn();
  await page.getByText('In step', { exact: true }).waitFor({ state: 'detached', timeout: 2 * short * 1000 * patience });
  await page.getByText('Offline', { exact: true }).waitFor();
  assert.equal(await page.getByText('Your sign-in has ended.').count(), 0);
  // What was there is still shown, and what is wanted waits.
  await page.getByRole('listitem').filter({ hasText: 'Read' }).waitFor();
  await page.getByLabel('Title', { exact: true }).fill('Later');
  await button(page, 'Add timer').click();
  await page.getByText('Waiting to be sent').waitFor();
  await context.unroute(/securetoken/);
  await inStep(page);
  await page.getByRole('listitem').filter({ hasText: 'Later' }).filter({ has: page.getByRole('timer') }).waitFor();
});

test('nobody was asked but this machine, and nothing was against the page’s policy', () => {
  assert.deepEqual([...asked], ['127.0.0.1']);
  assert.deepEqual(complaints, []);
});
