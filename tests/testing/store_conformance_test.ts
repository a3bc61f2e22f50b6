import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { SessionStore } from "../../src/stores/session_store.ts";
import { checkSessionStore } from "../../src/testing/store_conformance.ts";
import { BROKEN_STORES, Empty, PlainStore } from "../testdata/broken_stores.ts";
import { BROKEN_TAG_NAMES_STORES } from "../testdata/broken_tag_names_stores.ts";
import { BROKEN_TAG_STORES } from "../testdata/broken_tag_stores.ts";
import { BROKEN_UPKEEP_STORES } from "../testdata/broken_upkeep_stores.ts";
import { failuresOf } from "../testdata/store_failures.ts";

describe("checkSessionStore", () => {
  for (const clock of ["given", "real"] as const) {
    describe(`accepts a store that is right, by the ${clock} clock`, () => {
      const create = (now: () => number): SessionStore => new PlainStore(now);
      for (const { name, run } of checkSessionStore(create, { clock })) {
        it(name, run);
      }
    });
  }

  it("accepts a store without take, revoke, entries and purge", async () => {
    const checks = checkSessionStore((now) => {
      const store = new PlainStore(now);
      return {
        get: (id) => store.get(id),
        set: (id, record, options) => store.set(id, record, options),
        delete: (id, reason) => store.delete(id, reason),
      };
    });
    for (const { run } of checks) await run();
  });

  const broken = [
    ...BROKEN_STORES,
    ...BROKEN_TAG_STORES,
    ...BROKEN_TAG_NAMES_STORES,
    ...BROKEN_UPKEEP_STORES,
  ];
  for (const [Store, promise] of broken) {
    it(`says what is wrong with ${Store.name}`, async () => {
      const failures = await failuresOf((now) => new Store(now));
      assert(
        failures.some((message) => message.includes(promise)),
        `"${promise}" is not among ${JSON.stringify(failures)}`,
      );
    });
  }

  it("sees a record returned late by the real clock too", async () => {
    const late = (): SessionStore => new PlainStore(() => Date.now() - 1_000);
    const failures = await failuresOf(late, { clock: "real" });
    assert(failures.some((text) => text.includes("at its expiresAt")));
  });

  describe("hints at the clock", () => {
    const hint = "uses the system's clock: for the latter pass { clock: " +
      '"real" } to checkSessionStore';

    it("where a record outlives its expiry and no one has asked for the time", async () => {
      const failures = await failuresOf(() => new PlainStore(Date.now));
      assert(failures.length >= 3);
      for (const message of failures) {
        assert(message.endsWith(hint), message);
      }
    });

    it("but not where the store has asked, nor by the real clock", async () => {
      const failures = [
        ...await failuresOf((now) => new PlainStore(() => now() - 1)),
        ...await failuresOf(() => new PlainStore(() => 0), { clock: "real" }),
      ];
      assert(failures.length >= 3);
      const hinted = failures.filter((message) => message.includes(hint));
      assertEquals(hinted, []);
    });
  });

  it("says what was expected and what was received", async () => {
    const [, second] = checkSessionStore((now) => new Empty(now));
    await assertRejects(
      () => second?.run() ?? Promise.resolve(),
      Error,
      "Requirement not met: the first get returns what was set " +
        "(1 bytes [59] expected, undefined received)",
    );
  });

  it("hints at no clock where expiry plays no part", async () => {
    const [, second] = checkSessionStore(() => new Empty(Date.now));
    const error = await assertRejects(() => second?.run() ?? Promise.resolve());
    assert(error instanceof Error && !error.message.includes("clock"));
  });

  it("disposes of every store, of those that failed too", async () => {
    const disposed: number[] = [];
    let made = 0;
    const checks = checkSessionStore((now) => {
      const number = made++;
      const dispose = (): void => void disposed.push(number);
      return Object.assign(new Empty(now), { [Symbol.dispose]: dispose });
    });
    for (const { run } of checks) await run().catch(() => {});
    assertEquals(disposed, checks.map((_, i) => i));
  });
});
