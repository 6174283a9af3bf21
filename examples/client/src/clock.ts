// The server's clock, seen from here. It is an offset to a monotonic clock, never to the device's
// wall clock, which may be wrong by hours or be set while the page is open.

interface Sample {
  offset: number;
  roundTrip: number;
}

const KEPT_SAMPLES = 8;
/** A message's nowMs may be ahead of our idea of now by this much before we distrust the idea. */
const TOLERANCE_MS = 20;
/** …and behind it by this much: messages are late, but seldom this late. */
const LATE_MS = 5_000;

export class ServerClock {
  private samples: Sample[] = [];
  private offset: number | null = null;
  /** Is the offset but a guess, to be forgotten with the server's first word? */
  private guessed = false;
  private burst = false;

  constructor(private readonly mono: () => number) {}

  /** The server's time, in milliseconds since the epoch. */
  now(): number {
    return this.mono() + (this.offset ?? 0);
  }

  /** What the server's time may be, until the server says. */
  guess(nowMs: number): void {
    this.offset = nowMs - this.mono();
    this.guessed = true;
  }

  /** The next exchange begins a new series: what was measured before it no longer counts. */
  beginBurst(): void {
    this.burst = true;
  }

  /** One `time` exchange: sent and received by our monotonic clock, received and sent by the server's. */
  addExchange(sentMono: number, t1Ms: number, t2Ms: number, receivedMono: number): void {
    if (this.burst) {
      this.samples = [];
      this.burst = false;
    }
    this.samples.push({
      offset: (t1Ms - sentMono + (t2Ms - receivedMono)) / 2,
      roundTrip: Math.max(0, receivedMono - sentMono - (t2Ms - t1Ms)),
    });
    if (this.samples.length > KEPT_SAMPLES) this.samples.shift();
    this.offset = this.best()?.offset ?? this.offset;
  }

  /**
   * A message said what time it was when the server sent it, so now is at least that. Sets the clock
   * if nothing better is known. False when the clock is off and wants a new series of exchanges
   * (a laptop slept and its monotonic clock with it; the server's clock was set).
   */
  hint(nowMs: number): boolean {
    const ahead = nowMs - this.now();
    if (this.offset === null || this.guessed || ahead > TOLERANCE_MS) {
      this.guessed = false;
      const first = this.samples.length === 0;
      this.samples = [];
      this.offset = nowMs - this.mono();
      return first;
    }
    return ahead > -LATE_MS;
  }

  private best(): Sample | undefined {
    let best: Sample | undefined;
    for (const sample of this.samples) {
      if (!best || sample.roundTrip < best.roundTrip) best = sample;
    }
    return best;
  }
}
