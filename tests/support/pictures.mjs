// Makes what the README shows, from the real thing: docs/lockstep.webp (two tabs and a terminal of one person, in step),
// docs/timers.png, docs/focus.png and docs/history.png. `make pictures` runs it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Cli } from '../integration/support/cli.mjs';
import { uuid } from '../integration/support/client.mjs';
import { Clocked } from '../integration/support/clocked.mjs';
import { launch, open } from '../integration/support/page.mjs';
import { day, hour, minute, Person } from '../integration/support/person.mjs';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const server = await Clocked.start(['--rate-commands', '5000/5000']);
const browser = await launch();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Whoever is in the pictures of single views: a fortnight of their life.
async function somebodyBusy() {
  server.set(-14 * day);
  const person = await Person.of(server, 'maya');
  // A token that no step of the clock ends.
  person.token = (await person.adds('/v1/tokens', { name: 'laptop', scope: 'full' })).token;
  const now = server.now();
  await person.does('PATCH', '/me', { timeZone: 'UTC' });
  const [thesis, house] = [await person.group('Thesis'), await person.group('House')];
  const timers = Object.fromEntries(['Methods chapter', 'Reading', 'Figures', 'Piano', 'E-mail'].map((title) => [title, uuid()]));
  const fields = {
    'Methods chapter': { group: thesis, initialDuration: 5400, dailyGoalMinutes: 40 },
    Reading: { group: thesis, dailyGoalMinutes: 15 },
    Figures: { group: thesis, initialDuration: 1500 },
    Piano: { initialDuration: 1800, dailyGoalMinutes: 15 },
    'E-mail': { initialDuration: 900 },
  };
  await person.commands(
    ...Object.entries(timers).map(([title, session]) => ({ type: 'addSession', session, title, ...fields[title], atMs: now - hour })),
  );
  const ran = (title, start, minutes) => [
    { type: 'start', session: timers[title], atMs: start },
    { type: 'pause', session: timers[title], atMs: start + minutes * minute },
  ];
  for (let ago = 13; ago >= 1; ago -= 1) {
    server.set(-ago * day);
    // In the morning of that day, well before what the clock says now.
    const at = server.now() - 5 * hour;
    const some = (most) => 15 + ((ago * 37 + most * 11) % most);
    const focus = uuid();
    await person.commands(
      { type: 'resetAll', atMs: at - hour },
      ...ran('Reading', at, some(60)),
      ...(ago % 7 > 1 ? ran('Methods chapter', at + 80 * minute, Math.min(88, some(110))) : []),
      ...(ago % 3 ? ran('Piano', at + 3 * hour, Math.min(29, some(30))) : []),
      { type: 'addSession', session: focus, kind: 'focus', sessionType: 'pomodoro', title: 'Proofs', group: thesis, atMs: at + 4 * hour },
      { type: 'complete', session: focus, qualityRating: 3 + (ago % 3), atMs: at + 4 * hour + 24 * minute },
      ...(ago % 5 === 0 ? [{ type: 'addSession', kind: 'work', group: house, atMs: at + hour }] : []),
    );
    const { body } = await person.ask('GET', '/v1/state');
    await person.commands(
      ...body.state.sessions.filter(({ kind }) => kind === 'work').map(({ id }) => ({ type: 'complete', session: id, atMs: at + 3 * hour })),
    );
  }
  server.set(0);
  await person.commands(
    ...ran('Reading', Date.now() - 3 * hour, 62),
    ...ran('Figures', Date.now() - 70 * minute, 8),
    { type: 'start', session: timers['Methods chapter'], atMs: Date.now() - 41 * minute },
    { type: 'addSession', kind: 'focus', sessionType: 'pomodoro', title: 'Chapter 3, second draft', group: thesis, atMs: Date.now() - 8 * minute },
  );
  const { body } = await person.ask('GET', '/v1/state');
  const focus = body.state.sessions.find(({ kind }) => kind === 'focus').id;
  await person.commands({ type: 'distraction', session: focus });
  return person;
}

async function takeView(person, view, file, { width, height, colorScheme = 'light' }) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale: 'en-GB', timezoneId: 'UTC' });
  const page = await open(context, person, view);
  await page.getByRole('main').getByRole('button').first().waitFor();
  await pause(1500);
  await page.screenshot({ path: docs + file });
  await context.close();
}

// The recording

const FRAME_MS = 200;
const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

async function takeRecording(file) {
  const name = 'sam';
  const person = await Person.of(server, name);
  const context = await browser.newContext({ viewport: { width: 760, height: 580 }, locale: 'en-GB', timezoneId: 'UTC' });
  const tabs = [await open(context, person), await open(context, person)];
  const cli = new Cli(server.http, { token: person.token });
  const watch = cli.watch('--format', 'plain');
  await person.commands({ type: 'addSession', title: 'Tea', initialDuration: 240 });
  // The other tab looks at the timers, this one follows once its form is filled in.
  const lookAtTimers = (tab) => tab.getByRole('listitem').first().evaluate((item) => scrollTo(0, item.offsetTop - 90));
  await tabs[1].getByText('Tea').waitFor();
  await lookAtTimers(tabs[1]);

  const sheet = await browser.newPage({ viewport: { width: 1020, height: 590 } });
  await sheet.setContent(`<!doctype html><style>
    body { margin: 0; padding: 16px; background: #8fa3b0; font: 14px sans-serif; display: grid; grid-template-columns: 1fr 1fr; gap: 16px; }
    img { display: block; width: 100%; border-radius: 10px; box-shadow: 0 4px 18px #0005; }
    pre { grid-column: 1 / 3; margin: 0; padding: 12px 16px; height: 152px; background: #14191f; color: #d5e0e8; border-radius: 10px; font: 14px/1.55 'DejaVu Sans Mono', monospace; overflow: hidden; }
  </style><img id="tab0"><img id="tab1"><pre></pre>`);
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-pictures-'));
  const frames = [];
  const typed = [];
  const frame = async () => {
    const shots = await Promise.all(tabs.map((tab) => tab.screenshot()));
    const lines = [...typed, '$ lockstep watch', watch.lines.at(-1) ?? ''];
    await sheet.evaluate(
      async ([pictures, html]) => {
        document.querySelector('pre').innerHTML = html;
        await Promise.all(pictures.map((picture, i) => {
          const image = document.querySelector(`#tab${i}`);
          image.src = `data:image/png;base64,${picture}`;
          return image.decode();
        }));
      },
      [shots.map((shot) => shot.toString('base64')), escape(lines.join('\n'))],
    );
    const path = join(folder, `${String(frames.length).padStart(3, '0')}.png`);
    writeFileSync(path, await sheet.screenshot());
    frames.push({ path, atMs: Date.now() });
  };
  const film = async (ms) => {
    for (const end = Date.now() + ms; Date.now() < end; ) {
      const next = Date.now() + FRAME_MS;
      await frame();
      await pause(Math.max(0, next - Date.now()));
    }
  };
  const inTerminal = async (...words) => {
    const answer = await cli.does(...words);
    typed.push(`$ lockstep ${words.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(' ')}`, answer.trim());
  };

  await film(1000);
  await tabs[0].getByLabel('Title', { exact: true }).fill('Read');
  await tabs[0].getByLabel('Minutes', { exact: true }).first().fill('25');
  await film(800);
  await tabs[0].getByRole('button', { name: 'Add timer' }).click();
  await film(1000);
  await lookAtTimers(tabs[0]);
  await film(600);
  const read = tabs[0].getByRole('listitem').filter({ hasText: 'Read' });
  await read.getByRole('button', { name: 'Start', exact: true }).click();
  await film(3500);
  await inTerminal('pause');
  await film(2000);
  await tabs[1].getByRole('listitem').filter({ hasText: 'Tea' }).getByRole('button', { name: 'Start', exact: true }).click();
  await film(3000);
  // Each is shown for as long as it was true.
  const shown = frames.flatMap(({ path, atMs }, i) => ['-d', String((frames[i + 1]?.atMs ?? atMs + 2000) - atMs), path]);
  execFileSync('img2webp', ['-loop', '0', '-lossy', '-q', '70', '-m', '6', ...shown, '-o', docs + file]);
  rmSync(folder, { recursive: true });
  cli.end();
  await context.close();
}

const maya = await somebodyBusy();
await takeView(maya, 'timers', 'timers.png', { width: 1100, height: 1000 });
await takeView(maya, 'focus', 'focus.png', { width: 390, height: 760, colorScheme: 'dark' });
await takeView(maya, 'history', 'history.png', { width: 1100, height: 1000 });
await takeRecording('lockstep.webp');
await browser.close();
await server.stop();
