import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { CIPHER_SUITES } from "../../../src/testing/trace/cipher_names.ts";
import { decodeMessage } from "../../../src/testing/trace/decode.ts";
import type { TraceMessage } from "../../../src/testing/trace/messages.ts";
import { Reader } from "../../../src/testing/trace/reader.ts";
import { REDACTED } from "../../../src/testing/trace/redaction.ts";
import { commonName } from "../../../src/testing/trace/common_name.ts";
import { connections } from "../../../src/tls/engine/connection.ts";
import { LEGACY, MODERN, TracedLab } from "../../support/traced.ts";

const lab = new TracedLab();

/** A message of bytes and of vectors, which say their length in so many bytes. */
function message(type: number, ...parts: Part[]): Uint8Array {
  return new Uint8Array([type, ...vector(3, ...parts)]);
}

type Part = number | readonly number[];

function vector(size: number, ...parts: Part[]): number[] {
  const bytes = parts.flat();
  const length = Array.from(
    { length: size },
    (_, i) => bytes.length >> 8 * (size - 1 - i) & 0xff,
  );
  return [...length, ...bytes];
}

function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0);
}

function extension(type: number, ...content: Part[]): number[] {
  return [type >> 8, type & 0xff, ...vector(2, ...content)];
}

function ascii(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}

/** A ClientHello with extensions. */
function clientHello(...extensions: number[][]): Uint8Array {
  return message(
    1,
    [3, 3],
    zeros(32),
    vector(1),
    vector(2, [0x13, 0x01, 0xfe, 0xfe]),
    vector(1, 0),
    vector(2, ...extensions),
  );
}

describe("decodeMessage()", () => {
  it("reads what a client offers", () => {
    const hello = decodeMessage(
      clientHello(
        extension(0, vector(2, 0, vector(2, ascii("host.example")))),
        extension(16, vector(2, vector(1, ascii("h2")), vector(1, [7, 0x5c]))),
        extension(43, vector(1, [3, 4, 3, 3, 0x7f, 1])),
        extension(10, vector(2, [0, 29, 0x11, 0xec, 0xaa, 0xaa])),
        extension(13, vector(2, [4, 3, 0xff, 0xff])),
        extension(
          51,
          vector(2, [0, 29], vector(2, zeros(32)), [0, 23], vector(2, 4)),
        ),
        extension(45, vector(1, [0, 1, 9])),
        extension(42),
        extension(35),
        extension(44, vector(2, [1, 2, 3])),
        extension(47, vector(2, vector(2, 1), vector(2, 2))),
        extension(4242, [1, 2, 3]),
        extension(
          41,
          vector(2, vector(2, [0xab]), [0, 0, 1, 0]),
          vector(2, vector(1, zeros(32))),
        ),
      ),
      MODERN,
    );
    assert(hello.name === "ClientHello");
    assertEquals(hello.malformed, false);
    assertEquals(hello.versions, ["TLSv1.3", "TLSv1.2", "0x7f01"]);
    assertEquals(hello.cipherSuites, ["TLS_AES_128_GCM_SHA256", "0xfefe"]);
    assertEquals(
      hello.extensions.map(({ type: _, length: __, malformed: ___, ...rest }) =>
        rest
      ),
      [
        { name: "server_name", serverName: "host.example" },
        {
          name: "application_layer_protocol_negotiation",
          protocols: ["h2", "\\x07\\x5c"],
        },
        {
          name: "supported_versions",
          versions: ["TLSv1.3", "TLSv1.2", "0x7f01"],
        },
        {
          name: "supported_groups",
          groups: ["x25519", "X25519MLKEM768", "0xaaaa"],
        },
        {
          name: "signature_algorithms",
          algorithms: ["ecdsa_secp256r1_sha256", "0xffff"],
        },
        {
          name: "key_share",
          shares: [
            { group: "x25519", key: { length: 32, text: "00".repeat(32) } },
            { group: "secp256r1", key: { length: 1, text: "04" } },
          ],
        },
        {
          name: "psk_key_exchange_modes",
          modes: ["psk_ke", "psk_dhe_ke", "9"],
        },
        { name: "early_data" },
        { name: "session_ticket", ticket: { length: 0, text: "" } },
        { name: "cookie", cookie: { length: 3, text: "010203" } },
        { name: "certificate_authorities", authorities: 2 },
        { name: "4242" },
        {
          name: "pre_shared_key",
          identities: [{
            identity: { length: 1, text: "ab" },
            obfuscatedAge: 256,
          }],
          binders: [32],
        },
      ],
    );
  });

  it("reads a HelloRetryRequest, by its random", () => {
    const random =
      "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"
        .match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? [];
    const content = (random: number[]): Part[] => [
      [3, 3],
      random,
      vector(1, 1),
      [0x13, 1, 0],
      vector(2, extension(43, [3, 4]), extension(51, [0, 24])),
    ];
    assertHas(decodeMessage(message(2, ...content(random)), MODERN), {
      name: "HelloRetryRequest",
      malformed: false,
      version: "TLSv1.3",
      sessionId: "01",
      extensions: [{}, { shares: [{ group: "secp384r1" }] }],
    });
    // A ServerHello has a key there.
    const other = random.with(0, 0);
    assertHas(decodeMessage(message(2, ...content(other)), MODERN), {
      name: "ServerHello",
      malformed: true,
    });
  });

  it("reads both forms of what TLS 1.3 has changed", () => {
    assertHas(
      decodeMessage(message(4, [0, 0, 0, 9], vector(2, [1, 2])), LEGACY),
      {
        name: "NewSessionTicket",
        malformed: false,
        lifetime: 9,
        ageAdd: null,
        nonce: null,
        ticket: { length: 2, text: "0102" },
      },
    );
    const ticket = message(
      4,
      [0, 0, 0, 9, 0xff, 0xff, 0xff, 0xff],
      vector(1, [5]),
      vector(2, [1, 2]),
      vector(2, extension(42, [0, 0, 1, 0])),
    );
    assertHas(decodeMessage(ticket, MODERN), {
      malformed: false,
      ageAdd: 0xffffffff,
      nonce: "05",
      extensions: [{ name: "early_data", maxEarlyData: 256 }],
    });
    assertHas(
      decodeMessage(message(11, vector(1), vector(3)), MODERN),
      { name: "Certificate", malformed: false, certificates: [] },
    );
    assertHas(
      decodeMessage(
        message(
          13,
          vector(1, 1),
          vector(2, [4, 1]),
          vector(2, vector(2, 1), vector(2, 2)),
        ),
        LEGACY,
      ),
      {
        name: "CertificateRequest",
        malformed: false,
        algorithms: ["rsa_pkcs1_sha256"],
        authorities: 2,
      },
    );
    const asked = message(
      13,
      vector(1),
      vector(
        2,
        extension(13, vector(2, [4, 3])),
        extension(47, vector(2, vector(2, 1))),
      ),
    );
    assertHas(decodeMessage(asked, MODERN), {
      malformed: false,
      algorithms: ["ecdsa_secp256r1_sha256"],
      authorities: 1,
    });
  });

  it("reads the key exchanges before TLS 1.3", () => {
    const point = vector(1, [4, 5, 6]);
    const signed = [...[4, 1], ...vector(2, [9, 9])];
    const of = (suite: string, ...parts: Part[]): TraceMessage =>
      decodeMessage(message(12, ...parts), { ...LEGACY, cipherSuite: suite });
    assertHas(
      of("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", [3, 0, 29], point, signed),
      {
        malformed: false,
        group: "x25519",
        key: { length: 3, text: "040506" },
        algorithm: "rsa_pkcs1_sha256",
      },
    );
    assertHas(
      of(
        "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA",
        vector(2, ascii("hint")),
        [3, 0, 23],
        point,
      ),
      { malformed: false, group: "secp256r1", algorithm: null },
    );
    assertHas(of("TLS_DHE_RSA_WITH_AES_128_CBC_SHA", zeros(300)), {
      malformed: false,
      group: null,
      key: null,
    });
    assertHas(decodeMessage(message(16, point), LEGACY), {
      name: "ClientKeyExchange",
      key: { length: 4 },
    });
  });

  it("reads the short ones", () => {
    const cases: [Uint8Array, object][] = [
      [message(0), { name: "HelloRequest" }],
      [message(5), { name: "EndOfEarlyData" }],
      [message(14), { name: "ServerHelloDone" }],
      [message(24, 1), { name: "KeyUpdate", requested: true }],
      [message(24, 0), { name: "KeyUpdate", requested: false }],
      [message(20, zeros(12)), { name: "Finished" }],
      [message(15, [8, 7], vector(2, zeros(64))), { algorithm: "ed25519" }],
      [message(22, 1, vector(3, zeros(7))), {
        name: "CertificateStatus",
        responseLength: 7,
      }],
      [message(99, zeros(5)), { name: "Unknown", type: 99, length: 5 }],
    ];
    for (const [bytes, expected] of cases) {
      assertHas(decodeMessage(bytes, MODERN), {
        malformed: false,
        ...expected,
      });
    }
  });

  it("says what is malformed, and reads the rest", () => {
    const hello = decodeMessage(
      clientHello(
        extension(0, [0, 99, 0]),
        extension(16, vector(2, vector(1, ascii("h2")), 9)),
        extension(43, vector(1, [3, 4]), 0),
        extension(10, vector(2, [0, 29])),
      ),
      MODERN,
    );
    assert(hello.name === "ClientHello");
    assertEquals(hello.malformed, true);
    assertEquals(
      hello.extensions.map(({ malformed }) => malformed),
      [true, true, true, false],
    );
    assertEquals(hello.extensions[1]?.protocols, ["h2"]);
    assertEquals(hello.extensions[3]?.groups, ["x25519"]);

    const cases: [string, Uint8Array][] = [
      ["no message", new Uint8Array()],
      ["half a header", new Uint8Array([1, 0])],
      ["a wrong length", message(14).with(3, 1)],
      ["bytes after its end", message(14, 0)],
      ["too short", message(4, [0, 0])],
      ["half an extension", message(8, vector(2, [0, 16, 0]))],
      ["another curve", message(12, [1, 0, 29], vector(1, 4))],
    ];
    for (const [name, bytes] of cases) {
      assertEquals(decodeMessage(bytes, LEGACY).malformed, true, name);
    }
  });

  it("shows no more of bytes than it should", () => {
    const redacted = decodeMessage(
      message(4, [0, 0, 0, 9], vector(2, [1, 2, 3, 4, 5, 6])),
      { ...LEGACY, redaction: REDACTED },
    );
    assert(redacted.name === "NewSessionTicket");
    assertEquals(redacted.ticket.length, 6);
    assertEquals(/^#[0-9a-f]{8}$/.test(redacted.ticket.text), true);
    const finished = decodeMessage(message(20, [1, 2, 3, 4, 5]), {
      ...MODERN,
      redaction: REDACTED,
    });
    assert(finished.name === "Finished");
    assertEquals(finished.verifyData, { length: 5, text: "01020304…" });
  });
});

describe("Reader.list()", () => {
  it("ends, even where nothing is read", () => {
    assertEquals(new Reader(new Uint8Array(3)).list(() => 0), []);
  });
});

describe("CIPHER_SUITES", () => {
  it("has the names that OpenSSL has", () => {
    using traced = lab.open({
      client: { configure: [["CipherString", "ALL:@SECLEVEL=0"]] },
    });
    const { libssl, ssl } = connections.get(traced.client);
    let known = 0;
    for (const [code, name] of CIPHER_SUITES) {
      const bytes = new Uint8Array([code >> 8, code & 0xff]);
      const cipher = libssl.SSL_CIPHER_find(ssl, bytes);
      if (!cipher) continue;
      assertEquals(libssl.SSL_CIPHER_standard_name(cipher), name);
      known++;
    }
    assert(known > 60, `${known}`);
  });
});

describe("commonName()", () => {
  it("finds the name in a certificate, and none in other bytes", () => {
    const der = derOf(lab.cert);
    assertEquals(commonName(der), "localhost");
    for (let length = 0; length < der.length; length++) {
      const name = commonName(der.subarray(0, length));
      assert(name === null || name === "localhost");
    }
  });
});

/** Asserts that an object has at least these members, with at least theirs. */
function assertHas(actual: unknown, expected: object): void {
  for (const [name, value] of Object.entries(expected)) {
    const found = Object(actual)[name];
    if (typeof value === "object" && value !== null) {
      assertEquals(Array.isArray(found), Array.isArray(value), name);
      if (Array.isArray(value)) assertEquals(found.length, value.length, name);
      assertHas(found, value);
    } else {
      assertEquals(found, value, name);
    }
  }
}

function derOf(pem: string): Uint8Array {
  return Uint8Array.from(
    atob(pem.replaceAll(/-----[^-]+-----|\s/g, "")),
    (character) => character.charCodeAt(0),
  );
}
