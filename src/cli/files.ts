import { usageError } from "./usage_error.ts";

/** The mode of a file with secrets: readable by its owner only. */
const SECRET = 0o600;
/** The mode of a certificate: readable by all, writable by its owner only. */
const PUBLIC = 0o644;

/**
 * Reads the file that an option names.
 *
 * @param option The option, such as `"--ca"`, for errors.
 * @throws {UsageError} If the file can't be read.
 */
export async function readFileOf(
  option: string,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw usageError(`read ${option} ${path}`, error);
  }
}

/** The value of an option, or the content of the file that it names with `@`. */
export async function contentOf(
  option: string,
  value: string | undefined,
): Promise<Uint8Array | undefined> {
  if (value === undefined) return undefined;
  return value.startsWith("@")
    ? await readFileOf(option, value.slice(1))
    : new TextEncoder().encode(value);
}

/** Decodes text by its byte order mark, if it has one: some shells write UTF-16. */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding = first === 0xff && second === 0xfe
    ? "utf-16le"
    : first === 0xfe && second === 0xff
    ? "utf-16be"
    : "utf-8";
  return new TextDecoder(encoding).decode(bytes);
}

/**
 * Opens a file for writing: at its end with `append`, otherwise truncated. An existing file
 * gets the mode of a new one.
 */
export function openOutputFile(
  path: string,
  { append = false, isSecret = true } = {},
): Deno.FsFile {
  const mode = isSecret ? SECRET : PUBLIC;
  const file = Deno.openSync(path, {
    write: true,
    append,
    create: true,
    mode,
  });
  try {
    // Terminals and pipes keep their mode. A file gets it before there is content in it.
    if (Deno.build.os !== "windows" && file.statSync().isFile) {
      Deno.chmodSync(path, mode);
      if (!append) file.truncateSync();
    }
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Writes text to a file opened by {@linkcode openOutputFile}. */
export function writeOutputFile(
  path: string,
  text: string,
  options: { isSecret: boolean },
): void {
  using file = openOutputFile(path, options);
  writeAll(file, new TextEncoder().encode(text));
}

/** Writes all bytes, in as many calls as the writer needs. */
export function writeAll(
  to: { writeSync(bytes: Uint8Array): number },
  bytes: Uint8Array,
): void {
  for (let at = 0; at < bytes.length;) at += to.writeSync(bytes.subarray(at));
}
