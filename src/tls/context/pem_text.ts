import {
  type OptionPath,
  optionTypeError,
} from "../../internal/option_error.ts";

/**
 * A text of PEM with the lines that OpenSSL reads. Files and environment variables have had
 * their lines joined or indented, or begin with a byte order mark; in a text of one line, line
 * ends may also be written as the two characters `\n`.
 *
 * @param path The option that the text is from.
 * @throws {TypeError} If `text` is not a string.
 */
export function pemLines(text: string, path: OptionPath): string {
  if (typeof text !== "string") {
    throw optionTypeError(
      path,
      `must be a string of PEM, received ${
        (text as unknown) instanceof Uint8Array
          ? 'bytes: read the file as text, by Deno.readTextFile(path) or readFile(path, "utf8")'
          : typeof text
      }`,
    );
  }
  const lines = (isOneLine(text) ? splitLine(text) : text)
    .split(/\r\n|\r|\n/)
    // White space, to JavaScript, includes the byte order mark.
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return lines
    // An empty line ends the headers of an encrypted key (RFC 1421).
    .map((line, i) =>
      isHeader(line) && !isHeader(lines[i + 1]) ? `${line}\n\n` : `${line}\n`
    )
    .join("")
    .replaceAll(/(?:^[A-Za-z0-9+/=]+\n)+/gm, wrapped);
}

/** Whether a text has no line ends, as a path has none. */
export function isOneLine(text: string): boolean {
  return !/[\r\n]/.test(text.trim());
}

function isHeader(line = ""): boolean {
  return line.includes(":");
}

/** Base64 in lines of 64 characters: OpenSSL reads no longer ones. */
function wrapped(base64: string): string {
  return base64.replaceAll("\n", "").replaceAll(/.{1,64}/g, "$&\n");
}

/** Puts delimiters, headers and what is between them on lines of their own. */
function splitLine(text: string): string {
  return text.replaceAll(/\\r|\\n/g, "\n").replaceAll(
    /-----(?:BEGIN|END) [^-]*-----|Proc-Type: ?4,ENCRYPTED|DEK-Info: ?\S+|\s+/g,
    (part) => part.trim() === "" ? "\n" : `\n${part}\n`,
  );
}
