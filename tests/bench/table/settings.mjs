// What was asked for on the command line of bench.mjs.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    runs: { type: 'string' },
    seconds: { type: 'string' },
    only: { type: 'string' },
    folder: { type: 'string', default: join(root, 'build/bench') },
  },
});
export const { quick, folder } = options;
export const only = options.only?.split(',');
export const runs = Number(options.runs ?? (quick ? 1 : 3));
export const seconds = Number(options.seconds ?? (quick ? 2 : 5));
