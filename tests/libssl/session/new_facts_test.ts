/** Rows 1 to 4 and 14 of docs/openssl-facts.md: when new_cb is called. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type SSL_CTX,
  SSL_OP_NO_TICKET,
  SSL_SESS_CACHE_NO_INTERNAL,
  SSL_SESS_CACHE_SERVER,
  type SSL_SESSION,
  SSL_VERIFY_PEER,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../../src/libssl/mod.ts";
import { CallbackLog } from "../../support/callback_log.ts";
import { HandshakeError, made } from "../../support/pair.ts";
import { Peers } from "../../support/peers.ts";

const [TLS1_2, TLS1_3] = [
  { version: TLS1_2_VERSION },
  { version: TLS1_3_VERSION },
];
const NO_TICKET = { options: SSL_OP_NO_TICKET };

describe("new_cb in TLS 1.2", () => {
  it("row 1: with tickets it is never called", () => {
    using peers = new Peers();
    const server = peers.server(TLS1_2);
    const client = peers.client();
    const diary = new CallbackLog(peers.libssl, server);

    const session = peers.visit(server, client);
    assertEquals(peers.libssl.SSL_SESSION_has_ticket(session), 1);
    const pair = peers.connect(server, client, { session });
    assert(pair.resumed);
    assertEquals(diary.ids("new"), []);
  });

  it("row 1: with NO_TICKET it is called once for a full handshake, never for a resumption", () => {
    using peers = new Peers();
    const server = peers.server({ ...TLS1_2, ...NO_TICKET });
    const client = peers.client();
    const diary = new CallbackLog(peers.libssl, server);

    const session = peers.visit(server, client);
    const id = peers.libssl.SSL_SESSION_get_id(session).toHex();
    assertEquals(diary.ids("new"), [id]);
    const pair = peers.connect(server, client, { session });
    assert(pair.resumed);
    assertEquals(diary.ids("new"), [id]);
  });
});

describe("new_cb in TLS 1.3", () => {
  for (const [sort, options] of [["stateless", {}], ["stateful", NO_TICKET]]) {
    it(`row 2: with ${sort} tickets it is called twice for a full handshake, once for a resumption`, () => {
      using peers = new Peers();
      const server = peers.server({ ...TLS1_3, ...options as object });
      const client = peers.client();
      const diary = new CallbackLog(peers.libssl, server);

      const session = peers.visit(server, client);
      assertEquals(diary.ids("new").length, 2);
      const pair = peers.connect(server, client, { session });
      assert(pair.resumed);
      assertEquals(diary.ids("new").length, 3);
      assertEquals(new Set(diary.ids("new")).size, 3);
    });
  }

  it("row 2: it is called once for each of num_tickets, of which there may be none", () => {
    using peers = new Peers();
    const client = peers.client();
    for (const count of [0, 1, 5]) {
      const server = peers.server({ ...TLS1_3, ...NO_TICKET });
      peers.libssl.SSL_CTX_set_num_tickets(server, count);
      const diary = new CallbackLog(peers.libssl, server);
      peers.visit(server, client);
      assertEquals(diary.ids("new").length, count);
    }
  });

  it("row 2: a stateless ticket's session has an id that is never looked up", () => {
    using peers = new Peers();
    const server = peers.server(TLS1_3);
    const client = peers.client();
    const diary = new CallbackLog(peers.libssl, server);

    const session = peers.visit(server, client);
    const ticket = peers.libssl.SSL_SESSION_get0_ticket(session);
    const ids = diary.ids("new");
    assertEquals(ids.map((id) => id.length), [64, 64]);
    assert(!ids.some((id) => ticket.toHex().includes(id)));
    assert(peers.connect(server, client, { session }).resumed);
    assertEquals(diary.ids("get"), []);
  });
});

describe("what new_cb returns", () => {
  /** A server, and a session for which its new_cb gave that answer. */
  function sessionOf(peers: Peers, answer: number): [SSL_CTX, SSL_SESSION] {
    const { libssl } = peers;
    const server = peers.server({ ...TLS1_2, ...NO_TICKET });
    let session: SSL_SESSION | undefined;
    libssl.SSL_CTX_sess_set_new_cb(server, (_ssl, made) => {
      session = made;
      return answer;
    });
    peers.visit(server, peers.client());
    return [server, made(session ?? null)];
  }

  it("row 3: 1 keeps the reference, which outlives the internal cache", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const [server, session] = sessionOf(peers, 1);
    libssl.SSL_CTX_flush_sessions(server, 0);
    assertEquals(libssl.SSL_CTX_sess_number(server), 0);
    assertEquals(libssl.SSL_SESSION_get_id(session).length, 32);

    libssl.SSL_SESSION_free(session);
    assertThrows(() => libssl.SSL_SESSION_get_id(session), TypeError, "freed");
  });

  it("row 3: 0 drops only that one: the internal cache keeps the session", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const [server, session] = sessionOf(peers, 0);
    assertEquals(libssl.SSL_CTX_sess_number(server), 1);
    assertEquals(libssl.SSL_SESSION_get_id(session).length, 32);
    assertThrows(() => libssl.SSL_SESSION_free(session), TypeError, "none");

    libssl.SSL_CTX_flush_sessions(server, 0);
    assertThrows(() => libssl.SSL_SESSION_get_id(session), TypeError, "freed");
  });

  it("row 3: a session that new_cb answered with 0 resumes from the internal cache", () => {
    using peers = new Peers();
    const server = peers.server({ ...TLS1_2, ...NO_TICKET });
    const client = peers.client();
    peers.libssl.SSL_CTX_sess_set_new_cb(server, () => 0);
    const session = peers.visit(server, client);
    assert(peers.connect(server, client, { session }).resumed);
  });
});

describe("a server that verifies peers without a session id context", () => {
  for (
    const [name, version] of [["1.2", TLS1_2], ["1.3", TLS1_3]] as const
  ) {
    it(`row 4: new_cb is never called in TLS ${name}`, () => {
      using peers = new Peers();
      const server = peers.server({ ...version, ...NO_TICKET });
      const client = peers.client();
      const diary = new CallbackLog(peers.libssl, server);
      peers.libssl.SSL_CTX_set_verify(server, SSL_VERIFY_PEER, null);

      peers.visit(server, client);
      assertEquals(diary.ids("new"), []);
      assertEquals(peers.libssl.SSL_CTX_sess_number(server), 0);

      const context = new TextEncoder().encode("an application");
      peers.libssl.SSL_CTX_set_session_id_context(server, context);
      peers.visit(server, client);
      assert(diary.calls.includes("new"));
    });

    it(`row 4: resuming is fatal in TLS ${name}`, () => {
      using peers = new Peers();
      const server = peers.server({ ...version, ...NO_TICKET });
      const client = peers.client();
      new CallbackLog(peers.libssl, server);
      const session = peers.visit(server, client);

      peers.libssl.SSL_CTX_set_verify(server, SSL_VERIFY_PEER, null);
      const pair = peers.pair(server, client, { session });
      assertThrows(
        () => pair.handshake(),
        HandshakeError,
        "server: session id context uninitialized",
      );
    });
  }
});

describe("what the client can have received when new_cb is called", () => {
  /** How many bytes wait for the client at each call of new_cb, and at the end. */
  function pendingAtNew(version: number): number[] {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server({
      version,
      ...NO_TICKET,
      cacheMode: SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL,
    });
    const pair = peers.pair(server, peers.client());
    const bio = made(libssl.SSL_get_rbio(pair.client));
    const pending: number[] = [];
    libssl.SSL_CTX_sess_set_new_cb(server, () => {
      pending.push(libssl.BIO_ctrl_pending(bio));
      return 0;
    });
    while (!pair.step("server")) pair.step("client");
    return [...pending, libssl.BIO_ctrl_pending(bio)];
  }

  it("row 14: in TLS 1.3 nothing of that ticket is in the BIO", () => {
    const [atFirst = 0, atSecond = 0, atEnd = 0] = pendingAtNew(TLS1_3_VERSION);
    assertEquals(atFirst, 0);
    // Tickets of one handshake are of one size.
    assert(atSecond > 0);
    assertEquals(atEnd, 2 * atSecond);
  });

  it("row 14: in TLS 1.2 the last flight is all in the BIO", () => {
    const [atNew = 0, atEnd] = pendingAtNew(TLS1_2_VERSION);
    assert(atNew > 0);
    assertEquals(atNew, atEnd);
  });
});
