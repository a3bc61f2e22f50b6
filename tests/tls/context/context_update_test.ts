import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  listenTls,
  TlsContext,
  type TlsContextUpdate,
  TlsError,
  type TlsSession,
} from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { createTestCertificate } from "@sesame/tls/testing";
import { connectTls } from "@sesame/tls";
import { certificate } from "../../support/engines.ts";
import { type Ends, endsOf, exchange } from "../../support/engines.ts";
import { HOSTNAME } from "../../support/listeners.ts";

const other = createTestCertificate({
  hosts: ["other.test", "localhost", "127.0.0.1"],
});

/** A client that trusts both certificates. */
function bothTrusted(): TlsContext {
  return new TlsContext({ caCerts: [certificate.cert, other.cert] });
}

/** What a connection comes to. */
function visit(
  server: TlsContext,
  client: TlsContext,
  session?: TlsSession,
): { resumed: boolean; serial: string; session: TlsSession } {
  using ends: Ends = endsOf(server, client, session ? { session } : {});
  exchange(ends);
  const { info } = ends.client;
  const [given] = ends.client.takeSessions();
  if (!info || !given) throw ends.client.error ?? new Error("no session");
  const serial = String(info.peerCertificate?.raw);
  return { resumed: info.resumed, serial, session: given };
}

describe("TlsContext.update", () => {
  it("replaces the certificate for connections that come later", () => {
    using server = new TlsContext(certificate);
    using client = bothTrusted();
    using before = endsOf(server, client);
    const { serial } = visit(server, client);
    server.update(other);
    assertEquals(visit(server, client).serial === serial, false);
    // One whose handshake had begun goes on as it began.
    exchange(before);
    assertEquals(before.client.state, "open");
    assertEquals(
      String(before.client.info?.peerCertificate?.raw),
      serial,
    );
    server.update({ certificates: [certificate] });
    assertEquals(visit(server, client).serial, serial);
    assertEquals(server.stats.handshakes, 4);
  });

  for (
    const [what, options] of Object.entries({
      "in a store": () => ({ sessions: new MemorySessionStore() }),
      "in tickets of OpenSSL's keys": () => ({}),
      "in tickets of keys that stay": () => ({ ticketKeys: [keys(1)] }),
      "in tickets, where the name chooses": () => ({
        contextFor: () => undefined,
      }),
    })
  ) {
    it(`goes on with sessions ${what}`, () => {
      using server = new TlsContext({ ...certificate, ...options() });
      using client = bothTrusted();
      const { session } = visit(server, client);
      server.update(other);
      assertEquals(visit(server, client, session).resumed, true);
    });
  }

  it("turns the keys of tickets", () => {
    using server = new TlsContext({ ...certificate, ticketKeys: [keys(1)] });
    using client = bothTrusted();
    const { session } = visit(server, client);
    server.update({ ticketKeys: [keys(2), keys(1)] });
    const renewed = visit(server, client, session);
    assertEquals(renewed.resumed, true);
    server.update({ ticketKeys: [keys(2)] });
    assertEquals(visit(server, client, session).resumed, false);
    assertEquals(visit(server, client, renewed.session).resumed, true);
  });

  it("ends sessions that stand for another trust", () => {
    const sessions = new MemorySessionStore();
    using server = new TlsContext({
      ...certificate,
      caCerts: [certificate.cert],
      clientAuth: "request",
      sessions,
    });
    using client = bothTrusted();
    const { session } = visit(server, client);
    server.update({ caCerts: [other.cert] });
    assertEquals(visit(server, client, session).resumed, false);
  });

  it("keeps what is undefined", () => {
    using server = new TlsContext({
      ...certificate,
      caCerts: [certificate.cert],
      clientAuth: "require",
    });
    using client = bothTrusted();
    const nothing = { cert: undefined, clientAuth: undefined, key: undefined };
    server.update(nothing as unknown as TlsContextUpdate);
    assertThrows(() => visit(server, client), TlsError, "did not return");
  });

  it("changes nothing if it fails", () => {
    using server = new TlsContext(certificate);
    using client = bothTrusted();
    const { serial, session } = visit(server, client);
    const { used, handles } = server.openssl.memory;
    for (
      const [update, type] of [
        [{ cert: other.cert, key: certificate.key }, TlsError],
        [{ cert: other.cert }, TypeError],
        [{ passphrase: "of nothing" }, TypeError],
        [{ ticketKeys: [new Uint8Array(3)] }, RangeError],
        [{ port: 1 } as TlsContextUpdate, TypeError],
      ] as const
    ) assertThrows(() => server.update(update), type);
    assertEquals(server.openssl.memory.handles, handles);
    assertEquals(server.openssl.memory.used < used + 10_000, true);
    const after = visit(server, client, session);
    assertEquals([after.serial, after.resumed], [serial, true]);
    server.close();
    assertThrows(() => server.update(other), TypeError, "it is closed");
  });
});

describe("A listener's update", () => {
  it("replaces its certificate", async () => {
    using listener = listenTls({ hostname: HOSTNAME, port: 0, ...certificate });
    (async () => {
      for await (const socket of listener) socket.close();
    })();
    const { port } = listener.addr;
    listener.update(other);
    const socket = await connectTls({
      hostname: HOSTNAME,
      port,
      caCerts: [other.cert],
    });
    await socket.close();
  });

  it("is its context's, if that isn't its own", () => {
    using context = new TlsContext(certificate);
    using listener = listenTls({ hostname: HOSTNAME, port: 0, context });
    assertThrows(() => listener.update(other), TypeError, "options.context");
  });
});

function keys(byte: number): Uint8Array {
  return new Uint8Array(80).fill(byte);
}
