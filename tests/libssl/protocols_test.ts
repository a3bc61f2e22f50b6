/** What of TLS is in the module: versions, key exchanges, ciphers, signatures. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type EVP_PKEY,
  type SSL_CTX,
  TLS1_1_VERSION,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
  TLS1_VERSION,
  type X509,
} from "../../src/libssl/mod.ts";
import { HandshakeError, made } from "../support/pair.ts";
import { Peers } from "../support/peers.ts";

interface Agreement {
  /** The version's name. */
  readonly version: string;
  /** The cipher suite, as the RFCs name it. */
  readonly cipher: string;
  /** The group of the key exchange. */
  readonly group: string | null;
}

/** Talks both ways over a connection: what was agreed on. */
function talk(peers: Peers, server: SSL_CTX, client: SSL_CTX): Agreement {
  const { libssl } = peers;
  const pair = peers.connect(server, client);
  pair.write("client", "ping");
  assertEquals(pair.read("server"), "ping");
  pair.write("server", "pong");
  assertEquals(pair.read("client"), "pong");
  const cipher = made(libssl.SSL_get_current_cipher(pair.client));
  return {
    version: libssl.SSL_get_version(pair.client),
    cipher: libssl.SSL_CIPHER_standard_name(cipher),
    group: libssl.SSL_get0_group_name(pair.client),
  };
}

describe("versions", () => {
  it("are 1.2 and 1.3 unless the security level says otherwise", () => {
    using peers = new Peers();
    const { libssl } = peers;
    assertEquals(
      talk(peers, peers.server(), peers.client()).version,
      "TLSv1.3",
    );
    for (
      const [version, name] of [
        [TLS1_VERSION, "TLSv1"],
        [TLS1_1_VERSION, "TLSv1.1"],
      ] as const
    ) {
      const [server, client] = [
        peers.server({ version }),
        peers.client({ version }),
      ];
      assertEquals(libssl.SSL_CTX_get_security_level(server), 2);
      assertThrows(() => talk(peers, server, client), HandshakeError);
      for (const ctx of [server, client]) {
        libssl.SSL_CTX_set_security_level(ctx, 0);
        assertEquals(libssl.SSL_CTX_get_security_level(ctx), 0);
      }
      assertEquals(talk(peers, server, client).version, name);
    }
  });
});

describe("key exchanges", () => {
  it("are by X25519MLKEM768 unless told", () => {
    using peers = new Peers();
    const { group } = talk(peers, peers.server(), peers.client());
    assertEquals(group, "X25519MLKEM768");
  });

  it("can be by every group there is", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const groups = [
      "secp256r1",
      "secp384r1",
      "secp521r1",
      "x25519",
      "x448",
      "ffdhe2048",
      "MLKEM512",
      "MLKEM768",
      "MLKEM1024",
      "SecP256r1MLKEM768",
      "X25519MLKEM768",
      "SecP384r1MLKEM1024",
    ];
    const client = peers.client({ version: TLS1_3_VERSION });
    for (const name of groups) {
      assertEquals(libssl.SSL_CTX_set1_groups_list(client, name), 1, name);
      const server = peers.server();
      libssl.SSL_CTX_set1_groups_list(server, name);
      assertEquals(talk(peers, server, client).group, name);
    }
  });

  it("can be by RSA, and by ephemeral Diffie-Hellman, in TLS 1.2", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server({
      version: TLS1_2_VERSION,
      keyType: "RSA-2048",
    });
    assertEquals(libssl.SSL_CTX_set_dh_auto(server, 1), 1);
    const client = peers.client();
    for (
      const [list, cipher] of [
        ["AES128-SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"],
        [
          "DHE-RSA-AES256-GCM-SHA384",
          "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
        ],
      ] as const
    ) {
      assertEquals(libssl.SSL_CTX_set_cipher_list(client, list), 1);
      assertEquals(talk(peers, server, client).cipher, cipher);
    }
  });
});

describe("ciphers", () => {
  it("of TLS 1.3 are GCM, ChaCha20 and CCM", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const suites = [
      "TLS_AES_128_GCM_SHA256",
      "TLS_AES_256_GCM_SHA384",
      "TLS_CHACHA20_POLY1305_SHA256",
      "TLS_AES_128_CCM_SHA256",
      "TLS_AES_128_CCM_8_SHA256",
    ];
    for (const suite of suites) {
      const [server, client] = [peers.server(), peers.client()];
      for (const ctx of [server, client]) {
        // The short tag of CCM_8 is weak.
        libssl.SSL_CTX_set_security_level(ctx, 0);
        assertEquals(libssl.SSL_CTX_set_ciphersuites(ctx, suite), 1);
      }
      assertEquals(talk(peers, server, client).cipher, suite);
    }
  });

  it("of TLS 1.2 are GCM, ChaCha20, CCM and CBC", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const server = peers.server({ version: TLS1_2_VERSION });
    libssl.SSL_CTX_set_cipher_list(server, "ALL");
    const client = peers.client();
    for (
      const [list, cipher] of [
        ["AES128-GCM-SHA256", "AES_128_GCM_SHA256"],
        ["CHACHA20-POLY1305", "CHACHA20_POLY1305_SHA256"],
        ["AES256-CCM", "AES_256_CCM"],
        ["AES128-SHA256", "AES_128_CBC_SHA256"],
        ["AES256-SHA", "AES_256_CBC_SHA"],
      ] as const
    ) {
      libssl.SSL_CTX_set_cipher_list(client, `ECDHE-ECDSA-${list}`);
      assertEquals(
        talk(peers, server, client).cipher,
        `TLS_ECDHE_ECDSA_WITH_${cipher}`,
      );
    }
  });
});

describe("signatures", () => {
  it("are by ECDSA, RSA and Ed25519", () => {
    using peers = new Peers();
    for (const version of [TLS1_2_VERSION, TLS1_3_VERSION]) {
      for (const keyType of ["P-256", "RSA-2048", "Ed25519"] as const) {
        const { libssl } = peers;
        const server = peers.server({ version, keyType });
        const client = peers.client();
        talk(peers, server, client);
        const { key } = peers.certificate(keyType);
        assertEquals(
          libssl.EVP_PKEY_get0_type_name(key),
          {
            "P-256": "EC",
            "RSA-2048": "RSA",
            Ed25519: "ED25519",
          }[keyType],
        );
      }
    }
  });

  it("are by every curve, and by keys that are for RSA-PSS only", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const keys: [EVP_PKEY | null, string, string | null][] = [
      [libssl.EVP_EC_gen("P-384"), "ecdsa_secp384r1_sha384", "SHA384"],
      [libssl.EVP_EC_gen("P-521"), "ecdsa_secp521r1_sha512", "SHA512"],
      [libssl.EVP_PKEY_Q_keygen("ED448"), "ed448", null],
      [libssl.EVP_PKEY_Q_keygen("RSA-PSS"), "rsa_pss_pss_sha256", "SHA256"],
    ];
    for (const [generated, algorithm, digest] of keys) {
      const key = made(generated);
      const server = peers.client();
      const cert = selfSigned(peers, key, digest);
      assertEquals(libssl.SSL_CTX_use_certificate(server, cert), 1);
      assertEquals(libssl.SSL_CTX_use_PrivateKey(server, key), 1);
      const client = peers.client();
      libssl.SSL_CTX_set1_sigalgs_list(client, algorithm);
      talk(peers, server, client);
      libssl.X509_free(cert);
      libssl.EVP_PKEY_free(key);
    }
  });

  function selfSigned(
    { libssl, nowMs }: Peers,
    key: EVP_PKEY,
    digest: string | null,
  ): X509 {
    const cert = made(libssl.X509_new());
    libssl.X509_set_version(cert, 2);
    libssl.X509_set_notBefore(cert, new Date(nowMs));
    libssl.X509_set_notAfter(cert, new Date(nowMs + 1000));
    libssl.X509_add_subject_entry(cert, "CN", "localhost");
    libssl.X509_set_issuer(cert, cert);
    libssl.X509_set_pubkey(cert, key);
    assert(libssl.X509_sign(cert, key, digest) > 0);
    return cert;
  }
});
