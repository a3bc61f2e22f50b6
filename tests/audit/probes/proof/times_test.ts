/** The probes of what time does to sessions. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { OpenSSL, TlsContext, type TlsTransport } from "@sesame/tls";
import { VirtualClock } from "@sesame/tls/testing";
import { assertVerdict, findingsOf, verdictsOf } from "../../findings_of.ts";
import { careless } from "../../wrong/careless.ts";
import {
  LibsslServer,
  type LibsslServerOptions,
  PKI,
} from "../../wrong/libssl_server.ts";
import { withLifetime } from "../../wrong/ticket_lifetime.ts";

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;
const PROBES = [
  "proof/ticket-lifetime",
  "proof/past-lifetime",
  "proof/chain",
  "proof/key-name",
];

function lasting(days: number): LibsslServerOptions {
  return {
    setUp: (libssl, ctx) => libssl.SSL_CTX_set_timeout(ctx, days * DAY_SECONDS),
  };
}

/** Connects to a server whose tickets of TLS 1.3 get other lifetimes, in seconds. */
function sayingLifetimes(
  server: LibsslServer,
  lifetime: () => number,
): () => TlsTransport {
  let secret: Uint8Array | undefined;
  server.libssl.SSL_CTX_set_keylog_callback(server.ctx, (_, line) => {
    const [label, , hex = ""] = line.split(" ");
    if (label !== "SERVER_TRAFFIC_SECRET_0") return;
    secret = Uint8Array.fromHex(hex);
  });
  return () => {
    secret = undefined;
    return withLifetime(server.connect(), lifetime(), () => secret);
  };
}

describe("Probes of what time does to sessions", () => {
  it("pass at a context, whose sessions end a day after the handshake", async () => {
    const clock = new VirtualClock();
    const openssl = new OpenSSL({ clock: clock.now });
    using context = new TlsContext({ openssl, ...PKI.server });
    const findings = await findingsOf(context, PROBES, { clock });
    const done = findings.filter(({ kind }) => kind !== "tls1.2-id");
    assertEquals(done.length, 2 * PROBES.length);
    for (const { probe, verdict, summary } of done) {
      assertEquals([probe, verdict], [probe, "pass"], summary);
    }
  });

  it("ticket-lifetime: fails if a ticket says more than a week", async () => {
    using server = new LibsslServer(lasting(8));
    // OpenSSL says no more than RFC 8446 allows.
    assertEquals(await verdictsOf(server, "proof/ticket-lifetime"), {
      "tls1.2-ticket": "warn",
      "tls1.3": "pass",
    });
    using honest = new LibsslServer();
    const boasting = (seconds: number): () => TlsTransport =>
      sayingLifetimes(honest, () => seconds);
    const kind = "tls1.3";
    const week = boasting(7 * DAY_SECONDS);
    await assertVerdict(week, "proof/ticket-lifetime", "pass", { kind });
    const longer = boasting(7 * DAY_SECONDS + 1);
    await assertVerdict(longer, "proof/ticket-lifetime", "fail", { kind });
  });

  it("past-lifetime: fails if a session is resumed after a week", async () => {
    using server = new LibsslServer(lasting(30));
    assertEquals(await verdictsOf(server, "proof/past-lifetime"), {
      "tls1.2-id": "warn",
      "tls1.2-ticket": "warn",
      "tls1.3": "fail",
    });
    using right = new LibsslServer();
    await assertVerdict(right, "proof/past-lifetime", "pass");
  });

  it("chain: warns if each resumption starts the lifetime anew", async () => {
    using server = new LibsslServer(lasting(1));
    assertEquals(await verdictsOf(server, "proof/chain"), {
      "tls1.2-id": "pass",
      "tls1.2-ticket": "pass",
      "tls1.3": "warn",
    });
    using timeless = new LibsslServer(careless(["expiry"]));
    await assertVerdict(timeless, "proof/chain", "warn", { kind: "tls1.2-id" });
  });

  it("chain: warns if lifetimes count down, and sessions are resumed after them", async () => {
    using server = new LibsslServer(lasting(6));
    const { clock } = server;
    const start = clock.now();
    const connect = sayingLifetimes(
      server,
      () => clock.now() === start ? 2 * HOUR_SECONDS : HOUR_SECONDS,
    );
    const kind = "tls1.3";
    await assertVerdict({ connect, clock }, "proof/chain", "warn", { kind });
  });

  it("key-rotation: warns if the ticket key stays the same", async () => {
    using server = new LibsslServer();
    await assertVerdict(server, "proof/key-rotation", "warn");
  });

  it("key-rotation: passes if it is replaced each day", async () => {
    const clock = new VirtualClock();
    const openssl = new OpenSSL({ clock: clock.now });
    const newKey = (): Uint8Array => crypto.getRandomValues(new Uint8Array(80));
    const ticketKeys = [newKey()];
    using context = new TlsContext({ openssl, ...PKI.server, ticketKeys });
    const inADay = (): void => {
      clock.after(DAY_SECONDS * 1000, () => {
        ticketKeys.unshift(newKey());
        context.update({ ticketKeys });
        inADay();
      });
    };
    inADay();
    const found = await verdictsOf(context, "proof/key-rotation", { clock });
    assertEquals(found, { "tls1.2-ticket": "pass", "tls1.3": "pass" });
  });

  it("key-name: tells the name, if there is one", async () => {
    using server = new LibsslServer();
    const findings = await findingsOf(server, "proof/key-name");
    const names = findings.map(({ facts }) => facts.keyName);
    assertEquals(names.length, 2);
    assertEquals(typeof names[0], "string");
    assertEquals(names[0], names[1]);
  });

  it("are not applicable where tickets are ids", async () => {
    using server = new LibsslServer(careless([]));
    await assertVerdict(server, "proof/key-name", "not applicable");
    await assertVerdict(server, "proof/key-rotation", "not applicable");
  });
});
