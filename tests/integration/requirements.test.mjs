// docs/requirements.md and docs/SECURITY.md: each row names a test that exists.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, root), 'utf8');
// Quotes are written in several ways in sources.
const plain = (text) => text.replaceAll('\\', '').replaceAll('"', "'");
const sections = read('docs/requirements.md').split(/^## /m).slice(1);

for (const section of sections.filter((one) => /\(00\d\)/.test(one.split('\n')[0]))) {
  const title = section.split('\n')[0];
  test(`each requirement of ${title} is shown by a test`, () => {
    const rows = section.split('\n').filter((line) => line.startsWith('| ')).slice(1);
    assert.ok(rows.length >= 10, title);
    for (const row of rows) {
      const shown = row.split(' | ').at(-1);
      const named = [...shown.matchAll(/(`(\w+)`|trace) "(.+?)"(?=[;| ])/g)];
      assert.ok(named.length > 0, row);
      for (const [, what, file, name] of named) {
        if (what === 'trace') assert.ok(existsSync(new URL(`tests/scenario/traces/${name}.trace`, root)), name);
        else assert.ok(plain(read(`tests/integration/${file}.test.mjs`)).includes(plain(name)), `${file}: ${name}`);
      }
    }
  });
}

test('each threat of SECURITY.md is answered by a test', () => {
  const rows = read('docs/SECURITY.md').split('\n').filter((line) => line.startsWith('| ') && line.includes('`'));
  assert.ok(rows.length > 30);
  for (const row of rows) {
    const shown = row.split(' | ').at(-1);
    let file;
    for (const [, path, quoted] of shown.matchAll(/`([^`]+)`|"(.+?)"(?=,| \||$)/g)) {
      if (path) file = path.includes('/') ? path : `tests/integration/${path}`;
      if (path?.includes('*')) continue;
      if (path) assert.ok(existsSync(new URL(file, root)), `${path}: ${row}`);
      // What is left out of a long name is written as an ellipsis.
      else for (const part of quoted.split('…')) assert.ok(plain(read(file)).includes(plain(part.trim())), `${file}: ${part}`);
    }
  }
});
