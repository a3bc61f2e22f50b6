/** What takes time in a pair besides its bytes: slow stores. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { SessionStore } from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { FaultyStore } from "../../../src/testing/faulty_store.ts";
import type { TlsPair } from "../../../src/testing/pair.ts";
import {
  createTlsSandbox,
  type TlsSandbox,
} from "../../../src/testing/sandbox.ts";
import { VERSIONS } from "../../support/site.ts";

const HOUR = 3_600_000;

/** A store in memory that takes `ms` by the sandbox's clock for each call of `on`. */
function slow(
  sandbox: TlsSandbox,
  on: "get" | "set",
  ms = 60_000,
): FaultyStore {
  const { clock } = sandbox;
  return new FaultyStore(new MemorySessionStore({ now: clock.now }), {
    clock,
    faults: [{ on, fault: { kind: "latency", ms } }],
  });
}

/** A store that is asked after a turn of the event loop, which is real time. */
function later(store: SessionStore): SessionStore {
  const wait = (): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, 0));
  return {
    get: (id, options) => wait().then(() => store.get(id, options)),
    set: (id, record, options) =>
      wait().then(() => store.set(id, record, options)),
    delete: (id, reason) => wait().then(() => store.delete(id, reason)),
  };
}

/** How long a handshake takes by the clock. */
async function durationOf(pair: TlsPair): Promise<number> {
  const start = pair.clock.now();
  await pair.handshake();
  assertEquals(pair.client.state, "open", String(pair.trace));
  return pair.clock.now() - start;
}

// Only where a store answers in real time, a busy machine could be too slow for it.
const PATIENT = { lookupTimeout: 10_000, writeTimeout: 10_000 };

for (const maxVersion of VERSIONS) {
  describe(`A pair with a slow store (${maxVersion})`, () => {
    it("waits for look-ups by its clock, and resumes", async () => {
      using sandbox = createTlsSandbox({ seed: "slow" });
      const first = sandbox.pair({
        client: { maxVersion },
        server: { sessions: slow(sandbox, "get") },
      });
      assertEquals(await durationOf(first), 0);
      using second = first.reconnect();
      assertEquals(await durationOf(second), 60_000);
      assertEquals(second.server.resumption, { resumed: true, from: "store" });
    });

    it("waits for writes by its clock", async () => {
      using sandbox = createTlsSandbox({ seed: "slow" });
      const sessions = slow(sandbox, "set");
      const first = sandbox.pair({
        client: { maxVersion },
        server: { sessions },
      });
      const duration = await durationOf(first);
      assert(duration > 0 && duration % 60_000 === 0, `${duration} ms`);
      sessions.faults = [];
      using second = first.reconnect();
      assertEquals(await durationOf(second), 0);
      assertEquals(second.server.resumption, { resumed: true, from: "store" });
    });

    it("has bytes arrive meanwhile", async () => {
      using sandbox = createTlsSandbox({ seed: "slow" });
      const first = sandbox.pair({
        client: { maxVersion },
        server: { sessions: slow(sandbox, "get", 1_000) },
      });
      await first.handshake();
      using second = first.reconnect({
        network: { delay: 300, fragment: 100 },
      });
      const duration = await durationOf(second);
      // Hello, answer, Finished, and TLS 1.3's sessions.
      const flights = maxVersion === "TLSv1.3" ? 4 : 3;
      assertEquals(duration, flights * 300 + 1_000);
    });

    it("waits for one that does other things before", async () => {
      using sandbox = createTlsSandbox({ seed: "slow" });
      const first = sandbox.pair({
        client: { maxVersion },
        server: { sessions: later(slow(sandbox, "get")), ...PATIENT },
      });
      assertEquals(await durationOf(first), 0);
      using second = first.reconnect();
      assertEquals(await durationOf(second), 60_000);
      assertEquals(second.server.resumption, { resumed: true, from: "store" });
    });

    it("leaves those alone who have waited before", async () => {
      using sandbox = createTlsSandbox({ seed: "slow" });
      sandbox.clock.after(HOUR, () => assert(false, "an hour has passed"));
      const first = sandbox.pair({
        client: { maxVersion },
        server: { sessions: later(slow(sandbox, "get")), ...PATIENT },
      });
      await first.handshake();
      using second = first.reconnect();
      assertEquals(await durationOf(second), 60_000);
    });

    it("says the same again with the same seed", async () => {
      const run = async (): Promise<Uint8Array> => {
        using sandbox = createTlsSandbox({ seed: "slow" });
        const first = sandbox.pair({
          client: { maxVersion },
          server: { sessions: slow(sandbox, "get") },
          network: { delay: 7, fragment: 50 },
        });
        await first.handshake();
        using second = first.reconnect({ network: { delay: 7 } });
        await second.handshake();
        return second.trace.transcript;
      };
      assertEquals(await run(), await run());
    });
  });
}

describe("Sockets with a slow store", () => {
  it("have it answer as the clock is moved", async () => {
    using sandbox = createTlsSandbox({ seed: "slow" });
    const sessions = slow(sandbox, "get", 1_000);
    const first = sandbox.pair({ server: { sessions } });
    await first.handshake();
    const { session } = first.client;
    await using second = sandbox.socketPair({
      client: { session: session ?? undefined },
      server: { sessions, ...PATIENT },
    });
    const start = sandbox.clock.now();
    await second.advance(999);
    assertEquals(second.server.info, null);
    await second.advance(1_001);
    await Promise.all([second.client.opened, second.server.opened]);
    assertEquals(second.server.resumption, { resumed: true, from: "store" });
    assertEquals(sandbox.clock.now() - start, 2_000);
  });
});
