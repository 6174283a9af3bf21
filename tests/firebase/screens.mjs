// Pages with Firebase's own client library, in Chromium: built here, served here, and asking nobody but this machine.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { patience } from '../integration/support/server.mjs';

const here = (name) => new URL(`page/${name}`, import.meta.url).pathname;
const seconds = 1000;

async function bundle() {
  const { outputFiles } = await build({ entryPoints: [here('page.mjs')], bundle: true, format: 'esm', target: 'es2022', write: false });
  return outputFiles[0].text;
}

export class Screens {
  static async start() {
    const screens = new Screens();
    screens.asked = new Set();
    const files = { '/': ['text/html', readFileSync(here('index.html'))], '/page.js': ['text/javascript', await bundle()] };
    screens.server = createServer((request, response) => {
      const [type, content] = files[request.url.split('?')[0]] ?? ['text/plain', ''];
      response.writeHead(content ? 200 : 404, { 'content-type': type }).end(content);
    });
    await new Promise((resolve) => screens.server.listen(0, '127.0.0.1', resolve));
    screens.origin = `http://127.0.0.1:${screens.server.address().port}`;
    screens.browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
    });
    return screens;
  }

  // Somebody's browser, which has signed in nowhere yet; it ends with the test.
  async open(t, issuer, server) {
    const context = await this.browser.newContext();
    t.after(() => context.close());
    context.setDefaultTimeout(20 * seconds * patience);
    context.on('request', (request) => this.asked.add(new URL(request.url()).hostname));
    const screen = await context.newPage();
    await screen.goto(`${this.origin}/?${new URLSearchParams({ firebase: issuer.url, server: server.ws })}`);
    await screen.getByText('signed out').waitFor();
    return screen;
  }

  async stop() {
    await this.browser?.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
