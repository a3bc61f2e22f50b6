/** In Node.js: certificates in PEM as objects of `getPeerCertificate()`, as pairs of field and JSON. */
import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";

/** The fields of an object, in their order: bytes in hex. */
export function fieldsOf(object: object): [name: string, value: unknown][] {
  return Object.entries(object).map(([name, value]) => [
    name,
    value instanceof Uint8Array
      ? Buffer.from(value).toString("hex")
      : value ?? null,
  ]);
}

/** In Node.js: the fields of each certificate. */
export default function run(
  pems: string[],
): [name: string, value: unknown][][] {
  return pems.map((pem) => fieldsOf(new X509Certificate(pem).toLegacyObject()));
}
