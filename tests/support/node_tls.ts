/**
 * Servers and clients of `@sesame/tls/node` whose connections are in memory.
 *
 * @module
 */
import { once } from "node:events";
import { duplexPair } from "node:stream";
import tls, {
  type ConnectionOptions,
  type Server,
  type TlsServerOptions,
  type TLSSocket,
} from "../../src/node/mod.ts";
import { createTestPki } from "../../src/testing/pki.ts";

/** The certificates of all tests here. */
export const PKI = createTestPki({ seed: "node:tls" });

/** Both ends of a connection. */
export interface Met {
  readonly client: TLSSocket;
  readonly server: TLSSocket;
}

/** A server of `localhost`, unless the options have another certificate. */
export function serverOf(options: TlsServerOptions = {}): Server {
  return tls.createServer({ ...PKI.server, ...options });
}

/** A connection to a server, whose handshake is still to come. */
export function dial(
  server: Server,
  options: ConnectionOptions = {},
): TLSSocket {
  const [ours, theirs] = duplexPair();
  server.emit("connection", theirs);
  return tls.connect({
    socket: ours,
    ca: PKI.ca.cert,
    servername: "localhost",
    ...options,
  });
}

/** A connection to a server, when both ends are secure. */
export async function meet(
  server: Server,
  options: ConnectionOptions = {},
): Promise<Met> {
  const accepted = once(server, "secureConnection");
  const client = dial(server, options);
  const [[socket]] = await Promise.all([
    accepted,
    once(client, "secureConnect"),
  ]);
  return { client, server: socket };
}

/** The error that a client of a server ends with. */
export async function errorOf(
  server: Server,
  options: ConnectionOptions = {},
): Promise<Error & { code?: string }> {
  server.on("tlsClientError", () => {});
  server.on("secureConnection", (socket) => socket.on("error", () => {}));
  const [error] = await once(dial(server, options), "error");
  return error;
}

/** The error that a server tells of a client whose handshake fails. */
export async function toldOf(
  server: Server,
  options: ConnectionOptions = {},
): Promise<Error & { code?: string }> {
  const told = once(server, "tlsClientError");
  dial(server, options).on("error", () => {});
  const [error] = await told;
  return error;
}

/** Ends both ends of a connection, and waits until they are closed. */
export async function part({ client, server }: Met): Promise<void> {
  const closed = [client, server].map((socket) =>
    socket.closed ? undefined : once(socket, "close")
  );
  client.on("error", () => {}).resume().end();
  server.on("error", () => {}).resume().end();
  await Promise.all(closed);
}
