/**
 * Tests of the {@linkcode SessionStore} contract, for any test runner.
 *
 * @module
 */

import { ownOptions } from "../internal/own_options.ts";
import type { MaybePromise, SessionStore } from "../stores/session_store.ts";
import { STORE_REQUIREMENTS } from "./conformance/requirements.ts";
import { StoreTrial } from "./conformance/trial.ts";
import { GivenTime, RealTime } from "./conformance/trial_time.ts";

/**
 * Creates an empty store for one test.
 *
 * @param now Returns the time of the test in milliseconds since the epoch.
 * @returns The store, or a promise of it.
 */
export type CreateSessionStore = (
  now: () => number,
) => MaybePromise<SessionStore>;

/** Options of {@linkcode checkSessionStore}. */
export interface CheckSessionStoreOptions {
  /**
   * The clock by which sessions expire: `"given"` if the store uses the `now` that its creator
   * receives, with which the tests are quick and exact, or `"real"` if it uses the system's,
   * for which the tests wait.
   *
   * @default {"given"}
   */
  clock?: "given" | "real" | undefined;
  /**
   * The timeout of a call of the store in milliseconds.
   *
   * @default {10_000}
   */
  timeout?: number | undefined;
}

/** The test of one requirement of {@linkcode SessionStore}. */
export interface SessionStoreCheck {
  /** The requirement. */
  readonly name: string;
  /** Creates a store and tests it. Rejects if the requirement isn't met. */
  readonly run: () => Promise<void>;
}

/**
 * Returns the tests of the {@linkcode SessionStore} contract, for stores that return values or
 * promises. Each test creates a store, and disposes of it if it has `[Symbol.asyncDispose]` or
 * `[Symbol.dispose]`. The store must have room for 64 small records, or one of 16 KiB. `take`,
 * `revoke`, `entries` and `purge` are tested if the store has them.
 *
 * A store need not know the number of sessions that it removes: the tests accept any whole
 * number from 0 to the possible maximum from `revoke` and `purge`. It may also remove a record
 * when a tag is revoked that an earlier record of the same id had.
 *
 * To test that the connections to a shared backend see each other's changes, create a store
 * whose `set`, `delete` and `revoke` use one connection, and whose `get`, `take` and `entries`
 * use another.
 *
 * @param create Creates the store.
 * @param options The clock and the timeout.
 * @returns The tests.
 *
 * @example A store in memory
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
  return STORE_REQUIREMENTS.map(({ name, check }) => ({
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
