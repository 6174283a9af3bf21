// The bars and the window of examples/widget at work, on screens in memory: real bars, the real `lockstep`, a real
// server. Each step is looked at on all of them. Pictures of each are left in build/pictures.
import assert from 'node:assert/strict';
import { symlinkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { uuid } from './support/client.mjs';
import { Person } from './support/person.mjs';
import { openScreens } from './support/screens.mjs';
import { Server } from './support/server.mjs';
import { Stage, until } from './support/stage.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const programs = {
  lockstep: process.env.LOCKSTEP ?? join(root, 'build/release/lockstep'),
  'lockstep-widget': join(root, 'build/release/lockstep-widget'),
};
const read = uuid();
const stretch = uuid();

let server;
let person;
let other; // somebody's other screen, which pauses and sees who starts
let stage;
let screens;

before(async () => {
  server = await Server.start();
  person = await Person.of(server, 'alice');
  await person.commands(
    { type: 'addSession', session: read, title: 'Read <b>&amp; 100% #1', initialDuration: 1500 },
    { type: 'addSession', session: stretch, title: 'Stretch', initialDuration: 300 },
  );
  other = await person.live();
  stage = new Stage({ LOCKSTEP_URL: server.http, LOCKSTEP_TOKEN: person.token, TZ: 'UTC' });
  const bin = join(stage.dir, 'bin');
  mkdirSync(bin);
  for (const [name, path] of Object.entries(programs)) symlinkSync(path, join(bin, name));
  stage.env.PATH = `${bin}:${stage.env.PATH}`;
  screens = await openScreens(stage, programs['lockstep-widget']);
});
after(async () => {
  await other?.end();
  try {
    for (const screen of screens ?? []) screen.end?.();
    await stage?.close();
  } finally {
    await server?.stop();
  }
});

// One test for each screen, all at once, of what is to be seen there by now.
function onEach(t, look) {
  return Promise.all(screens.map((screen) => t.test(screen.name, { skip: screen.lacks && `not here: ${screen.lacks}` }, async () => {
    try {
      await look(screen);
    } finally {
      screen.shoot?.().save(join(root, `build/pictures/${screen.name.replace('the ', '')}-${t.name.replaceAll(' ', '-')}.png`));
    }
  })));
}

const says = (screen, pattern) => screen.text && until(() => pattern.exec(screen.text()), () => `${pattern} in: ${screen.text()}`);

async function changesFrom(screen, picture, what) {
  if (picture) await until(() => !screen.shoot().equals(picture), what);
}

// Two pictures in a row, more than a second apart, that are the same.
async function still(screen) {
  if (!screen.shoot) return undefined;
  let last = screen.shoot();
  return until(async () => {
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const now = screen.shoot();
    const same = now.equals(last);
    last = now;
    return same && now;
  }, 'a picture that does not move');
}

async function hasColour(screen, state) {
  if (screen.colours) await until(() => screen.shoot().count(screen.colours[state]) > 10, `the colour of ${state}`);
}

const together = { concurrency: true };
const seconds = (found) => Number(found[1]) * 60 + Number(found[2]);
const running = /Read <b>&amp; 100% #1[^]*?(\d\d):(\d\d)/;
const states = {
  running: /▶ Read|"Read|^Read[^]*until \d\d:\d\d/m,
  paused: /⏸ Read|^Read[^]*paused/m,
};

test('running', together, async (t) => {
  await other.ask({ type: 'start', session: read });
  await onEach(t, async (screen) => {
    const first = await says(screen, running);
    await changesFrom(screen, screen.shoot?.(), 'a countdown that moves');
    if (first) await until(() => seconds(running.exec(screen.text())) < seconds(first), 'less time');
  });
});

test('paused elsewhere', together, async (t) => {
  await other.ask({ type: 'pause', session: read });
  await onEach(t, async (screen) => {
    await says(screen, states.paused);
    await hasColour(screen, 'paused');
  });
});

// Of a bar that can't be asked for its text: the picture follows the title, there and back.
test('renamed', together, async (t) => {
  const stills = await Promise.all(screens.map(still));
  await other.ask({ type: 'renameSession', session: read, title: 'Write a letter to everybody who may want to know of it' });
  await onEach(t, async (screen) => {
    await says(screen, /Write[^]*2[45]:\d\d/); // the time has its room all the same
    await changesFrom(screen, stills[screens.indexOf(screen)], 'another title');
  });
  await other.ask({ type: 'renameSession', session: read, title: 'Read <b>&amp; 100% #1' });
  await onEach(t, async (screen) => {
    const before = stills[screens.indexOf(screen)];
    if (before) await until(() => screen.shoot().equals(before), 'the title of before');
  });
});

test('clicked', async (t) => {
  for (const [event, before, after] of [['start', 'pause', 'running'], ['pause', 'start', 'paused']]) {
    await other.ask({ type: before, session: read });
    for (const screen of screens.filter(({ lacks, toggle }) => !lacks && toggle)) {
      await t.test(`${screen.name}: ${event}`, async () => {
        const opposite = after === 'running' ? 'paused' : 'running';
        await says(screen, states[opposite]);
        other.taken = other.messages.length;
        screen.toggle();
        const seen = await other.event(event, 15000);
        assert.equal(seen.session.id, read);
        await says(screen, states[after]);
      });
      await other.ask({ type: before, session: read });
    }
  }
  for (const screen of screens) assert.ok(!screen.covered?.(), `${screen.name}: what a click says is put before nobody`);
});

test('server gone', together, async (t) => {
  await other.ask({ type: 'start', session: read });
  await onEach(t, (screen) => says(screen, states.running));
  await server.kill();
  await onEach(t, async (screen) => {
    await says(screen, /⚠|[Oo]ffline since \d\d:\d\d/);
    await hasColour(screen, 'offline');
  });
});

test('server back', together, async (t) => {
  await server.start();
  other = await person.live();
  await onEach(t, async (screen) => {
    await says(screen, states.running);
    if (screen.text) await until(() => !/⚠|[Oo]ffline/.test(screen.text()), 'the end of it');
    if (screen.colours) await until(() => screen.shoot().count(screen.colours.offline) === 0, 'the end of its colour');
    await changesFrom(screen, screen.shoot?.(), 'a countdown that moves');
  });
});

// --- What only the window has ---

const window = (name, run) => test(name, async (t) => {
  const screen = screens.at(-1);
  if (screen.lacks) t.skip(`not here: ${screen.lacks}`);
  else await run(screen);
  screen.shoot?.().save(join(root, `build/pictures/window-${name.replaceAll(' ', '-')}.png`));
});

const nameOfFocused = (screen) => screen.parts().find((part) => part.states.includes('focused'))?.name;

window('by keyboard and by ear', async (screen) => {
  const parts = screen.parts();
  const spoken = ['push button', 'timer', 'list', 'progress bar', 'frame'];
  assert.deepEqual(parts.filter((part) => spoken.includes(part.role) && !part.name), [], 'parts without a name');
  const buttons = parts.filter((part) => part.role === 'push button').map((part) => part.name);
  assert.deepEqual(buttons, ['Pause Read <b>&amp; 100% #1', 'Start Stretch']);
  const reached = [nameOfFocused(screen)];
  while (reached.length < buttons.length) {
    screen.press('Tab');
    reached.push(await until(() => nameOfFocused(screen) !== reached.at(-1) && nameOfFocused(screen), 'the focus to move'));
  }
  assert.deepEqual(reached, buttons);
  other.taken = other.messages.length;
  screen.press('space');
  assert.equal((await other.event('start', 15000)).session.id, stretch);
  await says(screen, /Stretch[^]*0[45]:\d\d/);
  await other.ask({ type: 'pause', session: stretch });
  await other.ask({ type: 'pause', session: read });
});

// domain.md: a focus session has "at most 3" pauses.
window('refused', async (screen) => {
  const session = uuid();
  await person.commands({ type: 'addSession', session, kind: 'focus', title: 'Think', sessionType: 'pomodoro' });
  for (let i = 0; i < 3; i++) await person.commands({ type: 'pause', session }, { type: 'start', session });
  await says(screen, /Pause Think\nPause\n/);
  screen.press('alt+p');
  await until(() => screen.parts().some((part) => part.role === 'alert'), () => `an alert in: ${screen.text()}`);
  assert.match(screen.text(), /pause/);
  await person.commands({ type: 'complete', session });
});

window('when its client dies', async (screen) => {
  const [first] = screen.children();
  process.kill(first, 'SIGKILL');
  await until(() => screen.children().some((pid) => pid !== first), 'another one');
  await says(screen, /^Read/m);
  await until(() => !/“lockstep watch” ended|Connecting/.test(screen.text()), 'the end of it');
});

window('dark', async (screen) => {
  assert.ok(screen.shoot().brightness > 160, 'light at first');
  screen.prefer('dark');
  await until(() => screen.shoot().brightness < 100, 'a dark window');
});

window('light again', async (screen) => {
  screen.prefer('light');
  await until(() => screen.shoot().brightness > 160, 'a light window');
});

window('closed', async (screen) => {
  const children = screen.children();
  assert.equal(children.length, 1);
  screen.press('ctrl+q');
  await screen.process.ended;
  assert.equal(screen.process.exitCode, 0);
  assert.equal(screen.process.output, '', 'GTK has nothing to say against it');
});
