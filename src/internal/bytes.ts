/** Whether two arrays hold the same bytes, in time that depends on their length alone. */
export function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  a.forEach((byte, i) => difference |= byte ^ (b[i] ?? 0));
  return difference === 0;
}

/** How many arguments a call surely takes. */
const MOST_ARGUMENTS = 1_024;

/** Bytes as a text, each a character: what a few are known by. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += MOST_ARGUMENTS) {
    // One call for all, as what is joined piece by piece has to be flattened to be a key.
    text += String.fromCharCode.apply(
      null,
      bytes.subarray(at, at + MOST_ARGUMENTS) as unknown as number[],
    );
  }
  return text;
}

/** The arrays, one after the other. */
export function concat(arrays: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(
    arrays.reduce((length, array) => length + array.length, 0),
  );
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}

/** Each byte in hexadecimal digits. */
const HEX = Array.from(
  { length: 256 },
  (_, byte) => byte.toString(16).padStart(2, "0"),
);

/** Bytes in lower-case hexadecimal digits. Not all runtimes have `Uint8Array.toHex`. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
}
