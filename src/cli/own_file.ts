/** A file of secrets is its owner's to read. */
const SECRET = 0o600;
/** Others may read a certificate; who could change it could have clients trust another. */
const PUBLIC = 0o644;

/**
 * Opens a file to be written, at its end if it `append`s, else anew. It ends with the mode
 * that a new one has, also if it was there with a wider one.
 */
export function openOwnFile(
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
    // Not of a terminal or a pipe, and before anything is in it.
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

/** Writes text into a file as {@linkcode openOwnFile} opens it. */
export function writeOwnFile(
  path: string,
  text: string,
  options: { isSecret: boolean },
): void {
  using file = openOwnFile(path, options);
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) {
    at += file.writeSync(bytes.subarray(at));
  }
}
