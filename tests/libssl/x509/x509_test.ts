/** Certificates, keys and trust: PEM, DER, PKCS#8, PKCS#12, names and times. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type BIO,
  type EVP_PKEY,
  type Libssl,
  SSL_VERIFY_PEER,
  X509_V_FLAG_NO_CHECK_TIME,
  X509_V_FLAG_PARTIAL_CHAIN,
} from "../../../src/libssl/mod.ts";
import { makeChain } from "../../support/chain.ts";
import { HandshakeError, made } from "../../support/pair.ts";
import { Peers, testCertificate } from "../../support/peers.ts";
import {
  EC_KEY,
  ENCRYPTED_KEY,
  PKCS12,
  PKCS8_KEY,
} from "../../testdata/keys.ts";

/** Runs `use` with a BIO of some text. */
function withText<T>(libssl: Libssl, text: string, use: (bio: BIO) => T): T {
  const bio = made(libssl.BIO_new_mem_buf(new TextEncoder().encode(text)));
  try {
    return use(bio);
  } finally {
    libssl.BIO_free(bio);
  }
}

/** What `write` writes, as text. */
function textOf(libssl: Libssl, write: (bio: BIO) => number): string {
  return withText(libssl, "", (bio) => {
    assertEquals(write(bio), 1);
    const bytes = new Uint8Array(libssl.BIO_ctrl_pending(bio));
    libssl.BIO_read(bio, bytes);
    return new TextDecoder().decode(bytes);
  });
}

describe("a certificate", () => {
  it("goes through PEM and DER unchanged", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const { cert: pem } = testCertificate("P-256");
    const { cert } = peers.certificate("P-256");
    const written = textOf(
      libssl,
      (bio) => libssl.PEM_write_bio_X509(bio, cert),
    );
    assertEquals(written, pem);
    const der = made(libssl.i2d_X509(cert));
    const copy = made(libssl.d2i_X509(der));
    assertEquals(libssl.i2d_X509(copy), der);
    assertEquals(libssl.X509_up_ref(copy), 1);
    libssl.X509_free(copy);
    libssl.X509_free(copy);
    assertEquals(libssl.d2i_X509(der.subarray(0, -1)), null);
  });

  it("has extensions, which are told as text", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const { cert } = peers.certificate("P-256");
    const [altName, nameConstraints] = [85, 666];
    assertEquals(libssl.X509_get_ext_text(cert, altName), "DNS:localhost");
    assertEquals(libssl.X509_get_ext_text(cert, nameConstraints), null);
    assertThrows(() => libssl.X509_get_ext_text(cert, 0), RangeError);
  });

  it("is one of several in PEM, which are read one by one", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const pem = testCertificate("P-256").cert;
    withText(libssl, `some words\n${pem}more words\n${pem}`, (bio) => {
      for (let i = 0; i < 2; i++) {
        libssl.X509_free(made(libssl.PEM_read_bio_X509(bio)));
      }
      assertEquals(libssl.PEM_read_bio_X509(bio), null);
      assertEquals(libssl.ERR_get_error_all()?.reason, "no start line");
    });
  });

  it("tells names, times and digests", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const { leaf, intermediate } = makeChain(peers, "leaf.example");
    const cert = leaf.cert;
    assertEquals(libssl.X509_get_subject_name(cert), "CN=leaf.example");
    assertEquals(libssl.X509_get_issuer_name(cert), "CN=intermediate");
    const day = 86_400_000;
    assertEquals(
      libssl.X509_get0_notBefore(cert).getTime(),
      peers.nowMs - day,
    );
    assertEquals(libssl.X509_get0_notAfter(cert).getTime(), peers.nowMs + day);
    const digest = made(libssl.X509_digest(cert, "SHA256"));
    assertEquals(digest.length, 32);
    assert(
      digest.toHex() !==
        libssl.X509_digest(intermediate.cert, "SHA256")?.toHex(),
    );
    assertEquals(libssl.X509_digest(cert, "SHA512")?.length, 64);
    assertEquals(libssl.X509_digest(cert, "NONSENSE"), null);
  });

  it("has no times before they are set", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const cert = made(libssl.X509_new());
    assert(Number.isNaN(libssl.X509_get0_notBefore(cert).getTime()));
    libssl.X509_set_notBefore(cert, new Date("1965-03-04T05:06:07Z"));
    libssl.X509_set_notAfter(cert, new Date("2065-03-04T05:06:07Z"));
    assertEquals(
      libssl.X509_get0_notBefore(cert).toISOString(),
      "1965-03-04T05:06:07.000Z",
    );
    assertEquals(
      libssl.X509_get0_notAfter(cert).toISOString(),
      "2065-03-04T05:06:07.000Z",
    );
    libssl.X509_free(cert);
  });

  it("writes names as RFC 4514 says, in any script", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const cert = made(libssl.X509_new());
    assertEquals(libssl.X509_add_subject_entry(cert, "C", "CH"), 1);
    assertEquals(libssl.X509_add_subject_entry(cert, "CN", "Žofie, + Ko"), 1);
    assertEquals(
      libssl.X509_get_subject_name(cert),
      "CN=\\C5\\BDofie\\, \\+ Ko,C=CH",
    );
    assertEquals(libssl.X509_add_subject_entry(cert, "NONSENSE", "x"), 0);
    libssl.X509_free(cert);
  });

  it("is for hosts and addresses", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const { cert } = peers.certificate("P-256");
    assertEquals(libssl.X509_check_host(cert, "localhost"), 1);
    assertEquals(libssl.X509_check_host(cert, "LOCALHOST"), 1);
    assertEquals(libssl.X509_check_host(cert, "other.example"), 0);
    assertEquals(libssl.X509_check_ip_asc(cert, "127.0.0.1"), 0);
    assertEquals(libssl.X509_check_ip_asc(cert, "not an address"), -2);
  });

  it("isn't signed by a digest that there isn't", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const { leaf } = makeChain(peers);
    assertEquals(libssl.X509_sign(leaf.cert, leaf.key, "NONSENSE"), 0);
    assert(libssl.X509_sign(leaf.cert, leaf.key, "SHA384") > 0);
  });
});

describe("a private key", () => {
  it("is read from PEM, encrypted with a password or not", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const read = (text: string, password?: string): EVP_PKEY | null =>
      withText(
        libssl,
        text,
        (bio) => libssl.PEM_read_bio_PrivateKey(bio, password),
      );
    const key = made(read(ENCRYPTED_KEY, "sécret"));
    assertEquals(libssl.EVP_PKEY_get0_type_name(key), "EC");
    assertEquals(libssl.EVP_PKEY_get_bits(key), 256);
    const pem = textOf(
      libssl,
      (bio) => libssl.PEM_write_bio_PKCS8PrivateKey(bio, key),
    );
    assertMatch(pem, /^-----BEGIN PRIVATE KEY-----\n/);
    assertEquals(pem.replace(/-----.*-----|\n/g, ""), PKCS8_KEY.toBase64());
    for (const plain of [made(read(pem)), made(read(pem, "ignored")), key]) {
      libssl.EVP_PKEY_free(plain);
    }

    for (const password of ["wrong", "", undefined]) {
      assertEquals(read(ENCRYPTED_KEY, password), null);
    }
    assertEquals(read("nothing"), null);
    libssl.ERR_clear_error();
  });

  it("is read from DER, in either format", () => {
    using peers = new Peers();
    const { libssl } = peers;
    for (const der of [PKCS8_KEY, EC_KEY]) {
      const key = made(libssl.d2i_AutoPrivateKey(der));
      const pem = textOf(
        libssl,
        (bio) => libssl.PEM_write_bio_PKCS8PrivateKey(bio, key),
      );
      assertEquals(pem.replace(/-----.*-----|\n/g, ""), PKCS8_KEY.toBase64());
      libssl.EVP_PKEY_free(key);
    }
    assertEquals(libssl.d2i_AutoPrivateKey(Uint8Array.of(48, 0)), null);
  });

  it("is made, of every sort", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const keys: [EVP_PKEY | null, string, number][] = [
      [libssl.EVP_EC_gen("P-384"), "EC", 384],
      [libssl.EVP_PKEY_Q_keygen("ED25519"), "ED25519", 256],
      [libssl.EVP_RSA_gen(1024), "RSA", 1024],
    ];
    for (const [key, type, bits] of keys) {
      assertEquals(libssl.EVP_PKEY_get0_type_name(made(key)), type);
      assertEquals(libssl.EVP_PKEY_get_bits(made(key)), bits);
      libssl.EVP_PKEY_free(key);
    }
    assertEquals(libssl.EVP_EC_gen("P-1"), null);
    assertEquals(libssl.EVP_PKEY_Q_keygen("NONSENSE"), null);
    assertThrows(() => libssl.EVP_RSA_gen(511), RangeError, "received 511");
  });
});

describe("a PKCS#12 file", () => {
  it("holds a key, its certificate and further ones", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const { key, cert, caCerts } = made(libssl.PKCS12_parse(PKCS12, "secret"));
    assertEquals(libssl.EVP_PKEY_get_bits(made(key)), 256);
    const names = [made(cert), ...caCerts].map(libssl.X509_get_subject_name);
    assertEquals(names, ["CN=fixture leaf", "CN=fixture ca"]);
    const ctx = peers.client();
    assertEquals(libssl.SSL_CTX_use_certificate(ctx, made(cert)), 1);
    assertEquals(libssl.SSL_CTX_use_PrivateKey(ctx, made(key)), 1);
    libssl.EVP_PKEY_free(key);
    for (const x of [cert, ...caCerts]) libssl.X509_free(x);
  });

  it("isn't opened by a wrong password, nor is what is none", () => {
    using peers = new Peers();
    const { libssl } = peers;
    for (const password of ["wrong", "", null]) {
      assertEquals(libssl.PKCS12_parse(PKCS12, password), null);
    }
    assertEquals(libssl.PKCS12_parse(Uint8Array.of(48, 0), "secret"), null);
  });
});

describe("trust", () => {
  it("can end below the root, and beyond a certificate's time, by flags", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const { intermediate, leaf } = makeChain(peers);
    const server = peers.client();
    libssl.SSL_CTX_use_certificate(server, leaf.cert);
    libssl.SSL_CTX_use_PrivateKey(server, leaf.key);
    const client = peers.client();
    libssl.SSL_CTX_set_verify(client, SSL_VERIFY_PEER, null);
    const store = made(libssl.SSL_CTX_get_cert_store(client));
    libssl.X509_STORE_add_cert(store, intermediate.cert);
    const handshake = (): unknown => peers.connect(server, client);

    assertThrows(handshake, HandshakeError, "certificate verify failed");
    libssl.X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    handshake();
    peers.sleep(2 * 86_400);
    assertThrows(handshake, HandshakeError, "certificate verify failed");
    libssl.X509_STORE_set_flags(store, X509_V_FLAG_NO_CHECK_TIME);
    handshake();
  });
});
