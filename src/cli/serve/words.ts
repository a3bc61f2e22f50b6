import type { Resumption } from "../../tls/sessions/resumption.ts";

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
