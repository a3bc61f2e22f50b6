/** The callbacks of one connection: for its certificate and its pre-shared keys; and its records. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  SSL_ERROR_WANT_X509_LOOKUP,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
  TLSEXT_STATUSTYPE_ocsp,
} from "../../../src/libssl/mod.ts";
import { HandshakeError } from "../../support/pair.ts";
import { Peers } from "../../support/peers.ts";

const VERSIONS = [
  ["1.2", TLS1_2_VERSION],
  ["1.3", TLS1_3_VERSION],
] as const;

for (const [name, version] of VERSIONS) {
  describe(`SSL_set_cert_cb, TLS ${name}`, () => {
    it("suspends the handshake until it returns 1, with another certificate by then", () => {
      using peers = new Peers();
      const { libssl } = peers;
      const other = peers.server({ version, keyType: "RSA-2048" });
      const pair = peers.pair(peers.server({ version }), peers.client());
      const asked: (string | null)[] = [];
      let isReady = false;
      libssl.SSL_set_tlsext_host_name(pair.client, "localhost");
      libssl.SSL_set_cert_cb(pair.server, (ssl) => {
        asked.push(libssl.SSL_get_servername(ssl));
        if (isReady) libssl.SSL_set_SSL_CTX(ssl, other);
        return isReady ? 1 : -1;
      });
      pair.step("client");
      for (let turn = 0; turn < 2; turn++) {
        const ret = libssl.SSL_do_handshake(pair.server);
        const error = libssl.SSL_get_error(pair.server, ret);
        assertEquals(error, SSL_ERROR_WANT_X509_LOOKUP);
      }
      isReady = true;
      pair.handshake();
      assertEquals(asked, ["localhost", "localhost", "localhost"]);
      const shown = libssl.SSL_get0_peer_certificate(pair.client);
      const { cert } = peers.certificate("RSA-2048");
      assert(shown);
      assertEquals(libssl.i2d_X509(shown), libssl.i2d_X509(cert));
    });

    it("fails the handshake by 0, and is removed by null", () => {
      using peers = new Peers();
      const { libssl } = peers;
      const refused = peers.pair(peers.server({ version }), peers.client());
      libssl.SSL_set_cert_cb(refused.server, () => 0);
      assertThrows(() => refused.handshake(), HandshakeError);
      const pair = peers.pair(peers.server({ version }), peers.client());
      libssl.SSL_set_cert_cb(pair.server, () => 0);
      libssl.SSL_set_cert_cb(pair.server, null);
      pair.handshake();
    });
  });

  it(`SSL_set_psk_*_callback: keys of one connection, TLS ${name}`, () => {
    using peers = new Peers();
    const { libssl } = peers;
    const psk = new Uint8Array(32).fill(3);
    const contexts = [peers.client({ version }), peers.client({ version })];
    if (version === TLS1_2_VERSION) {
      for (const ctx of contexts) libssl.SSL_CTX_set_cipher_list(ctx, "PSK");
    }
    const [server, client] = contexts as [
      typeof contexts[0],
      typeof contexts[0],
    ];
    const pair = peers.pair(server, client);
    const heard: unknown[] = [];
    assertEquals(libssl.SSL_use_psk_identity_hint(pair.server, "who?"), 1);
    libssl.SSL_set_psk_client_callback(pair.client, (_, hint) => {
      heard.push(hint);
      return { identity: "me", psk };
    });
    libssl.SSL_set_psk_server_callback(pair.server, (_, identity) => {
      heard.push(identity);
      return psk;
    });
    pair.handshake();
    assertEquals(heard, [version === TLS1_2_VERSION ? "who?" : null, "me"]);
    const other = peers.pair(server, client);
    assertThrows(() => other.handshake(), HandshakeError);
  });
}

it("SSL_get_tlsext_status_type is -1 for a client that asks for no status", () => {
  using peers = new Peers();
  const { libssl } = peers;
  const types = [false, true].map((asks) => {
    const pair = peers.pair(peers.server(), peers.client());
    if (asks) {
      libssl.SSL_set_tlsext_status_type(pair.client, TLSEXT_STATUSTYPE_ocsp);
    }
    pair.handshake();
    return libssl.SSL_get_tlsext_status_type(pair.server);
  });
  assertEquals(types, [-1, TLSEXT_STATUSTYPE_ocsp]);
});

it("SSL_set_max_send_fragment bounds the records of one connection", () => {
  using peers = new Peers();
  const { libssl } = peers;
  const pair = peers.connect(peers.server(), peers.client());
  assertEquals(libssl.SSL_set_max_send_fragment(pair.client, 511), 0);
  assertEquals(libssl.SSL_set_max_send_fragment(pair.client, 512), 1);
  pair.write("client", "x".repeat(1000));
  // A call reads one record.
  assertEquals([1, 2].map(() => pair.read("server").length), [512, 488]);
});
