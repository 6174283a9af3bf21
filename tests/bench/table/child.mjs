// Servers that are started for a row, and end with this program whatever becomes of it.
import { spawn } from 'node:child_process';

const running = new Set();
process.once('exit', () => running.forEach((child) => child.kill()));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

// `log` is what its stderr becomes. `stop` ends it and waits until it has.
export function begin([program, ...words], log) {
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', log] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  running.add(child);
  ended.then(() => running.delete(child));
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { child, stop };
}
