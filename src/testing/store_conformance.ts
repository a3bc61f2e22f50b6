/**
 * Tests that a {@linkcode SessionStore} keeps its promises, for any test runner.
 *
 * @module
 */

import { ownOptions } from "../internal/own_options.ts";
import type { MaybePromise, SessionStore } from "../stores/session_store.ts";
import { STORE_PROMISES } from "./conformance/promises.ts";
import { GivenTime, RealTime, StoreTrial } from "./conformance/trial.ts";

/**
 * Makes a new, empty store for one test.
 *
 * @param now The test's clock, in milliseconds since the epoch.
 * @returns The store, or a promise of it.
 */
export type CreateSessionStore = (
  now: () => number,
) => MaybePromise<SessionStore>;

/** Options of {@linkcode checkSessionStore}. */
export interface CheckSessionStoreOptions {
  /**
   * The clock that decides expiry: `"given"` where the store uses the one that
   * its creator is given, which makes the tests instant and exact; `"real"`
   * where it uses the system's, and the tests have to wait.
   *
   * @default {"given"}
   */
  clock?: "given" | "real" | undefined;
  /**
   * How long a call of the store may take, in milliseconds.
   *
   * @default {10_000}
   */
  timeout?: number | undefined;
}

/** One promise of {@linkcode SessionStore}, as a test. */
export interface SessionStoreCheck {
  /** What the store promises. */
  readonly name: string;
  /** Makes a store and tries it; rejects with how it broke the promise. */
  readonly run: () => Promise<void>;
}

/**
 * Lists what there is to test about a store, whether it answers at once or with
 * promises. Each test makes a store of its own, and disposes of it where it has
 * `[Symbol.asyncDispose]` or `[Symbol.dispose]`. The store must have room for 64
 * small records, or one of 16 KiB. What `take`, `revoke`, `entries` and `purge`
 * promise is tested where the store has them.
 *
 * A store need not know how many sessions it removes: of a `revoke` or `purge`
 * the tests expect a whole number from 0 to as many as there can have been. Nor
 * need it keep a record with another tag, or none, by now when the tag is
 * revoked that the id had before.
 *
 * What holds for all who share a backend shows only where they do: to test it,
 * make a store whose `set`, `delete` and `revoke` go to one connection, and whose
 * `get`, `take` and `entries` to another.
 *
 * @param create Makes the store.
 * @param options Whose clock the store uses, and how slow it may be.
 * @returns The tests, to hand to a test runner.
 *
 * @example
 * ```ts
 * import { checkSessionStore } from "@sesame/tls/testing";
 * import { MemorySessionStore } from "@sesame/tls/stores/memory";
 *
 * const checks = checkSessionStore((now) => new MemorySessionStore({ now }));
 * // Or hand each to a test runner: `Deno.test(name, run)`.
 * for (const { run } of checks) await run();
 * ```
 */
export function checkSessionStore(
  create: CreateSessionStore,
  options: CheckSessionStoreOptions = {},
): SessionStoreCheck[] {
  const { clock, timeout = 10_000 } = ownOptions(options, {
    clock: true,
    timeout: true,
  }, { of: "checkSessionStore" });
  return STORE_PROMISES.map(({ name, check }) => ({
    name,
    run: async (): Promise<void> => {
      const time = clock === "real" ? new RealTime() : new GivenTime();
      const store = await create(() => time.nowForStore());
      try {
        await check(new StoreTrial(store, time, timeout));
      } finally {
        await dispose(store);
      }
    },
  }));
}

async function dispose(
  store: SessionStore & Partial<AsyncDisposable & Disposable>,
): Promise<void> {
  if (store[Symbol.asyncDispose]) await store[Symbol.asyncDispose]?.();
  else store[Symbol.dispose]?.();
}
