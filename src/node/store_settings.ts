import { checkStore } from "../internal/option_checks.ts";
import type { SessionStore } from "../stores/session_store.ts";
import {
  LOOKUP_TIMEOUT,
  reportStoreError,
  WRITE_TIMEOUT,
} from "../tls/sessions/store_defaults.ts";
import type { StoreGuardSettings } from "../tls/sessions/store_guard.ts";
import { codedError } from "./errors/coded_error.ts";

/**
 * How both ends use the store of the option `sessions`: one that fails or takes too long costs a
 * full handshake, and is reported on standard error.
 */
export function storeSettings(store: SessionStore): StoreGuardSettings {
  return {
    store,
    lookupTimeout: LOOKUP_TIMEOUT,
    writeTimeout: WRITE_TIMEOUT,
    onStoreError: reportStoreError,
  };
}

/** @throws {TypeError} `ERR_INVALID_ARG_TYPE`, unless `sessions` is a store or missing. */
export function checkSessions(sessions: SessionStore | undefined): void {
  try {
    checkStore(sessions);
  } catch (error) {
    throw codedError(
      TypeError,
      "ERR_INVALID_ARG_TYPE",
      (error as Error).message,
    );
  }
}
