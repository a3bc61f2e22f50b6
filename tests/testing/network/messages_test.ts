/** How a network finds the handshake messages among what the ends send. */
import type { Endpoint } from "../../../src/testing/endpoint.ts";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlsContext } from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { VirtualClock } from "../../../src/testing/clock.ts";
import {
  createTlsPair,
  type TlsPair,
  type TlsPairOptions,
  type TlsReconnectOptions,
} from "../../../src/testing/pair.ts";
import { createTlsSandbox } from "../../../src/testing/sandbox.ts";

/** The names of the messages that an end sent, or of those that arrived. */
function names(
  { trace }: TlsPair,
  from: Endpoint,
  arrived: boolean,
): string[] {
  return trace.messages({ from })
    .filter(({ arrival }) => !arrived || arrival === "received")
    .map(({ message }) => message.name);
}

/**
 * Runs `talk` with the connection reset before each message of an end: what arrives must be
 * the messages before it, and no others.
 */
async function assertCounted(
  from: Endpoint,
  expected: readonly string[],
  connect: (network: TlsReconnectOptions["network"]) => Promise<TlsPair>,
): Promise<void> {
  const direction = from === "client" ? "toServer" : "toClient";
  for (let atMessage = 0; atMessage < expected.length; atMessage++) {
    using pair = await connect({ [direction]: { drop: { atMessage } } });
    const where = `${direction} ${atMessage}:\n${pair.trace}`;
    assertEquals(pair.network.isDead, true, where);
    assertEquals(
      names(pair, from, true),
      expected.slice(0, atMessage),
      where,
    );
  }
  using pair = await connect({});
  assertEquals(names(pair, from, false), expected);
}

/** A pair after its handshake, as far as it went. */
async function shaken(options: TlsPairOptions): Promise<TlsPair> {
  const pair = createTlsPair({ seed: "messages", ...options });
  await pair.handshake();
  return pair;
}

describe("Handshake messages are counted", () => {
  it("through a HelloRetryRequest and client authentication", async () => {
    const sandbox = createTlsSandbox({ seed: "retry" });
    await assertCounted(
      "client",
      [
        "ClientHello",
        "ClientHello",
        "Certificate",
        "CertificateVerify",
        "Finished",
      ],
      async (network) => {
        const pair = createTlsPair({
          sandbox,
          client: {
            ...sandbox.pki.client,
            configure: [["Groups", "X25519:P-256"]],
          },
          server: { clientAuth: "require", configure: [["Groups", "P-256"]] },
          ...(network && { network }),
        });
        await pair.handshake();
        return pair;
      },
    );
  });

  it("over several records each, with a large certificate", async () => {
    const sandbox = createTlsSandbox({ seed: "large" });
    const { pki } = sandbox;
    const hosts = Array.from({ length: 1500 }, (_, i) => `host-${i}.example`);
    const server = pki.issue({ hosts: ["localhost", ...hosts] });
    for (
      const [maxVersion, expected] of [
        ["TLSv1.2", [
          "ServerHello",
          "Certificate",
          "ServerKeyExchange",
          "ServerHelloDone",
          "NewSessionTicket",
          "Finished",
        ]],
        ["TLSv1.3", [
          "ServerHello",
          "EncryptedExtensions",
          "Certificate",
          "CertificateVerify",
          "Finished",
          "NewSessionTicket",
          "NewSessionTicket",
        ]],
      ] as const
    ) {
      await assertCounted("server", expected, async (network) => {
        const pair = createTlsPair({
          sandbox,
          server,
          client: { maxVersion },
          network: { fragment: 1000, ...network },
        });
        await pair.handshake();
        return pair;
      });
    }
  });

  it("from the first of their records", async () => {
    const sandbox = createTlsSandbox({ seed: "large" });
    const hosts = Array.from({ length: 1500 }, (_, i) => `host-${i}.example`);
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      using pair = createTlsPair({
        sandbox,
        client: { maxVersion },
        server: sandbox.pki.issue({ hosts: ["localhost", ...hosts] }),
        network: {
          toClient: { drop: { atMessage: maxVersion === "TLSv1.2" ? 1 : 2 } },
        },
      });
      await pair.handshake();
      const largest = Math.max(
        ...pair.trace.events.map((event) =>
          event.type === "record" && event.status === "delivered"
            ? event.length
            : 0
        ),
      );
      assert(largest < 5_000, `${largest} bytes of the certificate arrived`);
    }
  });

  it("beside early data", async () => {
    const clock = new VirtualClock();
    const sessions = new MemorySessionStore({ now: clock.now });
    using first = await shaken({
      clock,
      server: { sessions, singleUse: true, maxEarlyData: 5000 },
    });
    await assertCounted(
      "client",
      ["ClientHello", "EndOfEarlyData", "Finished"],
      async (network) => {
        using fresh = first.reconnect({ session: null });
        await fresh.handshake();
        const { session } = fresh.client;
        assert(session);
        const pair = first.reconnect({
          session,
          earlyData: new Uint8Array(5000),
          ...(network && { network }),
        });
        await pair.handshake();
        return pair;
      },
    );
  });

  it("beside application data", async () => {
    await assertCounted(
      "client",
      ["ClientHello", "Finished", "KeyUpdate", "KeyUpdate"],
      async (network) => {
        const pair = await shaken(network ? { network } : {});
        for (let i = 0; i < 2 && !pair.network.isDead; i++) {
          await pair.say("client", new Uint8Array(40_000));
          pair.client.updateKeys();
          await pair.run();
        }
        return pair;
      },
    );
  });

  it("of whatever context serves", async () => {
    const sandbox = createTlsSandbox({ seed: "names" });
    using chosen = new TlsContext({
      ...sandbox.pki.issue({ hosts: ["chosen.example"] }),
      openssl: sandbox.server,
    });
    await assertCounted(
      "server",
      [
        "ServerHello",
        "EncryptedExtensions",
        "Certificate",
        "CertificateVerify",
        "Finished",
        "NewSessionTicket",
        "NewSessionTicket",
      ],
      async (network) => {
        const pair = createTlsPair({
          sandbox,
          client: { hostname: "chosen.example" },
          server: { contextFor: () => Promise.resolve(chosen) },
          ...(network && { network }),
        });
        await pair.handshake();
        return pair;
      },
    );
  });
});
