// How much of the page is fetched before it can be used: as the server sends it, compressed. Views that are not shown,
// the charts and Firebase come later, if at all.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Server } from './support/server.mjs';

const assets = readdirSync(fileURLToPath(new URL('../../build/web/assets/', import.meta.url)));

async function sizeOf(server, path) {
  const answer = await fetch(server.http + path, { headers: { 'accept-encoding': 'gzip' } });
  assert.equal(answer.status, 200, path);
  const length = Number(answer.headers.get('content-length'));
  const text = await answer.text();
  assert.ok(length <= gzipSync(text, { level: 1 }).length, `${path} is sent compressed`);
  return { length, text };
}

// The files that `path` needs before it runs: imports that are not deferred.
async function load(server, path, seen = new Map()) {
  if (seen.has(path)) return seen;
  const { length, text } = await sizeOf(server, path);
  seen.set(path, length);
  const imports = path === '/' ? /(?:src|href)="(\/assets\/[^"]+)"/g : /(?:import|from)"\.\/([^"]+)"/g;
  for (const [, name] of text.matchAll(imports)) await load(server, name.startsWith('/') ? name : `/assets/${name}`, seen);
  return seen;
}

test('less than 60 kB until the page can be used', async (t) => {
  const server = await Server.start();
  const seen = await load(server, '/');
  for (const name of assets.filter((one) => one.startsWith('shared-'))) await load(server, `/assets/${name}`, seen);
  const sum = [...seen.values()].reduce((a, b) => a + b, 0);
  let all = 0;
  for (const name of assets.filter((one) => !one.startsWith('firebase'))) all += (await sizeOf(server, `/assets/${name}`)).length;
  t.diagnostic(`${sum} bytes until it can be used, ${all} with every view and chart: ${[...seen.keys()].join(' ')}`);
  assert.ok(seen.size >= 4, 'page, script, style, worker');
  assert.ok(sum < 60_000, `${sum} bytes`);
  await server.stop();
});
