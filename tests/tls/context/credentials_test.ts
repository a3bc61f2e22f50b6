/** What a peer shows of itself: keys and certificates in their files' forms, several of them. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlsContext, type TlsContextOptions, TlsError } from "@sesame/tls";
import type { TestCertificate } from "@sesame/tls/testing";
import { connected, endsOf } from "../../support/engines.ts";
import { encryptedKey, pfxOf, pki, split } from "../../support/credentials.ts";
import { Folder } from "../../support/temp_folder.ts";
import { describeWith, run } from "../../support/programs.ts";

const { cert, key } = pki.server;
const caCerts = [pki.ca.cert];
const rsa = pki.issue({ keyType: "RSA-2048" });
const ed25519 = pki.issue({ keyType: "Ed25519" });

/** The subject's key, and how long the chain is, of what a server shows to a client. */
function shownBy(
  options: TlsContextOptions,
  client: TlsContextOptions = {},
): string {
  using server = new TlsContext(options);
  using context = new TlsContext({ caCerts, ...client });
  using ends = connected(server, context);
  return ends.client.info?.peerCertificate?.raw.toBase64() ?? "";
}

function bodyOf({ cert }: Pick<TestCertificate, "cert">): string {
  return split(cert)[0]?.replaceAll(/-----.*-----|\s/g, "") ?? "";
}

describe("An encrypted private key", () => {
  for (const format of ["PKCS#8", "traditional"] as const) {
    it(`is opened by its passphrase: ${format}`, () => {
      const locked = encryptedKey(key, "sécret", format);
      assertEquals(
        shownBy({ cert, key: locked, passphrase: "sécret" }),
        bodyOf({ cert }),
      );
      assertThrows(
        () => new TlsContext({ cert, key: locked }),
        TlsError,
        "options.key: the private key is encrypted and needs a passphrase",
      );
      for (const passphrase of ["wrong", ""]) {
        assertThrows(
          () => new TlsContext({ cert, key: locked, passphrase }),
          TlsError,
          "options.key: the passphrase is wrong",
        );
      }
    });
  }

  it("needs none if it isn't encrypted", () => {
    assertEquals(shownBy({ cert, key, passphrase: "x" }), bodyOf({ cert }));
  });

  it("isn't cut: a passphrase is refused that OpenSSL has no room for", () => {
    const longest = "é".repeat(512);
    const locked = encryptedKey(key, longest);
    assertEquals(
      shownBy({ cert, key: locked, passphrase: longest }),
      bodyOf({ cert }),
    );
    assertThrows(
      () => new TlsContext({ cert, key: locked, passphrase: `${longest}x` }),
      RangeError,
      "options.passphrase must be at most 1024 bytes of UTF-8, received 1025",
    );
    assertThrows(
      () => new TlsContext({ cert, key: locked, passphrase: "a\0" }),
      TypeError,
      "options.passphrase must be a string without NUL",
    );
    assertThrows(
      () => new TlsContext({ cert, key, passphrase: 1 as never }),
      TypeError,
      "received number",
    );
  });
});

describe("A PKCS#12 file", () => {
  it("has the key, the certificate and its chain, in whatever order, without the root", () => {
    const pfx = pfxOf(
      { cert: split(cert)[0] ?? "", key },
      "secret",
      pki.otherCa.cert + pki.ca.cert + pki.intermediate.cert,
    );
    using server = new TlsContext({ pfx, passphrase: "secret" });
    using ends = connected(server, new TlsContext({ caCerts }));
    assertEquals(
      ends.client.info?.peerCertificate?.raw.toBase64(),
      bodyOf({ cert }),
    );
  });

  it("shows as much as in PEM, without the root", () => {
    const answer = (options: TlsContextOptions): number => {
      using server = new TlsContext(options);
      using ends = endsOf(
        server,
        new TlsContext({ caCerts, maxVersion: "TLSv1.2" }),
      );
      ends.server.receive(ends.client.send());
      return ends.server.send().length;
    };
    const pfx = pfxOf(pki.server, "", pki.ca.cert);
    // Signatures differ by a few bytes.
    assert(Math.abs(answer({ pfx }) - answer(pki.server)) < 20);
  });

  it("isn't trusted for what is in it", () => {
    const pfx = pfxOf(pki.server, "", pki.ca.cert);
    using server = new TlsContext({ pfx });
    using client = new TlsContext({ pfx, caCerts: [pki.otherCa.cert] });
    assertThrows(() => connected(server, client), TlsError, "Cannot trust");
  });

  it("is taken once", () => {
    const pfx = pfxOf(pki.server, "");
    const options = { pfx };
    using server = new TlsContext(options);
    pfx.fill(0);
    using ends = connected(server, new TlsContext({ caCerts }));
    assertEquals(ends.client.state, "open");
  });

  const pfx = pfxOf(pki.server, "secret");
  const REFUSED: [
    string,
    TlsContextOptions,
    typeof TypeError | typeof TlsError,
    string,
  ][] = [
    ["another passphrase", { pfx, passphrase: "x" }, TlsError, "options.pfx"],
    ["no passphrase", { pfx }, TlsError, "the passphrase is wrong"],
    [
      "no PKCS#12",
      { pfx: Uint8Array.of(48, 0) },
      TlsError,
      "it is not a PKCS#12 file",
    ],
    [
      "no bytes",
      { pfx: "x" as never },
      TypeError,
      "options.pfx must be a Uint8Array, received string",
    ],
    [
      "a certificate beside it",
      { pfx, cert, key },
      TypeError,
      "options.pfx can't be used with options.cert",
    ],
  ];
  for (const [what, options, type, message] of REFUSED) {
    it(`is refused: ${what}`, () => {
      assertThrows(() => new TlsContext(options), type, message);
    });
  }
});

describe("Several certificates", () => {
  const certificates = [pki.server, rsa, {
    pfx: pfxOf(ed25519, "x"),
    passphrase: "x",
  }];
  const CHOICES: [string, string, TestCertificate][] = [
    ["TLSv1.3", "ecdsa_secp256r1_sha256", pki.server],
    ["TLSv1.3", "rsa_pss_rsae_sha256", rsa],
    ["TLSv1.3", "ed25519:ecdsa_secp384r1_sha384", ed25519],
    ["TLSv1.2", "ECDSA+SHA256", pki.server],
    ["TLSv1.2", "RSA+SHA256", rsa],
  ];
  for (const [maxVersion, algorithms, shown] of CHOICES) {
    it(`are chosen by what the client can: ${algorithms} in ${maxVersion}`, () => {
      assertEquals(
        shownBy({ certificates }, {
          maxVersion: maxVersion as "TLSv1.2",
          configure: [["SignatureAlgorithms", algorithms]],
        }),
        bodyOf(shown),
      );
    });
  }

  it("are a client's, too", () => {
    using server = new TlsContext({
      ...pki.server,
      clientAuth: "require",
      caCerts,
    });
    using client = new TlsContext({ certificates: [pki.client], caCerts });
    using ends = connected(server, client);
    assertEquals(
      ends.server.info?.peerCertificate?.subject,
      "CN=client,O=Test",
    );
  });

  const REFUSED: [
    string,
    unknown,
    typeof TypeError | typeof TlsError,
    string,
  ][] = [
    ["none", [], TypeError, "received an empty array"],
    [
      "no array",
      pki.server,
      TypeError,
      "options.certificates must be an array",
    ],
    [
      "two of one sort of key",
      [pki.server, pki.issue()],
      TypeError,
      "options.certificates[1] must have another type of key than the certificates before it, received EC again",
    ],
    [
      "one without a key",
      [{ cert }],
      TypeError,
      "options.certificates[0].cert and options.certificates[0].key must be used together",
    ],
    [
      "one of nothing",
      [pki.server, {}],
      TypeError,
      "options.certificates[1] must have a cert and a key, or a pfx",
    ],
    [
      "another's key",
      [{ cert, key: rsa.key }],
      TlsError,
      "options.certificates[0].key",
    ],
    [
      "a misspelt name",
      [{ ...pki.server, crt: "" }],
      TypeError,
      "options.certificates[0].crt is not an option",
    ],
    ["null", [null], TypeError, "options.certificates[0] must be an object"],
  ];
  for (const [what, list, type, message] of REFUSED) {
    it(`are refused: ${what}`, () => {
      assertThrows(
        () => new TlsContext({ certificates: list as never }),
        type,
        message,
      );
    });
  }

  it("don't go with a single one", () => {
    for (
      const single of [pki.server, { pfx: pfxOf(rsa, "") }, { passphrase: "" }]
    ) {
      assertThrows(
        () => new TlsContext({ certificates, ...single }),
        TypeError,
        "can't be used with options.certificates",
      );
    }
  });
});

describe("A key that isn't the first certificate's", () => {
  const PAIRS: [string, TlsContextOptions, string][] = [
    [
      "of its type",
      { cert, key: pki.client.key },
      "options.key: it is not the key of the first certificate in options.cert: key values mismatch",
    ],
    [
      "of another type",
      { cert, key: rsa.key },
      "options.key: it is not the key of the first certificate in options.cert: different key types; key type mismatch",
    ],
    [
      "but the second's, of its type",
      { cert: pki.ca.cert + cert, key },
      "options.key: it is the key of certificate 2 in options.cert, which must come first",
    ],
    ["but the second's, of another type", {
      cert: pki.ca.cert + rsa.cert,
      key: rsa.key,
    }, "certificate 2 in options.cert, which must come first"],
  ];
  for (const [what, options, message] of PAIRS) {
    it(`is refused: ${what}`, () => {
      assertThrows(() => new TlsContext(options), TlsError, message);
    });
  }
});

describeWith("openssl", "What openssl has written", () => {
  it("is read: keys and PKCS#12 files, encrypted by what it has", async () => {
    await using folder = await Folder.make();
    const { key: keyFile, certificate: certFile } = folder;
    const out = folder.path("out");
    await Deno.writeTextFile(keyFile, rsa.key);
    await Deno.writeTextFile(certFile, rsa.cert);
    const made = async (
      ...args: string[]
    ): Promise<Uint8Array<ArrayBuffer>> => {
      const { code, stderr } = await run("openssl", [...args, "-out", out]);
      assertEquals(code, 0, stderr);
      return await Deno.readFile(out);
    };
    const pass = ["-passout", "pass:secret"];
    for (
      const args of [
        ["rsa", "-in", keyFile, "-aes128", "-traditional"],
        ["rsa", "-in", keyFile, "-des3", "-traditional"],
        ["pkcs8", "-topk8", "-in", keyFile],
        ["pkcs8", "-topk8", "-in", keyFile, "-v2", "des3"],
        ["pkcs8", "-topk8", "-in", keyFile, "-scrypt"],
      ]
    ) {
      const locked = new TextDecoder().decode(await made(...args, ...pass));
      new TlsContext({ cert: rsa.cert, key: locked, passphrase: "secret" })
        .close();
    }
    const pkcs12 = ["pkcs12", "-export", "-inkey", keyFile, "-in", certFile];
    const old = [
      "-keypbe",
      "PBE-SHA1-3DES",
      "-certpbe",
      "PBE-SHA1-3DES",
      "-macalg",
      "SHA1",
    ];
    for (const more of [[], old]) {
      const pfx = await made(...pkcs12, ...more, ...pass);
      assertEquals(shownBy({ pfx, passphrase: "secret" }), bodyOf(rsa));
    }
    const weak = new TextDecoder().decode(
      await made(
        ...["req", "-x509", "-newkey", "rsa:1024", "-nodes", "-batch"],
        ...["-keyout", keyFile],
      ),
    );
    const weakKey = await Deno.readTextFile(keyFile);
    const refusal = assertThrows(
      () => new TlsContext({ cert: weak, key: weakKey }),
      TlsError,
      "Cannot use the certificate of options",
    );
    assertEquals(refusal.reason, "ee key too small");
    const keyless = ["pkcs12", "-export", "-nokeys", "-in", certFile];
    const pfx = await made(...keyless, ...pass);
    assertThrows(
      () => new TlsContext({ pfx, passphrase: "secret" }),
      TlsError,
      "Cannot use options.pfx: it has no private key with its certificate",
    );
  });
});
