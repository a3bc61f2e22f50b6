import { Buffer } from "node:buffer";
import type { CertificateField } from "../../libssl/certificate.ts";
import { X509_V_OK } from "../../libssl/constants.ts";
import type { X509 } from "../../libssl/handles.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { opensslInternals } from "../../libssl/openssl_internals.ts";
import { altNamesText, readAltName } from "./alt_name.ts";
import type {
  CertificateName,
  DetailedPeerCertificate,
  PeerCertificate,
} from "./types.ts";

/** The values of each field of a certificate. */
type Fields = ReadonlyMap<CertificateField, readonly Uint8Array<ArrayBuffer>[]>;

/**
 * The object of a certificate in DER, as `getPeerCertificate()` returns it; `null` if it can't be
 * read.
 */
export function certificateObject(
  openssl: OpenSSL,
  der: Uint8Array,
): PeerCertificate | null {
  return withCertificate(openssl, der, (x) => objectOf(openssl, x, der));
}

/**
 * The object of a certificate with those of its issuers, as `getPeerCertificate(true)` returns
 * it; `null` if it can't be read. The issuer of each is looked for in `others`, which are the
 * other certificates of the peer and then trusted ones; that of a self-signed one is itself.
 */
export function certificateChainObject(
  openssl: OpenSSL,
  der: Uint8Array,
  others: readonly Uint8Array[],
): DetailedPeerCertificate | null {
  const { libssl } = openssl;
  const candidates = others.flatMap((other) => {
    const x = libssl.d2i_X509(other);
    return x === null ? [] : [{ x, der: other }];
  });
  const isIssuerOf = (issuer: X509, subject: X509): boolean =>
    libssl.X509_check_issued(issuer, subject) === X509_V_OK;
  const leaf = libssl.d2i_X509(der);
  if (leaf === null) return null;
  try {
    const object: DetailedPeerCertificate = objectOf(openssl, leaf, der);
    const rest = new Set(candidates);
    let x = leaf;
    let last = object;
    while (!isIssuerOf(x, x)) {
      const issuer = [...rest].find((one) => isIssuerOf(one.x, x));
      if (issuer === undefined) return object;
      rest.delete(issuer);
      last = last.issuerCertificate = objectOf(openssl, issuer.x, issuer.der);
      x = issuer.x;
    }
    last.issuerCertificate = last;
    return object;
  } finally {
    [leaf, ...candidates.map(({ x }) => x)].forEach((x) => libssl.X509_free(x));
  }
}

function withCertificate<T>(
  { libssl }: OpenSSL,
  der: Uint8Array,
  use: (x: X509) => T,
): T | null {
  const x = libssl.d2i_X509(der);
  if (x === null) return null;
  try {
    return use(x);
  } finally {
    libssl.X509_free(x);
  }
}

function objectOf(
  openssl: OpenSSL,
  x: X509,
  der: Uint8Array,
): PeerCertificate {
  const { certificates } = opensslInternals.get(openssl);
  const fields = new Map<CertificateField, Uint8Array<ArrayBuffer>[]>();
  for (const [name, value] of certificates.fieldsOf(x)) {
    const values = fields.get(name);
    if (values) values.push(value);
    else fields.set(name, [value]);
  }
  openssl.libssl.ERR_clear_error();
  const exponent = hexNumber(fields, "exponent");
  const [publicKey] = fields.get("publicKey") ?? [];
  const [bits] = fields.get("bits") ?? [];
  return {
    subject: nameOf(fields, "subjectName", "subjectValue"),
    issuer: nameOf(fields, "issuerName", "issuerValue"),
    subjectaltname: fields.has("hasAltNames")
      ? altNamesText(fields.get("altName") ?? [])
      : undefined,
    infoAccess: accessOf(fields),
    ca: fields.get("isCa")?.[0]?.[0] === 1,
    modulus: hexNumber(fields, "modulus"),
    exponent: exponent && `0x${exponent.toLowerCase()}`,
    pubkey: publicKey && Buffer.from(publicKey),
    bits: bits && Buffer.from(bits).readUInt32LE(),
    valid_from: textOf(fields, "validFrom"),
    valid_to: textOf(fields, "validTo"),
    fingerprint: digestOf(fields, "sha1"),
    fingerprint256: digestOf(fields, "sha256"),
    fingerprint512: digestOf(fields, "sha512"),
    ext_key_usage: fields.get("keyPurpose")?.map(decode),
    serialNumber: textOf(fields, "serialNumber"),
    raw: Buffer.from(der),
    asn1Curve: optionalText(fields, "curve"),
    nistCurve: optionalText(fields, "nistCurve"),
  };
}

function nameOf(
  fields: Fields,
  kind: "issuerName" | "subjectName",
  value: "issuerValue" | "subjectValue",
): CertificateName {
  const parts = new Map<string, string[]>();
  const values = fields.get(value) ?? [];
  fields.get(kind)?.forEach((bytes, i) => {
    const name = decode(bytes);
    const part = decode(values[i] ?? new Uint8Array());
    parts.set(name, [...parts.get(name) ?? [], part]);
  });
  const result: CertificateName = Object.create(null);
  for (const [name, all] of parts) {
    result[name] = all.length === 1 ? all[0] as string : all;
  }
  return result;
}

function accessOf(fields: Fields): Record<string, string[]> | undefined {
  const methods = fields.get("accessMethod");
  if (methods === undefined) return undefined;
  const access: Record<string, string[]> = Object.create(null);
  methods.forEach((method, i) => {
    const bytes = fields.get("accessLocation")?.[i];
    if (bytes === undefined) return;
    const { kind, value } = readAltName(bytes);
    (access[`${decode(method)} - ${kind}`] ??= []).push(value);
  });
  return access;
}

/** A number in hex without zeros before it. */
function hexNumber(fields: Fields, name: CertificateField): string | undefined {
  return optionalText(fields, name)?.replace(/^0+(?=.)/, "");
}

function digestOf(fields: Fields, name: CertificateField): string {
  const bytes = Array.from(fields.get(name)?.[0] ?? []);
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":")
    .toUpperCase();
}

function textOf(fields: Fields, name: CertificateField): string {
  return optionalText(fields, name) ?? "";
}

function optionalText(
  fields: Fields,
  name: CertificateField,
): string | undefined {
  return fields.get(name)?.map(decode)[0];
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
