import {
  checkedChoice,
  checkedCount,
  checkedDuration,
  checkFunction,
} from "../../internal/option_checks.ts";
import { optionTypeError } from "../../internal/option_error.ts";
import { notify } from "../../internal/notify.ts";
import type { SSL_CTX } from "../../libssl/handles.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { Revalidation } from "./revalidation.ts";
import type { ServerSessionSettings } from "./server_session_settings.ts";
import { checkedIdKeys, SessionIds } from "./session_ids.ts";
import type { TicketMode, TlsSessionOptions } from "./session_options.ts";
import type { SessionCounters } from "./session_stats.ts";
import {
  LOOKUP_TIMEOUT,
  reportStoreError,
  WRITE_TIMEOUT,
} from "./store_defaults.ts";
import { StoreGuard, type StoreGuardSettings } from "./store_guard.ts";

const DEFAULT_LOOKUPS = 2;

/** The options about the calls of a store, checked: also without a store. */
export interface StoreCallSettings
  extends
    Pick<ServerSessionSettings, "maxLookupsPerHello" | "holdsFlight">,
    Pick<StoreGuardSettings, "lookupTimeout" | "writeTimeout"> {
  /** The keys of `sessionIdKey`. */
  readonly idKeys: readonly Uint8Array[] | undefined;
}

/** Throws unless the options about the calls of a store are of their types and in their ranges. */
export function storeCallSettings(
  {
    sessionIdKey,
    maxLookupsPerHello = DEFAULT_LOOKUPS,
    lookupTimeout = LOOKUP_TIMEOUT,
    writeTimeout = WRITE_TIMEOUT,
    commit = "before-flight",
  }: TlsSessionOptions,
): StoreCallSettings {
  return {
    lookupTimeout: checkedDuration(lookupTimeout, "lookupTimeout"),
    writeTimeout: checkedDuration(writeTimeout, "writeTimeout"),
    maxLookupsPerHello: checkedCount(maxLookupsPerHello, "maxLookupsPerHello"),
    holdsFlight:
      checkedChoice(commit, ["before-flight", "background"], "commit") ===
        "before-flight",
    idKeys: sessionIdKey === undefined
      ? undefined
      : checkedIdKeys(sessionIdKey),
  };
}

/** How the store of `options.sessions` is used; sets how the context makes session ids. */
export function storingOf(
  { libssl }: OpenSSL,
  ctx: SSL_CTX,
  options: TlsSessionOptions,
  { idKeys, lookupTimeout, writeTimeout, ...calls }: StoreCallSettings,
  counters: SessionCounters,
): ServerSessionSettings {
  const {
    sessions,
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
  const ids = idKeys && new SessionIds(libssl, idKeys);
  if (ids) libssl.SSL_CTX_set_generate_session_id(ctx, () => ids.make());
  return {
    store: new StoreGuard({
      store: sessions as NonNullable<typeof sessions>,
      lookupTimeout,
      writeTimeout,
      onStoreError,
    }, counters),
    ids,
    singleUse,
    tag,
    ...calls,
  };
}

/** How `options.revalidate` is called; `undefined` without it. */
export function revalidationOf(
  openssl: OpenSSL,
  options: TlsSessionOptions,
  { lookupTimeout, maxLookupsPerHello }: StoreCallSettings,
  tickets: TicketMode,
  counters: SessionCounters,
): Revalidation | undefined {
  const { revalidate, sessions, onStoreError = reportStoreError } = options;
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
    timeout: lookupTimeout,
    maxTickets: maxLookupsPerHello,
    onError: (error) => {
      counters.storeErrors++;
      notify("onStoreError", () => onStoreError(error, "revalidate"));
    },
  });
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
