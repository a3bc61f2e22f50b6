/** What was captured on one connection, sent again on another. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { VirtualClock } from "../../../src/testing/clock.ts";
import type { Capture } from "../../../src/testing/network.ts";
import { createTlsPair, type TlsPair } from "../../../src/testing/pair.ts";

const EARLY = new TextEncoder().encode("POST /transfer");

/** A client that has a session which allows early data, and its server. */
async function eager(): Promise<TlsPair> {
  const clock = new VirtualClock();
  const sessions = new MemorySessionStore({ now: clock.now });
  const pair = createTlsPair({
    clock,
    seed: "replay",
    server: { sessions, singleUse: true, maxEarlyData: 1024 },
  });
  await pair.handshake();
  assert(pair.client.session?.maxEarlyData === 1024);
  return pair;
}

/** What the server reads of early data, when a capture is sent to it. */
async function replayed(pair: TlsPair, replay: Capture): Promise<string> {
  using attack = pair.reconnect({
    session: null,
    network: { toServer: { replay } },
  });
  await attack.handshake();
  assert(attack.server.state !== "open", String(attack.trace));
  assertEquals(attack.server.read().length, 0);
  return new TextDecoder().decode(attack.server.readEarlyData());
}

describe("A replayed first flight", () => {
  it("whose early data was accepted isn't accepted again", async () => {
    using pair = await eager();
    using honest = pair.reconnect({ earlyData: EARLY });
    await honest.handshake();
    assertEquals(honest.server.info?.earlyData, "accepted");
    assertEquals(honest.server.readEarlyData(), EARLY);
    for (let i = 0; i < 3; i++) {
      assertEquals(await replayed(pair, honest.network.captured), "");
    }
  });

  it("that the server never got is accepted, once", async () => {
    using pair = await eager();
    using lost = pair.reconnect({
      earlyData: EARLY,
      network: { toServer: { drop: { atByte: 0 } } },
    });
    await lost.handshake();
    assertEquals(lost.server.readEarlyData().length, 0);
    const capture = lost.network.captured;
    assertEquals(await replayed(pair, capture), "POST /transfer");
    assertEquals(await replayed(pair, capture), "");
  });
});

describe("A replayed handshake", () => {
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    for (const isResumed of [false, true]) {
      const how = `${maxVersion}, ${isResumed ? "resumed" : "full"}`;
      it(`fails with an alert of the server's (${how})`, async () => {
        using pair = createTlsPair({ seed: "again", client: { maxVersion } });
        await pair.handshake();
        using honest = pair.reconnect(isResumed ? {} : { session: null });
        await honest.handshake();
        await honest.say("client", "pay 100");
        assertEquals(honest.server.resumption?.resumed, isResumed);

        using attack = pair.reconnect({
          session: null,
          network: { toServer: { replay: honest.network.captured } },
        });
        await attack.handshake();
        assertEquals(attack.server.state, "failed");
        assertEquals(attack.server.read().length, 0);
        const alerts = attack.trace.events.filter((event) =>
          event.type === "alert" && event.from === "server"
        );
        assert(alerts.length > 0, String(attack.trace));
      });

      it(`of a server fails with an alert of the client's (${how})`, async () => {
        using pair = createTlsPair({ seed: "again", client: { maxVersion } });
        await pair.handshake();
        using honest = pair.reconnect(isResumed ? {} : { session: null });
        await honest.handshake();

        using attack = pair.reconnect({
          session: null,
          network: { toClient: { replay: honest.network.captured } },
        });
        await attack.handshake();
        assertEquals(attack.client.state, "failed");
        const alerts = attack.trace.events.filter((event) =>
          event.type === "alert" && event.from === "client"
        );
        assert(alerts.length > 0, String(attack.trace));
        assert(attack.server.state !== "open");
      });
    }
  }

  it("leaves the key log of what was captured as it was", async () => {
    using pair = await eager();
    using honest = pair.reconnect({ earlyData: EARLY });
    await honest.handshake();
    const { keyLog } = honest.trace;
    using attack = pair.reconnect({
      session: null,
      network: { toServer: { replay: honest.network.captured } },
    });
    await attack.handshake();
    const names = keyLog.trim().split("\n").map((line) =>
      line.split(" ").slice(0, 2).join(" ")
    );
    assertEquals(names.length, new Set(names).size);
    const label = "SERVER_HANDSHAKE_TRAFFIC_SECRET";
    const own = names.find((name) => name.startsWith(label));
    // The server answers the same hello with other secrets, which are the attack's.
    assert(own && attack.trace.keyLog.includes(own));
    assertEquals(honest.trace.keyLog, keyLog);
  });

  it("is what was sent, also of what never arrived", async () => {
    using pair = createTlsPair({
      network: { toServer: { truncate: { at: 9 } } },
    });
    await pair.handshake();
    const { toServer, toClient } = pair.network.captured;
    assert(toServer.length > 200);
    assertEquals(toClient.length, 0);
  });
});
