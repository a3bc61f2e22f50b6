import { ownOptions } from "../../internal/own_options.ts";
import { TlsAcceptor } from "./acceptor.ts";
import type { TlsContext } from "../context/context.ts";
import {
  CONTEXT_OPTION_NAMES,
  type TlsContextOptions,
} from "../context/context_options.ts";
import { TlsEngine } from "../engine/engine.ts";
import type { TlsListener } from "./listener_types.ts";
import { formatAddress } from "../socket/conn_transport.ts";
import { netError } from "./net_error.ts";
import { parseHostName } from "../peer/host_name.ts";
import {
  checkedPort,
  checkedTimeout,
  checkedWhole,
  checkFunction,
  checkSignal,
} from "../../internal/option_checks.ts";
import { ownContext } from "../socket/socket_options.ts";

/** As many as Linux lets wait, unless it is told otherwise. */
export const TCP_BACKLOG = 4_096;

/** What to listen on, and with which configuration. */
export interface ListenTlsOptions extends TlsContextOptions {
  /** The port; 0 for any that is free. */
  port: number;
  /** The address or name of the interface. By default `"0.0.0.0"`: all of IPv4. */
  hostname?: string;
  /** The configuration, in place of options of its own. It stays the caller's. */
  context?: TlsContext;
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
   * Told of connections that came to nothing, and from where: `null` if it couldn't be
   * taken. By default nobody is, as on the internet they are many.
   */
  onConnectionError?: (error: unknown, remoteAddress: string | null) => void;
}

const NAMES: Readonly<Record<keyof ListenTlsOptions, true>> = {
  ...CONTEXT_OPTION_NAMES,
  context: true,
  handshakeTimeout: true,
  hostname: true,
  maxHandshakes: true,
  onConnectionError: true,
  port: true,
  reusePort: true,
  signal: true,
  tcpBacklog: true,
};

/**
 * Listens for TLS connections over TCP, in Deno. Leaving a loop over it closes it.
 *
 * @example A server whose sessions live in a store
 * ```ts
 * import { listenTls } from "@sesame/tls";
 * import { MemorySessionStore } from "@sesame/tls/stores/memory";
 * import { createTestCertificate } from "@sesame/tls/testing";
 *
 * using listener = listenTls({
 *   port: 0, // any that is free
 *   ...createTestCertificate(),
 *   sessions: new MemorySessionStore(),
 * });
 * (async () => {
 *   for await (const socket of listener) {
 *     socket.readable.pipeTo(socket.writable).catch(console.error);
 *   }
 * })();
 * console.log(`Listening on port ${listener.addr.port}`);
 * ```
 *
 * @throws {TypeError} If an option is not of its type, the context has no `cert` and
 * `key`, or this isn't Deno.
 * @throws {RangeError} If an option is out of its range.
 * @throws {TlsError} What {@linkcode TlsContext} throws.
 * @throws {Deno.errors.AddrInUse} If the port is taken.
 */
export function listenTls(options: ListenTlsOptions): TlsListener {
  if (typeof Deno === "undefined") {
    throw new TypeError(
      "Cannot listen: listenTls needs Deno; elsewhere startTls takes any runtime's sockets",
    );
  }
  const {
    port,
    hostname = "0.0.0.0",
    reusePort = false,
    tcpBacklog = TCP_BACKLOG,
    context: given,
    handshakeTimeout,
    maxHandshakes = 1024,
    signal,
    onConnectionError,
    ...contextOptions
  } = ownOptions(options, NAMES, { of: "listenTls" });
  checkedPort(port);
  const { dialled: host } = parseHostName(hostname);
  checkReusePort(reusePort);
  checkedWhole(tcpBacklog, "tcpBacklog");
  checkSignal(signal);
  checkFunction(onConnectionError, "onConnectionError");
  const limits = {
    handshakeTimeout: checkedTimeout(handshakeTimeout),
    maxHandshakes: checkedWhole(maxHandshakes, "maxHandshakes"),
  };
  const { context, isOwn } = ownContext(given, contextOptions);
  const onClose = (): void => {
    if (isOwn) context.close();
  };
  try {
    // Throws if the context can't serve: better now than at each connection.
    new TlsEngine(context, { role: "server" })[Symbol.dispose]();
    return new TlsAcceptor(
      listen({ hostname: host, port, reusePort, tcpBacklog }),
      {
        ...limits,
        context,
        ownsContext: isOwn,
        signal,
        onConnectionError,
        onClose,
      },
    );
  } catch (error) {
    onClose();
    throw error;
  }
}

function listen(
  options: Required<Deno.TcpListenOptions> & { tcpBacklog: number },
): Deno.TcpListener {
  try {
    return Deno.listen(options);
  } catch (error) {
    throw netError(error, `Cannot listen on ${formatAddress(options)}`);
  }
}

/** Without its flag, Deno would end the process. */
function checkReusePort(reusePort: boolean): void {
  if (typeof reusePort !== "boolean") {
    throw new TypeError(
      `options.reusePort must be a boolean, received ${typeof reusePort}`,
    );
  }
  if (reusePort && !canReusePort()) {
    throw new TypeError(
      'options.reusePort needs Deno\'s flag --unstable-net, or "unstable": ["net"] in deno.json',
    );
  }
}

/** Whether Deno has the flag for it, by what else that brings: there is no other way. */
export function canReusePort(): boolean {
  return "listenDatagram" in Deno;
}
