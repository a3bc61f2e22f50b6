import { Deferred } from "../../internal/deferred.ts";
import type {
  MaybePromise,
  RemovalReason,
  SessionEntry,
  SessionStore,
} from "../../stores/session_store.ts";

/** A promise of `SessionStore`, and how to see whether a store keeps it. */
export interface StorePromise {
  readonly name: string;
  readonly check: (trial: StoreTrial) => Promise<void>;
}

/** The time as the store under test sees it. */
export interface TrialTime {
  /** Whether {@linkcode reach} stops at the very millisecond. */
  readonly exact: boolean;
  /** Whether the store has a clock of the test, and has never looked at it. */
  readonly ignored: boolean;
  /** Milliseconds since the epoch. */
  now(): number;
  /** The same, for the store. */
  nowForStore(): number;
  /** Lets the time pass until it is `instant`, in milliseconds, or later. */
  reach(instant: number): void | Promise<void>;
}

/** A clock that moves only when told to. */
export class GivenTime implements TrialTime {
  readonly exact = true;
  #now: number = Date.UTC(2030, 0, 1);
  #ignored = true;

  get ignored(): boolean {
    return this.#ignored;
  }

  now(): number {
    return this.#now;
  }

  nowForStore(): number {
    this.#ignored = false;
    return this.#now;
  }

  reach(instant: number): void {
    this.#now = instant;
  }
}

/** The system's clock. */
export class RealTime implements TrialTime {
  readonly exact = false;
  readonly ignored = false;

  now(): number {
    return Date.now();
  }

  nowForStore(): number {
    return this.now();
  }

  async reach(instant: number): Promise<void> {
    for (let left = 1; left > 0; left = instant - this.now()) {
      await pause(left);
    }
  }
}

/** How long a record lives in these tests unless it is to expire, in ms. */
const LONG = 3_600_000;

/** More entries than any test stores. */
const ENDLESS = 1_000;

/** When to abort the signal of a call. */
export const ABORT_TIMES = ["before", "right after", "a turn after"] as const;

/** A store that is being tested, with what most tests do to it. */
export class StoreTrial {
  readonly store: SessionStore;
  readonly time: TrialTime;
  /** A session id such as OpenSSL makes. */
  readonly id: Uint8Array = sampleBytes(32, 7);
  readonly #timeout: number;
  #expiryMatters = false;

  constructor(store: SessionStore, time: TrialTime, timeout: number) {
    this.store = store;
    this.time = time;
    this.#timeout = timeout;
  }

  /** Stores a record for an hour. */
  async set(id: Uint8Array, record: Uint8Array, tag?: string): Promise<void> {
    await this.#set(id, record, LONG, tag);
  }

  /** Stores a record that lives for `lifetime` ms; returns when it expires. */
  setBriefly(
    id: Uint8Array,
    record: Uint8Array,
    lifetime: number,
    tag?: string,
  ): Promise<number> {
    this.#expiryMatters = true;
    return this.#set(id, record, lifetime, tag);
  }

  /** Looks a session up. */
  get(id: Uint8Array): Promise<Uint8Array | undefined> {
    const { signal } = new AbortController();
    return this.settled("get", () => this.store.get(id, { signal }));
  }

  /** Takes a session, where the store can. */
  take(id: Uint8Array): Promise<Uint8Array | undefined> {
    const { signal } = new AbortController();
    return this.settled("take", () => this.store.take?.(id, { signal }));
  }

  /** Removes a session. */
  delete(id: Uint8Array, reason: RemovalReason = "revoked"): Promise<void> {
    return this.settled("delete", () => this.store.delete(id, reason));
  }

  /** Removes what has a tag, and expects a count of `most` sessions or less. */
  async revoke(tag: string, most: number): Promise<void> {
    const { store } = this;
    const count = await this.settled("revoke", () => store.revoke?.({ tag }));
    this.#expectCount(count, most, "revoke returns how many it removed");
  }

  /** Removes what has expired: `most` records or less. */
  async purge(most: number): Promise<void> {
    const count = await this.settled("purge", () => this.store.purge?.());
    this.#expectCount(count, most, "purge returns how many it removed");
  }

  /** Lists the sessions; calls `visit` with the number of those so far. */
  async entries(
    visit?: (count: number) => Promise<void>,
  ): Promise<SessionEntry[]> {
    const { store } = this;
    const found: SessionEntry[] = [];
    await this.settled("entries", async () => {
      for await (const entry of store.entries?.() ?? []) {
        const { length } = found;
        const endless = `more than ${ENDLESS} were listed`;
        this.expectTrue(length < ENDLESS, "entries ends", endless);
        found.push(entry);
        await visit?.(found.length);
      }
    });
    return found;
  }

  /** Makes a call, and returns whether it failed. */
  async refused(
    name: string,
    call: () => MaybePromise<unknown>,
  ): Promise<boolean> {
    const attempt = async (): Promise<unknown> => await call();
    const [{ status }] = await this.settled(
      name,
      () => Promise.allSettled([attempt()]),
    );
    return status === "rejected";
  }

  /** Makes a call, and waits for the answer within bounds. */
  async settled<T>(name: string, call: () => MaybePromise<T>): Promise<T> {
    const { promise: overdue, reject } = new Deferred<never>();
    const timer = setTimeout(() => {
      const found = `no answer within ${this.#timeout} ms`;
      reject(this.#broken(`${name} settles or fails`, found));
    }, this.#timeout);
    try {
      return await Promise.race([call(), overdue]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Makes a call and aborts its signal; returns how the call ended. */
  async aborted<T>(
    time: typeof ABORT_TIMES[number],
    name: string,
    call: (signal: AbortSignal) => MaybePromise<T>,
  ): Promise<PromiseSettledResult<T>> {
    const controller = new AbortController();
    if (time === "before") controller.abort();
    const attempt = async (): Promise<T> => await call(controller.signal);
    const outcome = Promise.allSettled([attempt()]);
    if (time === "a turn after") await pause(0);
    controller.abort();
    const [result] = await this.settled(`an aborted ${name}`, () => outcome);
    return result;
  }

  /** Fails unless `found` is `record`, or one of `others`. */
  expect(
    found: Uint8Array | undefined,
    record: Uint8Array | undefined,
    promise: string,
    others: readonly (Uint8Array | undefined)[] = [],
  ): void {
    const expected = [record, ...others];
    if (expected.some((bytes) => same(found, bytes))) return;
    const wanted = expected.map(show).join(" or ");
    throw this.#broken(promise, `${wanted} expected, ${show(found)} received`);
  }

  /** Fails unless there is nothing. */
  expectNone(found: Uint8Array | undefined, promise: string): void {
    this.expect(found, undefined, promise);
  }

  /** Fails unless exactly one of `found` is `record`, and the rest nothing. */
  expectOnce(
    found: readonly (Uint8Array | undefined)[],
    record: Uint8Array,
    promise: string,
  ): void {
    const received = found.filter((bytes) => bytes !== undefined);
    if (received.length === 1) return this.expect(received[0], record, promise);
    const count = `${received.length} of ${found.length} received it`;
    throw this.#broken(promise, count);
  }

  /** Fails, with what was found, unless a promise is kept. */
  expectTrue(kept: boolean, promise: string, found: string): void {
    if (!kept) throw this.#broken(promise, found);
  }

  async #set(
    id: Uint8Array,
    record: Uint8Array,
    lifetime: number,
    tag: string | undefined,
  ): Promise<number> {
    const expiresAt = this.time.now() + lifetime;
    const options = {
      expiresAt: new Date(expiresAt),
      ...(tag === undefined ? {} : { tag }),
      signal: new AbortController().signal,
    };
    await this.settled("set", () => this.store.set(id, record, options));
    return expiresAt;
  }

  /** From 0, as a store need not be able to tell. */
  #expectCount(count: unknown, most: number, promise: string): void {
    const right = Number.isSafeInteger(count) && Number(count) >= 0 &&
      Number(count) <= most;
    const range = most === 0 ? "0" : `a whole number from 0 to ${most}`;
    const found = `${range} expected, ${show(count)} received`;
    this.expectTrue(right, promise, found);
  }

  #broken(promise: string, found: string): Error {
    const hint = this.#expiryMatters && this.time.ignored
      ? "; the store has never called the `now` that its creator is given, " +
        "so it looks at no expiry, or at the system's clock: for that, pass " +
        '{ clock: "real" } to checkSessionStore'
      : "";
    return new Error(`Promise broken: ${promise} (${found})${hint}`);
  }
}

/** Lets `ms` milliseconds of real time pass. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Bytes that look random and are the same every time. */
export function sampleBytes(length: number, seed: number): Uint8Array {
  return Uint8Array.from(
    { length },
    (_, i) => (i * 167 + seed * 59 + (i >> 8)),
  );
}

function same(found: unknown, bytes: Uint8Array | undefined): boolean {
  if (bytes === undefined) return found === undefined;
  return found instanceof Uint8Array && found.length === bytes.length &&
    found.every((byte, i) => byte === bytes[i]);
}

function show(value: unknown): string {
  if (!(value instanceof Uint8Array)) return String(value);
  const start = Array.from(value.subarray(0, 8)).join(" ");
  const more = value.length > 8 ? " ..." : "";
  return `${value.length} bytes [${start}${more}]`;
}
