import { toHex } from "../../internal/bytes.ts";

/** Bytes of a message in a trace. */
export interface TraceBytes {
  /** The number of bytes. */
  readonly length: number;
  /**
   * The bytes in hexadecimal. With redaction the first four, `"1a2b3c4d…"`, or a short hash
   * of secrets, `"#1a2b3c4d"`.
   */
  readonly text: string;
}

/** A policy of showing bytes in a trace. */
export interface Redaction {
  /** Shows bytes that aren't secret. */
  plain(bytes: Uint8Array): TraceBytes;
  /** Shows secret bytes, such as tickets. */
  secret(bytes: Uint8Array): TraceBytes;
}

const SHOWN_BYTES = 4;

/** Shows all bytes. */
export const OPEN: Redaction = { plain: whole, secret: whole };

/** Hides secret bytes. */
export const REDACTED: Redaction = {
  plain(bytes): TraceBytes {
    if (bytes.length <= SHOWN_BYTES) return whole(bytes);
    const text = `${toHex(bytes.subarray(0, SHOWN_BYTES))}…`;
    return { length: bytes.length, text };
  },
  secret: (bytes) => ({ length: bytes.length, text: `#${hash(bytes)}` }),
};

function whole(bytes: Uint8Array): TraceBytes {
  return { length: bytes.length, text: toHex(bytes) };
}

/** FNV-1a with 32 bits: it tells tickets apart, and doesn't reveal them. */
function hash(bytes: Uint8Array): string {
  const value = bytes.reduce(
    (value, byte) => Math.imul(value ^ byte, 0x01000193),
    0x811c9dc5,
  );
  return (value >>> 0).toString(16).padStart(8, "0");
}
