import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import type { SecureContext } from "../context/secure_context.ts";
import { connectionReset } from "../errors/tls_errors.ts";
import { socketInternals } from "../socket/internals.ts";
import type { SocketServer, SocketShape } from "../socket/shape.ts";
import { TLSSocket } from "../socket/tls_socket.ts";
import type { AlpnCallback, TLSSocketOptions } from "../types.ts";
import { contextByName, type ContextsByName } from "./contexts_by_name.ts";

/** What a server tells each of its connections, and shows nobody else. */
export type ConnectionSettings = Pick<
  TLSSocketOptions,
  | "SNICallback"
  | "enableTrace"
  | "handshakeTimeout"
  | "pskCallback"
  | "pskIdentityHint"
>;

/** The part of a server that its connections are made of. */
export interface ServerShape extends SocketServer {
  readonly ALPNCallback: AlpnCallback | undefined;
  readonly ALPNProtocols: Buffer | undefined;
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
  readonly pauseOnConnect?: boolean;
  readonly _contexts: Readonly<ContextsByName>;
  readonly _sharedCreds: SecureContext;
}

/** Begins the handshake of a connection to a server, and tells the server how it ends. */
export function serveConnection(
  server: ServerShape,
  raw: Duplex,
  settings: ConnectionSettings,
): void {
  const socket = new TLSSocket(raw, {
    ...settings,
    secureContext: server._sharedCreds,
    isServer: true,
    server,
    requestCert: server.requestCert,
    rejectUnauthorized: server.rejectUnauthorized,
    ALPNProtocols: server.ALPNProtocols,
    ALPNCallback: server.ALPNCallback,
    SNICallback: settings.SNICallback ?? contextByName(server._contexts),
    pauseOnConnect: server.pauseOnConnect,
  });
  socket.on("secure", () => authorize(server, socket));
  if (server.listenerCount("keylog") > 0) {
    socket.on("keylog", (line) => server.emit("keylog", line, socket));
  }
  tellOfFailure(server, socket);
}

/** The handshake is done: whether the client may be served. */
function authorize(server: ServerShape, socket: SocketShape): void {
  if (socket._requestCert) {
    const code = whyUnauthorized(socket);
    socket.authorized = code === undefined;
    if (code !== undefined) {
      socket.authorizationError = code;
      if (socket._rejectUnauthorized) socket.destroy();
    }
  }
  if (socket.destroyed || !socket._releaseControl()) return;
  socket.secureConnecting = false;
  socketInternals.get(socket).core.release();
  server.emit("secureConnection", socket);
}

function whyUnauthorized(socket: SocketShape): string | undefined {
  const error = socketInternals.get(socket).verifyError();
  if (error) return error.code;
  // A session of TLS 1.3 may be resumed without one.
  const { connection } = socketInternals.get(socket);
  const peer = connection.libssl.SSL_get0_peer_certificate(connection.ssl);
  return peer === null ? "UNABLE_TO_GET_ISSUER_CERT" : undefined;
}

/** A connection that fails before it is secure is told of once. */
function tellOfFailure(server: ServerShape, socket: SocketShape): void {
  let isTold = false;
  const tell = (error: Error): void => {
    if (socket._controlReleased || isTold) return;
    isTold = true;
    server.emit("tlsClientError", error, socket);
  };
  socket.on("_tlsError", tell);
  socket.on("error", tell);
  socket.on("close", (hadError: boolean) => {
    if (!hadError) tell(connectionReset("socket hang up"));
  });
}
