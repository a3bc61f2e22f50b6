/**
 * A text of PEM with the lines that OpenSSL reads. Files and environment variables have had
 * their lines joined or indented, or begin with a byte order mark; in a text of one line, line
 * ends may also be written as the two characters `\n`.
 *
 * @param name What the text is, for errors.
 * @throws {TypeError} If `text` is not a string.
 */
export function pemLines(text: string, name: string): string {
  if (typeof text !== "string") {
    const isBytes = (text as unknown) instanceof Uint8Array;
    throw new TypeError(
      `${name} must be a string of PEM, received ${
        isBytes
          ? 'bytes: read the file as text, by Deno.readTextFile(path) or readFile(path, "utf8")'
          : typeof text
      }`,
    );
  }
  const lines = (isOneLine(text) ? splitLine(text) : text)
    .split(/\r\n|\r|\n/)
    // White space, to JavaScript, is a byte order mark, too.
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return lines.map((line, i) =>
    // An empty line ends the headers of an encrypted key (RFC 1421).
    isHeader(line) && !isHeader(lines[i + 1]) ? `${line}\n\n` : `${line}\n`
  ).join("");
}

/** Whether a text has no line ends, as a path has none. */
export function isOneLine(text: string): boolean {
  return !/[\r\n]/.test(text.trim());
}

function isHeader(line = ""): boolean {
  return line.includes(":");
}

function splitLine(text: string): string {
  return text
    .replaceAll(/\\r|\\n/g, "\n")
    .replaceAll(/-----(?:BEGIN|END) [^-]*-----/g, "\n$&\n")
    .replaceAll(/(?:Proc-Type: ?4,ENCRYPTED|DEK-Info: ?\S+)/g, "\n$&\n");
}
