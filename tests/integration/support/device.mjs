// A device that a client of lockstep-client lives on: it can sleep, be put forward in time, and have its clock set wrong.

export class Device {
  constructor({ wallMs = 0 } = {}) {
    this.wallMs = wallMs;
    this.skipped = 0;
    this.frozen = null;
    this.timers = new Set();
    this.clockwork = setInterval(() => this.run(), 5);
  }

  mono() {
    return this.frozen ?? performance.now() + this.skipped;
  }

  wall() {
    return Date.now() + this.wallMs;
  }

  random() {
    return Math.random();
  }

  after(ms, run) {
    const timer = { at: this.mono() + ms, run };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  // What is due then is due now.
  skip(ms) {
    this.skipped += ms;
  }

  // The monotonic clock stands still, and timers with it.
  sleep() {
    this.frozen = this.mono();
  }

  wake() {
    this.skipped = this.frozen - performance.now();
    this.frozen = null;
  }

  run() {
    if (this.frozen !== null) return;
    const now = this.mono();
    for (const timer of [...this.timers].sort((a, b) => a.at - b.at)) {
      if (timer.at <= now && this.timers.delete(timer)) timer.run();
    }
  }

  end() {
    clearInterval(this.clockwork);
  }
}
