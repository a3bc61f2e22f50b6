/** The bytes in a buffer of another's: what was passed has none any more. */
export function movedFrom(bytes: Uint8Array): Uint8Array {
  return structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] });
}
