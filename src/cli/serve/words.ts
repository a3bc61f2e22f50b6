import type { Resumption } from "../../tls/resumption.ts";

/** Whether a session was resumed, in a few words. */
export function resumptionText(resumption: Resumption): string {
  return resumption.resumed
    ? `resumed from the ${SOURCES[resumption.from]}`
    : `full handshake: ${resumption.reason}`;
}

const SOURCES = {
  store: "store",
  internal: "internal cache",
  ticket: "ticket",
  session: "session",
};

/** What a client sent, with nothing in it that a terminal obeys or that ends a line. */
export function printable(text: string): string {
  return text.replaceAll(
    // deno-lint-ignore no-control-regex
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** What went wrong, in a line. */
export function failureText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return printable(message.split("\n", 1)[0] ?? "");
}
