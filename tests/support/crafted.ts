/**
 * Certificates that no authority makes: a real one with some of its parts replaced. Their
 * signatures don't verify.
 *
 * @module
 */
import { assertEquals } from "@std/assert";

/** What replaces a certificate's own parts, each in DER. */
export interface CraftedParts {
  /** The algorithm of the signature, an `AlgorithmIdentifier`. */
  algorithm?: Uint8Array;
  /** The issuer, a `Name`. */
  issuer?: Uint8Array;
  /** The subject, a `Name`. */
  subject?: Uint8Array;
  /** The key, a `SubjectPublicKeyInfo`. */
  key?: Uint8Array;
  /** The only extensions, each an `Extension`. */
  extensions?: readonly Uint8Array[];
}

/** Tags of DER. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The places of what can be replaced in a `TBSCertificate` of version 3. */
const PLACES = {
  algorithm: 2,
  issuer: 3,
  subject: 5,
  key: 6,
  extensions: 7,
} as const;

/** The certificate in `pem` with other parts, in DER. */
export function craft(
  pem: string,
  { algorithm, issuer, subject, key, extensions }: CraftedParts,
): Uint8Array<ArrayBuffer> {
  const [tbs, signedBy, signature] = children(fromPem(pem));
  const parts = children(tbs ?? new Uint8Array());
  assertEquals(parts.length, 8);
  if (algorithm) parts[PLACES.algorithm] = algorithm;
  if (issuer) parts[PLACES.issuer] = issuer;
  if (subject) parts[PLACES.subject] = subject;
  if (key) parts[PLACES.key] = key;
  if (extensions) {
    parts[PLACES.extensions] = der(0xa3, der(TAG.sequence, ...extensions));
  }
  return der(
    TAG.sequence,
    der(TAG.sequence, ...parts),
    algorithm ?? signedBy ?? new Uint8Array(),
    signature ?? new Uint8Array(),
  );
}

/** An element of DER: a tag, the length, the content. */
export function der(
  tag: number,
  ...content: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  const octets = length < 0x80
    ? []
    : length.toString(16).replace(/^(.(..)*)$/, "0$1").match(/../g)?.map((
      hex,
    ) => parseInt(hex, 16)) ?? [];
  const head = octets.length > 0 ? [0x80 | octets.length, ...octets] : [length];
  const out = new Uint8Array(1 + head.length + length);
  out.set([tag, ...head]);
  let at = 1 + head.length;
  for (const part of content) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** An object identifier, such as `2.5.29.31`. */
export function oid(dotted: string): Uint8Array<ArrayBuffer> {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const septets = [arc & 0x7f];
    for (arc = Math.floor(arc / 128); arc > 0; arc = Math.floor(arc / 128)) {
      septets.unshift(0x80 | arc & 0x7f);
    }
    return septets;
  });
  return der(TAG.oid, Uint8Array.from(bytes));
}

/** A `Name` of many common names, about `size` bytes long. */
export function longName(size: number): Uint8Array<ArrayBuffer> {
  const value = der(TAG.utf8String, new TextEncoder().encode("x"));
  const part = der(TAG.set, der(TAG.sequence, oid("2.5.4.3"), value));
  return der(TAG.sequence, ...repeated(part, Math.floor(size / part.length)));
}

/** An `Extension` that isn't critical. */
export function extension(
  id: string,
  value: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return der(TAG.sequence, oid(id), der(TAG.octetString, value));
}

/** The bytes of the first block of PEM. */
function fromPem(pem: string): Uint8Array<ArrayBuffer> {
  const base64 = /-----BEGIN [^-]+-----([^-]+)-----END/.exec(pem)?.[1] ?? "";
  return Uint8Array.from(
    atob(base64.replace(/\s/g, "")),
    (c) => c.charCodeAt(0),
  );
}

/** A certificate in DER as PEM. */
export function toPem(der: Uint8Array): string {
  const base64 = btoa(Array.from(der, (b) => String.fromCharCode(b)).join(""));
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${
    lines.join("\n")
  }\n-----END CERTIFICATE-----\n`;
}

/** The elements in an element's content, each whole. */
function children(element: Uint8Array): Uint8Array[] {
  const out: Uint8Array[] = [];
  let { start: at } = extent(element, 0);
  while (at < element.length) {
    const { end } = extent(element, at);
    out.push(element.slice(at, end));
    at = end;
  }
  return out;
}

/** Where an element's content starts and ends. */
function extent(bytes: Uint8Array, at: number): { start: number; end: number } {
  const first = bytes[at + 1] ?? 0;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  const start = at + 2 + octets;
  const length = octets === 0
    ? first
    : bytes.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0);
  return { start, end: start + length };
}

/** An array of the same thing again and again. */
export function repeated<T>(value: T, count: number): T[] {
  return Array.from<T>({ length: count }).fill(value);
}
