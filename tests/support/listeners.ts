/**
 * Listeners over TCP and their clients, for the tests of src/tls/deno/listener.ts.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  connectTls,
  type ConnectTlsOptions,
  listenTls,
  type ListenTlsOptions,
  type TlsListener,
  type TlsSocket,
} from "@sesame/tls";
import { certificate } from "./engines.ts";
import { hear, say } from "./sockets.ts";

const { cert, key } = certificate;
export const HOSTNAME = "127.0.0.1";

/**
 * Where nobody listens: tcpmux (RFC 1078), which is history. A port that has been free until
 * now can be a test's by then, since files run in parallel.
 */
export const CLOSED_PORT = 1;

/** What a listener was told of connections that came to nothing. */
export type Reports = [error: unknown, remoteAddress: string | null][];

export function listen(
  options: Partial<ListenTlsOptions> = {},
): { listener: TlsListener; reports: Reports; reported: () => Promise<void> } {
  const reports: Reports = [];
  let onReport = (): void => {};
  const listener = listenTls({
    hostname: HOSTNAME,
    port: 0,
    ...(options.context ? {} : { cert, key }),
    onConnectionError: (...report) => {
      reports.push(report);
      onReport();
    },
    ...options,
  });
  const reported = (): Promise<void> =>
    new Promise((resolve) => onReport = resolve);
  return { listener, reports, reported };
}

/** A client that trusts the listener. */
export function connect({ addr }: TlsListener): Promise<TlsSocket> {
  return connectTls({ hostname: HOSTNAME, port: addr.port, caCerts: [cert] });
}

export function connectTcp({ addr }: TlsListener): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname: HOSTNAME, port: addr.port });
}

/** Echoes whatever comes, until the listener is closed. */
export async function echo(listener: TlsListener): Promise<void> {
  const all: Promise<unknown>[] = [];
  for await (const socket of listener) {
    all.push(socket.readable.pipeTo(socket.writable));
  }
  await Promise.all(all);
}

export async function assertEchoes(listener: TlsListener): Promise<void> {
  await using socket = await connect(listener);
  await say(socket, "hello");
  assertEquals(await hear(socket), "hello");
}

/** A server that takes a word and says it back. */
export function serve(options: Partial<ListenTlsOptions> = {}): TlsListener {
  const listener = listenTls({
    hostname: HOSTNAME,
    port: 0,
    ...(options.context ? {} : { cert, key }),
    ...options,
  });
  const answer = async (socket: TlsSocket): Promise<void> => {
    await socket.readable.pipeTo(socket.writable).catch(() => {});
  };
  (async () => {
    for await (const socket of listener) answer(socket);
  })();
  return listener;
}

/** How to reach a listener that {@linkcode serve} made. */
export function optionsFor(
  { addr }: TlsListener,
  options: Partial<ConnectTlsOptions> = {},
): ConnectTlsOptions {
  return {
    hostname: HOSTNAME,
    port: addr.port,
    ...(options.context ? {} : { caCerts: [cert] }),
    ...options,
  };
}
