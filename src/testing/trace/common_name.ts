import { derValue } from "./der.ts";
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
  if (derValue(tbs).tag === EXPLICIT_VERSION) derValue(tbs);
  // After the serial number: the signature algorithm, the issuer and the validity.
  for (let skipped = 0; skipped < 3; skipped++) derValue(tbs);
  const subject = derValue(tbs);
  if (subject.tag !== SEQUENCE || tbs.isMalformed) return null;
  const names = new Reader(subject.content).list(commonNameOf);
  return names.findLast((name) => name !== null) ?? null;
}

/** The name in a set of one attribute, if it is a common name. */
function commonNameOf(names: Reader): string | null {
  const attribute = inside(new Reader(derValue(names).content));
  const type = derValue(attribute);
  const value = derValue(attribute);
  const isName = type.tag === OBJECT_IDENTIFIER &&
    type.content.join() === COMMON_NAME && !attribute.isMalformed;
  return isName ? toText(value.content) : null;
}

/** What is in the next element. */
function inside(reader: Reader): Reader {
  return new Reader(derValue(reader).content);
}
