import { checkedInteger } from "../internal/option_checks.ts";
import { optionTypeError } from "../internal/option_error.ts";
import { received } from "../internal/received.ts";
import type { KeyType } from "./keys.ts";

/** OpenSSL's numbers of the extensions that certificates are given here. */
export const NID = {
  subjectKeyIdentifier: 82,
  keyUsage: 83,
  subjectAltName: 85,
  basicConstraints: 87,
  authorityKeyIdentifier: 90,
  crlDistributionPoints: 103,
  extendedKeyUsage: 126,
  authorityInfoAccess: 177,
} as const;

/** Extensions of a certificate, their values in the syntax of x509v3_config(5). */
export type Extensions = readonly (readonly [nid: number, value: string])[];

/** The extended key usage of a certificate: TLS server, TLS client or both. */
export type CertificateUsage = "server" | "client" | "both";

const PURPOSES: Readonly<Record<CertificateUsage, string>> = {
  server: "serverAuth",
  client: "clientAuth",
  both: "serverAuth,clientAuth",
};

/** Pointers to revocation information, at hosts that don't exist. */
export const REVOCATION_EXTENSIONS: Extensions = [
  [NID.crlDistributionPoints, "URI:http://crl.invalid/revoked.crl"],
  [NID.authorityInfoAccess, "OCSP;URI:http://ocsp.invalid/"],
];

/**
 * The extensions of a certification authority.
 *
 * @throws {TypeError} If `pathLength` is not a number.
 * @throws {RangeError} If `pathLength` is not a whole number of at least 0.
 */
export function authorityExtensions(pathLength?: number): Extensions {
  if (pathLength !== undefined) {
    checkedInteger(pathLength, "pathLength", { min: 0 });
  }
  const limit = pathLength === undefined ? "" : `,pathlen:${pathLength}`;
  return [
    [NID.basicConstraints, `critical,CA:TRUE${limit}`],
    [NID.keyUsage, "critical,keyCertSign,cRLSign"],
  ];
}

/**
 * The extensions of a server's or a client's certificate.
 *
 * @throws {TypeError} If there is no such usage.
 */
export function leafExtensions(
  usage: CertificateUsage,
  keyType: KeyType,
): Extensions {
  if (!Object.hasOwn(PURPOSES, usage)) {
    throw optionTypeError(
      "usage",
      `must be "server", "client" or "both", received ${received(usage)}`,
    );
  }
  // The RSA key exchange of TLS 1.2 encrypts with the server's key.
  const encipherment = keyType === "RSA-2048" ? ",keyEncipherment" : "";
  return [
    [NID.basicConstraints, "critical,CA:FALSE"],
    [NID.keyUsage, `critical,digitalSignature${encipherment}`],
    [NID.extendedKeyUsage, PURPOSES[usage]],
  ];
}

/** The extensions that identify a certificate, its issuer and its hosts. */
export function identityExtensions(
  isSelfSigned: boolean,
  hosts: readonly string[],
): Extensions {
  return [
    [NID.subjectKeyIdentifier, "hash"],
    // That of a self-signed certificate would repeat the one above.
    ...(isSelfSigned ? [] : [[NID.authorityKeyIdentifier, "keyid"] as const]),
    ...(hosts.length === 0
      ? []
      : [[NID.subjectAltName, alternativeNames(hosts)] as const]),
  ];
}

/**
 * The option `hosts` as a value of `subjectAltName`.
 *
 * @throws {TypeError} If an entry is neither a host name nor an IP address.
 */
export function alternativeNames(hosts: readonly string[]): string {
  if (!Array.isArray(hosts) || hosts.length === 0) {
    throw optionTypeError(
      "hosts",
      `must be a non-empty array of host names and IP addresses, received ${
        received(hosts)
      }`,
    );
  }
  return hosts.map((host, i) => {
    if (typeof host !== "string" || !/^[\w.:*-]+$/.test(host)) {
      throw optionTypeError(
        ["hosts", i],
        `must be a host name or an IP address, received ${received(host)}`,
      );
    }
    const isAddress = host.includes(":") || /^[\d.]+$/.test(host);
    return `${isAddress ? "IP" : "DNS"}:${host}`;
  }).join(",");
}
