// What durability costs. One client: the median time from a command to its result, beside the median fdatasync of a
// file in the same directory, taken in turns. Then a thousand clients at once: how many commands share a commit.
//   node tests/bench/durable.mjs [commands of the one client] [clients] [commands of each]
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Client, uuid } from '../integration/support/client.mjs';
import { Server } from '../integration/support/server.mjs';

const [commands = 2000, clients = 1000, each = 50] = process.argv.slice(2).map(Number);
const server = await Server.start(['--rate-commands', '100000/100000', '--max-sockets-address', '20000', '--max-unauthenticated', '20000']);

const quantile = (values, q) => values.sort((a, b) => a - b)[Math.floor(values.length * q)];
const ms = (value) => `${value.toFixed(3)} ms`;
const now = () => performance.now();

// A client without the test client's bookkeeping.
async function connect(user, session) {
  const client = await Client.live(server, { token: await token(user) });
  await client.ask({ type: 'addSession', key: 'add', session, title: '0', initialDuration: 1500 });
  client.socket.removeAllListeners('message');
  let arrived;
  client.socket.on('message', (data) => {
    if (data.includes('"type":"result"')) arrived?.(data);
  });
  return (type) =>
    new Promise((resolve) => {
      arrived = resolve;
      client.socket.send(`{"type":"${type}","session":"${session}"}`);
    });
}

async function token(user) {
  return (await server.request('POST', '/v1/dev/token', { body: { user } })).body.token;
}

// make(0) … make(count - 1), fifty at a time.
async function inTurns(count, make) {
  const made = [];
  while (made.length < count) {
    const more = Math.min(50, count - made.length);
    made.push(...(await Promise.all(Array.from({ length: more }, (_, k) => make(made.length + k)))));
  }
  return made;
}

async function one() {
  const send = await connect('one', uuid());
  const file = openSync(join(server.dir, 'fdatasync'), 'w');
  const block = Buffer.alloc(4096, 'x');
  const syncs = [];
  const trips = [];
  for (let i = 0; i < commands; i++) {
    writeSync(file, block);
    let start = now();
    fdatasyncSync(file);
    syncs.push(now() - start);
    start = now();
    await send(i % 2 ? 'pause' : 'start');
    trips.push(now() - start);
  }
  closeSync(file);
  const sync = quantile(syncs, 0.5);
  const trip = quantile(trips, 0.5);
  console.log(`one client, ${commands} commands: median ${ms(trip)}, p99 ${ms(quantile(trips, 0.99))}`);
  console.log(`fdatasync of 4 KiB beside it: median ${ms(sync)}, p99 ${ms(quantile(syncs, 0.99))}`);
  const allowed = 1.5 * sync + 0.2;
  console.log(`allowed 1.5 x fdatasync + 0.2 ms = ${ms(allowed)}: ${trip <= allowed ? 'held' : 'MISSED'}`);
}

async function many() {
  const sessions = Array.from({ length: clients }, uuid);
  const senders = await inTurns(clients, (i) => connect(`u${i}`, sessions[i]));
  // A new life of the server counts from zero.
  await server.kill('SIGTERM');
  await server.start();
  senders.splice(0, senders.length, ...(await inTurns(clients, (i) => connect(`u${i}`, sessions[i]))));
  const start = now();
  await Promise.all(
    senders.map(async (send) => {
      for (let i = 0; i < each; i++) await send(i % 2 ? 'pause' : 'start');
    }),
  );
  const seconds = (now() - start) / 1000;
  await server.kill('SIGTERM');
  const [, done, commits] = /(\d+) commands in (\d+) commits/.exec(server.log.slice(server.log.lastIndexOf('listening'))).map(Number);
  console.log(`${clients} clients, ${done} commands in ${seconds.toFixed(2)} s: ${Math.round(done / seconds)}/s, ${(done / commits).toFixed(1)} commands a commit`);
}

await one();
await many();
await server.stop();
