/** Servers whose sessions and tickets are wrong on purpose. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { SessionDer } from "../../../../src/audit/client/session_der.ts";
import {
  type Libssl,
  type SSL_CTX,
  TLS1_3_VERSION,
} from "../../../../src/libssl/mod.ts";
import type { TlsTransport } from "../../../../src/tls/socket/transport.ts";
import { keepSessions } from "../../wrong/kept_sessions.ts";
import { LibsslServer, PKI } from "../../wrong/libssl_server.ts";
import { linesOf, newSandbox, serverContext, storeWith } from "./servers.ts";

describe("Probes of sessions and tickets", () => {
  it("warn of a server that resumes nothing", async () => {
    using sandbox = newSandbox();
    using context = serverContext(sandbox, { tickets: "off" });
    const verdicts = await linesOf(context, "behaviour/kinds");
    assertEquals(verdicts, [
      "warn (low): No session of TLSv1.2 or TLSv1.3 is resumed",
    ]);
  });

  it("warn of a server that resumes in TLS 1.3 only", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) =>
        void keepSessions(libssl, ctx, {
          found: (der, ssl) =>
            libssl.SSL_version(ssl) === TLS1_3_VERSION ? der : null,
        }),
    });
    assertEquals(await linesOf(server, "behaviour/kinds"), [
      "warn (low): No session of TLSv1.2 is resumed",
    ]);
  });

  it("warn of many tickets", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) => void libssl.SSL_CTX_set_num_tickets(ctx, 6),
    });
    assertEquals(await linesOf(server, "behaviour/tickets"), [
      "tls1.2-ticket pass: 1 ticket a full handshake, of 176 bytes at most",
      "tls1.3 warn (low): 6 tickets a full handshake, of 208 bytes at most",
    ]);
  });

  it("warn of tickets that have a large client certificate in them", async () => {
    using server = new LibsslServer({ trust: [PKI.ca.cert] });
    const hosts = Array.from({ length: 250 }, (_, i) => `client-${i}.example`);
    const lines = await linesOf(
      server,
      "behaviour/tickets",
      PKI.issue({ hosts, usage: "client" }),
    );
    assertEquals(lines.map((line) => line.split(":")[0]), [
      "tls1.2-ticket warn (low)",
      "tls1.3 warn (low)",
    ]);
  });

  it("warn of a ticket that isn't stored", async () => {
    using sandbox = newSandbox();
    using context = serverContext(sandbox, {
      sessions: storeWith(sandbox, (store) => ({
        async set(id, record, options): Promise<void> {
          for await (const { id } of store.entries()) {
            store.delete(id, "evicted");
          }
          await store.set(id, record, options);
        },
      })),
    });
    assertEquals(await linesOf(context, "behaviour/every-ticket"), [
      "tls1.3 warn (low): 1 of 2 tickets were resumed",
    ]);
  });

  it("have nothing to say of one ticket", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) => void libssl.SSL_CTX_set_num_tickets(ctx, 1),
    });
    assertEquals(await linesOf(server, "behaviour/every-ticket"), [
      "tls1.3 not applicable: The server gives one ticket a connection",
    ]);
  });

  it("find out processes that share their random numbers", async () => {
    const kept = new Map<string, Uint8Array>();
    const connect = (): TlsTransport =>
      new LibsslServer({
        setUp: (libssl, ctx) => void keepSessions(libssl, ctx, { kept }),
      }).connect();
    assertEquals(await linesOf(connect, "behaviour/distinct-sessions"), [
      "tls1.2-id fail (high): Two of 2 sessions have the same id",
      "tls1.3 fail (high): Two of 4 sessions have the same id and ticket and ticket_age_add",
    ]);
  });

  it("warn of a server that doesn't renew tickets", async () => {
    using server = new LibsslServer({ setUp: keepTickets });
    assertEquals(await linesOf(server, "behaviour/renewal"), [
      "tls1.2-ticket pass: A resumption leaves the client with the ticket that it has",
      "tls1.3 warn (low): A resumption gives no new ticket",
    ]);
  });

  it("warn of a server that gives the same ticket again", async () => {
    using server = new LibsslServer({ setUp: giveTheSameAgain });
    assertEquals(await linesOf(server, "behaviour/renewal"), [
      "tls1.3 warn (low): A resumption gives no new ticket",
    ]);
  });

  it("warn of a new ticket that isn't resumed", async () => {
    using server = new LibsslServer({
      setUp: (libssl, ctx) =>
        void keepSessions(libssl, ctx, {
          keeps: (ssl) => libssl.SSL_session_reused(ssl) === 0,
        }),
    });
    assertEquals(await linesOf(server, "behaviour/renewal"), [
      "tls1.3 warn (low): The ticket that a resumption gave isn't resumed",
    ]);
  });
});

/** Has stateless tickets keep their key and clients their tickets. */
function keepTickets(libssl: Libssl, ctx: SSL_CTX): void {
  const key = {
    name: new Uint8Array(16),
    hmacKey: new Uint8Array(32),
    aesKey: new Uint8Array(32),
  };
  libssl.SSL_CTX_set_tlsext_ticket_key_evp_cb(
    ctx,
    () => ({ key, renew: false }),
  );
}

/** Has the session that is resumed keep its id, which is its ticket. */
function giveTheSameAgain(libssl: Libssl, ctx: SSL_CTX): void {
  let resumed = new Uint8Array();
  let count = 0;
  keepSessions(libssl, ctx, {
    found: (der, ssl) => {
      // OpenSSL asks whether a new session's id is taken, too.
      if (libssl.SSL_session_reused(ssl) === 1) return null;
      resumed = new Uint8Array(new SessionDer(der).bytesOf("id"));
      return der;
    },
  });
  libssl.SSL_CTX_set_generate_session_id(
    ctx,
    (ssl, max) =>
      libssl.SSL_session_reused(ssl) === 1
        ? resumed
        : new Uint8Array(max).fill(++count),
  );
}
