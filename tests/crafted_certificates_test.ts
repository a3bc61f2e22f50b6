/** What a peer's certificate may cost, whatever it says: time and memory of an instance. */
import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type SSL_CTX,
  SSL_VERIFY_PEER,
  TLS1_2_VERSION,
} from "../src/libssl/mod.ts";
import {
  craft,
  der,
  extension,
  longName,
  oid,
  repeated,
  TAG,
} from "./support/crafted.ts";
import { HandshakeError, made } from "./support/pair.ts";
import { Peers, testCertificate } from "./support/peers.ts";

const real = testCertificate("P-256").cert;

/** One end that verifies, and another that shows it one certificate after the other. */
class Parade implements Disposable {
  readonly peers = new Peers();
  readonly #server = this.peers.server();
  readonly #client = this.peers.client({ keyType: "P-256" });
  readonly #shows: SSL_CTX;

  /** With the role of the end that verifies. */
  constructor(role: "client" | "server" = "client") {
    const isServer = role === "server";
    this.#shows = isServer ? this.#client : this.#server;
    this.peers.libssl.SSL_CTX_set_verify(
      isServer ? this.#server : this.#client,
      SSL_VERIFY_PEER,
      null,
    );
  }

  /** Has a certificate parsed and, where its key is the other end's, verified. */
  show(certificate: Uint8Array): void {
    const { libssl } = this.peers;
    const x = made(libssl.d2i_X509(certificate));
    if (libssl.SSL_CTX_use_certificate(this.#shows, x) === 1) {
      const pair = this.peers.pair(this.#server, this.#client);
      assertThrows(
        () => pair.handshake(),
        HandshakeError,
        "certificate verify failed",
      );
      pair.close();
    }
    libssl.X509_free(x);
    libssl.ERR_clear_error();
  }

  [Symbol.dispose](): void {
    this.peers[Symbol.dispose]();
  }
}

describe("a certificate of many CRL distribution points", () => {
  const CRL_DISTRIBUTION_POINTS = "2.5.29.31";
  /** Each of an empty `nameRelativeToCRLIssuer`, which OpenSSL makes a full name of. */
  const RELATIVE = der(TAG.sequence, der(0xa0, der(0xa1)));
  /** Each of a `fullName` that is an empty URI: what costs nothing else. */
  const FULL = der(TAG.sequence, der(0xa0, der(0xa0, der(0x86))));

  function withPoints(point: Uint8Array, size: number): Uint8Array {
    const count = Math.floor(size / 2 / point.length);
    const points = der(TAG.sequence, ...repeated(point, count));
    return craft(real, {
      issuer: longName(size / 2),
      extensions: [extension(CRL_DISTRIBUTION_POINTS, points)],
    });
  }

  /** The milliseconds that it takes, at best, and the bytes that it makes memory grow by. */
  function cost(
    role: "client" | "server",
    certificate: Uint8Array,
  ): { time: number; memory: number } {
    using parade = new Parade(role);
    const { total } = parade.peers.openssl.memory;
    const times = Array.from({ length: 3 }, () => {
      const start = performance.now();
      parade.show(certificate);
      return performance.now() - start;
    });
    return {
      time: Math.min(...times),
      memory: parade.peers.openssl.memory.total - total,
    };
  }

  for (
    const [size, role] of [
      [17_000, "client"],
      [17_000, "server"],
      [95_000, "client"],
    ] as const
  ) {
    it(`costs a ${role} as much as another one of ${size} bytes (CVE-2026-35189)`, () => {
      const honest = cost(role, withPoints(FULL, size));
      const crafted = cost(role, withPoints(RELATIVE, size));
      assertLess(crafted.time, 10 * honest.time);
      assertLess(crafted.memory, honest.memory + 1_000_000);
    });
  }
});

describe("certificates of ever new object identifiers leave nothing behind", () => {
  const EC_PUBLIC_KEY = oid("1.2.840.10045.2.1");
  const RSASSA_PSS = oid("1.2.840.113549.1.1.10");
  const NULL = der(TAG.null);
  const POINT = Uint8Array.of(4, ...repeated(7, 64));
  const ROUNDS = 2000;
  let arc = 0;

  const unknown = (): Uint8Array => oid(`1.3.6.1.4.1.99999.${++arc}`);
  const algorithm = (id: Uint8Array, parameters: Uint8Array): Uint8Array =>
    der(TAG.sequence, id, parameters);
  const key = (id: Uint8Array, parameters: Uint8Array): Uint8Array =>
    der(
      TAG.sequence,
      algorithm(id, parameters),
      der(TAG.bitString, Uint8Array.of(0, ...POINT)),
    );
  const pssParameters = (): Uint8Array =>
    der(TAG.sequence, der(0xa0, algorithm(unknown(), NULL)));
  const field = (): Uint8Array =>
    der(
      TAG.sequence,
      der(TAG.integer, Uint8Array.of(1)),
      algorithm(unknown(), NULL),
    );

  const SORTS: Record<string, () => Uint8Array> = {
    "as the key's algorithm": () => craft(real, { key: key(unknown(), NULL) }),
    "as the key's curve": () =>
      craft(real, { key: key(EC_PUBLIC_KEY, unknown()) }),
    "as the field of an explicit curve": () =>
      craft(real, { key: key(EC_PUBLIC_KEY, field()) }),
    "as the hash of an RSASSA-PSS key": () =>
      craft(real, { key: key(RSASSA_PSS, pssParameters()) }),
    "as the signature's algorithm": () =>
      craft(real, { algorithm: algorithm(unknown(), NULL) }),
    "as the hash of an RSASSA-PSS signature": () =>
      craft(real, { algorithm: algorithm(RSASSA_PSS, pssParameters()) }),
    "in the issuer's name": () => {
      const value = der(TAG.utf8String, POINT.subarray(1, 9));
      const part = der(TAG.set, der(TAG.sequence, unknown(), value));
      return craft(real, { issuer: der(TAG.sequence, part) });
    },
    "as an extension": () =>
      craft(real, {
        extensions: [
          der(TAG.sequence, unknown(), der(TAG.octetString, NULL)),
        ],
      }),
    "as an extended key usage": () =>
      craft(real, {
        extensions: [extension("2.5.29.37", der(TAG.sequence, unknown()))],
      }),
    "as a policy": () =>
      craft(real, {
        extensions: [
          extension(
            "2.5.29.32",
            der(TAG.sequence, der(TAG.sequence, unknown())),
          ),
        ],
      }),
  };

  for (const [sort, next] of Object.entries(SORTS)) {
    it(sort, () => {
      using parade = new Parade();
      for (let i = 0; i < 50; i++) parade.show(next());
      const { used } = parade.peers.openssl.memory;
      const isParsedOnly = sort.includes("key's") || sort.includes("curve");
      const rounds = isParsedOnly ? ROUNDS : ROUNDS / 40;
      for (let i = 0; i < rounds; i++) parade.show(next());
      assertLess(parade.peers.openssl.memory.used - used, 2 * rounds);
    });
  }
});

describe("curves without code of their own (CVE-2026-54872)", () => {
  const BRAINPOOL = ["brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"];

  for (const curve of [...BRAINPOOL, "secp256k1", "secp192k1"]) {
    it(`${curve} signs what is verified, and agrees on keys`, () => {
      using peers = new Peers();
      const { libssl } = peers;
      const key = made(libssl.EVP_EC_gen(curve));
      const { cert } = peers.certificate("P-256");
      libssl.X509_set_pubkey(cert, key);
      libssl.X509_sign(cert, key, "SHA256");
      const server = peers.server({ version: TLS1_2_VERSION });
      const client = peers.client({ version: TLS1_2_VERSION });
      for (const ctx of [server, client]) {
        libssl.SSL_CTX_set_security_level(ctx, 0);
        assertEquals(libssl.SSL_CTX_set1_groups_list(ctx, curve), 1);
      }
      assertEquals(libssl.SSL_CTX_use_certificate(server, cert), 1);
      assertEquals(libssl.SSL_CTX_use_PrivateKey(server, key), 1);
      for (let i = 0; i < 5; i++) {
        const pair = peers.connect(server, client);
        assert(
          libssl.SSL_get0_group_name(pair.client)?.includes(curve.slice(-4)),
        );
        pair.close();
      }
      libssl.EVP_PKEY_free(key);
    });
  }
});
