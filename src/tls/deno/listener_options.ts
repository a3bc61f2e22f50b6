import type { OptionsOwner } from "../../internal/own_options.ts";
import {
  checkedCount,
  checkedTimeout,
  checkFunction,
  checkSignal,
} from "../../internal/option_checks.ts";
import type { TlsContext, TlsContextOptions } from "../context/context.ts";
import { CONTEXT_OPTION_NAMES } from "../context/context_options.ts";

/** Options for the connections of a listener, and their configuration. */
export interface TlsListenerOptions extends TlsContextOptions {
  /** The configuration, instead of the options of a context. The caller closes it. */
  context?: TlsContext;
  /** How long a handshake may take, in milliseconds. By default 10 000. */
  handshakeTimeout?: number;
  /**
   * How many handshakes may be under way. One more ends the oldest of the network that has
   * most of them (an IPv4 address, or 64 bits of IPv6): of those that have sent no hello, or
   * of those that were answered, whichever are more. By default 1024.
   */
  maxHandshakes?: number;
  /** Closes the listener. */
  signal?: AbortSignal;
  /**
   * Called for each failed connection, with the error and the peer's address; the address is
   * `null` if the connection could not be accepted. By default failures are only counted.
   */
  onConnectionError?: (error: unknown, remoteAddress: string | null) => void;
}

/** The address to listen on, and the configuration. */
export interface ListenTlsOptions extends TlsListenerOptions {
  /** The port; 0 for any that is free. */
  port: number;
  /** The address or name of the interface. By default `"0.0.0.0"`: all of IPv4. */
  hostname?: string;
  /**
   * How many TCP connections may wait in the system to be taken; on Linux its
   * `net.core.somaxconn` bounds it. By default 4096.
   */
  tcpBacklog?: number;
  /**
   * Whether other listeners may share the port, in this process's workers or in others:
   * Linux spreads the connections over them. Needs Deno's `--unstable-net`. By default
   * false.
   */
  reusePort?: boolean;
}

/** The names of all options of a listener. */
export const LISTENER_OPTION_NAMES: Readonly<
  Record<keyof TlsListenerOptions, true>
> = {
  ...CONTEXT_OPTION_NAMES,
  context: true,
  handshakeTimeout: true,
  maxHandshakes: true,
  onConnectionError: true,
  signal: true,
};

/** The names of all options of a listener that opens its own port. */
export const LISTEN_TLS_NAMES: Readonly<Record<keyof ListenTlsOptions, true>> =
  {
    ...LISTENER_OPTION_NAMES,
    hostname: true,
    port: true,
    reusePort: true,
    tcpBacklog: true,
  };

/** Options of a port are of use to another function than this one. */
export const OVER_LISTENER: OptionsOwner = {
  of: "listenTlsOver",
  others: LISTEN_TLS_NAMES,
  advice: "the listener that it takes has its own",
};

/** The options about handshakes, checked. */
export interface HandshakeLimits {
  /** How long a handshake may take, in ms. */
  readonly handshakeTimeout: number;
  /** How many may be under way. */
  readonly maxHandshakes: number;
  /** Closes the listener. */
  readonly signal: AbortSignal | undefined;
  /** Called for each failed connection. */
  readonly onConnectionError: TlsListenerOptions["onConnectionError"];
}

/** Throws unless the options about handshakes are of their types and in their ranges. */
export function checkedLimits(
  { handshakeTimeout, maxHandshakes = 1024, signal, onConnectionError }:
    TlsListenerOptions,
): HandshakeLimits {
  checkSignal(signal);
  checkFunction(onConnectionError, "onConnectionError");
  return {
    handshakeTimeout: checkedTimeout(handshakeTimeout),
    maxHandshakes: checkedCount(maxHandshakes, "maxHandshakes"),
    signal,
    onConnectionError,
  };
}
