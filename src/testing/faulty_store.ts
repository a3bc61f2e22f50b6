/**
 * A session store with planned faults.
 *
 * @module
 */

import { checkId } from "../internal/session_arguments.ts";
import type {
  MaybePromise,
  RemovalReason,
  SessionEntry,
  SessionGetOptions,
  SessionRevokeOptions,
  SessionSetOptions,
  SessionStore,
} from "../stores/session_store.ts";
import { after, isPromise } from "../internal/maybe_promise.ts";
import { optionTypeError } from "../internal/option_error.ts";
import { ownOptions } from "../internal/own_options.ts";
import { received } from "../internal/received.ts";
import { ActiveFault } from "./faulty/active_fault.ts";
import { RecordHistory } from "./faulty/record_history.ts";
import { type FaultyCall, makeCall } from "./faulty/injection.ts";
import { latency } from "./faulty/latency.ts";
import type {
  FaultyStoreOptions,
  InjectedFaults,
  PlannedFault,
  StoreFault,
} from "./faulty/plan.ts";
import { VirtualClock } from "./clock.ts";
import type { Seed } from "./entropy.ts";

export type { StoreMethod } from "./_store_calls.ts";
export type {
  FaultCondition,
  FaultyStoreOptions,
  InjectedFaults,
  PlannedFault,
  StoreFault,
} from "./faulty/plan.ts";

/**
 * Wraps a store and injects planned faults, which are reproducible: the store is slow, fails,
 * loses writes, or returns stale or corrupted records.
 *
 * Calls without a fault are passed to the wrapped store, and its answers are returned
 * unchanged, without a promise if it returns none. `take`, `revoke`, `entries` and `purge`
 * exist if the wrapped store has them. The caller closes the wrapped store.
 *
 * Aborting the signal of a waiting call rejects it, and it has no effect. The store keeps
 * records, which hold master secrets, to return them later: it is for tests only.
 *
 * @example A server whose store fails, then is slow, then works
 * ```ts
 * import { TlsContext, TlsEngine, type TlsSession } from "@sesame/tls";
 * import { MemorySessionStore } from "@sesame/tls/stores/memory";
 * import { createTestCertificate, FaultyStore } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { cert, key } = createTestCertificate();
 * const sessions = new FaultyStore(new MemorySessionStore());
 * const failures: string[] = [];
 * using trust = new TlsContext({ caCerts: [cert] });
 * using context = new TlsContext({
 *   cert,
 *   key,
 *   sessions,
 *   lookupTimeout: 20, // ms
 *   onStoreError: (_error, operation) => failures.push(operation),
 * });
 *
 * async function meet(session?: TlsSession): Promise<TlsSession | undefined> {
 *   using server = new TlsEngine(context, { role: "server" });
 *   using client = new TlsEngine(trust, {
 *     role: "client",
 *     hostname: "localhost",
 *     ...(session && { session }),
 *   });
 *   while (client.session === null) {
 *     server.receive(client.send());
 *     await server.pending; // a look-up
 *     client.receive(server.send());
 *   }
 *   return client.session;
 * }
 *
 * const session = await meet();
 * sessions.faults = [{ on: "get", fault: { kind: "error" } }];
 * await meet(session);
 * sessions.faults = [{ on: "get", fault: { kind: "latency", ms: 60_000 } }];
 * await meet(session);
 * sessions.faults = [];
 * await meet(session);
 *
 * assertEquals(context.stats.full, {
 *   "none-offered": 1,
 *   "store-failed": 1,
 *   "deadline": 1,
 * });
 * assertEquals(context.stats.resumed, { store: 1 });
 * assertEquals(failures, ["get", "get"]);
 * assertEquals(sessions.injected, { error: 1, latency: 1 });
 * ```
 *
 * @example A stale replica on the second read
 * ```ts
 * import { MemorySessionStore } from "@sesame/tls/stores/memory";
 * import { FaultyStore } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const store = new FaultyStore(new MemorySessionStore(), {
 *   faults: [{ on: "get", when: { calls: 2 }, fault: { kind: "stale-read" } }],
 * });
 * const id = crypto.getRandomValues(new Uint8Array(32));
 * const expiresAt = new Date(Date.now() + 7_200_000);
 * await store.set(id, new Uint8Array([1, 2, 3]), { expiresAt });
 * await store.delete(id, "revoked");
 * assertEquals(await store.get(id), undefined);
 * assertEquals(await store.get(id), new Uint8Array([1, 2, 3]));
 * ```
 */
export class FaultyStore<Inner extends SessionStore = SessionStore>
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
  /** Lists the sessions. */
  readonly entries?: () => AsyncIterable<SessionEntry>;
  /** Removes expired sessions. */
  readonly purge?: () => MaybePromise<number>;
  readonly #seed: Seed;
  readonly #clock: VirtualClock | undefined;
  readonly #history = new RecordHistory();
  readonly #injected = new Map<StoreFault["kind"], number>();
  #faults: readonly PlannedFault[] = [];
  #armed: readonly ActiveFault[] = [];

  /**
   * Wraps a store.
   *
   * @param inner The store to wrap.
   * @param options The faults, the seed and the clock.
   * @throws {TypeError} If an option or a property of a fault has the wrong type or an unknown
   * name, or a fault doesn't apply to one of its methods.
   * @throws {RangeError} If a value is out of range.
   */
  constructor(inner: Inner, options: FaultyStoreOptions = {}) {
    const own = ownOptions(options, { faults: true, seed: true, clock: true }, {
      of: "FaultyStore",
    });
    checkClock(own.clock);
    this.inner = inner;
    this.#seed = own.seed ?? "faulty";
    this.#clock = own.clock;
    this.faults = own.faults ?? [];

    const take = inner.take?.bind(inner);
    if (take !== undefined) {
      this.take = (id, options) => {
        checkId(id);
        return this.#call({
          method: "take",
          id,
          signal: options?.signal,
          look: () => inner.get(id, options),
          act: () =>
            after(take(id, options), (record) => {
              this.#history.delete(id);
              return record;
            }),
        });
      };
    }
    const revoke = inner.revoke?.bind(inner);
    if (revoke !== undefined) {
      this.revoke = (options) =>
        this.#call({
          method: "revoke",
          act: () =>
            after(revoke(options), (count) => {
              this.#history.revoke(options.tag);
              return count;
            }),
        });
    }
    const entries = inner.entries?.bind(inner);
    if (entries !== undefined) {
      this.entries = () => {
        const listed = this.#call<AsyncIterable<SessionEntry>>({
          method: "entries",
          act: entries,
        });
        return isPromise(listed) ? listedLater(listed) : listed;
      };
    }
    const purge = inner.purge?.bind(inner);
    if (purge !== undefined) {
      this.purge = () => this.#call({ method: "purge", act: purge });
    }
  }

  /**
   * The faults from now on. Setting them restarts the count of calls and the seed. It doesn't
   * change calls that are waiting.
   */
  get faults(): readonly PlannedFault[] {
    return this.#faults;
  }

  set faults(faults: readonly PlannedFault[]) {
    const { plan } = ownOptions({ plan: faults });
    this.#armed = plan.map((planned, i) =>
      new ActiveFault(planned, this.#seed, i)
    );
    this.#faults = plan;
  }

  /** The number of faults injected so far. Faults without an effect don't count. */
  get injected(): InjectedFaults {
    return Object.fromEntries(this.#injected);
  }

  /** Returns a session. */
  get(
    id: Uint8Array,
    options?: SessionGetOptions,
  ): MaybePromise<Uint8Array | undefined> {
    checkId(id);
    return this.#call({
      method: "get",
      id,
      signal: options?.signal,
      act: () => this.inner.get(id, options),
    });
  }

  /** Stores a session, which replaces that of the same id. */
  set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): MaybePromise<void> {
    checkId(id);
    const call: FaultyCall = {
      method: "set",
      id,
      signal: options?.signal,
      record,
      act: () => {
        const copy = new Uint8Array(call.record ?? record);
        return after(
          this.inner.set(id, call.record ?? record, options),
          () => this.#history.set(id, copy, ownOptions(options).tag),
        );
      },
    };
    return this.#call(call);
  }

  /** Removes a session. */
  delete(id: Uint8Array, reason: RemovalReason): MaybePromise<void> {
    checkId(id);
    return this.#call({
      method: "delete",
      id,
      act: () =>
        after(
          this.inner.delete(id, reason),
          () => this.#history.delete(id),
        ),
    });
  }

  #call<T>(call: FaultyCall): MaybePromise<T> {
    const now = this.#clock?.now() ?? Date.now();
    // Each fault is asked, as each counts its calls.
    const faults = this.#armed.filter((armed) =>
      armed.appliesTo(call.method, call.id, now)
    );
    return makeCall(call, faults, {
      history: this.#history,
      wait: (ms, signal) => latency(ms, this.#clock, signal),
      count: (kind) =>
        this.#injected.set(kind, (this.#injected.get(kind) ?? 0) + 1),
    }) as MaybePromise<T>;
  }
}

function checkClock(clock: unknown): void {
  if (clock === undefined || clock instanceof VirtualClock) return;
  throw optionTypeError(
    "clock",
    `must be a VirtualClock, such as sandbox.clock, received ${
      received(clock)
    }`,
  );
}

/** A list that waits for a promise, or fails, when it is iterated. */
function listedLater(
  listed: Promise<AsyncIterable<SessionEntry>>,
): AsyncIterable<SessionEntry> {
  // The caller may never iterate the list.
  listed.catch(() => {});
  return {
    async *[Symbol.asyncIterator](): AsyncGenerator<SessionEntry, void, void> {
      yield* await listed;
    },
  };
}
