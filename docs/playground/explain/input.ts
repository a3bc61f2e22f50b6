/** The most text that is read, in characters. */
const MAX_TEXT = 4 * 1024 * 1024;

/** A line of `xxd`, `hexdump -C` or Wireshark: an offset, bytes, and perhaps their text. */
const DUMP_LINE =
  /^\s*[0-9a-f]{4,8}[: ]\s*((?:[0-9a-f]{2} ?)+(?: (?:[0-9a-f]{2} ?)+)?)(?:\s{2,}.*|\s*\|.*)?$/i;

/** The longest line of a dump. */
const MAX_DUMP_LINE = 200;

/**
 * The bytes that a text stands for: in hex, with or without offsets, or in Base64. PEM, and
 * what is none of these, stays text in UTF-8.
 */
export function bytesOfText(text: string): Uint8Array<ArrayBuffer> {
  const given = text.slice(0, MAX_TEXT).trim();
  if (given.includes("-----BEGIN ")) return utf8(given);
  const hex = hexOf(given);
  if (hex !== undefined) return Uint8Array.fromHex(hex);
  const base64 = given.replaceAll(/\s/g, "");
  try {
    return Uint8Array.fromBase64(base64, {
      alphabet: /[-_]/.test(base64) ? "base64url" : "base64",
    });
  } catch {
    return utf8(given);
  }
}

function hexOf(text: string): string | undefined {
  const lines = text.split(/\r?\n/);
  const dumped = lines.map((line) =>
    line.length > MAX_DUMP_LINE ? undefined : DUMP_LINE.exec(line)?.[1]
  );
  const digits = dumped.every((line) => line !== undefined)
    ? dumped.join("")
    : text.replaceAll(/0x|\\x/gi, "");
  const hex = digits.replaceAll(/[\s:,]/g, "");
  return hex.length % 2 === 0 && /^[0-9a-f]+$/i.test(hex) ? hex : undefined;
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
