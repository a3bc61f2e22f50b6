/** The keys of a key exchange, and what both ends support. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type EVP_PKEY,
  type Libssl,
  TLS1_2_VERSION,
} from "../../src/libssl/mod.ts";
import { made, Pair } from "../support/pair.ts";
import { Peers } from "../support/peers.ts";
import { DH_1024, DH_2048 } from "../testdata/dh_parameters.ts";

const NID_EC = 408;
const NID_SHA256 = 672;

describe("SSL_get_peer_tmp_key", () => {
  it("returns the server's key with its group", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const found = ["P-256", "X25519", "ffdhe2048", "MLKEM768"].map((group) => {
      const [server, client] = [peers.server(), peers.client()];
      for (const ctx of [server, client]) {
        assertEquals(libssl.SSL_CTX_set1_groups_list(ctx, group), 1);
      }
      const pair = new Pair(libssl, server, client);
      pair.handshake();
      const key = libssl.SSL_get_peer_tmp_key(pair.client);
      const facts = key && [
        libssl.EVP_PKEY_get0_type_name(key),
        libssl.EVP_PKEY_get_group_name(key),
        libssl.EVP_PKEY_get_bits(key),
      ];
      libssl.EVP_PKEY_free(key);
      pair.close();
      return facts;
    });
    assertEquals(found.slice(0, 2), [
      ["EC", "prime256v1", 256],
      ["X25519", null, 253],
    ]);
    assertEquals(found[2], ["DH", "ffdhe2048", 2048]);
    // Of a key encapsulation a client has no key of the server's.
    assertEquals(found[3], null);
  });
});

describe("SSL_get_shared_sigalgs", () => {
  it("lists what both ends support, for a server", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const [server, client] = [peers.server(), peers.client()];
    libssl.SSL_CTX_set1_sigalgs_list(client, "ECDSA+SHA256:ed25519");
    const pair = new Pair(libssl, server, client);
    assertEquals(libssl.SSL_get_shared_sigalgs(pair.server), []);
    pair.handshake();
    assertEquals(libssl.SSL_get_shared_sigalgs(pair.server), [
      { sign: NID_EC, hash: NID_SHA256 },
      { sign: 1087, hash: 0 },
    ]);
    pair.close();
  });
});

describe("SSL_CTX_get_ciphers", () => {
  it("lists the suites of a context", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const ctx = peers.client();
    libssl.SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256");
    libssl.SSL_CTX_set_cipher_list(ctx, "AES256-SHA");
    assertEquals(libssl.SSL_CTX_get_ciphers(ctx), [
      "TLS_AES_128_GCM_SHA256",
      "AES256-SHA",
    ]);
  });
});

describe("SSL_CTX_set0_tmp_dh_pkey", () => {
  it("sets the group of a server, which takes over the reference", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server({
      version: TLS1_2_VERSION,
      keyType: "RSA-2048",
    });
    const client = peers.client();
    libssl.SSL_CTX_set_cipher_list(client, "DHE-RSA-AES128-SHA256");
    const dh = made(read(libssl, DH_2048));
    assertEquals(libssl.SSL_CTX_set0_tmp_dh_pkey(server, dh), 1);
    assertThrows(() => libssl.EVP_PKEY_free(dh), TypeError);
    const pair = new Pair(libssl, server, client);
    pair.handshake();
    const key = libssl.SSL_get_peer_tmp_key(pair.client);
    assert(key !== null);
    assertEquals(libssl.EVP_PKEY_get_bits(key), 2048);
    libssl.EVP_PKEY_free(key);
    pair.close();
  });

  it("refuses one that is too small for the security level", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const dh = made(read(libssl, DH_1024));
    assertEquals(libssl.SSL_CTX_set0_tmp_dh_pkey(peers.server(), dh), 0);
    assertEquals(libssl.ERR_get_error_all()?.reason, "dh key too small");
    libssl.EVP_PKEY_free(dh);
  });

  it("reads no parameters where there are none", () => {
    using peers = new Peers();
    assertEquals(read(peers.libssl, "junk"), null);
    peers.libssl.ERR_clear_error();
  });
});

function read(libssl: Libssl, pem: string): EVP_PKEY | null {
  const bio = made(libssl.BIO_new_mem_buf(new TextEncoder().encode(pem)));
  const parameters = libssl.PEM_read_bio_Parameters(bio);
  libssl.BIO_free(bio);
  return parameters;
}
