import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import type { SecureContext } from "../context/secure_context.ts";
import { connectionReset } from "../errors/tls_errors.ts";
import { socketInternals } from "../socket/internals.ts";
import type { SocketServer, TLSSocketMembers } from "../socket/members.ts";
import { TLSSocket } from "../socket/tls_socket.ts";
import type { AlpnCallback, TLSSocketOptions } from "../types.ts";
import { contextByName, type ContextsByName } from "./contexts_by_name.ts";

/** The options of a server that are for its connections, and not its properties. */
export type ConnectionSettings = Pick<
  TLSSocketOptions,
  | "SNICallback"
  | "enableTrace"
  | "handshakeTimeout"
  | "pskCallback"
  | "pskIdentityHint"
>;

/** The members of a server that its connections use. */
export interface ServerMembers extends SocketServer {
  readonly ALPNCallback: AlpnCallback | undefined;
  readonly ALPNProtocols: Buffer | undefined;
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
  readonly pauseOnConnect?: boolean;
  readonly _contexts: Readonly<ContextsByName>;
  readonly _sharedCreds: SecureContext;
}

/** Begins the handshake of a connection to a server, whose events report the result. */
export function serveConnection(
  server: ServerMembers,
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
  emitClientError(server, socket);
}

/** Decides after the handshake whether the client is authorized. */
function authorize(server: ServerMembers, socket: TLSSocketMembers): void {
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

function whyUnauthorized(socket: TLSSocketMembers): string | undefined {
  const error = socketInternals.get(socket).verifyError();
  if (error) return error.code;
  // A session of TLS 1.3 may be resumed without one.
  const { connection } = socketInternals.get(socket);
  const peer = connection.libssl.SSL_get0_peer_certificate(connection.ssl);
  return peer === null ? "UNABLE_TO_GET_ISSUER_CERT" : undefined;
}

/** Emits `tlsClientError` once if a connection fails before it is secure. */
function emitClientError(
  server: ServerMembers,
  socket: TLSSocketMembers,
): void {
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
