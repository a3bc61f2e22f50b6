import { latin1 } from "../../internal/bytes.ts";

/** A name of a certificate (RFC 5280, section 4.2.1.6). */
export interface AltName {
  /** Its kind, such as `"DNS"`. */
  readonly kind: string;
  /** The name itself. */
  readonly value: string;
}

/** The kinds by the letter that `wasm/certificate_fields.c` writes before a name. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ["A", "URI"],
  ["D", "DNS"],
  ["E", "email"],
  ["I", "IP Address"],
  ["N", "DirName"],
  ["O", "othername"],
  ["R", "Registered ID"],
  ["U", "othername"],
]);
const UTF8 = "NU";
const ADDRESS = "I";
const UNSUPPORTED = "?";

/**
 * What could be taken for the end of a name in a list, or for an escape; and what isn't visible
 * ASCII or beyond it. A host name needs none of these.
 */
const UNSAFE = /["',\\]|[^ -~\u0080-\u{10ffff}]/u;
const BEYOND_ASCII = /[^ -~]/;

/** A name as `wasm/certificate_fields.c` writes it: a letter, and the name. */
export function readAltName(bytes: Uint8Array): AltName {
  const letter = String.fromCharCode(bytes[0] ?? 0);
  const rest = bytes.subarray(1);
  if (letter === UNSUPPORTED) {
    return { kind: latin1(rest), value: "<unsupported>" };
  }
  return {
    kind: KINDS.get(letter) ?? letter,
    value: letter === ADDRESS
      ? address(rest)
      : UTF8.includes(letter)
      ? new TextDecoder().decode(rest)
      : latin1(rest),
  };
}

/** Names in one string, with commas between them: a name that isn't plain is a JSON string. */
export function altNamesText(names: readonly Uint8Array[]): string {
  return names.map((bytes) => {
    const { kind, value } = readAltName(bytes);
    const isUtf8 = UTF8.includes(String.fromCharCode(bytes[0] ?? 0));
    const isPlain = !UNSAFE.test(value) &&
      (isUtf8 || !BEYOND_ASCII.test(value));
    return `${kind}:${isPlain ? value : quoted(value, isUtf8)}`;
  }).join(", ");
}

/** As a JSON string, in which commas are escaped too. */
function quoted(value: string, isUtf8: boolean): string {
  const text = [...value].map((char) => {
    if (char === "\\" || char === '"') return `\\${char}`;
    const isKept = char !== "," &&
      (!BEYOND_ASCII.test(char) || (isUtf8 && char > "\u007f"));
    return isKept ? char : escaped(char);
  });
  return `"${text.join("")}"`;
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function address(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) return `<invalid length=${bytes.length}>`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from(
    { length: 8 },
    (_, i) => view.getUint16(2 * i).toString(16).toUpperCase(),
  ).join(":");
}
