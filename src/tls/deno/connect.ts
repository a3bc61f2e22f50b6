import type { ClientSessions } from "../sessions/client_sessions.ts";
import { clientSessions, openClient } from "../socket/client_store.ts";
import { formatAddress } from "../../internal/address.ts";
import {
  clientContext,
  type ConnectTlsOptions,
  ownConnectOptions,
} from "./connect_options.ts";
import type { TlsContext } from "../context/context.ts";
import { connectTcp } from "./tcp.ts";
import { parseHostName } from "../peer/host_name.ts";
import type { TlsSocket } from "../socket/socket.ts";
import { checkedTimeout } from "../../internal/option_checks.ts";

/**
 * Connects to a TLS server over TCP, in Deno, and verifies it.
 *
 * @example A session that is kept for the next time
 * ```ts
 * import { connectTls, listenTls } from "@sesame/tls";
 * import { MemorySessionStore } from "@sesame/tls/stores/memory";
 * import { createTestCertificate } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { cert, key } = createTestCertificate();
 * using listener = listenTls({ hostname: "localhost", port: 0, cert, key });
 * (async () => {
 *   for await (const socket of listener) socket.close();
 * })();
 *
 * const options = {
 *   hostname: "localhost",
 *   port: listener.addr.port,
 *   caCerts: [cert],
 *   sessions: new MemorySessionStore(),
 * };
 * const first = await connectTls(options);
 * await first.close();
 * const second = await connectTls(options);
 * await second.close();
 * assertEquals(first.info?.resumed, false);
 * assertEquals(second.info?.resumed, true);
 * ```
 *
 * @returns A promise of a socket whose handshake is done.
 * @throws {TypeError} If an option is not of its type, there is no one to trust, or this
 * isn't Deno.
 * @throws {RangeError} If an option is out of its range.
 * @throws {TlsError} `certificate`, if the server can't be trusted; `handshake`,
 * `timeout`, `truncated` or `transport`, if the handshake can't be completed.
 * @throws {Deno.errors.ConnectionRefused} If nobody listens; and other errors of
 * `Deno.connect`, with the fields of {@linkcode NetErrorFields}.
 */
export async function connectTls(
  given: ConnectTlsOptions,
): Promise<TlsSocket> {
  if (typeof Deno === "undefined") {
    throw new TypeError(
      "Cannot connect: connectTls needs Deno; elsewhere startTls takes any runtime's sockets",
    );
  }
  const options = ownConnectOptions(given);
  const { context, isOwn } = clientContext(options);
  try {
    const { name } = parseHostName(options.servername ?? options.hostname);
    const server = formatAddress({ hostname: name, port: options.port });
    const sessions = clientSessions(context, server, options);
    const { dialled } = parseHostName(options.hostname);
    const conn = await connectTcp(
      { hostname: dialled, port: options.port },
      checkedTimeout(options.handshakeTimeout),
      options.signal,
    );
    const socket = await openOver(conn, context, sessions, options);
    try {
      await socket.opened;
      return socket;
    } catch (error) {
      await socket[Symbol.asyncDispose]();
      throw error;
    }
  } finally {
    if (isOwn) context.close();
  }
}

async function openOver(
  conn: Deno.TcpConn,
  context: TlsContext,
  sessions: ClientSessions | undefined,
  options: ConnectTlsOptions,
): Promise<TlsSocket> {
  const {
    servername = options.hostname,
    session,
    earlyData,
    handshakeTimeout,
    signal,
  } = options;
  try {
    return await openClient(conn, sessions, {
      role: "client",
      context,
      hostname: servername,
      ...(session && { session }),
      ...(earlyData && { earlyData }),
      ...(handshakeTimeout !== undefined && { handshakeTimeout }),
      ...(signal && { signal }),
    });
  } catch (error) {
    conn.close();
    throw error;
  }
}
