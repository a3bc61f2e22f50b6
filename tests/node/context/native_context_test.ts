/** What contexts of `node:tls` do in handshakes. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import { SSL_VERIFY_PEER, X509_V_OK } from "../../../src/libssl/mod.ts";
import {
  getCACertificates,
  setDefaultCACertificates,
} from "../../../src/node/ca_certificates.ts";
import {
  type CipherInfo,
  cipherInfo,
  type EphemeralKeyInfo,
  ephemeralKeyInfo,
  sharedSigalgs,
} from "../../../src/node/ciphers.ts";
import type { SecureContextOptions } from "../../../src/node/context/options.ts";
import { createSecureContext } from "../../../src/node/context/secure_context.ts";
import { verifyError } from "../../../src/node/errors/verify_errors.ts";
import {
  ownCertificate,
  peerCertificate,
  peerX509,
} from "../../../src/node/peer/connection_certificates.ts";
import type { DetailedPeerCertificate } from "../../../src/node/peer/types.ts";
import { createTestCertificate } from "../../../src/testing/mod.ts";
import { assertCode } from "../../support/assert_code.ts";
import {
  crlOf,
  encryptedKey,
  pemOf,
  pfxOf,
  pki,
  split,
} from "../../support/credentials.ts";
import { HandshakeError, made, Pair } from "../../support/pair.ts";
import { DH_1024, DH_2048 } from "../../testdata/dh_parameters.ts";

const ecdsa = createTestCertificate();
const rsa = createTestCertificate({ keyType: "RSA-2048" });
const [leaf = ""] = split(pki.server.cert);
const PSS = { sigalgs: "rsa_pss_rsae_sha256" };

describe("a context of node:tls", () => {
  it("sends its chain, which is verified by ca", () => {
    const { verified, peer } = talk(pki.server, { ca: pki.ca.cert });
    assertEquals(verified, null);
    assertEquals(peer?.subject.CN, "localhost");
    let last = peer;
    for (let i = 0; i < 2; i++) last = last?.issuerCertificate ?? null;
    assert(last !== null && last.issuerCertificate === last);
  });

  it("builds its chain of ca, if cert has none", () => {
    const { key } = pki.server;
    const ca = [pki.intermediate.cert, pki.ca.cert];
    const client = { ca: pki.ca.cert };
    assertEquals(
      talk({ cert: leaf, key }, client).verified,
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    );
    assertEquals(talk({ cert: leaf, key, ca }, client).verified, null);
  });

  it("takes ca as one text, an array, bytes, and with purposes", () => {
    const all = pki.otherCa.cert + pki.ca.cert;
    for (
      const ca of [
        all,
        Buffer.from(all),
        [pki.otherCa.cert, new TextEncoder().encode(pki.ca.cert)],
        `A comment\n${all}`,
      ]
    ) assertEquals(talk(pki.server, { ca }).verified, null);
    assertEquals(
      talk(pki.server, { ca: pki.otherCa.cert }).verified,
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    );
  });

  it("lets a chain end below a root only with allowPartialTrustChain", () => {
    const ca = pki.intermediate.cert;
    assertEquals(
      talk(pki.server, { ca }).verified,
      "UNABLE_TO_GET_ISSUER_CERT",
    );
    const client = { ca, allowPartialTrustChain: true };
    assertEquals(talk(pki.server, client).verified, null);
  });

  it("refuses what a list revokes", () => {
    const revoked = pki.client;
    const crl = [
      pemOf("X509 CRL", crlOf(pki.ca)),
      Buffer.from(pemOf("X509 CRL", crlOf(pki.intermediate, [revoked]))),
    ];
    const client = { ca: pki.ca.cert, crl };
    assertEquals(talk(revoked, client).verified, "CERT_REVOKED");
    assertEquals(talk(pki.server, client).verified, null);
    const [one] = crl;
    assertEquals(
      talk(pki.server, { ...client, crl: one }).verified,
      "UNABLE_TO_GET_CRL",
    );
  });

  it("has certificates for several types of key", () => {
    const server = {
      cert: [rsa.cert, ecdsa.cert],
      key: [ecdsa.key, {
        pem: encryptedKey(rsa.key, "own"),
        passphrase: "own",
      }],
      passphrase: "another",
    };
    assertEquals(talk(server, {}).peer?.asn1Curve, "prime256v1");
    assertEquals(talk(server, PSS).peer?.bits, 2048);
  });

  it("takes PKCS#12 files, whose authorities it trusts", () => {
    const file = pfxOf(pki.server, "secret", pki.ca.cert);
    const client = { ca: pki.ca.cert };
    for (
      const options of [
        { pfx: file, passphrase: "secret" },
        { pfx: [{ buf: Buffer.from(file), passphrase: "secret" }] },
        { pfx: [{ buf: file }], passphrase: "secret" },
      ]
    ) {
      assertEquals(talk(options, client).verified, null);
      assertEquals(talk(pki.server, options).verified, null);
    }
    assertThrows(
      () => createSecureContext({ pfx: file, passphrase: "wrong" }),
      Error,
      "mac verify failure",
    );
  });

  it("negotiates ciphers, groups and signatures as told", () => {
    const told = talk(rsa, {
      ciphers: "ECDHE-RSA-AES128-SHA256:AES256-SHA",
      maxVersion: "TLSv1.2",
      ecdhCurve: "P-384:P-256",
      sigalgs: "RSA+SHA384",
    });
    assertEquals(told.cipher, {
      name: "ECDHE-RSA-AES128-SHA256",
      standardName: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
      version: "TLSv1.2",
    });
    assertEquals(told.ephemeral, {
      type: "ECDH",
      name: "secp384r1",
      size: 384,
    });
    assertEquals(told.sigalgs, ["RSA+SHA384"]);
    assertEquals(talk(rsa, {}).ephemeral, {
      type: "TLSGroup",
      name: "X25519MLKEM768",
      size: undefined,
    });
    const plain = { ciphers: "AES256-SHA", maxVersion: "TLSv1.2" };
    assertEquals(talk(rsa, plain).ephemeral, {});
    const suites = { ciphers: "TLS_AES_128_GCM_SHA256:AES256-SHA" };
    assertEquals(talk(rsa, suites).cipher.name, "TLS_AES_128_GCM_SHA256");
  });

  it("allows what security level 0 allows, if ciphers say so", () => {
    const old = { ciphers: "DEFAULT@SECLEVEL=0", minVersion: "TLSv1" };
    const told = talk({ ...ecdsa, ...old }, {
      ...old,
      secureProtocol: "TLSv1_1_method",
      minVersion: undefined,
    });
    assertEquals(told.version, "TLSv1.1");
  });

  it("keeps to the roles of secureProtocol", () => {
    const method = { secureProtocol: "TLS_client_method" };
    assertThrows(() => talk({ ...ecdsa, ...method }, {}), HandshakeError);
    talk(ecdsa, method);
  });

  it("has the order of a server's ciphers with honorCipherOrder", () => {
    const max = { maxVersion: "TLSv1.2" };
    const server = {
      ...rsa,
      ...max,
      ciphers: "ECDHE-RSA-AES256-SHA384:ECDHE-RSA-AES128-SHA256",
    };
    const client = {
      ciphers: "ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA384",
    };
    const bits = [false, true].map((honorCipherOrder) =>
      talk({ ...server, honorCipherOrder }, client).cipher.name
    );
    assertEquals(bits, ["ECDHE-RSA-AES128-SHA256", "ECDHE-RSA-AES256-SHA384"]);
  });

  it("exchanges keys by the parameters of dhparam, if they aren't weak", () => {
    const client = { ciphers: "DHE-RSA-AES128-SHA256", maxVersion: "TLSv1.2" };
    for (const dhparam of ["auto", DH_2048, Buffer.from(DH_2048)]) {
      const { ephemeral } = talk({ ...rsa, dhparam }, client);
      assertEquals(ephemeral, { type: "DH", size: 2048 });
    }
    assertThrows(() => talk(rsa, client), HandshakeError, "no shared cipher");
    assertCode(
      () => createSecureContext({ dhparam: DH_1024 }),
      "ERR_CRYPTO_OPERATION_FAILED",
    );
  });

  it("knows its certificate and the issuer of that", () => {
    const { context } = createSecureContext(pki.server);
    const certificate = context.getCertificate();
    assertEquals(certificate?.toString("base64"), pemBody(leaf));
    assertEquals(
      context.getIssuer()?.toString("base64"),
      pemBody(pki.intermediate.cert),
    );
    const { context: other } = createSecureContext();
    assertEquals([other.getCertificate(), other.getIssuer()], [null, null]);
  });

  it("resumes by tickets of another context with the same keys", () => {
    const ticketKeys = crypto.getRandomValues(new Uint8Array(48));
    const [a, b, c] = [
      createSecureContext({ ...ecdsa, ticketKeys }).context,
      createSecureContext(ecdsa).context,
      createSecureContext(ecdsa).context,
    ];
    b.setTicketKeys(a.getTicketKeys());
    assertEquals(b.getTicketKeys(), Buffer.from(ticketKeys));
    assertEquals(c.getTicketKeys().length, 48);
    const { libssl } = a.openssl;
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"]) {
      const client = createSecureContext({ maxVersion }).context.ctx;
      const first = new Pair(libssl, a.ctx, client);
      first.handshake();
      const session = made(libssl.SSL_get1_session(first.client));
      first.close();
      const resumed = [b, c].map(({ ctx }) => {
        const pair = new Pair(libssl, ctx, client, { session });
        pair.handshake();
        const { resumed } = pair;
        pair.close();
        return resumed;
      });
      libssl.SSL_SESSION_free(session);
      assertEquals(resumed, [true, false], maxVersion);
    }
  });
});

describe("the default certificates", () => {
  it("are those of the runtime, and those that a program sets", () => {
    const before = getCACertificates();
    const own = createTestCertificate();
    assert(before.length > 50 && Object.isFrozen(before));
    assertEquals(
      talk(pki.server, {}).verified,
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    );
    try {
      setDefaultCACertificates([
        pki.otherCa.cert,
        Buffer.from(pki.ca.cert + pki.ca.cert),
      ]);
      assertEquals(getCACertificates().length, 2);
      assertEquals(talk(pki.server, {}).verified, null);
      // With a store of its own besides.
      const crl = [pki.ca, pki.intermediate].map((issuer) =>
        pemOf("X509 CRL", crlOf(issuer))
      );
      assertEquals(talk(pki.server, { crl }).verified, null);
      // Other contexts have the shared store, which is none's own.
      const { context } = createSecureContext();
      context.prepareToVerify();
      context.addRootCerts();
      context.addCACert(own.cert);
      assertEquals(talk(own, {}).verified, "DEPTH_ZERO_SELF_SIGNED_CERT");
      setDefaultCACertificates([]);
      assertEquals(
        talk(pki.server, {}).verified,
        "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      );
    } finally {
      setDefaultCACertificates(before);
    }
  });

  it("are of a type, and of nothing but certificates", () => {
    assertCode(() => getCACertificates("x" as never), "ERR_INVALID_ARG_VALUE");
    assertCode(() => getCACertificates(1 as never), "ERR_INVALID_ARG_TYPE");
    assertCode(
      () => setDefaultCACertificates("x" as never),
      "ERR_INVALID_ARG_TYPE",
    );
    assertCode(
      () => setDefaultCACertificates([1 as never]),
      "ERR_INVALID_ARG_TYPE",
    );
    assertCode(
      () => setDefaultCACertificates(["junk"]),
      "ERR_CRYPTO_OPERATION_FAILED",
    );
    assert(getCACertificates("bundled").length > 50);
    assert(Array.isArray(getCACertificates("extra")));
    assert(Array.isArray(getCACertificates("system")));
  });
});

/** What two contexts negotiated. */
interface Told {
  /** The code of what stands against the server's certificate. */
  readonly verified: string | null | undefined;
  readonly peer: DetailedPeerCertificate | null;
  readonly cipher: CipherInfo;
  readonly ephemeral: EphemeralKeyInfo;
  readonly sigalgs: string[];
  readonly version: string;
}

/** What two contexts negotiate, and what the client thinks of the server's certificate. */
function talk(
  serverOptions: SecureContextOptions,
  clientOptions: SecureContextOptions,
): Told {
  const server = createSecureContext(serverOptions).context;
  const client = createSecureContext(clientOptions).context;
  client.prepareToVerify();
  const { openssl, authorities } = client;
  const { libssl } = openssl;
  const pair = new Pair(libssl, server.ctx, client.ctx);
  libssl.SSL_set_verify(pair.client, SSL_VERIFY_PEER, () => 1);
  try {
    pair.handshake();
    const ssl = pair.client;
    const result = libssl.SSL_get_verify_result(ssl);
    const source = { openssl, ssl, authorities };
    const own = ownCertificate({ openssl, ssl: pair.server });
    const peer = peerCertificate(source, true);
    assertEquals(own?.raw, peer?.raw);
    assertEquals(peerX509(source)?.raw, peer?.raw);
    assertEquals(
      ownCertificate({ openssl, ssl }) !== null,
      clientOptions.pfx !== undefined,
    );
    return {
      verified: result === X509_V_OK ? null : verifyError(libssl, result)?.code,
      peer,
      cipher: cipherInfo(libssl, made(libssl.SSL_get_current_cipher(ssl))),
      ephemeral: ephemeralKeyInfo(libssl, ssl),
      sigalgs: sharedSigalgs(libssl, pair.server),
      version: libssl.SSL_get_version(ssl),
    };
  } finally {
    pair.close();
    server.close();
    client.close();
  }
}

function pemBody(pem: string): string {
  return pem.replaceAll(/-----[^-]*-----|\s/g, "");
}
