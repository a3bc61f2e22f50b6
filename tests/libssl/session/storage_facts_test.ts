/** Rows 15 to 17 of docs/openssl-facts.md: where sessions are kept, and as what. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type Libssl,
  SSL_OP_NO_ANTI_REPLAY,
  SSL_OP_NO_TICKET,
  SSL_SESS_CACHE_NO_INTERNAL,
  SSL_SESS_CACHE_NO_INTERNAL_LOOKUP,
  SSL_SESS_CACHE_NO_INTERNAL_STORE,
  SSL_SESS_CACHE_SERVER,
  type SSL_SESSION,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../../src/libssl/mod.ts";
import { makeChain } from "../../support/chain.ts";
import { CallbackLog } from "../../support/callback_log.ts";
import { made } from "../../support/pair.ts";
import { Peers } from "../../support/peers.ts";

describe("0-RTT anti-replay and the internal cache", () => {
  /** What happens when a client proposes a session that allows early data. */
  function resume(
    cacheMode: number,
    options = 0n,
  ): { resumed: boolean; calls: string[] } {
    using peers = new Peers();
    const server = peers.server({
      version: TLS1_3_VERSION,
      cacheMode: SSL_SESS_CACHE_SERVER | cacheMode,
      options,
    });
    const client = peers.client();
    peers.libssl.SSL_CTX_set_max_early_data(server, 1024);
    const diary = new CallbackLog(peers.libssl, server);
    const session = peers.visit(server, client);
    diary.take();
    const { resumed } = peers.connect(server, client, { session });
    return { resumed, calls: diary.take() };
  }

  it("row 15: with NO_INTERNAL TLS 1.3 never resumes: get_cb, remove_cb, full handshake", () => {
    const expected = {
      resumed: false,
      calls: ["get", "remove", "new", "new"],
    };
    assertEquals(resume(SSL_SESS_CACHE_NO_INTERNAL), expected);
    // It is the store that it needs.
    assertEquals(resume(SSL_SESS_CACHE_NO_INTERNAL_STORE), expected);
  });

  it("row 15: with the session in the internal cache it resumes, once", () => {
    assertEquals(resume(0), { resumed: true, calls: ["remove", "new"] });
    assertEquals(resume(SSL_SESS_CACHE_NO_INTERNAL_LOOKUP), {
      resumed: true,
      calls: ["get", "remove", "new"],
    });
  });

  it("row 15: with NO_ANTI_REPLAY and NO_TICKET it resumes from outside", () => {
    const options = SSL_OP_NO_ANTI_REPLAY | SSL_OP_NO_TICKET;
    assertEquals(resume(SSL_SESS_CACHE_NO_INTERNAL, options), {
      resumed: true,
      calls: ["get", "new"],
    });
  });
});

describe("what i2d_SSL_SESSION keeps", () => {
  for (const version of [TLS1_2_VERSION, TLS1_3_VERSION]) {
    const name = version === TLS1_2_VERSION ? "1.2" : "1.3";

    it(`row 16: TLS ${name}: the master secret, in clear`, () => {
      using peers = new Peers();
      const { libssl } = peers;
      const server = peers.server({ version, options: SSL_OP_NO_TICKET });
      const session = peers.visit(server, peers.client());
      const secret = libssl.SSL_SESSION_get_master_key(session);
      assertEquals(secret.length, 48);
      assert(derOf(libssl, session).includes(secret.toHex()));
    });

    it(`row 16: TLS ${name}: of the peer's chain the leaf only`, () => {
      using peers = new Peers();
      const { libssl } = peers;
      const { leaf, intermediate } = makeChain(peers);
      const server = peers.client({ version });
      libssl.SSL_CTX_use_certificate(server, leaf.cert);
      libssl.SSL_CTX_use_PrivateKey(server, leaf.key);
      libssl.SSL_CTX_add1_chain_cert(server, intermediate.cert);
      const client = peers.client();

      const session = peers.visit(server, client);
      const der = derOf(libssl, session);
      assert(der.includes(made(libssl.i2d_X509(leaf.cert)).toHex()));
      assert(!der.includes(made(libssl.i2d_X509(intermediate.cert)).toHex()));

      const chainWith = (session: SSL_SESSION): number => {
        const pair = peers.connect(server, client, { session });
        assert(pair.resumed);
        assertNotEquals(libssl.SSL_get0_peer_certificate(pair.client), null);
        return libssl.SSL_get_peer_cert_chain(pair.client).length;
      };
      const copy = made(libssl.d2i_SSL_SESSION(Uint8Array.fromHex(der)));
      peers.defer(() => libssl.SSL_SESSION_free(copy));
      assertEquals(chainWith(copy), 0);
      assertEquals(chainWith(session), 2);
    });

    it(`row 16: TLS ${name}: times in whole seconds`, () => {
      using peers = new Peers();
      const { libssl } = peers;
      const server = peers.server({
        version,
        options: SSL_OP_NO_TICKET,
        cacheMode: SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL,
      });
      const client = peers.client({ version });
      libssl.SSL_CTX_set_timeout(server, 10);
      let kept: SSL_SESSION | null = null;
      libssl.SSL_CTX_sess_set_new_cb(server, (_ssl, session) => {
        libssl.SSL_SESSION_free(kept);
        kept = session;
        return 1;
      });

      const resumesAt = (ms: number, from: "object" | "DER"): boolean => {
        peers.nowMs = Date.UTC(2026, 0, 1) + 900;
        const session = peers.visit(server, client);
        libssl.SSL_SESSION_set_timeout(session, 1000);
        peers.nowMs += ms;
        libssl.SSL_CTX_sess_set_get_cb(server, (_ssl, _id, copy) => {
          if (from === "object") return kept;
          copy.value = 0;
          const der = derOf(libssl, made(kept));
          return libssl.d2i_SSL_SESSION(Uint8Array.fromHex(der));
        });
        return peers.connect(server, client, { session }).resumed;
      };
      assert(resumesAt(9_000, "object"));
      assert(resumesAt(9_000, "DER"));
      assert(resumesAt(9_500, "object"));
      assert(!resumesAt(9_500, "DER"));
      assert(!resumesAt(10_100, "object"));
      libssl.SSL_SESSION_free(kept);
    });
  }

  /** A session's ASN.1 form, in hex. */
  function derOf(libssl: Libssl, session: SSL_SESSION): string {
    return made(libssl.i2d_SSL_SESSION(session)).toHex();
  }
});

describe("the internal cache", () => {
  it("row 17: of size N holds N-1 sessions for N >= 2, and 1 for N = 1", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server({
      version: TLS1_2_VERSION,
      options: SSL_OP_NO_TICKET,
    });
    const client = peers.client();
    const held = [1, 2, 3, 5].map((size) => {
      libssl.SSL_CTX_flush_sessions(server, 0);
      libssl.SSL_CTX_sess_set_cache_size(server, size);
      for (let i = 0; i < 6; i++) peers.visit(server, client);
      return libssl.SSL_CTX_sess_number(server);
    });
    assertEquals(held, [1, 1, 2, 4]);
  });

  it("row 17: of size 0 has no limit", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server({
      version: TLS1_2_VERSION,
      options: SSL_OP_NO_TICKET,
    });
    const client = peers.client();
    assertEquals(libssl.SSL_CTX_sess_set_cache_size(server, 0), 20480);
    for (let i = 0; i < 6; i++) peers.visit(server, client);
    assertEquals(libssl.SSL_CTX_sess_number(server), 6);
    assertEquals(libssl.SSL_CTX_sess_cache_full(server), 0);
  });

  it("row 17: has size 20480 and timeout 7200 s unless told", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server();
    assertEquals(libssl.SSL_CTX_sess_get_cache_size(server), 20480);
    assertEquals(libssl.SSL_CTX_get_timeout(server), 7200);
    const session = peers.visit(server, peers.client());
    assertEquals(libssl.SSL_SESSION_get_timeout(session), 7200);
  });
});
