/** Rows 5 to 7 of docs/openssl-facts.md: when get_cb is called, and what it returns. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type Libssl,
  type SSL_CTX,
  SSL_OP_NO_ANTI_REPLAY,
  SSL_OP_NO_TICKET,
  SSL_SESS_CACHE_NO_INTERNAL_LOOKUP,
  SSL_SESS_CACHE_NO_INTERNAL_STORE,
  SSL_SESS_CACHE_OFF,
  SSL_SESS_CACHE_SERVER,
  type SSL_SESSION,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../../src/libssl/mod.ts";
import { CallbackLog } from "../../support/callback_log.ts";
import { HandshakeError, made } from "../../support/pair.ts";
import { type ContextOptions, Peers } from "../../support/peers.ts";

const TLS1_2: ContextOptions = {
  version: TLS1_2_VERSION,
  options: SSL_OP_NO_TICKET,
};
const TLS1_3: ContextOptions = {
  version: TLS1_3_VERSION,
  options: SSL_OP_NO_TICKET,
};
const NO_STORE = SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL_STORE;
const NO_LOOKUP = SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL_LOOKUP;

describe("which TLS 1.3 tickets get_cb is asked for", () => {
  /** How often get_cb is called for the ticket of such a server. */
  function lookups(options: bigint, maxEarlyData: number): number {
    using peers = new Peers();
    const server = peers.server({
      version: TLS1_3_VERSION,
      options,
      cacheMode: NO_LOOKUP,
    });
    peers.libssl.SSL_CTX_set_max_early_data(server, maxEarlyData);
    const client = peers.client();
    const diary = new CallbackLog(peers.libssl, server);
    const session = peers.visit(server, client);
    assert(peers.connect(server, client, { session }).resumed);
    return diary.ids("get").length;
  }

  it("row 5: not for a stateless one", () => {
    assertEquals(lookups(0n, 0), 0);
  });

  it("row 5: for one with NO_TICKET", () => {
    assertEquals(lookups(SSL_OP_NO_TICKET, 0), 1);
  });

  it("row 5: for one that allows early data, unless replays aren't checked", () => {
    assertEquals(lookups(0n, 1024), 1);
    assertEquals(lookups(SSL_OP_NO_ANTI_REPLAY, 1024), 0);
  });

  it("row 5: the stateful ticket is the session's id", () => {
    using peers = new Peers();
    const server = peers.server({ ...TLS1_3, cacheMode: NO_LOOKUP });
    const client = peers.client();
    const diary = new CallbackLog(peers.libssl, server);
    const session = peers.visit(server, client);
    peers.connect(server, client, { session });
    const ticket = peers.libssl.SSL_SESSION_get0_ticket(session).toHex();
    assertEquals(diary.ids("get"), [ticket]);
    assertEquals(diary.ids("new")[1], ticket);
  });

  it("row 5: not for an identity of other than 32 bytes", () => {
    using peers = new Peers();
    const server = peers.server(TLS1_3);
    const client = peers.client();
    const diary = new CallbackLog(peers.libssl, server);
    const asked = [1, 31, 32, 33, 255].filter((length) => {
      peers.libssl.SSL_CTX_set_psk_client_callback(client, () => ({
        identity: "x".repeat(length),
        psk: new Uint8Array(32),
      }));
      peers.connect(server, client);
      return diary.take().includes("get");
    });
    assertEquals(asked, [32]);
  });
});

describe("which internal caches get_cb is asked after", () => {
  for (
    const [name, version] of [
      ["1.2", TLS1_2_VERSION],
      ["1.3", TLS1_3_VERSION],
    ] as const
  ) {
    const options = { version, options: SSL_OP_NO_TICKET };

    it(`row 5: TLS ${name}: asked even with the cache off`, () => {
      using peers = new Peers();
      const server = peers.server({
        ...options,
        cacheMode: SSL_SESS_CACHE_SERVER,
      });
      const client = peers.client({ version });
      const diary = new CallbackLog(peers.libssl, server);
      const session = peers.visit(server, client);
      peers.libssl.SSL_CTX_flush_sessions(server, 0);
      peers.libssl.SSL_CTX_set_session_cache_mode(server, SSL_SESS_CACHE_OFF);
      diary.take();
      peers.connect(server, client, { session });
      assertEquals(diary.take(), ["get"]);
    });

    it(`row 5: TLS ${name}: asked after an internal miss, not after a hit`, () => {
      using peers = new Peers();
      const server = peers.server(options);
      const client = peers.client({ version });
      const diary = new CallbackLog(peers.libssl, server);
      const session = peers.visit(server, client);
      diary.take();
      const hit = peers.connect(server, client, { session });
      assert(hit.resumed);
      assertEquals(diary.ids("get"), []);

      // Without a remove_cb, since flushing would empty the Map too.
      peers.libssl.SSL_CTX_sess_set_remove_cb(server, null);
      peers.libssl.SSL_CTX_flush_sessions(server, 0);
      const miss = peers.connect(server, client, { session });
      assert(miss.resumed);
      assertEquals(diary.ids("get").length, 1);
      assertEquals(peers.libssl.SSL_CTX_sess_misses(server), 1);
      assertEquals(peers.libssl.SSL_CTX_sess_cb_hits(server), 1);
    });

    it(`row 5: TLS ${name}: always asked with NO_INTERNAL_LOOKUP`, () => {
      using peers = new Peers();
      const server = peers.server({ ...options, cacheMode: NO_LOOKUP });
      const client = peers.client({ version });
      const diary = new CallbackLog(peers.libssl, server);
      const session = peers.visit(server, client);
      diary.take();
      assert(peers.libssl.SSL_CTX_sess_number(server) > 0);
      assert(peers.connect(server, client, { session }).resumed);
      assertEquals(diary.ids("get").length, 1);
    });
  }
});

describe("whose the session is that get_cb returns", () => {
  /** Resumes by a get_cb that answers with `copy`: the session, and what copy was. */
  function resumeWith(
    peers: Peers,
    copy: number | undefined,
    cacheMode = NO_STORE,
  ): [SSL_SESSION, number[]] {
    const { libssl } = peers;
    const server = peers.server({ ...TLS1_2, cacheMode });
    const client = peers.client({ version: TLS1_2_VERSION });
    const { sessions } = new CallbackLog(libssl, server);
    const session = peers.visit(server, client);

    const before: number[] = [];
    let answer: SSL_SESSION | null = null;
    libssl.SSL_CTX_sess_set_get_cb(server, (_ssl, id, out) => {
      before.push(out.value);
      if (copy !== undefined) out.value = copy;
      const der = sessions.get(id.toHex());
      return answer = libssl.d2i_SSL_SESSION(made(der ?? null));
    });
    const pair = peers.connect(server, client, { session });
    assert(pair.resumed);
    pair.close();
    return [made<SSL_SESSION>(answer), before];
  }

  it("row 6: copy starts at 1, and OpenSSL takes a reference of its own", () => {
    using peers = new Peers();
    const [session, copies] = resumeWith(peers, undefined);
    assertEquals(copies, [1]);
    // The connection is gone; the callback's reference is still to be given back.
    assertEquals(peers.libssl.SSL_SESSION_get_id(session).length, 32);
    peers.libssl.SSL_SESSION_free(session);
    assertFreed(peers.libssl, session);
  });

  it("row 6: with copy 0 the callback's reference is OpenSSL's, as d2i's should be", () => {
    using peers = new Peers();
    const [session] = resumeWith(peers, 0);
    assertFreed(peers.libssl, session);
  });

  it("row 6: with copy 0 it can't be given back, even while the cache has it", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const [session] = resumeWith(peers, 0, NO_LOOKUP);
    assertEquals(libssl.SSL_SESSION_get_id(session).length, 32);
    const free = (): void => libssl.SSL_SESSION_free(session);
    assertThrows(free, TypeError, "this program holds none");
  });

  function assertFreed(libssl: Libssl, session: SSL_SESSION): void {
    const use = (): unknown => libssl.SSL_SESSION_get_id(session);
    assertThrows(use, TypeError, "freed");
  }
});

describe("a session with another id than was asked for", () => {
  /** A pair that proposes one session to a get_cb that answers with another. */
  function confuse(peers: Peers, options: ContextOptions): () => void {
    const server = peers.server({ ...options, cacheMode: NO_STORE });
    const client = peers.client();
    const diary = new CallbackLog(peers.libssl, server);
    peers.visit(server, client);
    const [other] = diary.sessions.values();
    const session = peers.visit(server, client);
    answerAlways(peers.libssl, server, made(other ?? null));
    const pair = peers.pair(server, client, { session });
    return () => pair.handshake();
  }

  it("row 7: is fatal in TLS 1.2: the client takes it for a new one", () => {
    using peers = new Peers();
    const handshake = confuse(peers, TLS1_2);
    assertThrows(handshake, HandshakeError, "client: unexpected message");
  });

  it("row 7: is fatal in TLS 1.3 too: its binder isn't the client's", () => {
    using peers = new Peers();
    const handshake = confuse(peers, TLS1_3);
    assertThrows(handshake, HandshakeError, "server: binder does not verify");
  });

  function answerAlways(libssl: Libssl, ctx: SSL_CTX, der: Uint8Array): void {
    libssl.SSL_CTX_sess_set_get_cb(ctx, (_ssl, _id, copy) => {
      copy.value = 0;
      return libssl.d2i_SSL_SESSION(der);
    });
  }
});
