import { OpenSSL, TlsContext, type TlsContextOptions } from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { VirtualClock } from "@sesame/tls/testing";
import { PKI } from "../../wrong/libssl_server.ts";

/** The clock of right servers. */
export const clock = new VirtualClock();

const openssl = new OpenSSL({ clock: clock.now });

/** The kinds that a server resumes: it gives tickets, or with a store ids in TLS 1.2. */
const WITH_TICKETS = { "tls1.2-ticket": "pass", "tls1.3": "pass" };
const WITH_STORE = { "tls1.2-id": "pass", "tls1.3": "pass" };

/** A server of Sesame. */
export function rightServer(options: TlsContextOptions = {}): TlsContext {
  return new TlsContext({ ...PKI.server, openssl, ...options });
}

/** The same server twice: with tickets, and with a store. */
export function rightServers(
  options: TlsContextOptions = {},
): [TlsContext, Record<string, string>][] {
  const sessions = new MemorySessionStore({ now: clock.now });
  return [
    [rightServer(options), WITH_TICKETS],
    [rightServer({ ...options, sessions }), WITH_STORE],
  ];
}

/** Verdicts of the kinds that a server resumes. */
export function ofResumedKinds(
  verdicts: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(verdicts)
      .filter(([, verdict]) => verdict !== "not applicable"),
  );
}
