// The documents as a reader meets them: their code blocks, links and headings.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

const inFolder = (folder) => readdirSync(join(root, folder)).map((name) => join(folder, name));
const markdown = (paths) => paths.filter((path) => path.endsWith('.md') && existsSync(join(root, path)));

// Paths from the root, the README first.
export const pages = [
  'README.md',
  'CHANGELOG.md',
  ...markdown(inFolder('docs')),
  ...markdown(inFolder('examples').map((folder) => join(folder, 'README.md'))),
];

export const read = (path) => readFileSync(join(root, path), 'utf8');

// Of each block {page, line, lang, lines}; one that is only indented has the lang ''.
export function blocksOf(page) {
  const blocks = [];
  let open = null;
  let before = '';
  for (const [index, line] of read(page).split('\n').entries()) {
    const fence = /^ *```(\w*)$/.exec(line);
    if (open?.fenced) {
      if (fence) open = null;
      else open.lines.push(line);
    } else if (fence) {
      open = { page, line: index + 1, lang: fence[1], fenced: true, lines: [] };
      blocks.push(open);
    } else if (/^ {4}/.test(line) && (open || before === '')) {
      if (!open) blocks.push((open = { page, line: index + 1, lang: '', lines: [] }));
      open.lines.push(line.trim());
    } else if (line !== '') {
      open = null;
    }
    before = line;
  }
  return blocks;
}

// What is neither in a code block nor between back quotes.
const proseOf = (page) =>
  read(page)
    .replace(/^ *```\w*\n[^]*?^ *```$/gm, '')
    .replace(/`[^`\n]+`/g, (code) => code.replaceAll(/[[\]]/g, ''));

// The anchors that headings get where Markdown is shown.
export const anchorsOf = (page) =>
  [...read(page).replace(/^ *```\w*\n[^]*?^ *```$/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

// Where a page's links lead within this tree: {text, path, anchor}; a folder stands for its README.
export function linksOf(page) {
  const links = [];
  for (const [, text, target] of proseOf(page).matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g)) {
    if (/^\w+:/.test(target)) continue;
    const [name, anchor] = target.split('#');
    let path = name === '' ? page : relative(root, resolve(root, dirname(page), name));
    const readme = join(path, 'README.md');
    if (existsSync(join(root, readme)) && statSync(join(root, path)).isDirectory()) path = readme;
    links.push({ text, path, anchor });
  }
  return links;
}

// Names of files between back quotes, as they are written.
export const namedIn = (page) => [...read(page).matchAll(/`([^`\n]+)`/g)].map(([, name]) => name);
