// The bars and the window of examples/widget, each on a screen of its own, with one way to look at them all:
//   text()   what it says, where that can be read
//   shoot()  a picture of it, where it has one
//   toggle() the click or the key that pauses what runs and starts what doesn't, where there is one
//   covered() whether something has come before what the person was at, where that can be asked
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execFileSync } from 'node:child_process';
import { missing, until } from './stage.mjs';

const settings = fileURLToPath(new URL('portal.py', import.meta.url));
const widget = fileURLToPath(new URL('../../../examples/widget/', import.meta.url));

async function openWaybar(stage) {
  const sway = await stage.openSway('480x60', '');
  const config = { layer: 'top', height: 28, include: [join(widget, 'waybar.jsonc')], 'modules-right': ['custom/lockstep'] };
  const style = `@import url("${join(widget, 'waybar.css')}"); * { font: 14px "DejaVu Sans"; } window#waybar { background: #202428; color: #fff; }`;
  stage.run('waybar', ['-c', stage.write('waybar.json', JSON.stringify(config)), '-s', stage.write('waybar.css', style)], { env: sway.env });
  const module = JSON.parse(readFileSync(join(widget, 'waybar.jsonc'), 'utf8').replace(/^ *\/\/.*$/gm, ''));
  return {
    shoot: sway.shoot,
    text: () => stage.parts('waybar').filter((part) => part.role === 'label').map((part) => part.name).join('\n'),
    // This sway has no pointer to click with.
    toggle: () => sway.call('sh', '-c', module['custom/lockstep']['on-click']),
    colours: { paused: '#e0b060', offline: '#ff8080' },
  };
}

// One as the command of a swaybar, to be seen, and one whose protocol is spoken here.
async function openI3blocks(stage) {
  const command = `i3blocks -c ${join(widget, 'i3blocks.conf')}`;
  const bar = `bar {\n id bar-0\n swaybar_command true\n status_command ${command}\n font pango:DejaVu Sans 11\n}\n`;
  const sway = await stage.openSway('480x60', bar);
  stage.run('swaybar', ['-b', 'bar-0'], { env: sway.env });
  const blocks = stage.run('i3blocks', ['-c', join(widget, 'i3blocks.conf')]);
  return {
    shoot: sway.shoot,
    text: () => blocks.output.split('\n').filter((line) => line.includes('full_text')).at(-1) ?? '',
  };
}

async function openPolybar(stage) {
  const screen = await stage.openX('480x28');
  const bar = '[bar/test]\nwidth = 100%\nheight = 28\nbackground = #202428\nforeground = #ffffff\nfont-0 = DejaVu Sans:size=11;3\nfont-1 = Symbola:size=11;3\npadding-right = 1\nmodules-right = lockstep\n';
  const config = stage.write('polybar.ini', `${bar}include-file = ${join(widget, 'polybar.ini')}\n`);
  stage.run('polybar', ['-c', config, 'test'], { env: screen.env });
  return {
    shoot: screen.shoot,
    toggle: () => execFileSync('xdotool', ['mousemove', '450', '14', 'click', '1'], { env: { ...stage.env, ...screen.env } }),
    colours: { paused: '#d19a66', offline: '#e06c75' },
  };
}

// A tmux in the window of another one, of which what it shows can be asked.
async function openTmux(stage) {
  const socket = (name) => ['-S', join(stage.dir, `tmux-${name}`)];
  const outer = (...words) => execFileSync('tmux', ['-u', ...socket('outer'), '-f', '/dev/null', ...words], { env: stage.env, encoding: 'utf8' });
  const inner = ['env', '-u', 'TMUX', 'TERM=xterm-256color', 'tmux', '-u', ...socket('inner'), '-f', join(widget, 'tmux.conf'), 'new-session', 'cat', ';', 'set', '-g', 'destroy-unattached', 'on'];
  const command = inner.map((word) => `'${word}'`).join(' ');
  stage.run('tmux', ['-u', ...socket('outer'), '-D', '-f', '/dev/null']);
  await until(() => {
    try {
      outer('new-session', '-d', '-x', '100', '-y', '4', command);
      return true;
    } catch {
      return false; // not there yet
    }
  }, 'tmux');
  return {
    text: () => outer('capture-pane', '-p').trimEnd().split('\n').at(-1),
    // A press and a release of the first button, as a terminal tells of them.
    toggle: () => outer('send-keys', '-l', '\x1b[<0;90;4M\x1b[<0;90;4m'),
    covered: () => execFileSync('tmux', [...socket('inner'), 'display-message', '-p', '#{pane_in_mode}'], { env: stage.env, encoding: 'utf8' }) !== '0\n',
    end: () => {
      try {
        execFileSync('tmux', [...socket('inner'), 'kill-server'], { env: stage.env, stdio: 'ignore' });
      } catch {
        // it has ended
      }
    },
  };
}

async function openWindow(stage, program) {
  const screen = await stage.openX('340x440');
  const portal = stage.run(settings, [], { stdio: ['pipe', 'pipe', 'pipe'] });
  await stage.says(portal, /ready/);
  const env = { ...screen.env, GDK_BACKEND: 'x11', GSK_RENDERER: 'cairo' };
  const window = stage.run(program, [], { env });
  const call = (...words) => execFileSync('xdotool', words, { env: { ...stage.env, ...env }, encoding: 'utf8' });
  await until(() => {
    try {
      call('search', '--onlyvisible', '--name', '^Lockstep$', 'windowfocus');
      return true;
    } catch {
      return false; // not there yet, or more than one by now
    }
  }, () => `the window: ${window.output}`);
  const parts = () => stage.parts('lockstep-widget');
  return {
    shoot: screen.shoot,
    parts,
    text: () => parts().map((part) => part.name).join('\n'),
    press: (...keys) => call('key', ...keys),
    toggle: () => call('key', 'space'),
    process: window,
    prefer: (scheme) => portal.stdin.write(`${{ none: 0, dark: 1, light: 2 }[scheme]}\n`),
    // The programs that it runs, by their numbers.
    children: () => readFileSync(`/proc/${window.pid}/task/${window.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  };
}

const reader = ['dbus-daemon', '/usr/libexec/at-spi-bus-launcher', '/usr/bin/python3', '/usr/lib/python3/dist-packages/gi'];
const kinds = [
  { name: 'Waybar', programs: ['waybar', 'sway', 'grim', ...reader], open: openWaybar },
  { name: 'polybar', programs: ['polybar', 'Xvfb', 'xdotool'], open: openPolybar },
  { name: 'tmux', programs: ['tmux'], open: openTmux },
  { name: 'i3blocks', programs: ['i3blocks', 'sway', 'swaybar', 'grim'], open: openI3blocks },
];

// All that can be opened here; of the others only their names, and why not.
export async function openScreens(stage, program) {
  const all = [...kinds, { name: 'the window', programs: [program, 'Xvfb', 'xdotool', ...reader], open: openWindow }];
  if (!missing('dbus-daemon').length) await stage.openBus();
  return Promise.all(all.map(async ({ name, programs, open }) => {
    const lacks = missing(...programs);
    return lacks.length ? { name, lacks } : { name, ...(await open(stage, program)) };
  }));
}
