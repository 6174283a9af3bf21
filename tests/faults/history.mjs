// What one person was told, and whether a log and a state can be true beside it. A violation is an Error that says
// which promise is broken.
export const random = (seed) => {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  next.below = (n) => Math.floor(next() * n);
  return next;
};

const must = (holds, why, ...things) => {
  if (!holds) throw new Error(`${why}: ${things.map((thing) => JSON.stringify(thing)?.slice(0, 600)).join(' / ')}`);
};

// A refusal that says nothing was applied now, so that the command may come again.
const comesAgain = (result) => !result.ok && result.error.retryable;

export class History {
  constructor(name) {
    this.name = name;
    this.told = new Map(); // seq → event
    this.asked = new Map(); // key → command
    this.answers = new Map(); // key → its last result
  }

  asks(command) {
    this.asked.set(command.key, command);
  }

  hears(event) {
    const before = this.told.get(event.seq);
    must(!before || same(before, event), 'an event that was seen is contradicted later', before, event);
    this.told.set(event.seq, event);
  }

  answered(key, result) {
    const before = this.answers.get(key);
    const agrees = !before || comesAgain(before) || (result.ok && result.seq === before.seq && result.changed === before.changed);
    must(agrees, 'an answer that was given is contradicted later', key, before, result);
    must(!before?.ok || result.duplicate, 'a command that was acknowledged is applied again', key, before, result);
    this.answers.set(key, result);
  }

  // Every event that was seen, in order.
  get log() {
    const seqs = [...this.told.keys()].sort((a, b) => a - b);
    return seqs.map((seq) => this.told.get(seq));
  }

  // `events` is the whole log; `keys`, where known, is what is kept under each key.
  check({ events, keys }) {
    events.forEach((event, i) => must(event.seq === i + 1, 'the log has a gap', this.name, i + 1, event));
    for (const event of this.told.values()) {
      must(event.seq <= events.length, 'an event that was told is not there', this.name, event, events.length);
      must(same(event, events[event.seq - 1]), 'an event that was told is another now', event, events[event.seq - 1]);
    }
    this.checkAnswers(groupsByKey(events), keys);
  }

  checkAnswers(groups, keys) {
    for (const [key, result] of this.answers) {
      const group = groups.get(key);
      if (!result.ok || !result.changed) {
        must(!group, 'a command that changed nothing has an event', key, result, group);
      } else {
        must(group, 'a command that was acknowledged is not there', key, result);
        must(group.at(-1).seq === result.seq, 'an acknowledged command has another event', key, result, group);
      }
      if (result.ok && keys) must(keys[key]?.seq === result.seq, 'the key of an acknowledged command is not kept', key, result, keys[key]);
    }
    for (const [key, group] of groups) this.checkGroup(key, group);
  }

  // A command's events are one group, and what was asked.
  checkGroup(key, group) {
    const { of = 1 } = group[0];
    must(group.length === of, 'a command was applied twice, or by half', key, group);
    group.forEach((event, i) => must(event.seq === group[0].seq + i, 'the events of a command lie apart', key, group));
    const command = this.asked.get(key);
    if (!command) return;
    const { event, session, group: made } = group.at(-1);
    must(event === command.type, 'an event is of another command', command, group);
    if (command.title) must(session.title === command.title, 'an event is not what was asked', command, group);
    if (command.name) must(made.name === command.name, 'an event is not what was asked', command, group);
  }
}

// An event is looked at again and again: its text is kept.
const texts = new WeakMap();
export function textOf(object) {
  if (!texts.has(object)) texts.set(object, JSON.stringify(object));
  return texts.get(object);
}

const same = (one, other) => textOf(one) === textOf(other);

function groupsByKey(events) {
  const groups = new Map();
  for (const event of events) {
    const { key } = event.origin;
    if (key) groups.set(key, [...(groups.get(key) ?? []), event]);
  }
  return groups;
}

// What moves by itself with the time of day, and what moves while a session runs.
const ofTheDay = ['day', 'trackedSeconds', 'focusSeconds'];
const ofRunning = ['timeLeft', 'elapsedSeconds'];

function still(entity) {
  const moving = entity.state === 'RUNNING' ? [...ofTheDay, ...ofRunning] : ofTheDay;
  return Object.fromEntries(Object.entries(entity).filter(([name]) => !moving.includes(name)));
}

// The state is what the events make, which are the whole log up to its position.
export function checkState(events, snapshot) {
  const last = events.at(-1);
  must(snapshot.seq === events.length && (!last || snapshot.tag === last.tag), 'the state is of another position than the log', snapshot.seq, events.length, last);
  const made = { session: new Map(), group: new Map() };
  for (const event of events) {
    for (const session of event.sessions ?? []) made.session.set(session.id, session);
    for (const [kind, all] of Object.entries(made)) if (event[kind]) all.set(event[kind].id, event[kind]);
  }
  for (const [kind, shown] of [['session', snapshot.state.sessions], ['group', snapshot.state.groups]]) {
    const expected = [...made[kind].values()].filter((entity) => !entity.isDeleted);
    must(shown.length === expected.length, `the state has other ${kind}s than the events made`, shown.length, expected.length);
    for (const entity of shown) {
      const wanted = made[kind].get(entity.id);
      must(wanted && same(still(entity), still(wanted)), `a ${kind} is not as the events made it`, entity, wanted);
    }
  }
}
