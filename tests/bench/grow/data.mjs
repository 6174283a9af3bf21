// The figures behind the pictures, beside them in docs/pictures: measured once, drawn as often as one likes.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../docs/pictures/', import.meta.url));
const path = (file) => folder + file;

// What is kept under that name; nothing yet is an empty object.
export const kept = (name) => (existsSync(path(`${name}.json`)) ? JSON.parse(readFileSync(path(`${name}.json`), 'utf8')) : {});

export function write(file, text) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path(file), text);
}

// Puts these parts in place of those of the same names. A point is a line.
export function keep(name, parts) {
  const text = JSON.stringify({ ...kept(name), ...parts }, null, 1);
  write(`${name}.json`, `${text.replace(/\n {4,}/g, ' ').replace(/ (\n? *[}\]])/g, '$1')}\n`);
}
