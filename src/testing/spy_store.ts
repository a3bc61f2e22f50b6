/**
 * A session store that records its calls.
 *
 * @module
 */

import { ownOptions } from "../internal/own_options.ts";
import type {
  MaybePromise,
  RemovalReason,
  SessionEntry,
  SessionGetOptions,
  SessionRevokeOptions,
  SessionSetOptions,
  SessionStore,
} from "../stores/session_store.ts";
import { checkFunction } from "../internal/option_checks.ts";
import { CallLog } from "./spy/call_log.ts";
import type { StoreCall } from "./spy/spied_call.ts";
import type { StoreMethod } from "./_store_calls.ts";

export type { StoreCall, StoreCallOutcome } from "./spy/spied_call.ts";
export type { StoreMethod } from "./_store_calls.ts";

/** Options of {@linkcode SpyStore}. */
export interface SpyStoreOptions {
  /**
   * Whether calls keep a copy of their record. Records hold master secrets.
   *
   * @default {false}
   */
  keepRecords?: boolean | undefined;
  /**
   * Returns the time in milliseconds since the epoch.
   *
   * @default {Date.now}
   */
  now?: (() => number) | undefined;
}

/**
 * Wraps a store and records each call: its arguments, time, duration and outcome. It doesn't
 * record the sessions, which hold master secrets.
 *
 * Calls and answers are passed unchanged. `take`, `revoke`, `entries` and `purge` exist if the
 * wrapped store has them. The caller closes the wrapped store.
 *
 * @example Hits and misses
 * ```ts
 * import { MemorySessionStore } from "@sesame/tls/stores/memory";
 * import { SpyStore } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const store = new SpyStore(new MemorySessionStore());
 * const id = crypto.getRandomValues(new Uint8Array(32));
 * const expiresAt = new Date(Date.now() + 7_200_000);
 * await store.set(id, new Uint8Array([1, 2, 3]), { expiresAt, tag: "user:42" });
 * await store.get(id);
 * await store.delete(id, "revoked");
 * await store.get(id);
 *
 * const [set] = store.of("set");
 * assertEquals(set?.tag, "user:42");
 * assertEquals(store.of("get").map(({ outcome }) => outcome), ["hit", "miss"]);
 * ```
 */
export class SpyStore<Inner extends SessionStore = SessionStore>
  implements SessionStore {
  /** The wrapped store. */
  readonly inner: Inner;
  /** Returns a session and removes it. */
  readonly take?: (
    id: Uint8Array,
    options?: SessionGetOptions,
  ) => MaybePromise<Uint8Array | undefined>;
  /** Removes all sessions that were stored with a tag. */
  readonly revoke?: (options: SessionRevokeOptions) => MaybePromise<number>;
  /** Lists the sessions. The call ends with the iteration. */
  readonly entries?: () => AsyncIterable<SessionEntry>;
  /** Removes expired sessions. */
  readonly purge?: () => MaybePromise<number>;
  readonly #log: CallLog;

  /**
   * Wraps a store.
   *
   * @param inner The store to wrap.
   * @param options Whether to keep records, and the clock.
   * @throws {TypeError} If an option has the wrong type or an unknown name.
   */
  constructor(inner: Inner, options: SpyStoreOptions = {}) {
    const own = ownOptions(options, { keepRecords: true, now: true }, {
      of: "SpyStore",
    });
    checkFunction(own.now, "now");
    this.inner = inner;
    this.#log = new CallLog(
      own.now ?? (() => Date.now()),
      own.keepRecords ?? false,
    );

    const take = inner.take?.bind(inner);
    if (take !== undefined) {
      this.take = (id, options) =>
        this.#lookUp("take", id, options, () => take(id, options));
    }
    const revoke = inner.revoke?.bind(inner);
    if (revoke !== undefined) {
      this.revoke = (options) => {
        const { tag } = options;
        const call = this.#log.open({ operation: "revoke", tag });
        return this.#log.watch(
          call,
          () => revoke(options),
          (count) => ({ outcome: "done", count }),
        );
      };
    }
    const entries = inner.entries?.bind(inner);
    if (entries !== undefined) this.entries = () => this.#list(entries);
    const purge = inner.purge?.bind(inner);
    if (purge !== undefined) {
      this.purge = () =>
        this.#log.watch(
          this.#log.open({ operation: "purge" }),
          purge,
          (count) => ({ outcome: "done", count }),
        );
    }
  }

  /** The calls so far, including pending ones, in the order in which they were made. */
  get calls(): readonly StoreCall[] {
    return [...this.#log.calls];
  }

  /** The calls of one operation, in the order in which they were made. */
  of(operation: StoreMethod): StoreCall[] {
    return this.#log.of(operation);
  }

  /** Forgets all calls. */
  clear(): void {
    this.#log.calls = [];
  }

  /**
   * Waits until `count` calls of an operation have ended, of those since
   * {@linkcode SpyStore.clear}.
   *
   * @param operation The store's method.
   * @param count The number of calls, by default 1.
   * @returns All calls of the operation that have ended.
   */
  waitFor(operation: StoreMethod, count = 1): Promise<StoreCall[]> {
    return this.#log.waitFor(operation, count);
  }

  /** The calls, one per line, without secrets. */
  toString(): string {
    return this.#log.toString();
  }

  /** Returns a session. */
  get(
    id: Uint8Array,
    options?: SessionGetOptions,
  ): MaybePromise<Uint8Array | undefined> {
    return this.#lookUp("get", id, options, () => this.inner.get(id, options));
  }

  /** Stores a session, which replaces that of the same id. */
  set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): MaybePromise<void> {
    const { expiresAt, tag, signal } = ownOptions(options);
    const call = this.#log.open({
      operation: "set",
      id,
      signal,
      ...(expiresAt instanceof Date && { expiresAt: new Date(expiresAt) }),
      ...(tag !== undefined && { tag }),
    });
    this.#log.note(call, record);
    return this.#log.watch(
      call,
      () => this.inner.set(id, record, options),
      () => ({ outcome: "done" }),
    );
  }

  /** Removes a session. */
  delete(id: Uint8Array, reason: RemovalReason): MaybePromise<void> {
    return this.#log.watch(
      this.#log.open({ operation: "delete", id, reason }),
      () => this.inner.delete(id, reason),
      () => ({ outcome: "done" }),
    );
  }

  #lookUp(
    operation: "get" | "take",
    id: Uint8Array,
    options: SessionGetOptions | undefined,
    act: () => MaybePromise<Uint8Array | undefined>,
  ): MaybePromise<Uint8Array | undefined> {
    const call = this.#log.open({ operation, id, signal: options?.signal });
    return this.#log.watch(call, act, (record) => {
      this.#log.note(call, record);
      // Clients of databases say null.
      const isMiss = record === undefined || record === null;
      return { outcome: isMiss ? "miss" : "hit" };
    });
  }

  async *#list(
    list: () => AsyncIterable<SessionEntry>,
  ): AsyncGenerator<SessionEntry, void, void> {
    const call = this.#log.open({ operation: "entries" });
    let count = 0;
    try {
      for await (const entry of list()) {
        count++;
        yield entry;
      }
    } catch (error) {
      this.#log.close(call, { outcome: "error", error, count });
      throw error;
    } finally {
      if (call.outcome === "pending") {
        this.#log.close(call, { outcome: "done", count });
      }
    }
  }
}
