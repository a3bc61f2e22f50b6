/** Reads the tar files of `deno publish`: names in one header, regular files. */
const BLOCK = 512;
const NAME = [0, 100] as const;
const SIZE = [124, 136] as const;
const TYPE = [156, 157] as const;
const PREFIX = [345, 500] as const;
const REGULAR_FILES = ["0", "\0", ""];

/**
 * The files of a tar file by their names, such as `"mod.ts"`.
 *
 * @throws {TypeError} If it holds anything else, or ends amid a file.
 */
export function untar(bytes: Uint8Array): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at + BLOCK <= bytes.length;) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const name = nameIn(header);
    if (!REGULAR_FILES.includes(textIn(header, TYPE))) {
      throw new TypeError(`Cannot read the tar file: ${name} is no file`);
    }
    const size = Number.parseInt(textIn(header, SIZE), 8);
    const start = at + BLOCK;
    if (!(start + size <= bytes.length)) {
      throw new TypeError(`Cannot read the tar file: it ends amid ${name}`);
    }
    files.set(name, bytes.slice(start, start + size));
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

function nameIn(header: Uint8Array): string {
  const [prefix, name] = [textIn(header, PREFIX), textIn(header, NAME)];
  const path = prefix ? `${prefix}/${name}` : name;
  return path.replace(/^(\.?\/)+/, "");
}

function textIn(
  header: Uint8Array,
  [start, end]: readonly [number, number],
): string {
  const text = new TextDecoder().decode(header.subarray(start, end));
  return text.split("\0", 1)[0]?.trim() ?? "";
}
