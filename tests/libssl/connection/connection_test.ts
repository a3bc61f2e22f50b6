/** Connections: what is set on one goes before what its context has. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  SSL_VERIFY_PEER,
  TLS1_2_VERSION,
  X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
  X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
} from "../../../src/libssl/mod.ts";
import { HandshakeError, made } from "../../support/pair.ts";
import { Peers } from "../../support/peers.ts";

describe("a connection's own settings", () => {
  it("go before its context's: versions, ciphers, ALPN", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server();
    libssl.SSL_CTX_set_alpn_select_cb(server, (_ssl, [first]) => first ?? 3);
    const pair = peers.pair(server, peers.client());
    const { client } = pair;
    assertEquals(libssl.SSL_set_min_proto_version(client, TLS1_2_VERSION), 1);
    assertEquals(libssl.SSL_set_max_proto_version(client, TLS1_2_VERSION), 1);
    assertEquals(libssl.SSL_get_max_proto_version(client), TLS1_2_VERSION);
    assertEquals(libssl.SSL_get_min_proto_version(client), TLS1_2_VERSION);
    const cipher = "ECDHE-ECDSA-AES128-GCM-SHA256";
    assertEquals(libssl.SSL_set_cipher_list(client, cipher), 1);
    assertEquals(libssl.SSL_get1_supported_ciphers(client), [cipher]);
    assertEquals(libssl.SSL_set_alpn_protos(client, Uint8Array.of(1, 65)), 0);
    pair.handshake();
    assertEquals(libssl.SSL_version(client), TLS1_2_VERSION);
    const agreed = made(libssl.SSL_get_current_cipher(client));
    assertEquals(libssl.SSL_CIPHER_get_name(agreed), cipher);
    assertEquals(libssl.SSL_get0_alpn_selected(client), Uint8Array.of(65));

    const other = peers.pair(server, peers.client());
    const suite = "TLS_CHACHA20_POLY1305_SHA256";
    assertEquals(libssl.SSL_set_ciphersuites(other.client, suite), 1);
    other.handshake();
    const current = made(libssl.SSL_get_current_cipher(other.client));
    assertEquals(libssl.SSL_CIPHER_get_name(current), suite);
    assertEquals(libssl.SSL_CIPHER_get_version(current), "TLSv1.3");
    assertEquals(libssl.SSL_CIPHER_get_bits(current), 256);
  });

  it("go before its context's: certificate and verification", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const pair = peers.pair(peers.client(), peers.client());
    const { cert, key } = peers.certificate("Ed25519");
    assertEquals(libssl.SSL_get_certificate(pair.server), null);
    assertEquals(libssl.SSL_use_certificate(pair.server, cert), 1);
    assertEquals(libssl.SSL_use_PrivateKey(pair.server, key), 1);
    assertEquals(libssl.SSL_get_certificate(pair.server), cert);

    assertEquals(libssl.SSL_get_verify_mode(pair.client), 0);
    let calls = 0;
    libssl.SSL_set_verify(pair.client, SSL_VERIFY_PEER, () => {
      calls++;
      return 1;
    });
    assertEquals(libssl.SSL_get_verify_mode(pair.client), SSL_VERIFY_PEER);
    // Without a callback the one that was set stays.
    libssl.SSL_set_verify(pair.client, SSL_VERIFY_PEER, null);
    pair.handshake();
    assert(calls > 0);
    const peer = made(libssl.SSL_get0_peer_certificate(pair.client));
    assertEquals(
      libssl.X509_digest(peer, "SHA256"),
      libssl.X509_digest(cert, "SHA256"),
    );
  });

  it("bind its sessions to a context", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server();
    const client = peers.client();
    const session = peers.visit(server, client);
    const pair = peers.pair(server, client, { session });
    const context = new Uint8Array(32).fill(1);
    assertEquals(libssl.SSL_set_session_id_context(pair.server, context), 1);
    pair.handshake();
    assert(!pair.resumed);
    const long = new Uint8Array(33);
    assertEquals(libssl.SSL_set_session_id_context(pair.server, long), 0);
  });
});

describe("the name that a peer's certificate must be for", () => {
  /** Whether the peer's certificate for localhost passes for these names. */
  function passes(...[name, ...others]: string[]): string | null {
    using peers = new Peers();
    const { libssl } = peers;
    const client = peers.client();
    const { cert } = peers.certificate("P-256");
    const store = made(libssl.SSL_CTX_get_cert_store(client));
    libssl.X509_STORE_add_cert(store, cert);
    libssl.SSL_CTX_set_verify(client, SSL_VERIFY_PEER, null);
    const pair = peers.pair(peers.server(), client);
    assertEquals(libssl.SSL_set1_host(pair.client, name ?? null), 1);
    for (const other of others) {
      assertEquals(libssl.SSL_add1_host(pair.client, other), 1);
    }
    libssl.SSL_set_hostflags(
      pair.client,
      X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
        X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
    );
    pair.handshake();
    return libssl.SSL_get0_peername(pair.client);
  }

  it("is one of those that were set", () => {
    assertEquals(passes("localhost"), "localhost");
    assertEquals(passes("other.example", "localhost"), "localhost");
    assertEquals(passes(), null);
    const failure = "certificate verify failed";
    assertThrows(() => passes("other.example"), HandshakeError, failure);
  });
});
