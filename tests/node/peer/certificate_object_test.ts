/** Certificates as `getPeerCertificate()` shows them. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import { OpenSSL } from "../../../src/libssl/mod.ts";
import { chainOf } from "../../../src/node/peer/chain.ts";
import {
  certificateChainObject,
  certificateObject,
} from "../../../src/node/peer/certificate_object.ts";
import type { PeerCertificate } from "../../../src/node/peer/types.ts";
import { createTestPki } from "../../../src/testing/mod.ts";
import { describeWithNode24, inNode24 } from "../../support/node24.ts";
import { oddCertificates, SECP256K1 } from "../../support/odd_certificates.ts";
import { describeWith } from "../../support/programs.ts";
import { fieldsOf } from "./legacy_objects.ts";

const OBJECTS = new URL("legacy_objects.ts", import.meta.url);
const openssl = OpenSSL.default;

describeWith("openssl", "the object of a certificate", () => {
  it("has the names as they are, escaped where they are joined", async () => {
    const pem = made(await oddCertificates(), "RSA, with odd names in UTF-8");
    const object = objectOf(pem);
    assertEquals(Object.getPrototypeOf(object.subject), null);
    assertEquals({ ...object.subject }, {
      C: "HU",
      O: 'Bücher, "GmbH"',
      OU: ["one", "two"],
      CN: "a,b+c ☃",
      "1.2.3.4.5": "custom",
    });
    const names = object.subjectaltname ?? "";
    for (
      const part of [
        "DNS:plain.example, ",
        String.raw`DNS:"evil.example\u002c DNS:good.example", `,
        String.raw`URI:"http://example.com/a\u002cb?c='d\"", `,
        "IP Address:2001:DB8:0:0:0:0:0:1, ",
        String.raw`othername:"UPN:upn ☃\u002cx", `,
        "othername:XmppAddr:xmpp ☃, ",
        "othername:<unsupported>, ",
      ]
    ) assert(names.includes(part), `${part} in ${names}`);
    assertEquals(object.infoAccess?.["OCSP - URI"], [
      "http://ocsp.example/a,b",
      "http://second.example/",
    ]);
  });

  it("has no NIST name for a curve that NIST doesn't name", async () => {
    const object = objectOf(made(await oddCertificates(), SECP256K1));
    assertEquals(
      [object.asn1Curve, object.nistCurve, object.bits],
      ["secp256k1", undefined, 256],
    );
  });
});

describeWithNode24("the object of a certificate, beside Node.js 24's", () => {
  it("has the same fields in the same order", async () => {
    const certificates = new Map(await oddCertificates());
    certificates.delete(SECP256K1);
    const pems = [...certificates.values()];
    const theirs = await inNode24<unknown[]>(OBJECTS, pems);
    [...certificates.keys()].forEach((name, i) => {
      const ours = JSON.parse(
        JSON.stringify(fieldsOf(objectOf(pems[i] ?? ""))),
      );
      assertEquals(ours, theirs[i], name);
    });
  });
});

describe("the object of a chain", () => {
  const pki = createTestPki({ hosts: ["a.example"] });
  const [leaf, ...issuers] = pems(pki.server.cert).map(derOf);
  const root = derOf(pki.ca.cert);

  it("leads from each certificate to its issuer, and from a root to itself", () => {
    assert(leaf !== undefined);
    const chain = chainOf(openssl, leaf, [root, ...issuers]);
    const object = certificateChainObject(openssl, chain);
    let last = object;
    for (let i = 0; i < issuers.length + 1; i++) {
      assertEquals({ ...last?.issuer }, {
        ...last?.issuerCertificate?.subject,
      });
      last = last?.issuerCertificate ?? null;
    }
    assert(last !== null && last.issuerCertificate === last);
    assertEquals(last.raw, Buffer.from(root));
  });

  it("ends where an issuer isn't known", () => {
    assert(leaf !== undefined);
    const chain = chainOf(openssl, leaf, [root, leaf]);
    const object = certificateChainObject(openssl, chain);
    assertEquals(issuers.length > 0, true);
    assertEquals(object?.issuerCertificate, undefined);
  });

  it("is null for what is no certificate", () => {
    const junk = new Uint8Array([0x30, 1, 2]);
    assertEquals(certificateObject(openssl, junk), null);
    assertEquals(
      certificateChainObject(openssl, chainOf(openssl, junk, [root])),
      null,
    );
  });
});

function objectOf(pem: string): PeerCertificate {
  const object = certificateObject(openssl, derOf(pem));
  assert(object !== null);
  return object;
}

function derOf(pem: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(
    Buffer.from(pem.replaceAll(/-----[^-]*-----|\s/g, ""), "base64"),
  );
}

function pems(text: string): string[] {
  return text.split(/(?<=-----END CERTIFICATE-----\n)/).filter((pem) =>
    pem.includes("BEGIN")
  );
}

function made(certificates: ReadonlyMap<string, string>, name: string): string {
  const pem = certificates.get(name);
  assert(pem !== undefined);
  return pem;
}
