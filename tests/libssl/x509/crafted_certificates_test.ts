/** What a peer's certificate may cost, whatever it says: time and memory of an instance. */
import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type SSL_CTX,
  SSL_VERIFY_PEER,
  TLS1_2_VERSION,
} from "../../../src/libssl/mod.ts";
import { TlsContext } from "@sesame/tls";
import {
  craft,
  der,
  extension,
  longName,
  oid,
  repeated,
  TAG,
  toPem,
} from "../../support/crafted.ts";
import { endsOf } from "../../support/engines.ts";
import { HandshakeError, made } from "../../support/pair.ts";
import { Peers, testCertificate } from "../../support/peers.ts";

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

describe("keys that are compressed points", () => {
  const EC_PUBLIC_KEY = oid("1.2.840.10045.2.1");
  const BYTES = 80;
  /** 579 · 2^630 + 1: a square root takes OpenSSL the longer, the higher the power of two. */
  const PRIME = number((579n << 630n) + 1n);
  const ONE = Uint8Array.of(1);
  const P224_BASE = number(
    0x04b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34n,
    57,
  );

  function number(value: bigint, bytes = BYTES): Uint8Array {
    const hex = value.toString(16).padStart(2 * bytes, "0").match(/../g) ?? [];
    return Uint8Array.from(hex, (octets) => parseInt(octets, 16));
  }

  function certificateOf(
    parameters: Uint8Array,
    point: Uint8Array,
  ): Uint8Array<ArrayBuffer> {
    return craft(real, {
      issuer: der(TAG.sequence),
      subject: der(TAG.sequence),
      key: der(
        TAG.sequence,
        der(TAG.sequence, EC_PUBLIC_KEY, parameters),
        der(TAG.bitString, Uint8Array.of(0), point),
      ),
      extensions: [extension("2.5.29.14", der(TAG.octetString, ONE))],
    });
  }

  /** y² = x³ + x + 23 over a prime of the certificate's own, with the point (1, 5). */
  function ownCurve(point: Uint8Array): Uint8Array {
    const prime = der(TAG.integer, Uint8Array.of(0), PRIME);
    const integer = der(TAG.integer, ONE);
    const field = der(TAG.sequence, oid("1.2.840.10045.1.1"), prime);
    const coefficients = [1n, 23n].map((value) =>
      der(TAG.octetString, number(value))
    );
    const base = der(
      TAG.octetString,
      Uint8Array.of(4, ...number(1n), ...number(5n)),
    );
    return certificateOf(
      der(
        TAG.sequence,
        integer,
        field,
        der(TAG.sequence, ...coefficients),
        base,
        prime,
        integer,
      ),
      point,
    );
  }

  it("take no longer than others in a field of the certificate's own", () => {
    using peers = new Peers();
    const time = (certificate: Uint8Array): number => {
      const start = performance.now();
      peers.libssl.X509_free(made(peers.libssl.d2i_X509(certificate)));
      return performance.now() - start;
    };
    const plain = ownCurve(Uint8Array.of(4, ...number(1n), ...number(5n)));
    const crafted = ownCurve(Uint8Array.of(2, ...number(1n)));
    const honest = Math.min(time(plain), time(plain), time(plain));
    assertLess(Math.min(time(crafted), time(crafted)), 10 * honest + 1);
  });

  for (const role of ["client", "server"] as const) {
    it(`are few in the flight that a ${role} reads`, () => {
      const P224 = oid("1.3.132.0.33");
      const compressed = Uint8Array.of(2, ...repeated(0, 27), 5);
      const fastest = (point: Uint8Array): number =>
        Math.min(
          ...repeated(point, 3).map((point) => {
            const pem = toPem(certificateOf(P224, point)).repeat(200);
            return timeOfFlight(role, pem);
          }),
        );
      // Without the bound it was 20 times and more.
      assertLess(fastest(compressed), 10 * fastest(P224_BASE));
    });
  }
});

/** The longest that an end takes for what comes, of a peer whose chain has `extra`. */
function timeOfFlight(role: "client" | "server", extra: string): number {
  const { cert, key } = testCertificate("P-256");
  const shows = { cert: cert + extra, key, caCerts: [cert] };
  const plain = { cert, key, caCerts: [cert] };
  using serving = new TlsContext({
    ...(role === "client" ? shows : plain),
    clientAuth: "request",
    configure: [["CipherString", "DEFAULT@SECLEVEL=0"]],
  });
  using asking = new TlsContext({
    ...(role === "client" ? plain : shows),
    configure: [["CipherString", "DEFAULT@SECLEVEL=0"]],
  });
  using ends = endsOf(serving, asking);
  const reader = ends[role];
  const writer = role === "client" ? ends.server : ends.client;
  let longest = 0;
  while (ends.server.state !== "open") {
    writer.receive(reader.send());
    const bytes = writer.send();
    const start = performance.now();
    reader.receive(bytes);
    longest = Math.max(longest, performance.now() - start);
  }
  return longest;
}

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
