import type { Resumption } from "../../../mod.ts";

/** Whether a connection resumed a session, and from where or why not. */
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
