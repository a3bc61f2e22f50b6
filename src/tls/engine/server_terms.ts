import type { SessionTerms } from "../../libssl/machine_types.ts";
import type { ContextCore } from "../context/context_core.ts";
import type { ServerSessionSettings } from "../sessions/server_session_settings.ts";
import type { TicketMode } from "../sessions/session_options.ts";
import type { SessionSetup } from "../sessions/session_setup.ts";

/** How a server's connection makes and resumes sessions. */
export interface ServerTerms {
  /** The mode of sessions. */
  readonly tickets: TicketMode;
  /** How sessions are looked up and stored; `undefined` without a store. */
  readonly storing: ServerSessionSettings | undefined;
  /** The settings for OpenSSL. */
  readonly terms: SessionTerms;
}

/** Returns the terms of a connection that began with `initial` and is served by `core`. */
export function serverTerms(
  { sessions: initial }: ContextCore,
  core: ContextCore,
  serverName: string | null,
): ServerTerms {
  const tickets = ticketsOf(initial, core.sessions);
  const storing = core.sessions.storing ?? initial.storing;
  const hasStore = tickets !== "off" && storing !== undefined;
  return {
    tickets,
    storing: hasStore ? storing : undefined,
    terms: {
      context: core.binding.sessionIdContext(
        serverName,
        tickets === "stateful" && storing === undefined,
      ),
      tickets: changeOf(tickets, core.sessions),
      wantsSessions: hasStore,
      maxAge: core.sessions.maxAge,
    },
  };
}

function ticketsOf(initial: SessionSetup, chosen: SessionSetup): TicketMode {
  const storing = chosen.storing ?? initial.storing;
  if (chosen.tickets === "off") return "off";
  if (storing && !canHaveStore(initial)) return "off";
  if (chosen.revalidation && !canAsk(initial, storing)) return "off";
  return storing ? "stateful" : initial.tickets;
}

/** OpenSSL calls the callbacks of the initial context, also after `SSL_set_SSL_CTX`. */
function changeOf(
  tickets: TicketMode,
  chosen: SessionSetup,
): SessionTerms["tickets"] {
  if (tickets !== "stateless") return tickets;
  return chosen.tickets === "stateful" ? "stateless" : "unchanged";
}

/**
 * Whether a chosen context may have a store of its own. It may not if sessions are off, or would
 * be in the internal cache as well, from which they can't be revoked.
 */
function canHaveStore({ tickets, storing }: SessionSetup): boolean {
  return tickets === "stateless" || storing !== undefined;
}

/** Whether `revalidate` can be called: OpenSSL's internal cache resumes without a callback. */
function canAsk(
  { tickets }: SessionSetup,
  storing: ServerSessionSettings | undefined,
): boolean {
  return storing !== undefined || tickets === "stateless";
}
