import { received } from "../../internal/received.ts";
import { clientSessions, openClient } from "./client_store.ts";
import { checkClientStore } from "./client_store_options.ts";
import { formatAddress } from "../../internal/address.ts";
import { parseHostName } from "../peer/host_name.ts";
import { checkedPort } from "../../internal/option_checks.ts";
import { checkContext } from "./socket_options.ts";
import { openSocket } from "./open_socket.ts";
import type { TlsSocket } from "./socket.ts";
import {
  hasStore,
  ownStartOptions,
  type StartTlsClientOptions,
  type StartTlsOptions,
} from "./start_tls_options.ts";
import { addressesOf } from "./carrier.ts";
import type { TcpConnection } from "./tcp_connection.ts";
import type { TlsTransport } from "./transport.ts";

/**
 * Starts TLS over any transport that keeps bytes in order, such as what
 * {@linkcode nodeTransport} makes of Node's sockets, or a `Deno.TcpConn`, which is read and
 * written without streams. The transport belongs to the socket from then on, also if the
 * handshake fails.
 *
 * @example Over streams in memory
 * ```ts
 * import { startTls, TlsContext } from "@sesame/tls";
 * import { createTestCertificate } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { cert, key } = createTestCertificate();
 * using context = new TlsContext({ cert, key, caCerts: [cert] });
 * const there = new TransformStream<Uint8Array, Uint8Array>();
 * const back = new TransformStream<Uint8Array, Uint8Array>();
 *
 * const server = startTls(
 *   { readable: there.readable, writable: back.writable },
 *   { role: "server", context },
 * );
 * const client = startTls(
 *   { readable: back.readable, writable: there.writable },
 *   { role: "client", context, hostname: "localhost" },
 * );
 * server.readable.pipeTo(server.writable);
 * const heard = new Response(client.readable).text();
 * await new Blob(["hello"]).stream().pipeTo(client.writable);
 * assertEquals(await heard, "hello");
 * assertEquals(client.info?.protocol, "TLSv1.3");
 * ```
 *
 * @returns A socket that has begun; with `sessions`, for clients, a promise of one, as the
 * store is asked first.
 * @throws {TypeError} If an option is not of its type, the context lacks what the role
 * needs, or a stream of the transport is locked: then the transport is left alone.
 * @throws {RangeError} If an option is out of its range.
 */
export function startTls(
  transport: TlsTransport | TcpConnection,
  options: StartTlsClientOptions,
): Promise<TlsSocket>;
/** Starts TLS over a transport. */
export function startTls(
  transport: TlsTransport | TcpConnection,
  options: StartTlsOptions,
): TlsSocket;
export function startTls(
  transport: TlsTransport | TcpConnection,
  options: StartTlsOptions | StartTlsClientOptions,
): TlsSocket | Promise<TlsSocket> {
  const own = ownStartOptions(options);
  return hasStore(own)
    ? startClient(transport, own)
    : openSocket(transport, own);
}

async function startClient(
  transport: TlsTransport | TcpConnection,
  options: StartTlsClientOptions,
): Promise<TlsSocket> {
  const { role, context, hostname, port } = options;
  if (role !== "client") {
    throw new TypeError(
      `options.sessions is for clients, received options.role ${
        received(role)
      }: the context of a server has them`,
    );
  }
  checkContext(context);
  checkClientStore(options);
  const { name } = parseHostName(hostname);
  const server = port === undefined
    ? withPortOf(name, addressesOf(transport).remoteAddress)
    : formatAddress({ hostname: name, port: checkedPort(port) });
  const sessions = clientSessions(context, server, options);
  return await openClient(transport, sessions, options);
}

function withPortOf(name: string, address = ""): string {
  const [, port] = /:(\d+)$/.exec(address) ?? [];
  return port === undefined
    ? name
    : formatAddress({ hostname: name, port: Number(port) });
}
