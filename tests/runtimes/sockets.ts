/**
 * Sockets over streams in memory, for the checks.
 *
 * @module
 */
import { startTls, TlsContext, type TlsSocket } from "../../mod.ts";
import { testCertificate } from "../support/peers.ts";

/** Both ends of a connection. */
export interface Sockets {
  /** The client's end. */
  readonly client: TlsSocket;
  /** The server's end. */
  readonly server: TlsSocket;
}

/** A client and a server that have just begun. */
export function sockets(): Sockets {
  const { cert, key } = testCertificate("P-256");
  const context = new TlsContext({ cert, key, caCerts: [cert] });
  const there = new TransformStream<Uint8Array, Uint8Array>();
  const back = new TransformStream<Uint8Array, Uint8Array>();
  const server = startTls(
    { readable: there.readable, writable: back.writable },
    { role: "server", context },
  );
  const client = startTls(
    { readable: back.readable, writable: there.writable },
    { role: "client", context, hostname: "localhost" },
  );
  context.close();
  return { client, server };
}
