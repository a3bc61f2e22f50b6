/** Contexts: options, versions, ciphers, groups. */
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type Libssl,
  type SSL_CTX,
  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER,
  SSL_MODE_AUTO_RETRY,
  SSL_MODE_RELEASE_BUFFERS,
  SSL_OP_NO_RENEGOTIATION,
  SSL_OP_NO_TICKET,
  SSL_OP_PREFER_NO_DHE_KEX,
  SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
  SSL_VERIFY_PEER,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../../src/libssl/mod.ts";
import { HandshakeError, made } from "../../support/pair.ts";
import { Peers } from "../../support/peers.ts";

describe("a context's options and modes", () => {
  it("are sets of bits, of 64 of them", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ctx = peers.client();
    const before = libssl.SSL_CTX_get_options(ctx);
    const added = SSL_OP_NO_TICKET | SSL_OP_PREFER_NO_DHE_KEX;
    assertEquals(libssl.SSL_CTX_set_options(ctx, added), before | added);
    assertEquals(libssl.SSL_CTX_get_options(ctx), before | added);
    assertEquals(
      libssl.SSL_CTX_clear_options(ctx, SSL_OP_NO_TICKET),
      before | SSL_OP_PREFER_NO_DHE_KEX,
    );
    const ssl = made(libssl.SSL_new(ctx));
    const own = libssl.SSL_get_options(ssl);
    assertEquals(own, before | SSL_OP_PREFER_NO_DHE_KEX);
    assertEquals(
      libssl.SSL_set_options(ssl, SSL_OP_NO_RENEGOTIATION),
      own | SSL_OP_NO_RENEGOTIATION,
    );
    assertEquals(libssl.SSL_clear_options(ssl, SSL_OP_NO_RENEGOTIATION), own);
    libssl.SSL_free(ssl);
  });

  it("are as OpenSSL has them, but for moving write buffers", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ctx = peers.client();
    const initial = SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY;
    assertEquals(libssl.SSL_CTX_set_mode(ctx, 0), initial);
    assertEquals(
      libssl.SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS),
      initial | SSL_MODE_RELEASE_BUFFERS,
    );
    assertEquals(
      libssl.SSL_CTX_clear_mode(ctx, SSL_MODE_RELEASE_BUFFERS),
      initial,
    );
  });
});

describe("a context's versions", () => {
  it("are set and asked; one there isn't is refused", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ctx = peers.client();
    assertEquals(libssl.SSL_CTX_get_min_proto_version(ctx), 0);
    assertEquals(libssl.SSL_CTX_get_max_proto_version(ctx), 0);
    assertEquals(libssl.SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION), 1);
    assertEquals(libssl.SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION), 1);
    assertEquals(libssl.SSL_CTX_get_min_proto_version(ctx), TLS1_2_VERSION);
    assertEquals(libssl.SSL_CTX_get_max_proto_version(ctx), TLS1_3_VERSION);
    assertEquals(libssl.SSL_CTX_set_min_proto_version(ctx, 0x1234), 0);
    assertEquals(libssl.SSL_CTX_get_min_proto_version(ctx), TLS1_2_VERSION);
  });

  it("go with the method's role", () => {
    using peers = new Peers();
    const { libssl } = peers;
    for (
      const [method, isServer] of [
        [libssl.TLS_client_method(), 0],
        [libssl.TLS_server_method(), 1],
      ] as const
    ) {
      const ctx = made(libssl.SSL_CTX_new(method));
      const ssl = made(libssl.SSL_new(ctx));
      assertEquals(libssl.SSL_is_server(ssl), isServer);
      libssl.SSL_free(ssl);
      libssl.SSL_CTX_free(ctx);
    }
  });
});

describe("what a context negotiates", () => {
  /** What a client and a server agree on when both were configured so. */
  function agree(
    configure: (libssl: Libssl, ctx: SSL_CTX) => number,
    version: number,
  ): string[] {
    using peers = new Peers();
    const { libssl } = peers;
    const [server, client] = [
      peers.server({ version }),
      peers.client({ version }),
    ];
    assertEquals(configure(libssl, server), 1);
    assertEquals(configure(libssl, client), 1);
    const { client: ssl } = peers.connect(server, client);
    const cipher = made(libssl.SSL_get_current_cipher(ssl));
    return [
      libssl.SSL_CIPHER_standard_name(cipher),
      libssl.SSL_get0_group_name(ssl) ?? "",
    ];
  }

  it("is of the ciphers that were set", () => {
    const list = "ECDHE-ECDSA-CHACHA20-POLY1305";
    assertEquals(
      agree(
        (libssl, ctx) => libssl.SSL_CTX_set_cipher_list(ctx, list),
        TLS1_2_VERSION,
      )[0],
      "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    );
    const suite = "TLS_AES_128_GCM_SHA256";
    assertEquals(
      agree(
        (libssl, ctx) => libssl.SSL_CTX_set_ciphersuites(ctx, suite),
        TLS1_3_VERSION,
      )[0],
      suite,
    );
  });

  it("is of the groups that were set", () => {
    for (const group of ["secp256r1", "secp521r1", "x25519", "MLKEM768"]) {
      const [, name] = agree(
        (libssl, ctx) => libssl.SSL_CTX_set1_groups_list(ctx, group),
        TLS1_3_VERSION,
      );
      assertEquals(name, group);
    }
  });

  it("is of the signature algorithms that were set", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server();
    const handshake = (list: string): unknown => {
      const client = peers.client();
      assertEquals(libssl.SSL_CTX_set1_sigalgs_list(client, list), 1);
      return peers.connect(server, client);
    };
    handshake("ecdsa_secp256r1_sha256");
    assertThrows(() => handshake("ed25519"), HandshakeError, "server:");
  });

  it("of client certificates goes by algorithms of its own", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server();
    const mode = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    libssl.SSL_CTX_set_verify(server, mode, () => 1);
    const handshake = (list: string): unknown => {
      assertEquals(libssl.SSL_CTX_set1_client_sigalgs_list(server, list), 1);
      return peers.connect(server, peers.client({ keyType: "P-256" }));
    };
    handshake("ecdsa_secp256r1_sha256");
    assertThrows(() => handshake("rsa_pss_rsae_sha256"), HandshakeError);
  });

  it("isn't changed by words that OpenSSL doesn't know", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ctx = peers.server();
    const setters = [
      [libssl.SSL_CTX_set_cipher_list, "no cipher match"],
      [libssl.SSL_CTX_set_ciphersuites, "no cipher match"],
      [libssl.SSL_CTX_set1_groups_list, undefined],
      [libssl.SSL_CTX_set1_sigalgs_list, undefined],
      [libssl.SSL_CTX_set1_client_sigalgs_list, undefined],
    ] as const;
    for (const [set, reason] of setters) {
      assertEquals(set(ctx, "NONSENSE"), 0);
      if (reason) assertEquals(libssl.ERR_get_error_all()?.reason, reason);
      libssl.ERR_clear_error();
    }
    peers.connect(ctx, peers.client());
  });
});
