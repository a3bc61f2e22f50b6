import { concat } from "../../../internal/bytes.ts";
import {
  SSL3_RT_HANDSHAKE,
  TLS1_2_VERSION,
  TLS1_VERSION,
} from "../../../libssl/constants.ts";
import { uint, vector } from "./vectors.ts";

export const RECORD_HEADER_BYTES = 5;
/** The most that a record of plaintext has (RFC 8446, 5.1). */
export const MAX_PLAINTEXT_BYTES = 16_384;

/**
 * Puts a handshake message into records of `size` bytes.
 *
 * @param isFirst Whether they begin the connection: old servers want version 1.0 there.
 */
export function toRecords(
  message: Uint8Array,
  size: number,
  isFirst: boolean,
): Uint8Array<ArrayBuffer> {
  const header = concat([
    uint(1, SSL3_RT_HANDSHAKE),
    uint(2, isFirst ? TLS1_VERSION : TLS1_2_VERSION),
  ]);
  return concat(
    pieces(message, size).flatMap(
      (piece) => [header, vector(2, piece)],
    ),
  );
}

/** The bytes in pieces of `size` bytes, the last of which may be shorter. */
export function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from(
    { length: count },
    (_, i) => bytes.subarray(i * size, (i + 1) * size),
  );
}
