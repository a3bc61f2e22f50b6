import { ownOptions } from "../../internal/own_options.ts";
import { checkedCount, checkedPort } from "../../internal/option_checks.ts";
import { received } from "../../internal/received.ts";
import type { TlsContextOptions } from "../context/context.ts";
import { TlsEngine } from "../engine/engine.ts";
import { parseHostName } from "../peer/host_name.ts";
import { ownContext } from "../socket/socket_options.ts";
import { TlsAcceptor } from "./acceptor.ts";
import {
  checkedLimits,
  LISTEN_TLS_NAMES,
  LISTENER_OPTION_NAMES,
  type ListenTlsOptions,
  OVER_LISTENER,
  type TlsListenerOptions,
} from "./listener_options.ts";
import type { TcpListener, TlsListener } from "./listener_types.ts";
import { netError } from "./net_error.ts";

/** As many as Linux lets wait, unless it is told otherwise. */
export const TCP_BACKLOG = 4_096;

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
 * @throws {Deno.errors.AddrInUse} If the port is taken; and other errors of `Deno.listen`,
 * with the fields of {@linkcode NetErrorFields}.
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
    ...own
  } = ownOptions(options, LISTEN_TLS_NAMES, { of: "listenTls" });
  checkedPort(port);
  const { dialled: host } = parseHostName(hostname);
  checkReusePort(reusePort);
  checkedCount(tcpBacklog, "tcpBacklog");
  return openListener(
    () => listen({ hostname: host, port, reusePort, tcpBacklog }),
    own,
  );
}

/**
 * Accepts TLS connections over those of a TCP listener, which may be `Deno.listen`'s or any
 * other object of its shape: one that limits, filters or counts connections, or hands on
 * those that it was given. The TCP listener belongs to the TLS listener from then on and is
 * closed with it, but not if this function throws.
 *
 * @example A TCP listener that takes only connections from this machine
 * ```ts
 * import { listenTlsOver } from "@sesame/tls";
 * import { createTestCertificate } from "@sesame/tls/testing";
 *
 * const tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
 * using listener = listenTlsOver({
 *   addr: tcp.addr,
 *   async accept() {
 *     for (;;) {
 *       const conn = await tcp.accept();
 *       if (conn.remoteAddr.hostname === "127.0.0.1") return conn;
 *       conn.close();
 *     }
 *   },
 *   close: () => tcp.close(),
 * }, createTestCertificate());
 * console.log(`Listening on port ${listener.addr.port}`);
 * ```
 *
 * @throws {TypeError} If `listener` lacks a member, an option is not of its type, or the
 * context has no `cert` and `key`.
 * @throws {RangeError} If an option is out of its range.
 * @throws {TlsError} What {@linkcode TlsContext} throws.
 */
export function listenTlsOver(
  listener: TcpListener,
  options: TlsListenerOptions,
): TlsListener {
  checkListener(listener);
  const own = ownOptions(options, LISTENER_OPTION_NAMES, OVER_LISTENER);
  return openListener(() => listener, own);
}

function openListener(
  open: () => TcpListener,
  given: TlsListenerOptions,
): TlsListener {
  // Without a prototype, whose properties are no options.
  const options = ownOptions(given);
  const limits = checkedLimits(options);
  const { context, isOwn } = ownContext(
    options.context,
    contextOptions(options),
  );
  const onClose = (): void => {
    if (isOwn) context.close();
  };
  try {
    // Throws if the context can't serve: better now than at each connection.
    new TlsEngine(context, { role: "server" })[Symbol.dispose]();
    return new TlsAcceptor(open(), {
      ...limits,
      context,
      ownsContext: isOwn,
      onClose,
    });
  } catch (error) {
    onClose();
    throw error;
  }
}

/** The options of a listener that are those of its context. */
function contextOptions(
  {
    context: _context,
    handshakeTimeout: _timeout,
    maxHandshakes: _max,
    signal: _signal,
    onConnectionError: _listener,
    ...rest
  }: TlsListenerOptions,
): TlsContextOptions {
  return rest;
}

function checkListener(listener: TcpListener): void {
  for (const method of ["accept", "close"] as const) {
    if (typeof listener?.[method] !== "function") {
      throw new TypeError(
        `listener must be a TCP listener, as Deno.listen returns it: it has no method ${method}`,
      );
    }
  }
  const { hostname, port } = listener.addr ?? {};
  if (typeof hostname !== "string" || typeof port !== "number") {
    throw new TypeError(
      `listener.addr must be { hostname, port }, received ${
        received(listener.addr)
      }`,
    );
  }
}

function listen(
  options: Required<Deno.TcpListenOptions> & { tcpBacklog: number },
): Deno.TcpListener {
  try {
    return Deno.listen(options);
  } catch (error) {
    throw netError(error, "listen", options);
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
