import type { SessionIds } from "./session_ids.ts";
import type { TlsSessionOptions } from "./session_options.ts";
import type { StoreGuard } from "./store_guard.ts";

/** How a context looks its sessions up and stores them. */
export interface ServerSessionSettings {
  /** The store, guarded. */
  readonly store: StoreGuard;
  /** Makes session ids and recognises them; `undefined` without `sessionIdKey`. */
  readonly ids: SessionIds | undefined;
  /** The most identities of one hello that are looked up. */
  readonly maxLookupsPerHello: number;
  /** Whether a look-up of a TLS 1.3 session takes it out of the store. */
  readonly singleUse: boolean;
  /** Returns the tag of a new session. */
  readonly tag: TlsSessionOptions["tag"];
  /** Whether the flight with a new session is held back until the store has the session. */
  readonly holdsFlight: boolean;
}
