import { Reader, toText } from "./reader.ts";

const SEQUENCE = 0x30;
const EXPLICIT_VERSION = 0xa0;
const OBJECT_IDENTIFIER = 0x06;

/** The object identifier of common names, 2.5.4.3. */
const COMMON_NAME = "85,4,3";

/** The common name of a certificate's subject; `null` if there is none to be found. */
export function commonName(der: Uint8Array): string | null {
  const certificate = new Reader(der);
  const tbs = inside(inside(certificate));
  // The version comes before the serial number, if it is there.
  if (element(tbs).tag === EXPLICIT_VERSION) element(tbs);
  // After the serial number: the signature algorithm, the issuer and the validity.
  for (let skipped = 0; skipped < 3; skipped++) element(tbs);
  const subject = element(tbs);
  if (subject.tag !== SEQUENCE || tbs.isMalformed) return null;
  const names = new Reader(subject.content).list(commonNameOf);
  return names.findLast((name) => name !== null) ?? null;
}

/** The name in a set of one attribute, if it is a common name. */
function commonNameOf(names: Reader): string | null {
  const attribute = inside(new Reader(element(names).content));
  const type = element(attribute);
  const value = element(attribute);
  const isName = type.tag === OBJECT_IDENTIFIER &&
    type.content.join() === COMMON_NAME && !attribute.isMalformed;
  return isName ? toText(value.content) : null;
}

/** What is in the next element. */
function inside(reader: Reader): Reader {
  return new Reader(element(reader).content);
}

/** The next element of DER. */
function element(reader: Reader): { tag: number; content: Uint8Array } {
  const tag = reader.uint(1);
  const short = reader.uint(1);
  if (short < 0x80) return { tag, content: reader.take(short) };
  const size = short & 0x7f;
  // No message has room for more than 2^24 bytes.
  if (size === 0 || size > 3) reader.fail();
  return { tag, content: reader.take(reader.uint(Math.min(size, 3))) };
}
