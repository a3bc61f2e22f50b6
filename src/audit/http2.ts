/**
 * As much of HTTP/2 as an audit needs, where a server selects it: one request, and the status of
 * the answer.
 *
 * @module
 */
import { concat } from "../internal/bytes.ts";

const encoder = new TextEncoder();

const PREFACE = encoder.encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const HEADER_BYTES = 9;
const HEADERS = 1;
const SETTINGS = 4;
const END_STREAM = 1;
const END_HEADERS = 4;
const PADDED = 8;
const PRIORITY = 32;
const PRIORITY_BYTES = 5;
/** `:method: GET`, `:scheme: https` and `:path: /` (RFC 7541, Appendix A). */
const GET = [0x82, 0x87, 0x84];
/** A literal with the name of the static table's entry `:authority`, which isn't indexed. */
const AUTHORITY = 1;
/** The most bytes of a string whose length is one byte. */
const MAX_STRING = 126;
/** The entries of the static table that are a status, from the first on. */
const STATUSES = [200, 204, 206, 304, 400, 404, 500];
/** What the Huffman code of a digit above 2 is above the digit. */
const SIX_BITS = 22;
const FIRST_STATUS = 8;
const LAST_STATUS = FIRST_STATUS + STATUSES.length - 1;

/** The bytes of a connection with one request, `GET /`. */
export function http2Request(host: string): Uint8Array {
  const authority = encoder.encode(host).subarray(0, MAX_STRING);
  const fields = [...GET, AUTHORITY, authority.length, ...authority];
  return concat([
    PREFACE,
    frame(SETTINGS, 0, 0, []),
    frame(HEADERS, END_STREAM | END_HEADERS, 1, fields),
  ]);
}

function frame(
  type: number,
  flags: number,
  stream: number,
  payload: readonly number[],
): Uint8Array {
  const { length } = payload;
  const header = [0, length >> 8, length & 0xff, type, flags, 0, 0, 0, stream];
  return Uint8Array.of(...header, ...payload);
}

/** The status of the first response that a server sent; null if there is none. */
export function http2Status(data: Uint8Array): number | null {
  for (let at = 0; at + HEADER_BYTES <= data.length;) {
    const [high = 0, middle = 0, low = 0, type, flags = 0] = data.subarray(at);
    const start = at + HEADER_BYTES;
    at = start + (high << 16 | middle << 8 | low);
    if (type !== HEADERS) continue;
    const skipped = (flags & PADDED ? 1 : 0) +
      (flags & PRIORITY ? PRIORITY_BYTES : 0);
    return statusOf(data.subarray(start + skipped, at));
  }
  return null;
}

/** The status in a block of header fields, which it begins (RFC 9113, 8.3). */
function statusOf(block: Uint8Array): number | null {
  const at = fieldsAt(block);
  const first = block[at] ?? 0;
  if (first & 0x80) return STATUSES[(first & 0x7f) - FIRST_STATUS] ?? null;
  const name = first & (first & 0x40 ? 0x3f : 0x0f);
  if (name < FIRST_STATUS || name > LAST_STATUS) return null;
  const length = block[at + 1] ?? 0;
  const value = block.subarray(at + 2, at + 2 + (length & 0x7f));
  const digits = length & 0x80 ? huffmanDigits(value) : new TextDecoder()
    .decode(value);
  return /^[1-9]\d\d$/.test(digits) ? Number(digits) : null;
}

/** Where the fields begin: after changes of the size of the dynamic table. */
function fieldsAt(block: Uint8Array): number {
  let at = 0;
  for (;;) {
    const size = block[at] ?? 0;
    if ((size & 0xe0) !== 0x20) return at;
    at++;
    if ((size & 0x1f) !== 0x1f) continue;
    while ((block[at] ?? 0) & 0x80) at++;
    at++;
  }
}

/** Digits of the Huffman code (RFC 7541, Appendix B): 0 to 2 have five bits, 3 to 9 six. */
function huffmanDigits(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0"))
    .join("");
  let digits = "";
  for (let at = 0; digits.length < 3 && at + 5 <= bits.length;) {
    const five = parseInt(bits.slice(at, at + 5), 2);
    const six = parseInt(bits.slice(at, at + 6), 2);
    if (five <= 2) digits += five;
    else digits += String(six - SIX_BITS);
    at += five <= 2 ? 5 : 6;
  }
  return digits;
}
