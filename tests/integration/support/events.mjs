// A stream of events as the server sends it: GET /v1/events with Accept: text/event-stream.
import assert from 'node:assert/strict';
import { request } from 'node:http';

// One open stream: its frames as {id, data}, comments as {comment}.
export class Stream {
  static open(on, { token, query = '', headers = {} } = {}) {
    const stream = new Stream();
    stream.frames = [];
    stream.wake = () => {};
    stream.ended = new Promise((resolve) => (stream.onEnd = resolve));
    return new Promise((resolve, reject) => {
      const all = { accept: 'text/event-stream', authorization: `Bearer ${token}`, ...headers };
      const asked = request(`${on.http}/v1/events${query}`, { headers: all }, (response) => {
        stream.response = response;
        stream.status = response.statusCode;
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
          const frames = text.split('\n\n');
          text = frames.pop();
          for (const frame of frames) stream.frames.push(Stream.read(frame));
          stream.wake();
        });
        response.on('close', () => {
          stream.closed = true;
          stream.onEnd();
          stream.wake();
        });
        resolve(stream);
      });
      asked.on('error', reject);
      asked.end();
    });
  }

  static read(frame) {
    if (frame.startsWith(':')) return { comment: frame };
    const [, id, data] = /^id: (\S+)\ndata: (.*)$/.exec(frame);
    return { id, data: JSON.parse(data) };
  }

  async until(done, ms = 30000) {
    const late = Date.now() + ms;
    while (!done(this.frames)) {
      assert.ok(!this.closed, 'the stream has ended');
      assert.ok(Date.now() < late, `waited in vain; ${this.frames.length} frames`);
      await new Promise((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, 100);
      });
    }
    return this.frames;
  }

  close() {
    this.response.destroy();
  }
}
