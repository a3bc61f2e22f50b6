/** Certificates that src/pki makes, for `serve` and for the testing kit (tests/testing/pki*). */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { OpenSSL } from "../../src/libssl/openssl.ts";
import {
  type CertificateContents,
  isSelfIssued,
  makeCertificate,
} from "../../src/pki/certificate.ts";
import { authorityExtensions } from "../../src/pki/extensions.ts";
import { makeSelfSigned } from "../../src/pki/self_signed.ts";
import { TlsContext } from "../../src/tls/context/context.ts";
import { connected } from "../support/engines.ts";

const DAY = 86_400_000;
const { libssl } = OpenSSL.default;

const AUTHORITY: CertificateContents = {
  keyType: "P-256",
  serial: 1n,
  subject: [["CN", "An authority"]],
  notBefore: new Date(Date.now() - DAY),
  notAfter: new Date(Date.now() + DAY),
  extensions: authorityExtensions(),
};

describe("makeSelfSigned", () => {
  for (const keyType of ["P-256", "RSA-2048", "Ed25519"] as const) {
    it(`makes a server's certificate that a client can trust: ${keyType}`, () => {
      const hosts = ["a.test", "192.0.2.1"];
      const made = makeSelfSigned({ hosts, keyType });
      assert(isSelfIssued(libssl, made));
      using server = new TlsContext(made);
      using client = new TlsContext({ caCerts: [made.cert] });
      for (const hostname of hosts) {
        using ends = connected(server, client, { hostname });
        assertEquals(ends.client.state, "open");
      }
      assertThrows(
        () => connected(server, client, { hostname: "b.test" }),
        Error,
        "hostname mismatch",
      );
    });
  }

  it("shortens a common name to 64 characters, and not the host's name", () => {
    const host = `${"a".repeat(60)}.${"b".repeat(60)}.test`;
    const made = makeSelfSigned({ hosts: [host] });
    using server = new TlsContext(made);
    using client = new TlsContext({ caCerts: [made.cert] });
    using ends = connected(server, client, { hostname: host });
    assertEquals(
      ends.client.info?.peerCertificate?.subject,
      `CN=${host.slice(0, 64)}`,
    );
  });
});

describe("makeCertificate", () => {
  it("has an issuer sign, whose subject is the certificate's issuer", () => {
    const authority = makeCertificate(libssl, AUTHORITY);
    assert(isSelfIssued(libssl, authority));
    const subject = [["CN", "Another"]] as const;
    const made = makeCertificate(libssl, { ...AUTHORITY, subject }, authority);
    assertEquals(isSelfIssued(libssl, made), false);
  });

  it("says which part of the issuer can't be read", () => {
    const { cert, key } = makeCertificate(libssl, AUTHORITY);
    for (const issuer of [{ cert, key: "none" }, { cert: "none", key }]) {
      const name = issuer.cert === cert ? "key" : "cert";
      const error: Error & { optionPath?: unknown } = assertThrows(
        () => makeCertificate(libssl, AUTHORITY, issuer),
        Error,
        `Cannot read options.issuer.${name}`,
      );
      assertEquals(error.optionPath, ["issuer", name]);
    }
  });
});
