import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  OpenSSL,
  type ResumptionFailure,
  type StoreOperation,
} from "@sesame/tls";
import {
  FaultyStore,
  type PlannedFault,
  type StoreFault,
} from "../../../src/testing/faulty_store.ts";
import { SANITIZED, Site, VERSIONS } from "../../support/site.ts";

type Costs = [
  fault: StoreFault,
  why: ResumptionFailure,
  reports: readonly StoreOperation[],
];

/** What faults of a look-up cost. */
const ON_LOOKUP: Costs[] = [
  [{ kind: "error" }, "store-failed", ["get"]],
  [{ kind: "throws-sync" }, "store-failed", ["get"]],
  [{ kind: "never" }, "deadline", ["get"]],
  [{ kind: "latency", ms: 60_000 }, "deadline", ["get"]],
  [{ kind: "stale-read" }, "unknown-id", []],
  [{ kind: "wrong-record" }, "malformed-record", ["get"]],
  [{ kind: "corrupt", at: 0 }, "malformed-record", ["get"]],
];

for (const version of VERSIONS) {
  describe(`A ${version} server over a FaultyStore`, SANITIZED, () => {
    for (const [fault, why, reports] of ON_LOOKUP) {
      it(`goes on with a full handshake after "${fault.kind}"`, async () => {
        using site = new Site();
        const store = new FaultyStore(site.store.inner);
        const server = site.server({
          sessions: store,
          ...(why === "deadline" && { lookupTimeout: 20 }),
        });
        await site.session(server, { version });
        const session = await site.session(server, { version });
        store.faults = [{ on: "get", fault }];
        assertEquals(
          await site.resume(server, { version, session }),
          { resumed: false, reason: why },
        );
        assertEquals(store.injected, { [fault.kind]: 1 });
        assertEquals(server.stats.storeErrors, reports.length);
        assertEquals(site.failures.map(([operation]) => operation), reports);

        store.faults = [];
        assertEquals(
          await site.resume(server, { version, session }),
          { resumed: true, from: "store" },
        );
      });
    }

    it("resumes nothing that has expired, though the store has it still", async () => {
      using site = new Site();
      const faults: PlannedFault[] = [
        { on: "get", fault: { kind: "expired" } },
      ];
      const sessions = new FaultyStore(site.store.inner, { faults });
      const server = site.server({ sessions });
      // A client whose clock is slow proposes what has expired.
      const start = site.time;
      const client = { openssl: new OpenSSL({ clock: () => start }) };
      const session = await site.session(server, { version, client });
      site.time = session.expiresAt.getTime();
      assertEquals(
        await site.resume(server, { version, session, client }),
        { resumed: false, reason: "expired" },
      );
      assertEquals(sessions.injected, { expired: 1 });
      assertEquals(site.failures, []);
    });

    it("has no session to resume where the write was lost", async () => {
      using site = new Site();
      const faults: PlannedFault[] = [
        { on: "set", fault: { kind: "lost-write" } },
      ];
      const sessions = new FaultyStore(site.store.inner, { faults });
      const server = site.server({ sessions });
      const session = await site.session(server, { version });
      assertEquals(
        await site.resume(server, { version, session }),
        { resumed: false, reason: "unknown-id" },
      );
      assertEquals(site.failures, []);
    });

    it("reports writes that fail, and answers all the same", async () => {
      using site = new Site();
      const faults: PlannedFault[] = [{ on: "set", fault: { kind: "error" } }];
      const sessions = new FaultyStore(site.store.inner, { faults });
      const server = site.server({ sessions });
      await site.session(server, { version });
      const { writes, storeErrors } = server.stats;
      assertEquals(storeErrors, writes);
      assertEquals(sessions.injected, { error: writes });
    });
  });
}

describe("A TLSv1.3 server that takes, over a FaultyStore", SANITIZED, () => {
  it("resumes a session twice that the store gives twice", async () => {
    using site = new Site();
    const store = new FaultyStore(site.store.inner);
    const server = site.server({ sessions: store, singleUse: true });
    const session = await site.session(server);
    store.faults = [
      { on: "take", when: { calls: 1 }, fault: { kind: "duplicate" } },
    ];
    const twice = { resumed: true, from: "store" } as const;
    assertEquals(await site.resume(server, { session }), twice);
    assertEquals(await site.resume(server, { session }), twice);
    assertEquals(
      await site.resume(server, { session }),
      { resumed: false, reason: "unknown-id" },
    );
    assertEquals(store.injected, { duplicate: 1 });
  });
});
