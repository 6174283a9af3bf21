// What src/sync needs from the world. The browser's is made in src/ui/browser.ts, the tests' in test/fake.ts.

/** The part of a browser's WebSocket that is used. */
export interface Socket {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: ((close: { code: number; reason: string }) => void) | null;
}

export interface Environment {
  openSocket(): Socket;
  /** Milliseconds of a clock that never jumps; where it starts is of no matter. */
  mono(): number;
  /** The device's wall clock. Only differences of it are used. */
  wall(): number;
  /** Runs `run` after `ms`; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
  /** From 0 up to, but not including, 1. */
  random(): number;
}
