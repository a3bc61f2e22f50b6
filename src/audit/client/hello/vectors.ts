import { concat } from "../../../internal/bytes.ts";

/** A number of `size` bytes, the most significant first. */
export function uint(size: number, value: number): Uint8Array {
  return Uint8Array.from(
    { length: size },
    (_, i) => Math.floor(value / 256 ** (size - 1 - i)) & 0xff,
  );
}

/**
 * A vector: the length in `size` bytes, and the content (RFC 8446, 3.4).
 *
 * @throws {RangeError} If the content is too long for that.
 */
export function vector(
  size: number,
  ...parts: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const most = 256 ** size - 1;
  if (length > most) {
    throw new RangeError(`A vector has ${most} bytes at most, not ${length}`);
  }
  return concat([uint(size, length), ...parts]);
}

/** A handshake message: its type, its length in three bytes, and its content. */
export function handshakeMessage(
  type: number,
  content: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return concat([uint(1, type), vector(3, content)]);
}
