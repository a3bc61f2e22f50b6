import type { Conversation } from "./conversation.ts";

/**
 * Reads the lines of a reply of SMTP (RFC 5321, 4.2.1) or FTP (RFC 959, 4.2).
 *
 * @throws {TlsError} `protocol`, if its code isn't the one that is expected.
 */
export async function reply(
  conversation: Conversation,
  expected: string,
): Promise<readonly string[]> {
  const first = await conversation.line();
  const [, code = "", mark] = /^(\d{3})(?:([ -])|$)/.exec(first) ?? [];
  if (code !== expected) throw conversation.refusal(first);
  const lines = [first];
  while (mark === "-" && !isLast(lines.at(-1) ?? "", code)) {
    lines.push(await conversation.line());
  }
  return lines;
}

/** Whether a line ends a reply of several: the code again, with a space or nothing behind it. */
function isLast(line: string, code: string): boolean {
  return line === code || line.startsWith(`${code} `);
}
