import { toHex } from "../../internal/bytes.ts";

/** Bytes of a message, as a trace shows them. */
export interface TraceBytes {
  /** How many there are. */
  readonly length: number;
  /**
   * The bytes in hexadecimal; with redaction only the first, `"1a2b3c4d…"`, or of secrets
   * a hash that tells two apart, `"#1a2b3c4d"`.
   */
  readonly text: string;
}

/** How a trace shows bytes. */
export interface Redaction {
  /** Bytes that anyone may see, but that are long. */
  plain(bytes: Uint8Array): TraceBytes;
  /** Bytes that are worth something to whoever has them, such as tickets. */
  secret(bytes: Uint8Array): TraceBytes;
}

const SHOWN_BYTES = 4;

/** Shows everything. */
export const OPEN: Redaction = { plain: whole, secret: whole };

/** Shows no secrets. */
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

/** FNV-1a: enough to tell tickets apart, too little to tell what they are. */
function hash(bytes: Uint8Array): string {
  const value = bytes.reduce(
    (value, byte) => Math.imul(value ^ byte, 0x01000193),
    0x811c9dc5,
  );
  return (value >>> 0).toString(16).padStart(8, "0");
}
