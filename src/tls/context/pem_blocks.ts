import { TlsError } from "../../internal/tls_error.ts";

const BEGIN = "-----BEGIN ";
const END = "-----END ";
const DASHES = "-----";
const LINE_LENGTH = 64;
/** What is longer is no path (`PATH_MAX`). */
const MAX_PATH = 4096;

/** What stands between a `BEGIN` and its `END`. */
export interface PemBlock {
  /** What it says it is, such as `"CERTIFICATE"`. */
  readonly label: string;
  /** How it is encrypted, by RFC 1421's headers; `undefined` if it isn't. */
  readonly encryption: string | undefined;
  /** The content, in base64 without white space. */
  readonly base64: string;
}

/**
 * The blocks of a text in PEM (RFC 7468), as it comes: with a byte order mark, text before
 * and between blocks, any line ends or none, indented, or all in one line with `\n` written as
 * two characters.
 *
 * @param name What the text is, for errors.
 * @throws {TypeError} If `text` is not a string.
 * @throws {TlsError} `certificate`, if a block has no end, or is no base64.
 */
export function pemBlocks(text: string, name: string): PemBlock[] {
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
  const pem = withLines(text);
  const blocks: PemBlock[] = [];
  for (let at = 0;;) {
    const begin = nextBegin(pem, at);
    if (begin === -1) return blocks;
    const { block, end } = blockAt(pem, begin, name, blocks.length + 1);
    blocks.push(block);
    at = end;
  }
}

/** The bytes of a block. */
export function pemBytes({ base64 }: PemBlock): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

/** A block in the strict form that OpenSSL reads. */
export function strictPem({ label, encryption, base64 }: PemBlock): string {
  const lines = base64.match(new RegExp(`.{1,${LINE_LENGTH}}`, "g")) ?? [];
  const headers = encryption === undefined
    ? []
    : ["Proc-Type: 4,ENCRYPTED", `DEK-Info: ${encryption}`, ""];
  return [
    `${BEGIN}${label}${DASHES}`,
    ...headers,
    ...lines,
    `${END}${label}${DASHES}\n`,
  ].join("\n");
}

/** What blocks there are in `text`, for errors. */
export function foundBlocks(
  blocks: readonly PemBlock[],
  text: string,
): string {
  const labels = [...new Set(blocks.map(({ label }) => label))];
  if (labels.length > 0) return `only ${labels.join(" and ")}`;
  // The text itself isn't told: it may be a damaged key.
  return text.length > 0 && text.length <= MAX_PATH && !/[\r\n]/.test(text)
    ? "no PEM: it must be the text of a file, and not the file's path"
    : "no PEM";
}

/**
 * A text of one line, such as an environment's variable, has its line ends as two characters. In
 * others they are text: a comment can't bring a block by them that nobody else sees.
 */
function withLines(text: string): string {
  return /[\r\n]/.test(text.trim()) ? text : text.replaceAll(/\\r|\\n/g, "\n");
}

/** Where the next block begins: first in its line, or right after another. */
function nextBegin(pem: string, from: number): number {
  for (let at = pem.indexOf(BEGIN, from);; at = pem.indexOf(BEGIN, at + 1)) {
    if (at === -1) return -1;
    let before = at;
    // A byte order mark is white space to JavaScript.
    while (before > from && /[^\S\r\n]/.test(pem.charAt(before - 1))) before--;
    if (before === from || /[\r\n]/.test(pem.charAt(before - 1))) return at;
  }
}

function blockAt(
  pem: string,
  begin: number,
  name: string,
  number: number,
): { block: PemBlock; end: number } {
  const labelAt = begin + BEGIN.length;
  const labelEnd = pem.indexOf(DASHES, labelAt);
  const label = pem.slice(labelAt, Math.max(labelEnd, labelAt));
  const bodyAt = labelEnd + DASHES.length;
  const bodyEnd = pem.indexOf(DASHES, bodyAt);
  const end = `${END}${label}${DASHES}`;
  if (
    labelEnd === -1 || !/^[\w .+/-]{1,64}$/.test(label) ||
    bodyEnd === -1 || !pem.startsWith(end, bodyEnd)
  ) {
    throw broken(name, number, "a BEGIN without its END");
  }
  const body = pem.slice(bodyAt, bodyEnd);
  const { encryption, content } = withoutHeaders(body);
  const base64 = content.replaceAll(/\s/g, "");
  if (!isBase64(base64)) {
    throw broken(name, number, `a ${label} that is no base64`);
  }
  const block = { label, encryption, base64 };
  return { block, end: bodyEnd + end.length };
}

/** Headers tell how a key is encrypted (RFC 1421, 4.6); others don't matter. */
function withoutHeaders(
  body: string,
): { encryption: string | undefined; content: string } {
  if (!body.includes(":")) return { encryption: undefined, content: body };
  const [all, encryption] =
    /^\s*Proc-Type:\s*4,\s*ENCRYPTED\s+DEK-Info:\s*([\w-]+(?:,[0-9A-F]*)?)/i
      .exec(body) ?? [];
  const content = all === undefined
    ? body.replaceAll(/^.*:.*$/gm, "")
    : body.slice(all.length);
  return { encryption, content };
}

/** Whether it is base64, padded or not. */
function isBase64(text: string): boolean {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return false;
  return text.endsWith("=") ? text.length % 4 === 0 : text.length % 4 !== 1;
}

function broken(name: string, number: number, what: string): TlsError {
  return new TlsError(
    "certificate",
    `Cannot read ${name}: its PEM block ${number} is ${what}`,
  );
}
