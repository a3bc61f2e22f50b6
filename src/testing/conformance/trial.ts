import { Deferred } from "../../internal/deferred.ts";
import { pause, type TrialTime } from "./trial_time.ts";
import type {
  MaybePromise,
  RemovalReason,
  SessionEntry,
  SessionStore,
} from "../../stores/session_store.ts";

/** A requirement of the `SessionStore` contract, and its check. */
export interface StoreRequirement {
  readonly name: string;
  readonly check: (trial: StoreTrial) => Promise<void>;
}

/** The lifetime in milliseconds of records that must not expire during a test. */
const LONG = 3_600_000;

/** The number of listed entries that counts as endless. */
const ENDLESS = 1_000;

/** The times at which the signal of a call is aborted. */
export const ABORT_TIMES = ["before", "right after", "a turn after"] as const;

/** A store under test, with the calls and checks that tests share. */
export class StoreTrial {
  readonly store: SessionStore;
  readonly time: TrialTime;
  /** A session id of OpenSSL's length. */
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

  /** Stores a record with a lifetime in milliseconds, and returns its expiry. */
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

  /** Takes a session, if the store has `take`. */
  take(id: Uint8Array): Promise<Uint8Array | undefined> {
    const { signal } = new AbortController();
    return this.settled("take", () => this.store.take?.(id, { signal }));
  }

  /** Removes a session. */
  delete(id: Uint8Array, reason: RemovalReason = "revoked"): Promise<void> {
    return this.settled("delete", () => this.store.delete(id, reason));
  }

  /** Revokes a tag, and expects a count of at most `most` sessions. */
  async revoke(tag: string, most: number): Promise<void> {
    const { store } = this;
    const count = await this.settled("revoke", () => store.revoke?.({ tag }));
    this.#expectCount(count, most, "revoke returns how many it removed");
  }

  /** Purges the store, and expects a count of at most `most` sessions. */
  async purge(most: number): Promise<void> {
    const count = await this.settled("purge", () => this.store.purge?.());
    this.#expectCount(count, most, "purge returns how many it removed");
  }

  /** Lists the sessions, and calls `onEntry` with the number of those so far. */
  async entries(
    onEntry?: (count: number) => Promise<void>,
  ): Promise<SessionEntry[]> {
    const { store } = this;
    const found: SessionEntry[] = [];
    await this.settled("entries", async () => {
      for await (const entry of store.entries?.() ?? []) {
        const { length } = found;
        const endless = `more than ${ENDLESS} were listed`;
        this.expectTrue(length < ENDLESS, "entries ends", endless);
        found.push(entry);
        await onEntry?.(found.length);
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

  /** Makes a call, and waits for its answer up to the timeout. */
  async settled<T>(name: string, call: () => MaybePromise<T>): Promise<T> {
    const { promise: overdue, reject } = new Deferred<never>();
    const timer = setTimeout(() => {
      const found = `no answer within ${this.#timeout} ms`;
      reject(this.#unmet(`${name} settles or fails`, found));
    }, this.#timeout);
    try {
      return await Promise.race([call(), overdue]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Makes a call, aborts its signal, and returns its result. */
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
    requirement: string,
    others: readonly (Uint8Array | undefined)[] = [],
  ): void {
    const expected = [record, ...others];
    if (expected.some((bytes) => same(found, bytes))) return;
    const wanted = expected.map(show).join(" or ");
    throw this.#unmet(
      requirement,
      `${wanted} expected, ${show(found)} received`,
    );
  }

  /** Fails unless `found` is `undefined`. */
  expectNone(found: Uint8Array | undefined, requirement: string): void {
    this.expect(found, undefined, requirement);
  }

  /** Fails unless exactly one of `found` is `record` and all others are `undefined`. */
  expectOnce(
    found: readonly (Uint8Array | undefined)[],
    record: Uint8Array,
    requirement: string,
  ): void {
    const received = found.filter((bytes) => bytes !== undefined);
    if (received.length === 1) {
      return this.expect(received[0], record, requirement);
    }
    const count = `${received.length} of ${found.length} received it`;
    throw this.#unmet(requirement, count);
  }

  /** Fails unless a requirement is met. */
  expectTrue(kept: boolean, requirement: string, found: string): void {
    if (!kept) throw this.#unmet(requirement, found);
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

  /** The count may be less than `most`: a store need not know it. */
  #expectCount(count: unknown, most: number, requirement: string): void {
    const right = Number.isSafeInteger(count) && Number(count) >= 0 &&
      Number(count) <= most;
    const range = most === 0 ? "0" : `a whole number from 0 to ${most}`;
    const found = `${range} expected, ${show(count)} received`;
    this.expectTrue(right, requirement, found);
  }

  #unmet(requirement: string, found: string): Error {
    const hint = this.#expiryMatters && this.time.ignored
      ? "; the store has never called the `now` that was passed to its creator, " +
        "so it ignores the expiry, or uses the system's clock: for the latter pass " +
        '{ clock: "real" } to checkSessionStore'
      : "";
    return new Error(`Requirement not met: ${requirement} (${found})${hint}`);
  }
}

/** Pseudorandom bytes that are the same in every run. */
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
