import type { SessionStore } from "../../stores/session_store.ts";
import { LOOKUP_TIMEOUT, WRITE_TIMEOUT } from "../sessions/store_defaults.ts";
import type { StoreErrorListener } from "../sessions/store_operations.ts";
import {
  checkedDuration,
  checkFunction,
  checkStore,
} from "../../internal/option_checks.ts";

/** The session store of a client, and the time limits of its calls. */
export interface ClientStoreOptions {
  /**
   * Where to look for a session of the server's if there is no `session`, and to keep the
   * newest one that it gives. Not one that holds a server's sessions.
   */
  sessions?: SessionStore;
  /**
   * Whether a session of `sessions` is taken out of the store when proposed, as it should
   * be in TLS 1.3 (RFC 8446, C.4). By default true. A store without `take` may give
   * it to two connections that begin together.
   */
  singleUse?: boolean;
  /** How long a look-up in `sessions` may take, in milliseconds. By default 200. */
  lookupTimeout?: number;
  /** How long a write to `sessions` may take, in milliseconds. By default 1000. */
  writeTimeout?: number;
  /** Told when the store fails: the handshake is full then. By default `console.error`. */
  onStoreError?: StoreErrorListener;
}

/** The names of all options. */
export const CLIENT_STORE_NAMES: Readonly<
  Record<keyof ClientStoreOptions, true>
> = {
  lookupTimeout: true,
  onStoreError: true,
  sessions: true,
  singleUse: true,
  writeTimeout: true,
};

/** Throws unless the options are of their types and in their ranges. */
export function checkClientStore(options: ClientStoreOptions): void {
  checkStore(options.sessions);
  checkFunction(options.onStoreError, "onStoreError");
  checkedDuration(options.lookupTimeout ?? LOOKUP_TIMEOUT, "lookupTimeout");
  checkedDuration(options.writeTimeout ?? WRITE_TIMEOUT, "writeTimeout");
}
