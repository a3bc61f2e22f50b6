import { readFileOf } from "../files.ts";
import { UsageError } from "../usage_error.ts";

const KEY_BYTES = 32;

/**
 * Reads a file of keys: one in each line, 32 bytes in hex or base64. Empty lines and lines
 * that begin with `#` are skipped.
 *
 * @param option The option that names the file, such as `"--encrypt-key-file"`.
 * @throws {UsageError} If the file can't be read, has no key, or has a line that is no key.
 * The message gives the line's number, and not its content.
 */
export async function readKeys(
  option: string,
  path: string,
): Promise<Uint8Array[]> {
  const bytes = await readFileOf(option, path);
  const text = new TextDecoder().decode(bytes);
  bytes.fill(0);
  await warnIfReadable(path);
  const keys: Uint8Array[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const key = parseKey(trimmed);
    if (key === undefined) {
      throw new UsageError(
        `Cannot read ${option} ${path}: line ${index + 1} is not a key of ` +
          `${KEY_BYTES} bytes in hex or base64 (sesame store keygen makes one)`,
      );
    }
    keys.push(key);
  }
  if (keys.length === 0) {
    throw new UsageError(
      `Cannot read ${option} ${path}: the file has no keys; ` +
        `add one with: sesame store keygen >> ${path}`,
    );
  }
  return keys;
}

/** A new line of a key file: 32 random bytes in hex. */
export function makeKeyLine(): string {
  const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  const line = key.toHex();
  key.fill(0);
  return line;
}

async function warnIfReadable(path: string): Promise<void> {
  const { mode } = await Deno.stat(path);
  if (mode !== null && (mode & 0o077) !== 0) {
    console.error(
      `Warning: other users can read the keys in ${path}; run: chmod 600 ${path}`,
    );
  }
}

function parseKey(text: string): Uint8Array | undefined {
  try {
    const key = /^[0-9a-f]{64}$/i.test(text)
      ? Uint8Array.fromHex(text)
      : Uint8Array.fromBase64(text);
    return key.length === KEY_BYTES ? key : undefined;
  } catch {
    return undefined;
  }
}
