// The page without a network: what it shows, what it keeps, what it says on return; installed, and in a new version.
// In Chromium, against the real server, over a way that can be cut.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { until } from './support/bytes.mjs';
import { uuid } from './support/client.mjs';
import { Line } from './support/line.mjs';
import { hasNoViolation, launch, open } from './support/page.mjs';
import { Person } from './support/person.mjs';
import { Server } from './support/server.mjs';

const built = fileURLToPath(new URL('../../build/web/', import.meta.url));

let dir;
let server;
let line;

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'lockstep-page-'));
  server = await Server.start();
  line = await Line.to(server);
});
after(async () => {
  await line?.stop();
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function launchFor(t, profile) {
  const browser = await launch(profile);
  t.after(() => browser.close());
  return browser;
}

const card = (page, title) => page.getByRole('listitem').filter({ hasText: title });
const button = (page, title, name) => card(page, title).getByRole('button', { name, exact: true });
const isOffline = (page) => page.getByText('Offline', { exact: true }).waitFor();
const waiting = (page) => page.getByRole('region', { name: 'Waiting to be sent' });
const verdicts = (page) => page.getByRole('region', { name: 'What had to wait' });
// It may be back by itself at that moment.
const tryNow = (page) => page.getByRole('button', { name: 'Try now' }).click({ timeout: 2000 }).catch(() => {});
const serviceWorker = (page) => page.waitForFunction(() => navigator.serviceWorker.controller);

async function addTimers(person, ...titles) {
  const ids = titles.map(() => uuid());
  await person.commands(...titles.map((title, i) => ({ type: 'addSession', session: ids[i], title, initialDuration: 1500 })));
  return ids;
}

// Follows the links of the page of a context that was not online yet.
async function openOffline(context, http) {
  const page = await context.newPage();
  await page.goto(`${http}/`);
  await isOffline(page);
  return page;
}

test('offline, also from the start of the browser: the last state, what waits, and each verdict on return', async (t) => {
  const person = await Person.of(server);
  const [read, gone] = await addTimers(person, 'Read', 'Gone');
  const profile = join(dir, 'profile');
  let context = await launchFor(t, profile);
  let page = await open(context, { server: line, name: person.name });
  await serviceWorker(page);
  await button(page, 'Read', 'Start').waitFor();

  line.cut();
  await isOffline(page);
  const before = Date.now();
  await button(page, 'Read', 'Start').click();
  await button(page, 'Gone', 'Start').click();
  const after = Date.now();
  await waiting(page).getByText('Start “Gone”').waitFor();
  await page.reload();
  await isOffline(page);
  await waiting(page).getByText('Start “Read”').waitFor();
  await context.close();

  context = await launchFor(t, profile);
  page = await openOffline(context, line.http);
  const beside = await openOffline(context, line.http);
  for (const one of [page, beside]) {
    await one.getByText(/last seen \d+ s ago/).waitFor();
    await waiting(one).getByText(/Start “Read” · since \d/).waitFor();
    await waiting(one).getByText(/Start “Gone” · since \d/).waitFor();
    assert.equal(await card(one, 'Read').count(), 1);
  }
  await hasNoViolation(page, 'offline');

  await person.commands({ type: 'deleteSession', session: gone });
  line.heal();
  await tryNow(page);
  for (const one of [page, beside]) {
    await verdicts(one).getByText(/^Start “Read” at .*: done$/).waitFor();
    await verdicts(one).getByText(/^Start “Gone” at .*: refused: ./).waitFor();
    await waiting(one).waitFor({ state: 'detached' });
    await button(one, 'Read', 'Pause').waitFor();
    assert.equal(await card(one, 'Gone').count(), 0);
  }
  const { sessions } = (await person.gets('/v1/state')).state;
  const { runningSinceMs } = sessions.find(({ id }) => id === read);
  assert.ok(runningSinceMs > before - 100 && runningSinceMs < after + 100, 'it counts from when the person acted');
  await hasNoViolation(page, 'with verdicts');
  await verdicts(beside).getByRole('button', { name: 'Got it' }).click();
  for (const one of [page, beside]) await verdicts(one).waitFor({ state: 'detached' });
  await page.reload();
  await button(page, 'Read', 'Pause').waitFor();
  assert.equal(await verdicts(page).count(), 0, 'read once is read');
});

test('a server that is killed and comes back is no more than a moment without it', async (t) => {
  const person = await Person.of(server);
  await addTimers(person, 'Read');
  const browser = await launchFor(t);
  const page = await open(await browser.newContext(), person);
  await server.kill();
  await isOffline(page);
  await button(page, 'Read', 'Start').click();
  await waiting(page).waitFor();
  await server.start();
  await tryNow(page);
  await page.getByText('In step', { exact: true }).waitFor();
  await button(page, 'Read', 'Pause').waitFor();
  await waiting(page).waitFor({ state: 'detached' });
});

test('signed out, nothing of the person stays in the browser', async (t) => {
  const person = await Person.of(server);
  await addTimers(person, 'Secret plan');
  const browser = await launchFor(t);
  const context = await browser.newContext();
  const page = await open(context, person);
  await card(page, 'Secret plan').waitFor();
  const kept = () =>
    page.evaluate(
      () =>
        new Promise((resolve) => {
          const asked = indexedDB.open('lockstep');
          asked.onsuccess = () => {
            const stores = ['life', 'commands'].map((name) => asked.result.transaction(name).objectStore(name).getAll());
            stores[1].onsuccess = () => {
              asked.result.close();
              resolve(JSON.stringify([stores.map(({ result }) => result), { ...localStorage }, { ...sessionStorage }]));
            };
          };
        }),
    );
  await until(async () => (await kept()).includes('Secret plan'), 'the state is kept');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Sign in as').waitFor();
  await until(async () => !(await kept()).includes('Secret plan'), 'the state is forgotten');
  assert.ok(!(await kept()).includes(person.name));
});

test('where one person must sign in again, nothing of theirs is lost unasked or shown to another', async (t) => {
  const person = await Person.of(server);
  await addTimers(person, 'Secret plan');
  const device = await person.adds('/v1/tokens', { name: 'desk', scope: 'full' });
  const browser = await launchFor(t);
  const page = await (await browser.newContext()).newPage();
  await page.goto(line.http);
  await page.getByText('Use a token instead').click();
  await page.getByLabel('Token', { exact: true }).fill(device.token);
  await page.getByRole('button', { name: 'Use token' }).click();
  await button(page, 'Secret plan', 'Start').waitFor();
  line.cut();
  await isOffline(page);
  await button(page, 'Secret plan', 'Start').click();
  await waiting(page).waitFor();
  // By its time it is one that waited.
  await page.waitForTimeout(3500);
  line.heal();
  await tryNow(page);
  await verdicts(page).getByText('Start “Secret plan”').waitFor();
  line.cut();
  await isOffline(page);
  await button(page, 'Secret plan', 'Pause').click();
  await waiting(page).waitFor();
  await person.does('DELETE', `/v1/tokens/${device.id}`);
  line.heal();
  await tryNow(page);
  await page.getByText('One change waits to be sent.').waitFor();

  let asked = '';
  page.once('dialog', (dialog) => {
    asked = dialog.message();
    void dialog.dismiss();
  });
  await page.getByRole('button', { name: 'Sign out' }).click();
  assert.match(asked, /One change .* would be lost/);
  await page.getByText('One change waits to be sent.').waitFor();

  await page.getByLabel('Sign in as').fill((await Person.of(server)).name);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByText('No timers yet').waitFor();
  assert.equal(await verdicts(page).count(), 0);
  assert.equal(await page.getByText('Secret plan').count(), 0);
});

// Another build of the page: the same, under other names.
function rebuild(web) {
  const assets = join(web, 'assets');
  const [script] = readdirSync(assets).filter((name) => /^index-.*\.js$/.test(name));
  const next = 'index-another1.js';
  renameSync(join(assets, script), join(assets, next));
  for (const path of [...readdirSync(assets).map((name) => join(assets, name)), join(web, 'index.html'), join(web, 'sw.js')]) {
    const text = readFileSync(path, 'utf8');
    if (path.endsWith('sw.js')) assert.match(text, /lockstep-[0-9a-f]{16}/);
    writeFileSync(path, text.replaceAll(script, next).replace(/lockstep-[0-9a-f]{16}/, 'lockstep-another'));
  }
  return [script, next];
}

const pngSize = (bytes) => [bytes.readUInt32BE(16), bytes.readUInt32BE(20)].join('x');

test('it can be installed', async (t) => {
  const browser = await launchFor(t, join(dir, 'installer'));
  const page = await open(browser, await Person.of(server));
  await serviceWorker(page);
  const devtools = await browser.newCDPSession(page);
  const { errors, data, url } = await devtools.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  assert.deepEqual((await devtools.send('Page.getInstallabilityErrors')).installabilityErrors, []);
  const manifest = JSON.parse(data);
  assert.equal(manifest.display, 'standalone');
  for (const { src, sizes, type } of manifest.icons) {
    const answer = await fetch(new URL(src, url));
    assert.equal(answer.headers.get('content-type'), type);
    if (type === 'image/png') assert.equal(pngSize(Buffer.from(await answer.arrayBuffer())), sizes);
  }
  assert.ok(manifest.icons.some(({ purpose }) => purpose === 'maskable'));
});

test('a new version: old pages go on whole, the next load has it, and so has the next one without a server', async (t) => {
  const web = join(dir, 'web');
  cpSync(built, web, { recursive: true });
  const own = await Server.start(['--web', web]);
  t.after(() => own.stop());
  const person = await Person.of(own);
  await addTimers(person, 'Read');
  const browser = await launchFor(t);
  const context = await browser.newContext();
  const page = await open(context, person);
  await serviceWorker(page);
  const loads = (one) => one.evaluate(() => document.querySelector('script[type=module]').src.split('/').at(-1));
  const versions = (one) => one.evaluate(() => caches.keys());
  const [script, next] = rebuild(web);
  assert.equal(await loads(page), script);

  await own.kill();
  await own.start();
  await page.getByText('In step', { exact: true }).waitFor();
  const parts = (one, name) => one.evaluate(async (path) => (await fetch(path)).status, `/assets/${name}`);
  assert.equal((await own.request('GET', `/assets/${script}`)).status, 404);
  assert.equal(await parts(page, script), 200, 'the old page still has its parts');
  const beside = await open(context, person);
  assert.equal(await loads(beside), next);
  await until(() => beside.evaluate(async () => !!(await navigator.serviceWorker.getRegistration()).waiting), 'the new one is kept');
  assert.equal(await parts(page, script), 200, 'also with the new version beside it');
  await Promise.all([page.close(), beside.close()]);

  // The browser takes its time to let go of what is closed.
  await until(async () => {
    const last = await open(context, person);
    const kept = await versions(last);
    await last.close();
    return kept.join() === 'lockstep-another';
  }, 'only the new version is kept');
  await own.kill();
  const offline = await openOffline(context, own.http);
  assert.equal(await loads(offline), next);
  await card(offline, 'Read').waitFor();
});

test('what the server answers for is never kept', async (t) => {
  const browser = await launchFor(t);
  const page = await open(await browser.newContext(), await Person.of(server), 'history');
  await serviceWorker(page);
  await page.reload();
  await page.getByText('In step', { exact: true }).waitFor();
  const kept = await page.evaluate(async () => {
    const paths = [];
    for (const name of await caches.keys()) {
      for (const { url } of await (await caches.open(name)).keys()) paths.push(new URL(url).pathname);
    }
    return paths;
  });
  assert.ok(kept.includes('/'));
  assert.deepEqual(kept.filter((path) => !/^\/(assets\/[^/]+|[^/]+\.(svg|png|webmanifest)|)$/.test(path)), []);
});
