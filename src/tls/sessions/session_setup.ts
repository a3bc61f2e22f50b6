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
import { StoreGuard } from "./store_guard.ts";
import type { ServerSessionSettings } from "./server_session_settings.ts";
import { notify } from "../../internal/notify.ts";
import { InternalCache } from "./internal_cache.ts";
import { Revalidation } from "./revalidation.ts";
import { SessionIds } from "./session_ids.ts";
import type { TicketMode, TlsSessionOptions } from "./session_options.ts";
import type { SessionCounters } from "./session_stats.ts";
import {
  checkedChoice,
  checkedInteger,
  checkFunction,
  checkStore,
} from "../../internal/option_checks.ts";
import { optionTypeError } from "../../internal/option_error.ts";
import { type TicketKeys, ticketKeysOf } from "./ticket_keys.ts";

/** The longest lifetime of a ticket (RFC 8446, section 4.6.1), in seconds. */
const MAX_INT32 = 0x7fff_ffff;
const WEEK = 604_800;

/**
 * How long a session stands for one proof, in seconds. CAs publish lists of what they revoked
 * about daily, and a full handshake a day costs a peer little beside its resumptions.
 */
const DEFAULT_MAX_AGE = 86_400;

const DEFAULT_LOOKUPS = 2;
const DEFAULT_LOOKUP_TIMEOUT = 200;

/** What a context has decided about its sessions. */
export interface SessionSetup {
  /** How sessions are found again. */
  readonly tickets: TicketMode;
  /** What encrypts stateless tickets, if the context was told. */
  readonly ticketKeys: TicketKeys | undefined;
  /** How they are looked up and stored; `undefined` without a store. */
  readonly storing: ServerSessionSettings | undefined;
  /** OpenSSL's cache, if it has the sessions. */
  readonly internalCache: InternalCache | undefined;
  /** How long after a peer's proof they may be resumed, in seconds. */
  readonly maxAge: number;
  /** How it is asked whether one may be resumed; `undefined` if it isn't. */
  readonly revalidation: Revalidation | undefined;
  /** How many bytes of early data they allow. */
  readonly maxEarlyData: number;
  /** What an end without close_notify does to them. */
  readonly removesUnclean: boolean;
}

/** Sets how sessions are made, kept and resumed. */
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
  checkFunction(options.tag, "tag");
  checkFunction(options.onStoreError, "onStoreError");
  if (options.tag && store === undefined) {
    throw needsStore("tag");
  }
  libssl.SSL_CTX_set_timeout(ctx, whole(sessionTimeout, 1, "sessionTimeout"));
  const maxAge = whole(maxSessionAge, 1, "maxSessionAge", WEEK);
  const revalidation = revalidationOf(openssl, options, tickets, counters);
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
    storing: store && storingOf(openssl, ctx, options, counters),
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

/** Clients are told of sessions in any case; servers without tickets make none. */
function cacheMode(tickets: TicketMode, store?: SessionStore): number {
  if (tickets === "off") {
    return SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL;
  }
  return tickets === "stateful" && store === undefined
    ? SSL_SESS_CACHE_BOTH
    : SSL_SESS_CACHE_BOTH | SSL_SESS_CACHE_NO_INTERNAL;
}

function storingOf(
  openssl: OpenSSL,
  ctx: SSL_CTX,
  options: TlsSessionOptions,
  counters: SessionCounters,
): ServerSessionSettings {
  const { libssl } = openssl;
  const {
    sessions,
    sessionIdKey,
    maxLookupsPerHello = DEFAULT_LOOKUPS,
    lookupTimeout = DEFAULT_LOOKUP_TIMEOUT,
    writeTimeout = 1000,
    commit = "before-flight",
    singleUse = false,
    tag,
    onStoreError = reportStoreError,
  } = options;
  if (singleUse && typeof sessions?.take !== "function") {
    throw needsMethod("singleUse", "take");
  }
  if (tag !== undefined && typeof sessions?.revoke !== "function") {
    throw needsMethod("tag", "revoke");
  }
  const ids = sessionIdKey === undefined
    ? undefined
    : new SessionIds(libssl, sessionIdKey);
  if (ids) libssl.SSL_CTX_set_generate_session_id(ctx, () => ids.make());
  return {
    store: new StoreGuard({
      store: sessions as NonNullable<typeof sessions>,
      lookupTimeout: whole(lookupTimeout, 1, "lookupTimeout"),
      writeTimeout: whole(writeTimeout, 1, "writeTimeout"),
      onStoreError,
    }, counters),
    ids,
    maxLookupsPerHello: whole(maxLookupsPerHello, 1, "maxLookupsPerHello"),
    singleUse,
    tag,
    holdsFlight:
      checkedChoice(commit, ["before-flight", "background"], "commit") ===
        "before-flight",
  };
}

function revalidationOf(
  openssl: OpenSSL,
  options: TlsSessionOptions,
  tickets: TicketMode,
  counters: SessionCounters,
): Revalidation | undefined {
  const {
    revalidate,
    sessions,
    lookupTimeout = DEFAULT_LOOKUP_TIMEOUT,
    maxLookupsPerHello = DEFAULT_LOOKUPS,
    onStoreError = reportStoreError,
  } = options;
  checkFunction(revalidate, "revalidate");
  if (revalidate === undefined) return undefined;
  if (tickets !== "stateless" && sessions === undefined) {
    throw optionTypeError(
      "revalidate",
      (nameOf) => `needs ${nameOf(["sessions"])} or stateless tickets`,
    );
  }
  return new Revalidation(openssl, {
    revalidate,
    timeout: whole(lookupTimeout, 1, "lookupTimeout"),
    maxTickets: whole(maxLookupsPerHello, 1, "maxLookupsPerHello"),
    onError: (error) => {
      counters.storeErrors++;
      notify("onStoreError", () => onStoreError(error, "revalidate"));
    },
  });
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
  // OpenSSL's own check needs its internal cache; ours is that a session was taken.
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

function needsMethod(name: string, method: "take" | "revoke"): TypeError {
  return optionTypeError(
    name,
    (nameOf) =>
      `needs a store that can ${method}: ${
        nameOf(["sessions"])
      } has no method ${method}`,
  );
}

function reportStoreError(error: unknown, operation: string): void {
  const what = operation === "revalidate"
    ? "revalidate failed:"
    : `The session store failed (${operation}):`;
  console.error(what, error);
}
