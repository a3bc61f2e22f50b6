/** Sessions as objects: what can be set and asked, and the cache's statistics. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type BIO,
  SSL_OP_ALLOW_CLIENT_RENEGOTIATION,
  SSL_OP_NO_TICKET,
  SSL_SESS_CACHE_BOTH,
  SSL_SESS_CACHE_CLIENT,
  SSL_SESS_CACHE_SERVER,
  type SSL_SESSION,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../../src/libssl/mod.ts";
import { made } from "../../support/pair.ts";
import { Peers, STATEFUL } from "../../support/peers.ts";

describe("SSL_SESSION_set and get", () => {
  /** An empty session, freed with the peers. */
  function emptySession(peers: Peers): SSL_SESSION {
    const session = made(peers.libssl.SSL_SESSION_new());
    peers.defer(() => peers.libssl.SSL_SESSION_free(session));
    return session;
  }

  it("agree on bytes, which are copies", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const session = emptySession(peers);
    const pairs = [
      [libssl.SSL_SESSION_set1_id, libssl.SSL_SESSION_get_id],
      [libssl.SSL_SESSION_set1_id_context, libssl.SSL_SESSION_get0_id_context],
      [
        libssl.SSL_SESSION_set1_alpn_selected,
        libssl.SSL_SESSION_get0_alpn_selected,
      ],
      [
        libssl.SSL_SESSION_set1_ticket_appdata,
        libssl.SSL_SESSION_get0_ticket_appdata,
      ],
      [libssl.SSL_SESSION_set1_master_key, libssl.SSL_SESSION_get_master_key],
    ] as const;
    for (const [set, get] of pairs) {
      assertEquals(get(session), new Uint8Array());
      for (const value of [Uint8Array.of(1, 0, 255), Uint8Array.of(7)]) {
        assertEquals(set(session, value), 1);
        const got = get(session);
        assertEquals(got, value);
        got.fill(9);
        assertEquals(get(session), value);
      }
    }
  });

  it("refuse ids, contexts and secrets that are too long", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const session = emptySession(peers);
    for (
      const [set, max] of [
        [libssl.SSL_SESSION_set1_id, 32],
        [libssl.SSL_SESSION_set1_id_context, 32],
      ] as const
    ) {
      assertEquals(set(session, new Uint8Array(max)), 1);
      assertEquals(set(session, new Uint8Array(max + 1)), 0);
    }
    assertThrows(
      () => libssl.SSL_SESSION_set1_alpn_selected(session, new Uint8Array(256)),
      RangeError,
      "alpn must be at most 255 bytes, received 256",
    );
  });

  it("agree on numbers", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const session = emptySession(peers);
    assertEquals(libssl.SSL_SESSION_get_time_ex(session), peers.now);
    for (const time of [0, 1, 2 ** 33]) {
      assertEquals(libssl.SSL_SESSION_set_time_ex(session, time), time);
      assertEquals(libssl.SSL_SESSION_get_time_ex(session), time);
    }
    assertEquals(libssl.SSL_SESSION_set_timeout(session, 2 ** 31 - 1), 1);
    assertEquals(libssl.SSL_SESSION_get_timeout(session), 2 ** 31 - 1);
    assertEquals(
      libssl.SSL_SESSION_set_protocol_version(session, TLS1_3_VERSION),
      1,
    );
    assertEquals(
      libssl.SSL_SESSION_get_protocol_version(session),
      TLS1_3_VERSION,
    );
    assertEquals(
      libssl.SSL_SESSION_set_max_early_data(session, 2 ** 32 - 1),
      1,
    );
    assertEquals(libssl.SSL_SESSION_get_max_early_data(session), 2 ** 32 - 1);
  });

  it("agree on the host name and the cipher", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const session = emptySession(peers);
    assertEquals(libssl.SSL_SESSION_get0_hostname(session), null);
    assertEquals(libssl.SSL_SESSION_set1_hostname(session, "a.example"), 1);
    assertEquals(libssl.SSL_SESSION_get0_hostname(session), "a.example");
    assertEquals(libssl.SSL_SESSION_set1_hostname(session, null), 1);
    assertEquals(libssl.SSL_SESSION_get0_hostname(session), null);

    const { client } = peers.pair(peers.server(), peers.client());
    const code = Uint8Array.of(0x13, 0x01);
    const cipher = made(libssl.SSL_CIPHER_find(client, code));
    assertEquals(libssl.SSL_SESSION_get0_cipher(session), null);
    assertEquals(libssl.SSL_SESSION_set_cipher(session, cipher), 1);
    assertEquals(libssl.SSL_SESSION_get0_cipher(session), cipher);
  });
});

describe("a negotiated session", () => {
  it("tells what was negotiated", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server({ version: TLS1_3_VERSION });
    libssl.SSL_CTX_set_alpn_select_cb(server, () => "h2");
    libssl.SSL_CTX_set_tlsext_servername_callback(server, () => 0);
    libssl.SSL_CTX_set_max_early_data(server, 4096);
    libssl.SSL_CTX_set_session_id_context(server, Uint8Array.of(1, 2));
    const client = peers.client();
    libssl.SSL_CTX_set_alpn_protos(client, Uint8Array.of(2, 104, 50));
    const pair = peers.connect(server, client, { serverName: "localhost" });
    const session = peers.session(pair);
    const text = new TextDecoder();

    assertEquals(libssl.SSL_SESSION_get0_hostname(session), "localhost");
    const alpn = libssl.SSL_SESSION_get0_alpn_selected(session);
    assertEquals(text.decode(alpn), "h2");
    assertEquals(libssl.SSL_SESSION_get_max_early_data(session), 4096);
    assertEquals(libssl.SSL_SESSION_has_ticket(session), 1);
    assertEquals(libssl.SSL_SESSION_get_ticket_lifetime_hint(session), 7200);
    assertEquals(libssl.SSL_SESSION_is_resumable(session), 1);
    const peer = made(libssl.SSL_SESSION_get0_peer(session));
    assertEquals(libssl.X509_get_subject_name(peer), "CN=localhost");
    const cipher = made(libssl.SSL_SESSION_get0_cipher(session));
    assertEquals(libssl.SSL_CIPHER_get_name(cipher), "TLS_AES_256_GCM_SHA384");
    const ofServer = made(libssl.SSL_get_session(pair.server));
    assertEquals(
      libssl.SSL_SESSION_get0_id_context(ofServer),
      Uint8Array.of(1, 2),
    );
  });

  it("goes through DER, PEM and SSL_SESSION_dup unchanged, and resumes", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server();
    const client = peers.client();
    const session = peers.visit(server, client);
    const der = made(libssl.i2d_SSL_SESSION(session));

    const bio: BIO = made(libssl.BIO_new_mem());
    assertEquals(libssl.PEM_write_bio_SSL_SESSION(bio, session), 1);
    const copies = [
      libssl.d2i_SSL_SESSION(der),
      libssl.PEM_read_bio_SSL_SESSION(bio),
      libssl.SSL_SESSION_dup(session),
    ].map(made);
    libssl.BIO_free(bio);
    for (const copy of copies) {
      assertEquals(libssl.i2d_SSL_SESSION(copy), der);
      assert(peers.connect(server, client, { session: copy }).resumed);
      libssl.SSL_SESSION_free(copy);
    }
  });

  it("isn't made of what is none", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const session = peers.visit(peers.server(), peers.client());
    const der = made(libssl.i2d_SSL_SESSION(session));
    for (const garbage of [new Uint8Array(), der.subarray(0, -1)]) {
      assertEquals(libssl.d2i_SSL_SESSION(garbage), null);
    }
    const empty = made(libssl.SSL_SESSION_new());
    assertEquals(libssl.i2d_SSL_SESSION(empty), null);
    libssl.SSL_SESSION_free(empty);
    const bio = made(libssl.BIO_new_mem_buf(new TextEncoder().encode("no")));
    assertEquals(libssl.PEM_read_bio_SSL_SESSION(bio), null);
    libssl.BIO_free(bio);
  });
});

describe("the statistics of a session cache", () => {
  it("count both sides' handshakes; renegotiations end, but don't start them", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server({
      ...STATEFUL,
      options: SSL_OP_NO_TICKET | SSL_OP_ALLOW_CLIENT_RENEGOTIATION,
    });
    const client = peers.client({ version: TLS1_2_VERSION });
    const session = peers.visit(server, client);
    peers.visit(server, client, { session });
    libssl.SSL_CTX_flush_sessions(server, 0);
    const pair = peers.connect(server, client, { session });
    libssl.SSL_renegotiate(pair.client);
    pair.step("client");
    pair.exchange();

    assertEquals({
      accept: libssl.SSL_CTX_sess_accept(server),
      acceptGood: libssl.SSL_CTX_sess_accept_good(server),
      acceptRenegotiate: libssl.SSL_CTX_sess_accept_renegotiate(server),
      hits: libssl.SSL_CTX_sess_hits(server),
      misses: libssl.SSL_CTX_sess_misses(server),
      number: libssl.SSL_CTX_sess_number(server),
      connect: libssl.SSL_CTX_sess_connect(client),
      connectGood: libssl.SSL_CTX_sess_connect_good(client),
      connectRenegotiate: libssl.SSL_CTX_sess_connect_renegotiate(client),
    }, {
      accept: 3,
      acceptGood: 4,
      acceptRenegotiate: 1,
      hits: 1,
      misses: 1,
      number: 2,
      connect: 3,
      connectGood: 4,
      connectRenegotiate: 1,
    });
  });

  it("go with modes, which setting returns", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ctx = peers.client();
    const { SSL_CTX_set_session_cache_mode, SSL_CTX_get_session_cache_mode } =
      libssl;
    assertEquals(SSL_CTX_get_session_cache_mode(ctx), SSL_SESS_CACHE_SERVER);
    assertEquals(
      SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_BOTH),
      SSL_SESS_CACHE_SERVER,
    );
    assertEquals(
      SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT),
      SSL_SESS_CACHE_BOTH,
    );
    assertEquals(libssl.SSL_CTX_set_timeout(ctx, 5), 7200);
    assertEquals(libssl.SSL_CTX_get_timeout(ctx), 5);
  });
});
