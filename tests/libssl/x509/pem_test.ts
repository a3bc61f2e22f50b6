/** PEM: OpenSSL's reader, block by block and type by type. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { BIO, Libssl, X509_CRL } from "../../../src/libssl/mod.ts";
import { makeChain } from "../../support/chain.ts";
import { made } from "../../support/pair.ts";
import { Peers, testCertificate } from "../../support/peers.ts";
import { ENCRYPTED_KEY } from "../../testdata/keys.ts";

const LABELS = /-----(?:BEGIN|END) (?:TRUSTED )?CERTIFICATE-----|\n/g;

describe("PEM_read_bio", () => {
  it("reads the blocks of a text in their order, with their labels and headers", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const { cert, key } = testCertificate("P-256");
    const encrypted = "-----BEGIN EC PRIVATE KEY-----\n" +
      "Proc-Type: 4,ENCRYPTED\n" +
      "DEK-Info: AES-256-CBC,000102030405060708090A0B0C0D0E0F\n\n" +
      "AAECAwQFBgcICQoLDA0ODw==\n-----END EC PRIVATE KEY-----\n";
    const text = `before\n${cert}between\n${key}${encrypted}after\n`;
    withText(libssl, text, (bio) => {
      const blocks = [1, 2, 3].map(() => made(libssl.PEM_read_bio(bio)));
      assertEquals(blocks.map(({ name }) => name), [
        "CERTIFICATE",
        "PRIVATE KEY",
        "EC PRIVATE KEY",
      ]);
      assertEquals(
        blocks[0]?.data.toBase64(),
        cert.replaceAll(LABELS, ""),
      );
      assertEquals(blocks[0]?.header, "");
      assert(blocks[2]?.header.includes("DEK-Info: AES-256-CBC,0001"));
      assertEquals(blocks[2]?.data.length, 16);
      assertEnds(libssl, libssl.PEM_read_bio(bio));
    });
  });

  it("says what is wrong with a block", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const { cert } = testCertificate("P-256");
    for (
      const [text, reason] of [
        [cert.replace("END CERTIFICATE", "END X"), "bad end line"],
        [cert.replace("\nMII", "\n*II"), "bad base64 decode"],
        [cert.slice(0, 200), "bad end line"],
      ] as const
    ) {
      withText(libssl, text, (bio) => {
        assertEquals(libssl.PEM_read_bio(bio), null);
        assertEquals(libssl.ERR_get_error_all()?.reason, reason);
        libssl.ERR_clear_error();
      });
    }
  });

  it("gives the memory of a block back", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const { key } = testCertificate("P-256");
    withText(libssl, key, (bio) => {
      const { data } = made(libssl.PEM_read_bio(bio));
      const before = peers.openssl.memory.used;
      withText(libssl, key, (again) => libssl.PEM_read_bio(again));
      assertEquals(peers.openssl.memory.used, before);
      assertEquals(data[0], 0x30);
    });
  });
});

describe("the PEM reader of one type", () => {
  it("X509_AUX: takes trusted certificates too, with what they are trusted for", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const { cert } = testCertificate("P-256");
    const der = Uint8Array.fromBase64(cert.replaceAll(LABELS, ""));
    const trusted = new Uint8Array([...der, 0x30, 0]).toBase64();
    const text = `${cert}-----BEGIN TRUSTED CERTIFICATE-----\n${
      (trusted.match(/.{1,64}/g) ?? []).join("\n")
    }\n-----END TRUSTED CERTIFICATE-----\n`;
    withText(libssl, text, (bio) => {
      for (let i = 0; i < 2; i++) {
        const x = made(libssl.PEM_read_bio_X509_AUX(bio));
        assertEquals(libssl.i2d_X509(x), der);
        libssl.X509_free(x);
      }
      assertEnds(libssl, libssl.PEM_read_bio_X509_AUX(bio));
    });
  });

  it("X509_CRL: skips blocks of other types, and goes back into PEM unchanged", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const crl = makeCrl(peers);
    withText(libssl, testCertificate("P-256").cert, (bio) => {
      assertEquals(libssl.PEM_write_bio_X509_CRL(bio, crl), 1);
      const again = made(libssl.PEM_read_bio_X509_CRL(bio));
      assertEquals(libssl.i2d_X509_CRL(again), libssl.i2d_X509_CRL(crl));
      libssl.X509_CRL_free(again);
      assertEnds(libssl, libssl.PEM_read_bio_X509_CRL(bio));
    });
    libssl.X509_CRL_free(crl);
    assertThrows(
      () => libssl.PEM_read_bio_X509_CRL(crl as never),
      TypeError,
      "Expected a handle of BIO, received one of X509_CRL",
    );
  });

  it("PrivateKey: skips certificates in front of the key", () => {
    using peers = new Peers();
    const { libssl } = peers;
    const text = testCertificate("P-256").cert + ENCRYPTED_KEY;
    withText(libssl, text, (bio) => {
      const key = made(libssl.PEM_read_bio_PrivateKey(bio, "sécret"));
      assertEquals(libssl.EVP_PKEY_get0_type_name(key), "EC");
      libssl.EVP_PKEY_free(key);
    });
  });
});

function makeCrl({ libssl, nowMs }: Peers): X509_CRL {
  using peers = new Peers({ clock: () => nowMs });
  const { root, leaf } = makeChain(peers);
  const crl = made(peers.libssl.X509_CRL_new());
  const now = new Date(nowMs);
  peers.libssl.X509_CRL_set_issuer(crl, root.cert);
  peers.libssl.X509_CRL_set_lastUpdate(crl, now);
  peers.libssl.X509_CRL_add_revoked(crl, leaf.cert, now);
  assert(peers.libssl.X509_CRL_sign(crl, root.key, "SHA256") > 0);
  const der = made(peers.libssl.i2d_X509_CRL(crl));
  peers.libssl.X509_CRL_free(crl);
  return made(libssl.d2i_X509_CRL(der));
}

/** There was no further block, and the error queue says so. */
function assertEnds(libssl: Libssl, found: unknown): void {
  assertEquals(found, null);
  assertEquals(libssl.ERR_get_error_all()?.reason, "no start line");
  libssl.ERR_clear_error();
}

/** Runs `use` with a BIO of some text. */
function withText(
  libssl: Libssl,
  text: string,
  use: (bio: BIO) => unknown,
): void {
  const bio = made(libssl.BIO_new_mem_buf(new TextEncoder().encode(text)));
  try {
    use(bio);
  } finally {
    libssl.BIO_free(bio);
  }
}
