// What lockstepd prints about itself: `help`, the manual pages and the file of defaults. All of it is made of the tables
// of options and subcommands, so each of them has to stand in all of it, and what is printed has to be good.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { binary } from './support/server.mjs';

const run = (...args) => spawnSync(binary, args, { encoding: 'utf8' });
const printed = (...args) => {
  const { status, stdout, stderr } = run(...args);
  assert.equal(stderr, '');
  assert.equal(status, 0);
  return stdout;
};

const help = printed('--help');
// Name, argument ('' for a flag that stands alone), and the default in parentheses if there is one.
const options = [...help.matchAll(/^ {2}--([a-z-]+)(?: (\S+))? +(.*?)(?: \(([^()]*)\))?$/gm)].map(([, name, argument = '', , normal]) => ({ name, argument, normal }));
const onlyFlags = new Set(['config', 'check', 'version', 'help']);
const inFiles = options.filter(({ name }) => !onlyFlags.has(name));
const commands = [...help.matchAll(/^ {7}lockstepd ([a-z-]+) ?(.*)$/gm)].map(([, name, usage]) => ({ name, usage }));

let dir;
before(() => (dir = mkdtempSync(join(tmpdir(), 'lockstep-manual-'))));
after(() => rmSync(dir, { recursive: true, force: true }));

test('help is --help; of a command it says how it is used, and what it does', () => {
  assert.ok(options.length > 30 && commands.length >= 2, help);
  assert.equal(printed('help'), help);
  for (const { name, usage } of commands) {
    const lines = printed('help', name).split('\n');
    assert.equal(lines[0], `usage: lockstepd ${name} ${usage}`);
    assert.match(lines[2], /^[a-z].*[^.]$/);
  }
});

test('what there is no help for is one clear line, and exit code 2', () => {
  for (const args of [['nonsense'], ['manual', 'nonsense'], ['conf', 'more'], ['token', 'more'], ['manual', 'conf', 'more'], ['--bogus']]) {
    const { status, stdout, stderr } = run('help', ...args);
    assert.deepEqual([status, stdout], [2, ''], stderr);
    assert.match(stderr, /^lockstepd: help: .*\n$/);
    assert.ok(stderr.includes(args.at(-1)), stderr);
  }
});

describe('the manual pages', () => {
  const pages = [
    { words: ['manual'], name: 'lockstepd', section: 8, sections: ['SYNOPSIS', 'OPTIONS', 'COMMANDS', 'ENVIRONMENT', 'FILES', 'SIGNALS', 'EXIT STATUS', 'EXAMPLES', 'SEE ALSO'] },
    { words: ['manual', 'conf'], name: 'lockstep.conf', section: 5, sections: ['SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'EXAMPLES', 'SEE ALSO'] },
  ];
  const asText = (page) => execFileSync('groff', ['-man', '-Tascii', '-P-cbou', '-rLL=200n'], { input: page, encoding: 'utf8' });

  for (const { words, name, section, sections } of pages) {
    test(`${name}(${section}): groff and mandoc have nothing to say against it`, () => {
      const page = printed('help', ...words);
      const groff = spawnSync('groff', ['-ww', '-man', '-Tutf8', '-z'], { input: page, encoding: 'utf8' });
      assert.equal(groff.stderr + groff.status, '0');
      const mandoc = spawnSync('mandoc', ['-Tlint', '-W', 'warning'], { input: page, encoding: 'utf8' });
      // A date would make another page of each day's build.
      assert.deepEqual(mandoc.stdout.split('\n').filter((line) => line && !/missing date/.test(line)), []);
      const lexgrog = spawnSync('lexgrog', ['-'], { input: page, encoding: 'utf8' });
      assert.match(lexgrog.stdout, new RegExp(`"${name.replace('.', '\\.')} - .+"`));
    });

    test(`${name}(${section}) has what such a page has`, () => {
      const text = asText(printed('help', ...words));
      for (const title of sections) assert.match(text, new RegExp(`^${title}$`, 'm'));
      assert.match(text, new RegExp(`^${name.replace('.', '\\.').toUpperCase()}\\(${section}\\)`));
    });
  }

  test('lockstepd(8) has each option, command, signal and exit code', () => {
    const text = asText(printed('help', 'manual'));
    for (const { name, argument, normal } of options) {
      assert.ok(text.includes(`\n       --${name}${argument && ` ${argument}`}`), name);
      if (normal) assert.ok(text.replaceAll(/\s+/g, ' ').includes(normal), `${name}: ${normal}`);
    }
    for (const { name, usage } of commands) assert.ok(text.includes(`\n       lockstepd ${name} ${usage}`), name);
    for (const word of ['SIGTERM, SIGINT', 'SIGHUP', '0', '1', '2', '78', 'LISTEN_FDS', 'NOTIFY_SOCKET']) assert.ok(text.includes(`\n       ${word}`), word);
  });

  test('lockstep.conf(5) has each option that can stand in the file, and no other', () => {
    const text = asText(printed('help', 'manual', 'conf'));
    const found = [...text.matchAll(/^ {7}([a-z-]+) = ([A-Z]|text\||on\|)/gm)].map(([, name]) => name);
    assert.deepEqual(found.sort(), inFiles.map(({ name }) => name).sort());
  });
});

describe('the file of defaults', () => {
  const lines = () => printed('help', 'conf').split('\n');
  const check = (text) => {
    const path = join(dir, 'lockstep.conf');
    writeFileSync(path, text);
    return run('--config', path, '--check');
  };
  const settings = () => lines().map((line) => /^#([a-z-]+) = (.+)$/.exec(line)).filter(Boolean).map(([, name, value]) => ({ name, value }));

  test('has each option once, as a comment, with its help above it', () => {
    assert.deepEqual(settings().map(({ name }) => name).sort(), inFiles.map(({ name }) => name).sort());
    for (const line of lines()) assert.match(line, /^(#.{0,79})?$/);
    for (const [at, line] of lines().entries()) {
      if (/^#[a-z]/.test(line)) assert.match(lines()[at - 1], /^# \S/);
    }
  });

  test('is good as it is, and changes nothing', () => {
    const { status, stdout, stderr } = check(printed('help', 'conf'));
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^the configuration is good\n/);
  });

  test('its defaults are what --help says, and are good', () => {
    const normal = new Map(options.map((option) => [option.name, option.normal]));
    const numbers = settings().filter(({ value }) => /^\d+(\/\d+)?$/.test(value));
    assert.ok(numbers.length > 10);
    for (const { name, value } of numbers) {
      assert.equal(value, normal.get(name), name);
      const { status, stderr } = check(`${name} = ${value}\n`);
      assert.equal(status, 0, stderr);
    }
  });

  // Those that name a file or need another option are not good by themselves; all have the right form.
  test('each example is understood', () => {
    const needs = { 'oidc-audience': 'oidc-issuer = https://a.example', jwks: 'firebase-project = x' };
    for (const name of ['api-key', 'auth-domain', 'emulator']) needs[`firebase-${name}`] = 'firebase-project = x';
    for (const { name, value } of settings()) {
      const { stderr } = check(`${needs[name] ?? ''}\n${name} = ${value}\n`);
      assert.doesNotMatch(stderr, new RegExp(`${name} (must|has)|there is no key|understood`), `${name} = ${value}`);
    }
  });
});
