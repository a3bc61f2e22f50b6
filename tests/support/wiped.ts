/** More than any buffer with a secret has: a module's memory, which wipes itself. */
const MODULE_BYTES = 1 << 20;

/** What was in the bytes that were zeroed while `action` ran, in JavaScript's memory. */
export async function wipedDuring(
  action: () => unknown,
): Promise<Uint8Array[]> {
  const { fill } = Uint8Array.prototype;
  const wiped: Uint8Array[] = [];
  Uint8Array.prototype.fill = function (value, start, end): Uint8Array {
    const isOurs = this.buffer.byteLength < MODULE_BYTES;
    if (isOurs && value === 0 && this.some((byte) => byte !== 0)) {
      wiped.push(new Uint8Array(this));
    }
    return fill.call(this, value, start, end);
  };
  try {
    await action();
  } finally {
    Uint8Array.prototype.fill = fill;
  }
  return wiped;
}

/** How many of them held just these bytes. */
export function countOf(
  wiped: readonly Uint8Array[],
  bytes: Uint8Array,
): number {
  return wiped.filter((content) =>
    content.length === bytes.length &&
    content.every((byte, i) => byte === bytes[i])
  ).length;
}

/** Whether all bytes are zero. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
