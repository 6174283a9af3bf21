// What the server writes, frame by frame, when the reader, its pings or its Close come in between: protocol.md sections 1
// and 6.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closing, frame, opcodes, pause, until, upgraded } from './support/bytes.mjs';
import { uuid } from './support/client.mjs';
import { Person } from './support/person.mjs';
import { Server } from './support/server.mjs';

const { text, binary, ping, pong, close } = opcodes;
const patient = ['--rate-commands', '100000/100000', '--max-outbox', String(64 << 20), '--max-replay', '5000/100000000'];

// Somebody with a plan, and a socket made by hand that is live.
async function begin(t) {
  const server = await Server.start(patient);
  t.after(() => server.stop());
  const person = await Person.of(server);
  const plan = uuid();
  await person.commands({ type: 'addPlan', plan, name: 'x', structure: {} });
  const live = async () => {
    const raw = await upgraded(server);
    t.after(() => raw.end());
    raw.send(frame(text, JSON.stringify({ type: 'auth', id: 1, token: person.token })));
    await until(() => raw.bytes.includes('"type":"live"'), 'live');
    return raw;
  };
  // Each event carries so many bytes.
  const edit = (n, bytes) => person.commands({ type: 'editPlan', plan, structure: { n, text: 'x'.repeat(bytes) } });
  return { live, edit };
}

const events = (frames) => frames.filter(({ payload }) => payload.subarray(0, 15).toString() === '{"type":"event"').map(({ payload }) => JSON.parse(payload));

test('who stops reading for a while gets each frame whole and in order, and its pongs between them', async (t) => {
  const { live, edit } = await begin(t);
  const raw = await live();
  const [first, count] = [2, 200];
  raw.socket.pause();
  for (let n = 0; n < count; n++) {
    await edit(n, n % 3 ? 100 : 40000);
    raw.send(frame(ping, `ping ${n}`));
    // Some of it is read, so that it is always in the middle of a frame that the rest waits.
    if (n % 20 === 19) {
      raw.socket.resume();
      await until(() => raw.socket.bytesRead > 0, 'something to read');
      raw.socket.pause();
    }
  }
  raw.socket.resume();
  const last = `"seq":${first + count - 1},`;
  await until(() => raw.bytes.subarray(-50000).includes(last), 'the last event', 60000);
  // While one waits to be answered others need no answer.
  raw.send(frame(ping, 'ping 1000'));
  await until(() => raw.frames().some(({ payload }) => String(payload) === 'ping 1000'), 'the last pong');
  const frames = raw.frames();
  assert.ok(frames.every(({ opcode }) => opcode === text || opcode === pong));
  const seqs = events(frames).map(({ seq }) => seq);
  assert.deepEqual(seqs, Array.from({ length: count }, (_, i) => first + i));
  for (const { payload } of frames.filter(({ opcode }) => opcode === pong)) assert.match(String(payload), /^ping \d+$/);
});

test('nothing follows a Close, whoever began it, and whatever happens meanwhile', async (t) => {
  const { live, edit } = await begin(t);
  for (const [what, bytes, code] of [
    ['no UTF-8', frame(text, Buffer.from([0x7b, 0xff])), 1007],
    ['a reserved bit', frame(text, '{}', { reserved: 4 }), 1002],
    ['binary', frame(binary, '{}'), 1003],
    ['a close', frame(close, closing(1000)), 1000],
  ]) {
    const raw = await live();
    let going = true;
    const editing = (async () => {
      for (let n = 0; going; n++) await edit(n, 100);
    })();
    await until(() => events(raw.frames()).length > 5, 'events');
    raw.send(bytes);
    await until(() => raw.frames().at(-1).opcode === close, () => `${what}: no Close, or something behind it: ${raw.frames().map(({ opcode }) => opcode)}`);
    await pause(200);
    going = false;
    await editing;
    const frames = raw.frames();
    assert.equal(frames.findIndex(({ opcode }) => opcode === close), frames.length - 1, what);
    assert.equal(frames.at(-1).code, code, what);
    const seqs = events(frames).map(({ seq }) => seq);
    assert.deepEqual(seqs, seqs.map((_, i) => seqs[0] + i), what);
    raw.end();
  }
});
