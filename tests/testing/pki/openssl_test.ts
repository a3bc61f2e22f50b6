/** What OpenSSL's own program says of the certificates of a PKI. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { it } from "@std/testing/bdd";
import type {
  TestCertificate,
  TestKeyType,
} from "../../../src/testing/certificate.ts";
import { createTestPki, type TestPki } from "../../../src/testing/pki.ts";
import { Folder } from "../../support/temp_folder.ts";
import { describeWith, run } from "../../support/programs.ts";

const START = Date.UTC(2031, 1, 2, 3, 4, 5);
const DAY = 86_400_000;
const HOSTS = ["localhost", "*.example.com", "127.0.0.1", "::1"];

const REFUSED = {
  expired: "certificate has expired",
  notYetValid: "certificate is not yet valid",
  wrongHost: "hostname mismatch",
  // In the words of 3.0, and of later ones.
  wrongUsage: /un(supported|suitable) certificate purpose/,
  untrusted: "unable to get local issuer certificate",
  selfSigned: /self[- ]signed certificate/,
  notCa: "invalid CA certificate",
} as const;

/** What to verify, and how. */
interface Question {
  readonly purpose?: "sslserver" | "sslclient";
  readonly host?: string;
  readonly ip?: string;
  readonly time?: number;
  readonly options?: string[];
}

describeWith("openssl", "the certificates of a PKI, to openssl", () => {
  for (const keyType of ["P-256", "Ed25519", "RSA-2048"] as const) {
    it(`are good servers and clients: ${keyType}`, async () => {
      const pki = pkiOf(keyType);
      for (
        const [made, question] of [
          [pki.server, { host: "localhost" }],
          [pki.server, { host: "a.example.com" }],
          [pki.server, { ip: "127.0.0.1" }],
          [pki.server, { ip: "::1" }],
          [pki.client, { purpose: "sslclient" }],
          [pki.issue({ usage: "both" }), { purpose: "sslclient" }],
          [pki.issue({ usage: "both" }), { host: "localhost" }],
        ] satisfies [TestCertificate, Question][]
      ) assertEquals(await verdict(pki, made, question), "OK");
    });
  }

  for (const [name, reason] of Object.entries(REFUSED)) {
    it(`are refused: ${name}`, async () => {
      const pki = pkiOf();
      const made = pki[name as keyof typeof REFUSED];
      const said = await verdict(pki, made, { host: "localhost" });
      if (typeof reason === "string") assertStringIncludes(said, reason);
      else assertMatch(said, reason);
    });
  }

  it("are valid from a day before to 90 days after", async () => {
    const pki = pkiOf();
    for (
      const [time, reason] of [
        [START - DAY - 1000, "certificate is not yet valid"],
        [START - DAY, "OK"],
        [START + 90 * DAY - 1000, "OK"],
        // For OpenSSL the last second isn't part of it, whatever RFC 5280 says.
        [START + 90 * DAY, "certificate has expired"],
      ] as const
    ) {
      assertStringIncludes(await verdict(pki, pki.server, { time }), reason);
    }
  });

  it("can't be looked up in a list of revoked ones, which some have to be", async () => {
    const pki = pkiOf();
    const host = "localhost";
    const made = pki.unknownRevocation;
    assertEquals(await verdict(pki, made, { host }), "OK");
    assertStringIncludes(
      await verdict(pki, made, { host, options: ["-crl_check"] }),
      "unable to get certificate CRL",
    );
    await using folder = await Folder.make();
    await Deno.writeTextFile(folder.certificate, made.cert);
    const text = ["x509", "-noout", "-text", "-in", folder.certificate];
    const { stdout } = await run("openssl", text);
    assertStringIncludes(stdout, "URI:http://crl.invalid/revoked.crl");
    assertStringIncludes(stdout, "OCSP - URI:http://ocsp.invalid/");
  });

  it("say who they are, and what they are for", async () => {
    const pki = pkiOf();
    await using folder = await Folder.make();
    const text = async ({ cert }: TestCertificate): Promise<string> => {
      await Deno.writeTextFile(folder.certificate, cert);
      const args = ["x509", "-noout", "-text", "-in", folder.certificate];
      return (await run("openssl", args)).stdout.replaceAll(/\s+/g, " ");
    };
    const client = pki.issue({ usage: "client", subject: { O: "Test" } });
    for (
      const [made, ...facts] of [
        [pki.ca, "CA:TRUE", "Certificate Sign, CRL Sign"],
        [pki.intermediate, "CA:TRUE, pathlen:0"],
        [pki.server, "CA:FALSE", "Digital Signature", "DNS:localhost"],
        [pki.server, "TLS Web Server Authentication X509v3 Subject Key Ident"],
        [client, "Subject: O = Test, CN = client", "TLS Web Client Auth"],
      ] as [TestCertificate, ...string[]][]
    ) {
      const said = await text(made);
      for (const fact of facts) assertStringIncludes(said, fact);
    }
    const serials = new Set<string>();
    for (const made of [pki.ca, pki.server, pki.issue(), pki.issue()]) {
      const [, serial = "-"] = /Serial Number: (\S+)/.exec(await text(made)) ??
        [];
      serials.add(serial);
      assert(BigInt(serial) > 2n ** 32n, serial);
    }
    assertEquals(serials.size, 4);
    const keyIds = async (made: TestCertificate): Promise<string[]> =>
      (await text(made)).match(/([0-9A-F]{2}:){19}[0-9A-F]{2}/g) ?? [];
    const [caId, ...ofCa] = await keyIds(pki.ca);
    const [intermediateId, ...ofIntermediate] = await keyIds(pki.intermediate);
    const [, ...ofServer] = await keyIds(pki.server);
    assertEquals(
      [ofCa, ofIntermediate, ofServer],
      [[], [caId], [intermediateId]],
    );
  });
});

function pkiOf(keyType: TestKeyType = "P-256"): TestPki {
  return createTestPki({ seed: 1, keyType, hosts: HOSTS, now: () => START });
}

/** What openssl says of a certificate with its chain: `"OK"`, or why not. */
async function verdict(
  { ca }: TestPki,
  { cert }: TestCertificate,
  { purpose = "sslserver", host, ip, time = START, options = [] }: Question,
): Promise<string> {
  await using folder = await Folder.make();
  await Deno.writeTextFile(folder.path("ca.pem"), ca.cert);
  // The first of a file is what is verified, the others are where its issuers may be.
  await Deno.writeTextFile(folder.certificate, cert);
  const { stdout, stderr } = await run("openssl", [
    "verify",
    ...["-x509_strict", "-no-CApath", "-no-CAstore"],
    ...["-attime", String(time / 1000)],
    ...["-purpose", purpose],
    ...["-CAfile", folder.path("ca.pem")],
    ...["-untrusted", folder.certificate],
    ...(host ? ["-verify_hostname", host] : []),
    ...(ip ? ["-verify_ip", ip] : []),
    ...options,
    folder.certificate,
  ]);
  return stdout.replace(`${folder.certificate}: `, "").trim() + stderr;
}
