/** Whom a context trusts: lists of revoked certificates, partial chains, names of authorities. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlsContext, type TlsContextOptions, TlsError } from "@sesame/tls";
import { createTestPki } from "@sesame/tls/testing";
import { contextCores } from "../../../src/tls/context/context_core.ts";
import {
  crlOf,
  encryptedKey,
  pemOf,
  pfxOf,
  pki,
  split,
} from "../../support/credentials.ts";
import {
  certificate,
  connected,
  endsOf,
  exchange,
} from "../../support/engines.ts";
import { Site, VERSIONS } from "../../support/site.ts";

const caCerts = [pki.ca.cert];
const DAY_MS = 86_400_000;
const lists = {
  root: crlOf(pki.ca),
  intermediate: crlOf(pki.intermediate),
};
const complete = [lists.root, lists.intermediate];

/** What a client with these options says of the PKI's server: `null` if it takes it. */
function verdict(
  client: TlsContextOptions,
  server = pki.server,
): string | null {
  using context = new TlsContext({ caCerts, ...client });
  try {
    using _ = connected(new TlsContext(server), context);
    return null;
  } catch (error) {
    assert(error instanceof TlsError);
    assertEquals(error.code, "certificate");
    // Without OpenSSL's further words.
    return error.message.split(": ", 2).join(": ");
  }
}

describe("crl", () => {
  it("takes who is on no list, in PEM or DER, one or several", () => {
    const pem = complete.map((list) => pemOf("X509 CRL", list));
    for (
      const crl of [
        complete,
        pem,
        pem.join(""),
        new TextEncoder().encode(pem.join("")),
      ]
    ) {
      assertEquals(verdict({ crl }), null);
    }
  });

  const REFUSED: [string, TlsContextOptions["crl"] & object, string][] = [
    [
      "the leaf is on it",
      [lists.root, crlOf(pki.intermediate, [pki.server])],
      "certificate revoked",
    ],
    ["an authority is on it", [
      crlOf(pki.ca, [pki.intermediate]),
      lists.intermediate,
    ], "certificate revoked"],
    [
      "the leaf's issuer has none",
      [lists.root],
      "unable to get certificate CRL",
    ],
    [
      "the root has none",
      [lists.intermediate],
      "unable to get certificate CRL",
    ],
    ["it is out of date", [
      lists.root,
      crlOf(pki.intermediate, [], { age: 2 * DAY_MS }),
    ], "CRL has expired"],
    ["it begins later", [
      lists.root,
      crlOf(pki.intermediate, [], { age: -DAY_MS }),
    ], "CRL is not yet valid"],
    ["another has signed it", [
      lists.root,
      crlOf({ ...pki.otherCa, cert: pki.intermediate.cert }),
    ], "CRL signature failure"],
  ];
  for (const [when, crl, reason] of REFUSED) {
    it(`refuses when ${when}`, () => {
      assertEquals(
        verdict({ crl }),
        `Cannot trust the peer's certificate: ${reason}`,
      );
    });
  }

  it("is a server's, too, for the clients that it asks", () => {
    const ask = (revoked: boolean): void => {
      using server = new TlsContext({
        ...pki.server,
        caCerts,
        clientAuth: "require",
        crl: [lists.root, crlOf(pki.intermediate, revoked ? [pki.client] : [])],
      });
      connected(server, new TlsContext({ ...pki.client, caCerts }))
        [Symbol.dispose]();
    };
    ask(false);
    assertThrows(() => ask(true), TlsError, "certificate revoked");
  });

  it("is refused where it could do nothing", () => {
    for (
      const [options, type, message] of [
        [
          { caCerts, crl: [] },
          TypeError,
          "options.crl must have at least one list",
        ],
        [{ crl: complete }, TypeError, "options.crl needs options.caCerts"],
        [
          { caCerts, crl: [5 as never] },
          TypeError,
          "options.crl[0] must be a string of PEM or a Uint8Array, received 5",
        ],
        [{ caCerts, crl: Uint8Array.of(0x30, 1, 0) }, TlsError, "options.crl"],
      ] satisfies [
        TlsContextOptions,
        typeof TypeError | typeof TlsError,
        string,
      ][]
    ) {
      assertThrows(() => new TlsContext(options), type, message);
    }
  });
});

describe("allowPartialChain", () => {
  it("ends a chain at a trusted certificate that is no root", () => {
    const [intermediate = ""] = split(pki.intermediate.cert);
    assertEquals(
      verdict({ caCerts: [intermediate] }),
      "Cannot trust the peer's certificate: unable to get issuer certificate",
    );
    assertEquals(
      verdict({ caCerts: [intermediate], allowPartialChain: true }),
      null,
    );
    assertEquals(
      verdict({
        caCerts: [split(pki.server.cert)[0] ?? ""],
        allowPartialChain: true,
      }),
      null,
    );
    assertEquals(
      verdict({ caCerts: [pki.otherCa.cert], allowPartialChain: true })
        ?.includes("issuer"),
      true,
    );
  });
});

for (const version of VERSIONS) {
  describe(`Sessions of ${version}, of servers that differ in whom they trust`, () => {
    const asking: TlsContextOptions = {
      ...certificate,
      clientAuth: "require",
      caCerts,
    };
    const visit = {
      version,
      client: { ...pki.client, caCerts: [certificate.cert] },
    };
    for (
      const [what, more] of Object.entries({
        "a list of the revoked": { crl: complete },
        "partial chains": { allowPartialChain: true },
        "common names": { allowCommonName: true },
      })
    ) {
      it(`aren't resumed: ${what}`, async () => {
        using site = new Site();
        const lax = site.server(asking);
        const strict = site.server({ ...asking, ...more });
        const session = await site.session(lax, visit);
        assertEquals(await site.resume(strict, { ...visit, session }), {
          resumed: false,
          reason: "context-mismatch",
        });
        const own = await site.session(strict, visit);
        assertEquals(await site.resume(strict, { ...visit, session: own }), {
          resumed: true,
          from: "store",
        });
      });
    }
  });
}

describe("Servers whose options say the same in other words", () => {
  const [one = "", other = ""] = [pki.ca.cert, pki.otherCa.cert];
  const same: [string, TlsContextOptions, TlsContextOptions][] = [
    ["what is off is said", {}, {
      allowCommonName: false,
      allowPartialChain: false,
    }],
    ["authorities in one text, in another order", { caCerts: [one, other] }, {
      caCerts: [`${other}\r\n${one.replaceAll("\n", "\r\n")}`],
    }],
    ["revocation lists in DER and PEM, in another order", { crl: complete }, {
      crl: complete.map((der) => pemOf("X509 CRL", der)).toReversed(),
    }],
    ["the verify mode as a command, in another case", {}, {
      clientAuth: "none",
      configure: [["verifyMODE", "peer,REQUIRE"]],
    }],
    ["a certificate as a trusted one", { caCerts: [one] }, {
      caCerts: [one.replaceAll("CERTIFICATE", "TRUSTED CERTIFICATE")],
    }],
  ];
  for (const [what, options, others] of same) {
    it(`resume each other's sessions: ${what}`, async () => {
      using site = new Site();
      const asking: TlsContextOptions = { clientAuth: "require", caCerts };
      const visit = {
        client: { ...pki.client, caCerts: [certificate.cert] },
      };
      const server = site.server({ ...asking, ...options });
      const session = await site.session(server, visit);
      const peer = site.server({ ...asking, ...others });
      assertEquals(await site.resume(peer, { ...visit, session }), {
        resumed: true,
        from: "store",
      });
    });
  }
});

describe("A client's sessions", () => {
  it("are of those alone who trust the same and are the same", () => {
    const policyOf = (options: TlsContextOptions): string => {
      using context = new TlsContext({ caCerts, ...options });
      return contextCores.get(context).binding.client.join();
    };
    const { cert, key } = pki.client;
    const policies = [
      {},
      { allowCommonName: true },
      { allowPartialChain: true },
      { crl: complete },
      { crl: lists.root },
      { cert, key },
      { certificates: [pki.server] },
    ].map(policyOf);
    assertEquals(new Set(policies).size, policies.length);
    // How it is written down makes no difference, and no secret is kept.
    const same: TlsContextOptions[] = [
      { pfx: pfxOf(pki.client, "") },
      { certificates: [pki.client], configure: [["VerifyMode", "Peer"]] },
      {
        certificates: [{
          cert: cert.replaceAll("\n", "\r\n"),
          key: encryptedKey(key, "secret"),
          passphrase: "secret",
        }],
      },
    ];
    for (const options of same) assertEquals(policyOf(options), policies[5]);
  });
});

describe("A server that asks for a certificate of one of many authorities", () => {
  // 400 names of some 200 bytes.
  const pages = Array.from({ length: 400 }, (_, i) => i);
  const made = createTestPki();
  const many = pages.map((i) =>
    made.issue({
      isCa: true,
      commonName: `${i}`,
      issuer: "self",
      subject: { O: "x".repeat(64), OU: "y".repeat(64), L: "z".repeat(64) },
    }).cert
  );

  for (const version of VERSIONS) {
    it(`leaves out names that don't fit: ${version}`, () => {
      using server = new TlsContext({
        ...pki.server,
        clientAuth: "require",
        caCerts: [...many, ...caCerts],
      });
      using client = new TlsContext({
        ...pki.client,
        caCerts,
        maxVersion: version,
      });
      using ends = connected(server, client);
      assertEquals(
        ends.server.info?.peerCertificate?.subject,
        "CN=client,O=Test",
      );
    });
  }

  it("says that there are too many, if they were asked for", () => {
    assertThrows(
      () =>
        new TlsContext({
          ...pki.server,
          clientAuth: "require",
          caCerts: many,
          sendCaNames: true,
        }),
      RangeError,
      "options.sendCaNames needs caCerts whose names take at most 64000 bytes",
    );
  });

  /** How many bytes a server answers a hello of TLS 1.2 with. */
  const answer = (options: TlsContextOptions): number => {
    using server = new TlsContext({
      ...pki.server,
      clientAuth: "request",
      ...options,
    });
    using client = new TlsContext({ caCerts, maxVersion: "TLSv1.2" });
    using ends = endsOf(server, client);
    ends.server.receive(ends.client.send());
    return ends.server.send().length;
  };

  it("names them once each, or not at all", () => {
    const none = answer({ caCerts: many.slice(0, 3), sendCaNames: false });
    const three = answer({ caCerts: many.slice(0, 3) });
    assert(three > none + 600, `${three} and ${none} bytes`);
    const twice = answer({
      caCerts: [...many.slice(0, 3), ...many.slice(0, 3)],
    });
    assert(Math.abs(twice - three) < 20, `${twice} and ${three} bytes`);
  });

  it("counts a name once", () => {
    const half = many.slice(0, 200);
    new TlsContext({
      ...pki.server,
      clientAuth: "require",
      caCerts: [...half, ...half],
      sendCaNames: true,
    }).close();
  });

  it("doesn't name them in hellos of its own", () => {
    const hello = (clientAuth: "none" | "request"): number => {
      using context = new TlsContext({
        ...pki.server,
        caCerts: many.slice(0, 9),
        clientAuth,
      });
      using ends = endsOf(context);
      return ends.client.send().length;
    };
    assert(hello("request") < hello("none") + 100);
  });
});

describe("Diffie-Hellman in TLS 1.2", () => {
  const configure: [string, string][] = [["CipherString", "DHE"]];
  const rsa = pki.issue({ keyType: "RSA-2048" });

  it("has parameters, of a server that is told to use it", () => {
    using server = new TlsContext({ ...rsa, configure, maxVersion: "TLSv1.2" });
    using ends = connected(
      server,
      new TlsContext({ caCerts, maxVersion: "TLSv1.2" }),
    );
    assertEquals(ends.client.info?.cipher?.startsWith("TLS_DHE_RSA_"), true);
  });

  it("has none where they are turned off", () => {
    using server = new TlsContext({
      ...rsa,
      configure,
      maxVersion: "TLSv1.2",
      dhparam: "none",
    });
    using ends = endsOf(
      server,
      new TlsContext({ caCerts, maxVersion: "TLSv1.2" }),
    );
    assertThrows(() => exchange(ends), TlsError, "no shared cipher");
    assertThrows(
      () => new TlsContext({ dhparam: "yes" as never }),
      TypeError,
      'options.dhparam must be "auto" or "none", received "yes"',
    );
  });

  it("is a named group in TLS 1.3", () => {
    using server = new TlsContext({
      ...rsa,
      configure: [["Groups", "ffdhe2048"]],
    });
    using client = new TlsContext({
      caCerts,
      configure: [["Groups", "ffdhe2048:X25519"]],
    });
    using ends = connected(server, client);
    assertEquals(ends.client.info?.group, "ffdhe2048");
  });
});
