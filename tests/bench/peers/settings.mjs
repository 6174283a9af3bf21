// What was asked for on the command line of server.mjs.
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    db: { type: 'string' },
    mode: { type: 'string', default: 'grouped' },
    over: { type: 'string', default: 'ws' },
    port: { type: 'string', default: '0' },
  },
});
export const { db: file, over } = options;
export const grouped = options.mode === 'grouped';
export const port = Number(options.port);
