import { ownOptions } from "../internal/own_options.ts";
import type { TlsContext } from "./context.ts";
import { openSocket, type TlsSocket } from "./socket.ts";
import type { TlsSession } from "./session.ts";
import type { TlsTransport } from "./transport.ts";

/** What a socket over a transport is to be. */
export interface StartTlsOptions {
  /** Which side of the handshake this is. */
  role: "client" | "server";
  /** The configuration: with `cert` and `key` for servers, `caCerts` for clients. */
  context: TlsContext;
  /**
   * The host name or IP address of the server, for clients: asked for and verified. As in a
   * URL, so that `"localhost."`, `"[::1]"` and `"bücher.example"` will do.
   */
  hostname?: string;
  /** A session to resume, for clients. */
  session?: TlsSession;
  /**
   * Data to send with the hello, for clients whose `session` allows it. It may be replayed,
   * and refused: unless {@linkcode TlsConnectionInfo.earlyData} is `"accepted"`, the
   * server hasn't got it.
   */
  earlyData?: Uint8Array;
  /** How long the handshake may take, in milliseconds. By default 10 000. */
  handshakeTimeout?: number;
  /** Ends the connection at once, also when it is open. */
  signal?: AbortSignal;
}

const NAMES: Readonly<Record<keyof StartTlsOptions, true>> = {
  context: true,
  earlyData: true,
  handshakeTimeout: true,
  hostname: true,
  role: true,
  session: true,
  signal: true,
};

/**
 * Starts TLS over any transport that keeps bytes in order, such as what
 * {@linkcode nodeTransport} makes of Node's sockets. The transport belongs to the
 * socket from then on, also if the handshake fails.
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
 * @throws {TypeError} If an option is not of its type, the context lacks what the role
 * needs, or a stream of the transport is locked: then the transport is left alone.
 * @throws {RangeError} If an option is out of its range.
 */
export function startTls(
  transport: TlsTransport,
  options: StartTlsOptions,
): TlsSocket {
  return openSocket(transport, ownOptions(options, NAMES));
}
