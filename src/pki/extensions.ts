import { received } from "../internal/received.ts";
import { alternativeNames, NID, type TestKeyType } from "./certificate.ts";

/** Extensions of a certificate, in the words of OpenSSL's x509v3_config. */
export type Extensions = readonly (readonly [nid: number, value: string])[];

/** What a certificate may be used as. */
export type TestUsage = "server" | "client" | "both";

const PURPOSES: Readonly<Record<TestUsage, string>> = {
  server: "serverAuth",
  client: "clientAuth",
  both: "serverAuth,clientAuth",
};

/** Where one could ask whether a certificate was revoked, if there were such hosts. */
export const REVOCATION_EXTENSIONS: Extensions = [
  [NID.crlDistributionPoints, "URI:http://crl.invalid/revoked.crl"],
  [NID.authorityInfoAccess, "OCSP;URI:http://ocsp.invalid/"],
];

/**
 * What makes an authority.
 *
 * @throws {RangeError} If `pathLength` is not a count.
 */
export function authorityExtensions(pathLength?: number): Extensions {
  if (
    pathLength !== undefined &&
    !(Number.isInteger(pathLength) && pathLength >= 0)
  ) {
    throw new RangeError(
      `options.pathLength must be a whole number from 0, received ${
        received(pathLength)
      }`,
    );
  }
  const limit = pathLength === undefined ? "" : `,pathlen:${pathLength}`;
  return [
    [NID.basicConstraints, `critical,CA:TRUE${limit}`],
    [NID.keyUsage, "critical,keyCertSign,cRLSign"],
  ];
}

/**
 * What makes a server or a client.
 *
 * @throws {TypeError} If there is no such usage.
 */
export function leafExtensions(
  usage: TestUsage,
  keyType: TestKeyType,
): Extensions {
  if (!Object.hasOwn(PURPOSES, usage)) {
    throw new TypeError(
      `options.usage must be "server", "client" or "both", received ${
        JSON.stringify(usage)
      }`,
    );
  }
  // TLS 1.2 without forward secrecy encrypts with RSA keys, too.
  const encipherment = keyType === "RSA-2048" ? ",keyEncipherment" : "";
  return [
    [NID.basicConstraints, "critical,CA:FALSE"],
    [NID.keyUsage, `critical,digitalSignature${encipherment}`],
    [NID.extendedKeyUsage, PURPOSES[usage]],
  ];
}

/** By what a certificate, its issuer and its hosts are known. */
export function identityExtensions(
  isSelfSigned: boolean,
  hosts: readonly string[],
): Extensions {
  return [
    [NID.subjectKeyIdentifier, "hash"],
    // A certificate that signs itself would only repeat the one above.
    ...(isSelfSigned ? [] : [[NID.authorityKeyIdentifier, "keyid"] as const]),
    ...(hosts.length === 0
      ? []
      : [[NID.subjectAltName, alternativeNames(hosts)] as const]),
  ];
}
