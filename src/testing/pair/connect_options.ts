import type {
  TlsContext,
  TlsContextOptions,
} from "../../tls/context/context.ts";
import type { TlsSession } from "../../tls/sessions/session.ts";
import type { NetworkOptions } from "../network/types.ts";

/** The options of one connection of a pair's client. */
export interface TlsPairConnectOptions {
  /** The host name or IP address to ask for and verify. By default `"localhost"`. */
  hostname?: string | undefined;
  /** The session to propose. */
  session?: TlsSession | undefined;
  /** Early data, if the session allows it; a string is sent as UTF-8. */
  earlyData?: Uint8Array | string | undefined;
}

/**
 * Options of a pair's server: those of a `TlsContext`, or a context.
 *
 * Whatever takes the time needs the sandbox's clock: a store in `sessions` its `clock.now`,
 * as in `new MemorySessionStore({ now: sandbox.clock.now })`. By the system's clock a store
 * would keep the sandbox's sessions for years, or none of them.
 */
export interface TlsPairServerOptions extends TlsContextOptions {
  /**
   * A context, in place of options of a context. The pair doesn't close it. Its instance must
   * be `openssl: sandbox.client` or `sandbox.server`: the default instance has the system's
   * clock, by which the sandbox's certificates are not yet valid, so it is refused if the two
   * clocks differ by 90 days. With `keyLog: sandbox.keyLog` its keys are in the trace.
   */
  context?: TlsContext | undefined;
}

/** Options of a pair's client: those of its context, or a context, and of its connection. */
export interface TlsPairClientOptions
  extends TlsPairServerOptions, TlsPairConnectOptions {}

/** Options of {@linkcode TlsPair.reconnect}. */
export interface TlsReconnectOptions
  extends Omit<TlsPairConnectOptions, "session"> {
  /**
   * The session to propose, or `null` for none. By default the newest session that the client
   * received, or else the one that it resumed.
   */
  session?: TlsSession | null | undefined;
  /** The options of the new network. By default it delivers all bytes at once. */
  network?: NetworkOptions | undefined;
}
