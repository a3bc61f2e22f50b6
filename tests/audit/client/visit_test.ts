/** Visits of the audit's client, to servers of raw libssl. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { TlsTransport } from "@sesame/tls";
import { createTransportPair, VirtualClock } from "@sesame/tls/testing";
import { parseHello } from "../../../src/audit/client/hello/parse.ts";
import {
  type Libssl,
  type SSL,
  SSL_CB_ALERT,
  SSL_CB_READ,
  SSL_OP_NO_ANTI_REPLAY,
  SSL_OP_NO_TICKET,
} from "../../../src/libssl/mod.ts";
import { LibsslServer, PKI } from "../wrong/libssl_server.ts";
import { clientOf, sessionOf } from "./client_of.ts";

const KINDS = ["tls1.3", "tls1.2-ticket", "tls1.2-id"] as const;
const EARLY = { maxEarlyData: 40_000 };

/** The client's alerts that a server of libssl reads. */
function alertsOf(log: string[]): (libssl: Libssl, ssl: SSL) => void {
  return (libssl, ssl) => {
    libssl.SSL_set_info_callback(ssl, (_ssl, where, value) => {
      if ((where & SSL_CB_ALERT) === 0 || (where & SSL_CB_READ) === 0) return;
      log.push(libssl.SSL_alert_desc_string_long(value));
    });
  };
}

describe("A visit", () => {
  for (const kind of KINDS) {
    it(`shows a full handshake, and resumes its session: ${kind}`, async () => {
      using server = new LibsslServer();
      using client = clientOf(server);
      const full = await client.visit(kind, {});
      const version = kind === "tls1.3" ? "TLSv1.3" : "TLSv1.2";
      assert(full.open && !full.resumed && full.failure === null);
      assertEquals(full.version, version);
      assertEquals(full.certificate?.length, 64);
      assertEquals(full.certificateRequested, false);
      assertEquals(full.extendedMasterSecret, kind !== "tls1.3");
      const [session] = full.sessions;
      assert(session);
      assertEquals(session.kind, kind);
      assertEquals(session.cipher, full.cipher);
      assertEquals(session.serverCertificate, full.certificate);
      const again = await client.visit(kind, { session });
      assert(again.open && again.resumed);
      assertEquals(again.certificate, null);
    });
  }

  it("has a trace with the messages of both, also the encrypted ones", async () => {
    using server = new LibsslServer();
    using client = clientOf(server);
    for (const kind of ["tls1.3", "tls1.2-id"] as const) {
      const { trace } = await client.visit(kind, { title: "A title" });
      const names = trace.messages({ from: "server" })
        .map(({ message }) => message.name);
      assert(names.includes("Certificate") && names.includes("Finished"));
      const lost = trace.events.filter((event) =>
        "arrival" in event && event.arrival !== "received"
      );
      assertEquals(lost, []);
      assert(trace.toLadder().includes("A title"));
    }
  });

  it("with a seed sends the same first flight at the same time", async () => {
    using server = new LibsslServer({ ...EARLY });
    using client = clientOf(server);
    const session = await sessionOf(client, "tls1.3");
    const at = client.state.parts.now();
    const earlyData = new Uint8Array(10);
    const flights: string[] = [];
    for (const seed of ["a", "a", "b"]) {
      const options = { session, seed, at, earlyData };
      const { firstFlight } = await client.visit("tls1.3", options);
      flights.push(firstFlight.toHex());
    }
    assertEquals(flights[0], flights[1]);
    assertNotEquals(flights[0], flights[2]);
  });

  it("sends early data that is larger than a BIO", async () => {
    const setUp = (libssl: Libssl, ctx: LibsslServer["ctx"]): void => {
      libssl.SSL_CTX_set_options(ctx, SSL_OP_NO_ANTI_REPLAY);
      libssl.SSL_CTX_set_recv_max_early_data(ctx, EARLY.maxEarlyData);
    };
    using server = new LibsslServer({ ...EARLY, setUp });
    using client = clientOf(server);
    const session = await sessionOf(client, "tls1.3");
    assertEquals(session.maxEarlyData, EARLY.maxEarlyData);
    const earlyData = new Uint8Array(35_000);
    const { earlyData: status, firstFlight } = await client.visit("tls1.3", {
      session,
      earlyData,
    });
    assertEquals(status, "accepted");
    assert(firstFlight.length > earlyData.length);
  });

  it("tells a ticket's age in whole seconds, less one, as OpenSSL does", async () => {
    const clock = new VirtualClock(new Date("2030-01-01T00:00:00.900Z"));
    using server = new LibsslServer({ clock });
    using client = clientOf(server);
    const session = await sessionOf(client, "tls1.3");
    clock.advance(5_234);
    const { firstFlight } = await client.visit("tls1.3", { session });
    const [offered] = parseHello(firstFlight.subarray(5), null).identities;
    const age = ((offered?.obfuscatedAge ?? 0) - session.ageAdd) >>> 0;
    assertEquals(age, 5_000);
  });

  it("ends as it is told to", async () => {
    const heard: string[] = [];
    using server = new LibsslServer({ onConnection: alertsOf(heard) });
    using client = clientOf(server);
    for (const end of ["close_notify", "alert", "abrupt"] as const) {
      for (const kind of ["tls1.3", "tls1.2-id"] as const) {
        const { open, failure, trace } = await client.visit(kind, { end });
        assert(open && failure === null);
        // What makes OpenSSL's client send an alert isn't the server's.
        assert(!trace.toLadder().includes("application data"));
      }
    }
    assertEquals(heard, [
      ...["close notify", "close notify"],
      ...["bad record mac", "bad record mac"],
    ]);
  });

  it("isn't open if the server refuses the client after its handshake", async () => {
    using server = new LibsslServer({ trust: [PKI.ca.cert] });
    for (const certificate of [undefined, PKI.untrusted]) {
      using client = clientOf({
        ...server,
        ...(certificate && { certificate }),
      });
      const visit = await client.visit("tls1.3", {});
      assertEquals(visit.open, false);
      assertEquals(visit.certificateRequested, true);
      assertEquals(visit.failure?.kind, "alert");
      assertNotEquals(visit.failure?.alert, null);
    }
  });

  it("shows the server what is asked for", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) =>
        void libssl.SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET),
    });
    using client = clientOf(server);
    const { trace, cipher } = await client.visit("tls1.2-ticket", {
      name: "EXAMPLE.com.",
      alpn: ["h2"],
      ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256",
      groups: "P-384:P-256",
      extendedMasterSecret: false,
    });
    assertEquals(cipher, "ECDHE-ECDSA-AES128-GCM-SHA256");
    const ladder = trace.toLadder();
    assert(ladder.includes("SNI EXAMPLE.com."));
    assert(ladder.includes("ALPN h2"));
    assert(ladder.includes("secp384r1"));
    const without = await client.visit("tls1.3", { name: null });
    assert(!without.trace.toLadder().includes("SNI"));
  });
});

describe("A visit whose session the server refuses by an alert", () => {
  for (const kind of KINDS) {
    it(`shows no certificate, not that of the session: ${kind}`, async () => {
      let refuses = false;
      using server = new LibsslServer({
        onBytes: (bytes) =>
          refuses ? Uint8Array.of(22, 3, 3, 0, 4, 99, 0, 0, 0) : bytes,
      });
      using client = clientOf(server);
      const session = await sessionOf(client, kind);
      assertEquals(client.certificatesOf("other").size, 0);
      refuses = true;
      const visit = await client.visit(kind, { session, name: "other" });
      assertEquals([visit.open, visit.certificate], [false, null]);
      assertEquals(client.certificatesOf("other").size, 0);
    });
  }
});

describe("A visit of a server that answers requests", () => {
  for (const kind of KINDS) {
    it(`isn't open where the server cuts it off instead: ${kind}`, async () => {
      let refuses = false;
      using server = new LibsslServer({
        answer(_data, libssl, ssl): Uint8Array {
          if (refuses) libssl.SSL_set_quiet_shutdown(ssl, 1);
          return new Uint8Array(refuses ? 0 : 1);
        },
      });
      const request = (): Uint8Array => new Uint8Array(1);
      using client = clientOf({ connect: server.connect, request });
      const answered = await client.visit(kind, {});
      assert(answered.open && answered.failure === null);
      refuses = true;
      const { open, failure, data } = await client.visit(kind, {});
      assertEquals([open, failure?.kind, data.length], [false, "closed", 0]);
    });
  }
});

describe("A visit without a request", () => {
  /** What another thread of the server has still to do when the client is done. */
  const LATE_MS = 20;

  it("ends when the server has: its cache may have the session no earlier", async () => {
    using server = new LibsslServer();
    using stranger = new LibsslServer();
    let isDone = true;
    const connect = (): TlsTransport => {
      if (!isDone) return stranger.connect();
      isDone = false;
      const { readable, writable } = server.connect();
      const late = new TransformStream<Uint8Array, Uint8Array>({
        async flush(): Promise<void> {
          await new Promise((resolve) => setTimeout(resolve, LATE_MS));
          isDone = true;
        },
      });
      return { readable: readable.pipeThrough(late), writable };
    };
    using client = clientOf({ connect, silence: 1_000 });
    const session = await sessionOf(client, "tls1.2-id");
    assert((await client.visit("tls1.2-id", { session })).resumed);
  });
});

describe("A client whose time limits adapt", () => {
  it("waits for the tickets of a server that is far away", async () => {
    using server = new LibsslServer();
    for (const adapts of [true, false]) {
      using client = clientOf({
        clock: server.clock,
        connect: () => delayed(server.connect(), 30),
        adapts,
      });
      const { open, sessions } = await client.visit("tls1.3", {});
      assertEquals([open, sessions.length], [true, adapts ? 2 : 0]);
    }
  });
});

/** A transport whose bytes take `ms` milliseconds each way. */
function delayed(own: TlsTransport, ms: number): TlsTransport {
  const { client, server } = createTransportPair();
  const later = (): TransformStream<Uint8Array, Uint8Array> =>
    new TransformStream({
      async transform(bytes, controller): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, ms));
        controller.enqueue(bytes);
      },
    });
  server.readable.pipeThrough(later()).pipeTo(own.writable).catch(() => {});
  own.readable.pipeThrough(later()).pipeTo(server.writable).catch(() => {});
  return client;
}
