import {
  SSL_OP_NO_ANTI_REPLAY,
  SSL_OP_NO_TICKET,
  SSL_SESS_CACHE_BOTH,
  SSL_SESS_CACHE_CLIENT,
  SSL_SESS_CACHE_NO_INTERNAL,
} from "../../libssl/constants.ts";
import type { SSL_CTX } from "../../libssl/handles.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { opensslInternals } from "../../libssl/openssl_internals.ts";
import type { SessionStore } from "../../stores/session_store.ts";
import type { ServerSessionSettings } from "./server_session_settings.ts";
import { InternalCache } from "./internal_cache.ts";
import type { Revalidation } from "./revalidation.ts";
import type { TicketMode, TlsSessionOptions } from "./session_options.ts";
import type { SessionCounters } from "./session_stats.ts";
import {
  checkedChoice,
  checkedInteger,
  checkFunction,
  checkStore,
} from "../../internal/option_checks.ts";
import { optionTypeError } from "../../internal/option_error.ts";
import { revalidationOf, storeCallSettings, storingOf } from "./store_setup.ts";
import { type TicketKeys, ticketKeysOf } from "./ticket_keys.ts";

const MAX_INT32 = 0x7fff_ffff;
/** The longest lifetime of a ticket (RFC 8446, section 4.6.1), in seconds. */
const WEEK = 604_800;

/** A day in seconds: about the interval at which CAs publish revocations. */
const DEFAULT_MAX_AGE = 86_400;

/** How a context makes, stores and resumes sessions: its options, checked. */
export interface SessionSetup {
  /** How clients resume. */
  readonly tickets: TicketMode;
  /** The keys of `options.ticketKeys`. */
  readonly ticketKeys: TicketKeys | undefined;
  /** How sessions are looked up and stored; `undefined` without a store. */
  readonly storing: ServerSessionSettings | undefined;
  /** OpenSSL's internal cache, if the sessions are there. */
  readonly internalCache: InternalCache | undefined;
  /** How many seconds after the last full handshake a session may be resumed. */
  readonly maxAge: number;
  /** Calls `options.revalidate`; `undefined` without it. */
  readonly revalidation: Revalidation | undefined;
  /** How many bytes of early data new sessions allow. */
  readonly maxEarlyData: number;
  /** Whether the end of a connection without close_notify removes its sessions. */
  readonly removesUnclean: boolean;
}

/** Checks the session options and sets them on a context. */
export function setSessions(
  openssl: OpenSSL,
  ctx: SSL_CTX,
  options: TlsSessionOptions,
  counters: SessionCounters,
): SessionSetup {
  const { libssl } = openssl;
  const {
    sessions: store,
    sessionTimeout = 7200,
    maxSessionAge = DEFAULT_MAX_AGE,
    maxEarlyData = 0,
  } = options;
  const tickets = options.tickets ?? (store ? "stateful" : "stateless");
  checkedChoice(tickets, ["stateful", "stateless", "off"], "tickets");
  if (store !== undefined && tickets !== "stateful") {
    throw optionTypeError(
      "tickets",
      (nameOf) =>
        `must be "stateful" with ${
          nameOf(["sessions"])
        }, received "${tickets}"`,
    );
  }
  if (options.singleUse && store === undefined) {
    throw needsStore("singleUse");
  }
  checkStore(store);
  const calls = storeCallSettings(options);
  checkFunction(options.tag, "tag");
  checkFunction(options.onStoreError, "onStoreError");
  if (options.tag && store === undefined) {
    throw needsStore("tag");
  }
  libssl.SSL_CTX_set_timeout(ctx, whole(sessionTimeout, 1, "sessionTimeout"));
  const maxAge = whole(maxSessionAge, 1, "maxSessionAge", WEEK);
  const revalidation = revalidationOf(
    openssl,
    options,
    calls,
    tickets,
    counters,
  );
  opensslInternals.get(openssl).sessionAge.limit(
    ctx,
    maxAge,
    revalidation !== undefined,
  );
  libssl.SSL_CTX_set_session_cache_mode(ctx, cacheMode(tickets, store));
  if (tickets !== "stateless") {
    libssl.SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
  }
  if (tickets === "off") libssl.SSL_CTX_set_num_tickets(ctx, 0);
  setEarlyData(openssl, ctx, options);
  return {
    tickets,
    ticketKeys: ticketKeysOf(options.ticketKeys, tickets),
    storing: store && storingOf(openssl, ctx, options, calls, counters),
    internalCache: tickets === "stateful" && store === undefined
      ? new InternalCache(openssl, ctx)
      : undefined,
    maxAge,
    revalidation,
    maxEarlyData,
    removesUnclean: checkedChoice(
      options.uncleanClose ?? "keep",
      ["keep", "remove"],
      "uncleanClose",
    ) ===
      "remove",
  };
}

/** Clients get sessions in any case; servers with tickets `"off"` make none. */
function cacheMode(tickets: TicketMode, store?: SessionStore): number {
  if (tickets === "off") {
    return SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL;
  }
  return tickets === "stateful" && store === undefined
    ? SSL_SESS_CACHE_BOTH
    : SSL_SESS_CACHE_BOTH | SSL_SESS_CACHE_NO_INTERNAL;
}

function setEarlyData(
  { libssl }: OpenSSL,
  ctx: SSL_CTX,
  { maxEarlyData = 0, singleUse = false, sessions }: TlsSessionOptions,
): void {
  whole(maxEarlyData, 0, "maxEarlyData");
  if (maxEarlyData === 0) return;
  if (!singleUse || sessions === undefined) {
    throw optionTypeError(
      "maxEarlyData",
      (nameOf) =>
        `needs ${nameOf(["sessions"])} and ${
          nameOf(["singleUse"])
        }: without them a replay could be accepted`,
    );
  }
  // OpenSSL checks for replays in its internal cache (docs/openssl-facts.md, row 15); here a
  // session is taken out of the store before it is resumed.
  libssl.SSL_CTX_set_options(ctx, SSL_OP_NO_ANTI_REPLAY);
  libssl.SSL_CTX_set_max_early_data(ctx, maxEarlyData);
  libssl.SSL_CTX_set_recv_max_early_data(ctx, maxEarlyData);
}

function whole(
  value: number,
  min: number,
  name: string,
  max = MAX_INT32,
): number {
  return checkedInteger(value, name, { min, max });
}

function needsStore(name: string): TypeError {
  return optionTypeError(name, (nameOf) => `needs ${nameOf(["sessions"])}`);
}
