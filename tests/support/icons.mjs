// Makes the page's icons for home screens from its favicon. `make icons` runs it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const dir = fileURLToPath(new URL('../../examples/tabs/public/', import.meta.url));
const drawing = readFileSync(`${dir}favicon.svg`, 'utf8');
// Systems cut a maskable one to their own shape: it fills its square, and the drawing stays within the middle four fifths.
const square = drawing.replace(' rx="8"', '');
if (square === drawing) throw new Error('the favicon has no rounded square');

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage();
for (const [name, svg, size] of [['icon-192', drawing, 192], ['icon-512', drawing, 512], ['icon-maskable-512', square, 512]]) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>body { margin: 0 } svg { display: block; width: ${size}px }</style>${svg}`);
  await page.screenshot({ path: `${dir}${name}.png`, omitBackground: true });
  console.log(`${dir}${name}.png`);
}
await browser.close();
