import type { SessionStore } from "../stores/session_store.ts";

/** The time as the store under test sees it. */
export interface TrialTime {
  /** Whether {@linkcode reach} stops at the very millisecond. */
  readonly exact: boolean;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Lets the time pass until it is `instant`, in milliseconds, or later. */
  reach(instant: number): void | Promise<void>;
}

/** A clock that moves only when told to. */
export class GivenTime implements TrialTime {
  readonly exact = true;
  #now: number = Date.UTC(2030, 0, 1);

  now(): number {
    return this.#now;
  }

  reach(instant: number): void {
    this.#now = instant;
  }
}

/** The system's clock. */
export class RealTime implements TrialTime {
  readonly exact = false;

  now(): number {
    return Date.now();
  }

  async reach(instant: number): Promise<void> {
    for (let left = 1; left > 0; left = instant - this.now()) {
      await new Promise((resolve) => setTimeout(resolve, left));
    }
  }
}

/** How long a record lives in these tests unless it is to expire, in ms. */
const LONG = 3_600_000;

/** A store that is being tested, with what most tests do to it. */
export class StoreTrial {
  readonly store: SessionStore;
  readonly time: TrialTime;
  /** A session id such as OpenSSL makes. */
  readonly id: Uint8Array = sampleBytes(32, 7);

  constructor(store: SessionStore, time: TrialTime) {
    this.store = store;
    this.time = time;
  }

  /** Stores a record for an hour. */
  set(id: Uint8Array, record: Uint8Array): void {
    const expiresAt = new Date(this.time.now() + LONG);
    this.store.set(id, record, { expiresAt });
  }

  /** Stores a record that lives for `lifetime` ms; returns when it expires. */
  setBriefly(id: Uint8Array, record: Uint8Array, lifetime: number): number {
    const expiresAt = this.time.now() + lifetime;
    this.store.set(id, record, { expiresAt: new Date(expiresAt) });
    return expiresAt;
  }

  /** Fails unless `found` is `record`. */
  expect(
    found: Uint8Array | undefined,
    record: Uint8Array,
    promise: string,
  ): void {
    if (found instanceof Uint8Array && sameBytes(found, record)) return;
    throw broken(promise, `${show(record)} expected, ${show(found)} received`);
  }

  /** Fails unless there is nothing. */
  expectNone(found: Uint8Array | undefined, promise: string): void {
    if (found === undefined) return;
    throw broken(promise, `undefined expected, ${show(found)} received`);
  }
}

/** Bytes that look random and are the same every time. */
export function sampleBytes(length: number, seed: number): Uint8Array {
  return Uint8Array.from(
    { length },
    (_, i) => (i * 167 + seed * 59 + (i >> 8)),
  );
}

function broken(promise: string, found: string): Error {
  return new Error(`Promise broken: ${promise} (${found})`);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function show(value: unknown): string {
  if (!(value instanceof Uint8Array)) return String(value);
  const start = Array.from(value.subarray(0, 8)).join(" ");
  const more = value.length > 8 ? " ..." : "";
  return `${value.length} bytes [${start}${more}]`;
}
