import type { TlsEngine } from "../engine/engine.ts";
import type { TlsPeersInfo } from "../peer/connection_info.ts";
import type { Resumption } from "../sessions/resumption.ts";
import type { TlsSession } from "../sessions/session.ts";
import type { EndReason } from "./end_reason.ts";
import type { SocketTimers } from "./socket_timers.ts";
import type { Wire } from "./wire.ts";

/** What a handshake negotiated, the addresses, and whether it resumed a session. */
export interface TlsSocketInfo extends TlsPeersInfo {
  /** Whether a session was resumed, and from where or why not. */
  readonly resumption: Resumption;
}

/** The parts and settings of a socket. */
export interface SocketSettings {
  /** The connection. */
  readonly engine: TlsEngine;
  /** Which side of the handshake it is. */
  readonly role: "client" | "server";
  /** The transport. */
  readonly wire: Wire;
  /** Its timers. */
  readonly timers: SocketTimers;
  /** How long the handshake may take, in ms. */
  readonly handshakeTimeout: number;
  /** Ends the connection. */
  readonly signal?: AbortSignal | undefined;
  /** Called on the events of the connection. */
  readonly hooks?: SocketHooks | undefined;
}

/** The events of a connection, for the function that made the socket. The promises never reject. */
export interface SocketHooks {
  /** The handshake is done: `opened` waits for the promise. */
  onOpen?(resumed: boolean): Promise<void> | void;
  /** A client has received a session: the socket's end waits for the promise. */
  onSession?(session: TlsSession): Promise<void>;
  /** The connection failed by itself: the socket's end waits for the promise. */
  onFailure?(error: unknown): Promise<void>;
  /** The connection has ended before its handshake was done. */
  onNeverOpen?(reason: EndReason): void;
}
