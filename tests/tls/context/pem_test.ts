/** PEM as people bring it. */
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { OpenSSL, TlsContext, TlsError } from "@sesame/tls";
import { withCertificates } from "../../../src/tls/context/pem.ts";
import { connected } from "../../support/engines.ts";
import {
  crlOf,
  encryptedKey,
  pemOf,
  pki,
  split,
} from "../../support/credentials.ts";

const BOM = "\ufeff";
const { cert, key } = pki.server;
const ca = pki.ca.cert;
const [caDer = new Uint8Array()] = derOf(ca);

/** What may be done to a text of certificates or keys. */
const MANNERS: Record<string, (pem: string) => string> = {
  "a byte order mark": (pem) => BOM + pem,
  "byte order marks of joined files": (pem) =>
    split(pem).map((p) => BOM + p).join(""),
  "lines that end with CR LF": (pem) => pem.replaceAll("\n", "\r\n"),
  "lines that end with CR": (pem) => pem.replaceAll("\n", "\r"),
  "no end of the last line": (pem) => pem.trimEnd(),
  "text before and after": (pem) =>
    `subject=CN = localhost\n# ${"-".repeat(70)}\n${pem}end\n`,
  "text between": (pem) =>
    split(pem).join("Bag Attributes\n    friendlyName: a\n"),
  "a mention of -----BEGIN CERTIFICATE----- in a line": (pem) =>
    `paste after -----BEGIN CERTIFICATE----- please\n${pem}`,
  "a block that is no certificate": (pem) =>
    pemOf("DH PARAMETERS", new Uint8Array(9)) + pem,
  "indented lines": (pem) => pem.replaceAll(/^/gm, "    \t"),
  "blank lines": (pem) => pem.replaceAll("\n", "\n\n"),
  "white space at the ends of lines": (pem) => pem.replaceAll("\n", " \t\n"),
  "one line": (pem) => pem.replaceAll("\n", " "),
  "line ends written as backslash n": (pem) => pem.replaceAll("\n", "\\n"),
  "long lines": (pem) => split(pem).map(longLines).join(""),
};

describe("PEM", () => {
  for (const [manner, mangled] of Object.entries(MANNERS)) {
    it(`is read with ${manner}: certificates, keys and authorities`, () => {
      using server = new TlsContext({ cert: mangled(cert), key: mangled(key) });
      using client = new TlsContext({ caCerts: [mangled(ca)] });
      using ends = connected(server, client);
      assertEquals(ends.client.state, "open");
      for (const format of ["PKCS#8", "traditional"] as const) {
        new TlsContext({
          cert,
          key: mangled(encryptedKey(key, "secret", format)),
          passphrase: "secret",
        }).close();
      }
      const crl = [pki.ca, pki.intermediate].map((issuer) =>
        mangled(pemOf("X509 CRL", crlOf(issuer)))
      );
      using careful = new TlsContext({ caCerts: [ca], crl });
      using checked = connected(server, careful);
      assertEquals(checked.client.state, "open");
    });
  }

  it("has no block in a comment, whatever the comment says", () => {
    const smuggled = `# subject=CN=x\\n${
      pki.server.cert.replaceAll("\n", "\\n")
    }`;
    assertEquals(derOf(`${smuggled}\n${ca}`), [caDer]);
  });

  it("has several authorities in a text, and trusted ones with what they are for", () => {
    // Trusted for e-mail alone (OpenSSL's X509_CERT_AUX).
    const emailOnly = [0x30, 12, 0x30, 10, 6, 8, 43, 6, 1, 5, 5, 7, 3, 4];
    const trusted = (more: number[]): string =>
      pemOf("TRUSTED CERTIFICATE", Uint8Array.from([...caDer, ...more]));
    using server = new TlsContext({ cert, key });
    using client = new TlsContext({
      caCerts: [pki.otherCa.cert + trusted([])],
    });
    using ends = connected(server, client);
    assertEquals(ends.client.state, "open");
    using other = new TlsContext({ caCerts: [trusted(emailOnly)] });
    assertThrows(() => connected(server, other), TlsError, "Cannot trust");
  });

  it("needs no white space, but where a key has headers", () => {
    const [server, authority] = [cert + key, ca].map((pem) =>
      pem.replaceAll("\n", "")
    ) as [string, string];
    using ends = connected(
      new TlsContext({ cert: server, key: server }),
      new TlsContext({ caCerts: [authority] }),
    );
    assertEquals(ends.client.state, "open");
  });

  it("may have the key and the certificate in one text, and parameters before the key", () => {
    const both = pemOf("EC PARAMETERS", Uint8Array.of(6, 0)) + key + cert;
    using server = new TlsContext({ cert: both, key: both });
    using ends = connected(server, new TlsContext({ caCerts: [ca] }));
    assertEquals(ends.client.state, "open");
  });

  const REFUSED: [string, Record<string, unknown>, string][] = [
    [
      "no PEM",
      { cert: "hello", key },
      "options.cert: expected certificates in PEM, found no PEM",
    ],
    ["a key for a certificate", { cert: key, key }, "found only PRIVATE KEY"],
    [
      "a certificate for a key",
      { cert, key: cert },
      "options.key: expected a private key in PEM, found only CERTIFICATE",
    ],
    [
      "a block cut off",
      { cert: cert + ca.slice(0, 300), key },
      "options.cert: block 3 of its PEM: bad end line",
    ],
    ["an end of another sort", {
      caCerts: [ca.replace("END CERT", "END X509 CERT")],
    }, "block 1 of its PEM: bad end line"],
    [
      "no base64",
      { caCerts: [ca.replace("\nM", "\n!M")] },
      "options.caCerts[0]: block 1 of its PEM: bad base64 decode",
    ],
    [
      "no base64, of a length that would do",
      { caCerts: [ca.replace("\nM", "\n!")] },
      "options.caCerts[0]: block 1 of its PEM: bad base64 decode",
    ],
    ["no certificate in it", {
      caCerts: [pemOf("CERTIFICATE", Uint8Array.of(48, 3, 2, 1, 5))],
    }, "options.caCerts[0]: a certificate"],
    [
      "nothing in it",
      { caCerts: [ca, pemOf("CERTIFICATE", new Uint8Array())] },
      "options.caCerts[1]",
    ],
    [
      "a list that is none",
      { caCerts: [ca], crl: ca },
      "options.crl: expected certificate revocation lists in PEM, found only CERTIFICATE",
    ],
    ["a key of OpenSSH's", {
      cert,
      key: pemOf("OPENSSH PRIVATE KEY", new Uint8Array(40)),
    }, "OPENSSH PRIVATE KEY is not a private key that OpenSSL reads"],
  ];
  for (const [what, options, message] of REFUSED) {
    it(`is refused in words: ${what}`, () => {
      assertThrows(() => new TlsContext(options), TlsError, message);
    });
  }

  it("is read in time, whatever it is", () => {
    const size = 300_000;
    for (
      const junk of [
        "-----BEGIN ",
        "x-----BEGIN A-----",
        " ",
        "\n",
        "-----BEGIN A-----\n",
        "-----END A-----",
        "a:",
      ]
    ) {
      const text = junk.repeat(size / junk.length);
      assertThrows(
        () => new TlsContext({ caCerts: [text] }),
        TlsError,
        "options.caCerts[0]",
      );
    }
  });
});

function derOf(pem: string): Uint8Array[] {
  const { libssl } = OpenSSL.default;
  return withCertificates(libssl, pem, ["pem"], (_, der) => [...der]);
}

function longLines(pem: string): string {
  return pem.replaceAll(/(?<=[\w+/]{64})\n(?!-)/g, "");
}
