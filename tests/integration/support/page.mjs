// The page in Chromium, as a person has it before them: signed in, looked at, used by keyboard, held against axe's rules.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after } from 'node:test';
import { chromium } from 'playwright-core';
import { patience, Server } from './server.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// What a person would wait for; the machine may be slow.
export const soon = 10_000 * patience;

// A browser; or with a folder to remember things in, the one context of a browser that does.
export function launch(profile) {
  const options = {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  };
  return profile ? chromium.launchPersistentContext(profile, options) : chromium.launch(options);
}

// A server and a browser for all tests of a file, which end with them.
export async function stage(start = () => Server.start()) {
  const server = await start();
  after(() => server.stop());
  const browser = await launch();
  after(() => browser.close());
  return { server, browser };
}

// Of a page, or of what is in it, by its whole name.
export const button = (within, name) => within.getByRole('button', { name, exact: true });
export const region = (within, name) => within.getByRole('region', { name, exact: true });

// Shows a view, "focus" say, to a person of a server in dev mode. Who signed in in one tab of a context is so in all.
// `prepare` gets the page before anything is in it.
export async function open(context, { server, name }, view = 'timers', prepare = undefined) {
  const page = await context.newPage();
  await prepare?.(page);
  page.setDefaultTimeout(soon);
  await page.goto(`${server.http}/#/${view}`);
  const field = page.getByLabel('Sign in as');
  const inStep = page.getByText('In step', { exact: true });
  await field.or(inStep).waitFor();
  if (await field.isVisible()) {
    await field.fill(name);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }
  await inStep.waitFor();
  return page;
}

// Fails with what axe has to say against what is shown now, in light and in dark.
export async function hasNoViolation(page, what) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
    const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`);
    assert.deepEqual(told, [], `${what}, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}

// Nothing sticks out on a narrow screen.
export async function fitsAcross(page, width) {
  const { height } = page.viewportSize();
  await page.setViewportSize({ width, height });
  const out = await page.evaluate((right) => {
    if (document.documentElement.scrollWidth <= right) return [];
    const all = [...document.body.querySelectorAll('*')];
    return all.filter((element) => element.getBoundingClientRect().right > right).map((element) => element.outerHTML.slice(0, 200));
  }, width);
  assert.deepEqual(out, [], `on a screen of ${width}`);
}

// Goes on with Tab until what is focused is `locator`.
export async function tabTo(page, locator, key = 'Tab') {
  for (let i = 0; i < 80; i += 1) {
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  assert.fail(`no ${key} leads to ${locator}`);
}
