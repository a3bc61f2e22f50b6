import type { Socket } from "node:net";
import type { EventEmitter } from "node:events";
import type { TLSSocketOptions } from "../types.ts";

/** The members of a server that its sockets use. */
export interface SocketServer extends EventEmitter {
  /** The context of the server. */
  readonly _sharedCreds?: unknown;
}

/** The members of a `TLSSocket`, with those of a `net.Socket`; names with a `_` are Node's own. */
export interface TLSSocketMembers
  extends Omit<Socket, "connecting" | "server"> {
  /** Whether the underlying socket is connecting. */
  connecting: boolean;
  /** Whether the peer's certificate is trusted. */
  authorized: boolean;
  /** Why the peer's certificate isn't trusted. */
  authorizationError: Error | string | null;
  /** Always true. */
  encrypted: true;
  /** The protocol that was negotiated; `false` for none, `null` before. */
  alpnProtocol: string | false | null;
  /** The server name that was asked for; `false` for none, `null` before. */
  servername: string | false | null;
  /** Whether the handshake is under way. */
  secureConnecting: boolean;
  /** The server that the socket is of: see {@linkcode serverOf}. */
  readonly server?: unknown;
  /** @internal */
  _tlsOptions: TLSSocketOptions;
  /** @internal */
  _secureEstablished: boolean;
  /** @internal */
  _controlReleased: boolean;
  /** @internal */
  _requestCert: boolean;
  /** @internal */
  _rejectUnauthorized: boolean;
  /** @internal */
  _hadError: boolean;
  /** @internal */
  _tlsError(error: Error): Error | null;
  /** @internal */
  _emitTLSError(error: Error): void;
  /** @internal */
  _releaseControl(): boolean;
  /** @internal */
  _start(): void;
  /** Restarts the timer of `setTimeout`. */
  _unrefTimer?(): void;
}

/** The server that a socket is of. */
export function serverOf(
  socket: { readonly server?: unknown },
): SocketServer | undefined {
  return socket.server as SocketServer | undefined;
}
