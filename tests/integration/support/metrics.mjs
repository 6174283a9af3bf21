// What a server counts of itself, read as Prometheus reads it: version 0.0.4 of its text format, strictly.
import assert from 'node:assert/strict';
import { patience } from './server.mjs';

const name = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const line = new RegExp(`^(${name})(?:\\{((?:${name}="[^"\\\\]*",?)+)\\})? (-?[0-9.]+|\\+Inf)$`);
const suffixes = ['_bucket', '_sum', '_count'];

// The family that a sample of this name is of.
function familyOf(families, sample) {
  if (families.has(sample)) return families.get(sample);
  const suffix = suffixes.find((one) => sample.endsWith(one));
  const family = suffix && families.get(sample.slice(0, -suffix.length));
  return family?.type === 'histogram' ? family : undefined;
}

export const keyOf = (labels) => Object.keys(labels).sort().map((key) => `${key}=${labels[key]}`).join();

// Map of name -> {type, help, samples: [{name, labels, value}]}.
export function parse(text) {
  assert.ok(text.endsWith('\n'));
  const families = new Map();
  const seen = new Set();
  for (const one of text.slice(0, -1).split('\n')) {
    const about = /^# (HELP|TYPE) (\S+) (.+)$/.exec(one);
    if (about) {
      const [, what, family, words] = about;
      if (what === 'HELP') {
        assert.ok(!families.has(family), one);
        families.set(family, { help: words, samples: [] });
      } else {
        assert.match(words, /^(counter|gauge|histogram)$/);
        assert.equal(families.get(family).samples.length, 0, one);
        families.get(family).type = words;
      }
      continue;
    }
    const sample = line.exec(one);
    assert.ok(sample, `no line of the format: ${one}`);
    const labels = Object.fromEntries([...(sample[2] ?? '').matchAll(/([^=,]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
    const family = familyOf(families, sample[1]);
    assert.ok(family?.type, `of no family: ${one}`);
    assert.equal(family, [...families.values()].at(-1), `not with its family: ${one}`);
    const key = `${sample[1]} ${keyOf(labels)}`;
    assert.ok(!seen.has(key), `twice: ${one}`);
    seen.add(key);
    family.samples.push({ name: sample[1], labels, value: sample[3] === '+Inf' ? Infinity : Number(sample[3]) });
  }
  return families;
}

// All that one text says.
export class Reading {
  constructor(text) {
    this.text = text;
    this.families = parse(text);
    this.samples = [...this.families.values()].flatMap(({ samples }) => samples);
  }

  // The sum of those with this name that have these labels.
  get(wanted, labels = {}) {
    const fits = (sample) => sample.name === wanted && Object.entries(labels).every(([key, value]) => sample.labels[key] === String(value));
    return this.samples.filter(fits).reduce((sum, { value }) => sum + value, 0);
  }
}

// The face on which a server tells it.
export class Watched {
  static async of(server) {
    const [, port] = await server.logged(/metrics on http:\/\/127\.0\.0\.1:(\d+)/);
    return Object.assign(new Watched(), { server, port: Number(port), http: `http://127.0.0.1:${port}` });
  }

  async read() {
    const answer = await fetch(`${this.http}/metrics`);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    return new Reading(await answer.text());
  }

  // The first reading for which it holds: what happens is counted soon.
  async until(holds) {
    const late = Date.now() + 10000 * patience;
    for (;;) {
      const reading = await this.read();
      if (holds(reading)) return reading;
      assert.ok(Date.now() < late, `waited in vain for ${holds} in\n${reading.text.replace(/^#.*\n/gm, '').replace(/^.* 0\n/gm, '')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  // What each of these has grown by, once `act` is over and all of them have grown as much as they are to.
  // `expected`: [[name, labels, by], …].
  async grows(expected, act) {
    const before = await this.read();
    const result = await act();
    const by = (reading) => expected.map(([one, labels]) => reading.get(one, labels) - before.get(one, labels));
    let after = before;
    try {
      after = await this.until((reading) => by((after = reading)).every((n, i) => n >= expected[i][2]));
    } catch (error) {
      if (error.code !== 'ERR_ASSERTION') throw error;
    }
    const tell = (values) => expected.map(([one, labels], i) => `${one} ${keyOf(labels)}: ${values[i]}`);
    assert.deepEqual(tell(by(after)), tell(expected.map(([, , n]) => n)));
    return result;
  }
}
