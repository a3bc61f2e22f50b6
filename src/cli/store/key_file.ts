import { unusable } from "../unusable.ts";
import { UsageError } from "../usage_error.ts";

const KEY_BYTES = 32;

/**
 * The keys of an `--encrypt-key-file`: one a line, 32 bytes in hex or base64.
 * Empty lines and those that begin with `#` don't count.
 *
 * @throws {UsageError} If there is no such file, no key in it, or a line that is
 * none. It names the line, never what is on it.
 */
export async function readEncryptionKeys(path: string): Promise<Uint8Array[]> {
  const lines = (await readKeyFile(path)).split("\n");
  const keys: Uint8Array[] = [];
  for (const [index, line] of lines.entries()) {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) continue;
    const key = parseKey(text);
    if (key === undefined) {
      throw new UsageError(
        `Cannot read the keys: line ${index + 1} of ${path} is no key of ` +
          `${KEY_BYTES} bytes in hex or base64 (sesame store keygen makes one)`,
      );
    }
    keys.push(key);
  }
  if (keys.length === 0) {
    throw new UsageError(
      `Cannot read the keys: ${path} has none; make one: ` +
        `sesame store keygen >> ${path}`,
    );
  }
  return keys;
}

/** A new line for a key file. */
export function makeKeyLine(): string {
  const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  const line = key.toHex();
  key.fill(0);
  return line;
}

async function readKeyFile(path: string): Promise<string> {
  try {
    const text = await Deno.readTextFile(path);
    const { mode } = await Deno.stat(path);
    if (mode !== null && (mode & 0o077) !== 0) {
      console.error(
        `Warning: others can read the keys in ${path}; chmod 600 ${path}`,
      );
    }
    return text;
  } catch (error) {
    throw unusable(`read the keys of ${path}`, error);
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
