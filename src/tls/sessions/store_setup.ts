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
import { SessionIds } from "./session_ids.ts";
import type { TicketMode, TlsSessionOptions } from "./session_options.ts";
import type { SessionCounters } from "./session_stats.ts";
import {
  LOOKUP_TIMEOUT,
  reportStoreError,
  WRITE_TIMEOUT,
} from "./store_defaults.ts";
import { StoreGuard } from "./store_guard.ts";

const DEFAULT_LOOKUPS = 2;

/** How the store of `options.sessions` is used; sets how the context makes session ids. */
export function storingOf(
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
    lookupTimeout = LOOKUP_TIMEOUT,
    writeTimeout = WRITE_TIMEOUT,
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
      lookupTimeout: checkedDuration(lookupTimeout, "lookupTimeout"),
      writeTimeout: checkedDuration(writeTimeout, "writeTimeout"),
      onStoreError,
    }, counters),
    ids,
    maxLookupsPerHello: checkedCount(maxLookupsPerHello, "maxLookupsPerHello"),
    singleUse,
    tag,
    holdsFlight:
      checkedChoice(commit, ["before-flight", "background"], "commit") ===
        "before-flight",
  };
}

/** How `options.revalidate` is called; `undefined` without it. */
export function revalidationOf(
  openssl: OpenSSL,
  options: TlsSessionOptions,
  tickets: TicketMode,
  counters: SessionCounters,
): Revalidation | undefined {
  const {
    revalidate,
    sessions,
    lookupTimeout = LOOKUP_TIMEOUT,
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
    timeout: checkedDuration(lookupTimeout, "lookupTimeout"),
    maxTickets: checkedCount(maxLookupsPerHello, "maxLookupsPerHello"),
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
