import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type MaybePromise,
  type ResumptionFailure,
  type SessionStore,
  type TlsContextOptions,
  type TlsEngine,
  TlsError,
} from "@sesame/tls";
import { SqliteSessionStore } from "@sesame/tls/stores/sqlite";
import { FAULTS, type Lie } from "../../testdata/store_faults.ts";
import { consoleErrors } from "../../support/console_errors.ts";
import { exchange } from "../../support/engines.ts";
import { movedFrom } from "../../support/detached_bytes.ts";
import { Gate, honest, turn } from "../../support/probed_store.ts";
import { SANITIZED, Site, VERSIONS } from "../../support/site.ts";

/** How long to wait for a store whose fault is that it doesn't answer. */
function until(why: ResumptionFailure): TlsContextOptions {
  return why === "deadline" ? { lookupTimeout: 20 } : {};
}

/** How a connection can end while its handshake waits. */
const LEAVES: ((server: TlsEngine) => void)[] = [
  (server) => server[Symbol.dispose](),
  (server) => {
    assertThrows(() => server.endOfInput(), TlsError, "transport ended");
    server[Symbol.dispose]();
  },
];

/** A handshake with a session that the store has, and a lie about it. */
async function tryLie(
  site: Site,
  lie: Lie,
  options: TlsContextOptions & { version: typeof VERSIONS[number] },
): Promise<ResumptionFailure | "resumed"> {
  const { version, ...rest } = options;
  const operation = rest.singleUse && version === "TLSv1.3" ? "take" : "get";
  const server = site.server(rest);
  const client = { configure: [["Groups", "X25519:P-256:P-384"]] } as const;
  await site.session(server, { version });
  const session = await site.session(server, { version });
  site.store.handle = (call, act) =>
    call.operation === operation ? lie(act() as Uint8Array, site) : act();
  using visit = await site.visit(server, { version, session, client });
  assertEquals(site.store.of(operation).length, 1);
  const { resumption } = visit;
  const { handshakes, full, storeErrors, lookups } = server.stats;
  assertEquals(handshakes, 3);
  assertEquals(lookups, 1);
  assertEquals(storeErrors, site.failures.length);
  for (const [failed] of site.failures) assertEquals(failed, operation);
  if (resumption.resumed) return "resumed";
  assertEquals(full, { "none-offered": 2, [resumption.reason]: 1 });
  // The session that the client got instead is good.
  site.store.handle = honest;
  assertEquals(
    await site.resume(server, { version, session: visit.session, client }),
    { resumed: true, from: "store" },
  );
  return resumption.reason;
}

for (const version of VERSIONS) {
  describe(
    `A full ${version} handshake is all it costs if a store`,
    SANITIZED,
    () => {
      for (const [what, lie, why, reports] of FAULTS) {
        it(what, async () => {
          using site = new Site();
          assertEquals(
            await tryLie(site, lie, { version, ...until(why) }),
            why,
          );
          assertEquals(site.failures.length, reports);
        });
      }

      it("is closed", async () => {
        using site = new Site();
        const sessions = new SqliteSessionStore(":memory:");
        const server = site.server({ sessions });
        const session = await site.session(server, { version });
        sessions.close();
        assertEquals(
          await site.resume(server, { version, session }),
          { resumed: false, reason: "store-failed" },
        );
        const operations = site.failures.map(([operation]) => operation);
        const writes = version === "TLSv1.3" ? ["set", "set"] : ["set"];
        assertEquals(operations, ["get", ...writes]);
        assertEquals(server.stats.storeErrors, operations.length);
      });

      it("answers with a thenable that isn't a promise", async () => {
        using site = new Site();
        const lie: Lie = (record) => ({
          then: (resolve: (record: Uint8Array) => void) =>
            void setTimeout(() => resolve(record.slice(0, 50)), 1),
        });
        assertEquals(await tryLie(site, lie, { version }), "malformed-record");
      });

      it("hangs, with an error that says so, and a signal", async () => {
        using site = new Site();
        assertEquals(
          await tryLie(site, () => new Promise(() => {}), {
            version,
            lookupTimeout: 20,
          }),
          "deadline",
        );
        const [[, error] = []] = site.failures;
        assertInstanceOf(error, Error);
        assertEquals(error.message, "The store didn't answer within 20 ms");
        assertEquals(site.store.of("get")[0]?.signal?.reason, error);
      });
    },
  );
}

describe("A store that gives away what it is given", SANITIZED, () => {
  for (const version of VERSIONS) {
    for (const later of [false, true]) {
      it(`costs nothing (${version}${later ? ", later" : ""})`, async () => {
        using site = new Site();
        const sessions: SessionStore = {
          get: (id) => site.store.get(id),
          delete: (id, reason) => site.store.delete(id, reason),
          set(id, record, options): MaybePromise<void> {
            site.store.set(id, movedFrom(record), options);
            return later ? turn().then(() => {}) : undefined;
          },
        };
        const server = site.server({ sessions });
        const session = await site.session(server, { version });
        assertEquals(
          await site.resume(server, { version, session }),
          { resumed: true, from: "store" },
        );
        await turn();
        assertEquals(site.failures, []);
      });
    }
  }
});

describe("A store that takes", SANITIZED, () => {
  for (const [what, lie, why, reports] of FAULTS) {
    it(`costs no more if it ${what}`, async () => {
      using site = new Site();
      const options = {
        version: "TLSv1.3",
        singleUse: true,
        ...until(why),
      } as const;
      assertEquals(await tryLie(site, lie, options), why);
      assertEquals(site.failures.length, reports);
    });
  }
});

describe("A store behind a HelloRetryRequest", SANITIZED, () => {
  for (const [what, lie, why, reports] of FAULTS) {
    it(`costs no more if it ${what}`, async () => {
      using site = new Site();
      const configure = [["Groups", "P-384"]] as const;
      assertEquals(
        await tryLie(site, lie, {
          version: "TLSv1.3",
          configure,
          ...until(why),
        }),
        why,
      );
      assertEquals(site.failures.length, reports);
    });
  }
});

describe("A handshake that a store keeps waiting", SANITIZED, () => {
  for (const version of VERSIONS) {
    it(`ends when its ${version} peer goes away, and the signal says so`, async () => {
      using site = new Site();
      const server = site.server({ lookupTimeout: 60_000 });
      const session = await site.session(server, { version });
      const gate = new Gate("get");
      site.store.handle = gate.handle;
      for (const leave of LEAVES) {
        using ends = site.ends(server, { version, session });
        exchange(ends);
        const [{ signal } = {}] = site.store.of("get").splice(-1);
        const { pending } = ends.server;
        assertEquals(signal?.aborted, false);
        leave(ends.server);
        assertEquals(signal?.aborted, true);
        await pending;
        assertEquals(ends.server.send().length, 0);
      }
      // An answer that comes all the same changes nothing.
      gate.open();
      await turn();
      assertEquals(site.failures, []);
      assertEquals(server.stats.handshakes, 1);
      assertEquals(server.stats.storeErrors, 0);
    });

    it(`ignores what comes after its ${version} deadline`, async () => {
      using site = new Site();
      const server = site.server({ lookupTimeout: 10 });
      const session = await site.session(server, { version });
      for (const outcome of ["open", "fail"] as const) {
        const gate = new Gate("get");
        site.store.handle = gate.handle;
        using visit = await site.visit(server, { version, session });
        assertEquals(visit.resumption, { resumed: false, reason: "deadline" });
        gate[outcome]();
        await turn();
        assertEquals(visit.server.state, "open");
        assertEquals(visit.server.pending, null);
      }
      assertEquals(site.failures.length, 2);
      site.store.handle = honest;
      // Whoever asks later asks anew, and the session is still good.
      const before = server.stats.lookups;
      assertEquals(
        await site.resume(server, { version, session }),
        { resumed: true, from: "store" },
      );
      assertEquals(server.stats.lookups, before + 1);
    });
  }
});

describe("onStoreError", SANITIZED, () => {
  it("may throw: the handshake goes on, and the console is told", async () => {
    using site = new Site();
    site.store.handle = () => {
      throw new Error("down");
    };
    const thrown = new Error("a bug");
    const server = site.server({
      onStoreError: () => {
        throw thrown;
      },
    });
    const lines = await consoleErrors(async () => {
      using visit = await site.visit(server, { version: "TLSv1.2" });
      assertEquals(visit.resumption.resumed, false);
    });
    assertEquals(lines, [["onStoreError threw:", thrown]]);
  });

  it("is console.error unless given", async () => {
    using site = new Site();
    const down = new Error("down");
    site.store.handle = () => Promise.reject(down);
    const server = site.context({ sessions: site.store });
    const lines = await consoleErrors(async () => {
      (await site.visit(server, { version: "TLSv1.2" }))[Symbol.dispose]();
    });
    assertEquals(lines, [["The session store failed (set):", down]]);
  });
});
