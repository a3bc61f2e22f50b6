import { Buffer } from "node:buffer";
import { toHex } from "../../internal/bytes.ts";
import type { CertificateField } from "../../libssl/certificate.ts";
import type { X509 } from "../../libssl/handles.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { opensslInternals } from "../../libssl/openssl_internals.ts";
import type { Chain } from "./chain.ts";
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
  const { libssl } = openssl;
  const x = libssl.d2i_X509(der);
  if (x === null) return null;
  try {
    return objectOf(openssl, x, der);
  } finally {
    libssl.X509_free(x);
    libssl.ERR_clear_error();
  }
}

/**
 * The object of a certificate with those of its issuers, as `getPeerCertificate(true)` returns
 * it: that of one that issued itself is its own issuer.
 */
export function certificateChainObject(
  openssl: OpenSSL,
  { certificates, isComplete }: Chain,
): DetailedPeerCertificate | null {
  const objects = certificates.map((der) =>
    certificateObject(openssl, der) as DetailedPeerCertificate | null
  );
  objects.forEach((object, i) => {
    const issuer = objects[i + 1] ?? (isComplete ? object : null);
    if (object !== null && issuer !== null) object.issuerCertificate = issuer;
  });
  return objects[0] ?? null;
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
  const digits = toHex(fields.get(name)?.[0] ?? new Uint8Array());
  return digits.toUpperCase().match(/../g)?.join(":") ?? "";
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
