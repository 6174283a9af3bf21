// Makes docs/tabs.png, the README's picture: two tabs and a wscat of one person, taken at one moment from the real
// thing. `make picture` runs it.
import { chromium } from 'playwright-core';
import { fileURLToPath } from 'node:url';
import { Server } from '../integration/support/server.mjs';
import { Wscat } from '../integration/support/wscat.mjs';

const target = fileURLToPath(new URL('../../docs/tabs.png', import.meta.url));
const server = await Server.start();
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const context = await browser.newContext({ viewport: { width: 600, height: 980 }, deviceScaleFactor: 1 });
const tabs = [await context.newPage(), await context.newPage()];
await tabs[0].goto(server.http);
await tabs[0].getByLabel('Sign in as').fill('alice');
await tabs[0].getByRole('button', { name: 'Sign in', exact: true }).click();
await tabs[1].goto(server.http);
for (const tab of tabs) await tab.getByRole('button', { name: 'Add timer' }).waitFor();

const terminal = new Wscat(server, 'alice');
await terminal.sees(/"type":"live"/);
const first = '11111111-1111-4111-8111-111111111111';
for (const command of [
  { type: 'addSession', session: first, title: 'Read', initialDuration: 1500, dailyGoalMinutes: 60 },
  { type: 'addSession', title: 'Stretch', initialDuration: 300 },
  { type: 'start', session: first },
]) {
  terminal.type(JSON.stringify(command));
  await new Promise((resolve) => setTimeout(resolve, 300));
}
await tabs[1].getByRole('button', { name: 'Pause', exact: true }).waitFor();
// Early in a second, so that both pictures are taken within it.
const targetMs = Number(/"targetTimeMs":(\d+)/.exec(terminal.output)[1]);
await new Promise((resolve) => setTimeout(resolve, 2000 + ((targetMs - Date.now()) % 1000) + 50));
const shots = await Promise.all(tabs.map((tab) => tab.screenshot()));

const lines = terminal.output.replace(/\x1b\[[0-9;]*[A-Za-z]/g, '').split('\n').filter((line) => /^(?:[<>] )*\{/.test(line)).slice(-7).map((line) => `< ${line.replace(/^(?:[<>] )*/, '')}`);
const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
const sheet = await browser.newPage({ viewport: { width: 1200, height: 900 }, deviceScaleFactor: 1 });
await sheet.setContent(`<!doctype html><style>
  body { margin: 0; padding: 20px; background: #8fa3b0; font: 14px sans-serif; display: grid; grid-template-columns: 1fr 1fr; gap: 20px; }
  img { width: 100%; border-radius: 10px; box-shadow: 0 6px 24px #0005; }
  pre { grid-column: 1 / 3; margin: 0; padding: 14px 18px; background: #14191f; color: #d5e0e8; border-radius: 10px; font: 12.5px/1.5 'DejaVu Sans Mono', monospace; white-space: pre; overflow: hidden; box-shadow: 0 6px 24px #0005; }
</style>${shots.map((shot) => `<img src="data:image/png;base64,${shot.toString('base64')}">`).join('')}
<pre>$ wscat -c ${server.ws} -s lockstep.v1 …\n${escape(lines.join('\n'))}</pre>`);
await sheet.screenshot({ path: target, fullPage: true });
terminal.end();
await browser.close();
await server.stop();
console.log(target);
