// docs/console.md is what happens: its transcript is typed into wscat, and what comes back must fit line by line.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Server } from './support/server.mjs';
import { Wscat } from './support/wscat.mjs';

const page = readFileSync(new URL('../../docs/console.md', import.meta.url), 'utf8');
const transcript = /```transcript\n([^]*?)```/.exec(page)[1].trim().split('\n');
const pattern = (line) => new RegExp(`^${line.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`);

test('the transcript of docs/console.md', async () => {
  const server = await Server.start();
  const terminal = new Wscat(server, 'alice');
  let received = 0;
  for (const line of transcript) {
    if (line.startsWith('> ')) {
      terminal.type(line.slice(2));
      continue;
    }
    await terminal.until(() => terminal.lines.length > received);
    assert.match(terminal.lines[received++], pattern(line.slice(2)));
  }
  assert.equal(terminal.lines.length, received, 'nothing but what the page shows');
  terminal.end();
  await server.stop();
});
