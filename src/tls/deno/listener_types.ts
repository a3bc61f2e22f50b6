import type { TlsContextUpdate } from "../context/context_update.ts";
import type { TcpConnection } from "../socket/tcp_connection.ts";
import type { TlsSocket } from "../socket/socket.ts";

/**
 * A listener for TCP connections, as `Deno.listen` returns it: whatever else has these
 * members will do, such as one that limits how many connections are open.
 */
export interface TcpListener {
  /** The address that it listens on. */
  readonly addr: { readonly hostname: string; readonly port: number };
  /** Returns the next connection. Rejects if there is none, and once it is closed. */
  accept(): Promise<TcpConnection>;
  /** Stops listening; an `accept` that is under way rejects. */
  close(): void;
}

/** The address of a listener. */
export interface TlsListenerAddress {
  /** Always `"tcp"`. */
  readonly transport: "tcp";
  /** The interface's address. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
}

/** Counts of a listener's connections. */
export interface TlsListenerStats {
  /** Completed handshakes. */
  readonly accepted: number;
  /** Failed handshakes, with those that timed out or were evicted. */
  readonly failed: number;
  /** Handshakes, of `failed`, that were ended because of `maxHandshakes`. */
  readonly evicted: number;
  /** Connections that were closed at once, such as for lack of memory. */
  readonly refused: number;
  /** Handshakes under way now. */
  readonly handshaking: number;
}

/**
 * A listener that returns connections whose handshake is done. A failed handshake neither
 * appears in the loop over the listener or `accept()`, nor delays them.
 */
export interface TlsListener extends AsyncIterable<TlsSocket>, Disposable {
  /** The address that it listens on. */
  readonly addr: TlsListenerAddress;
  /** Counts of its connections so far. */
  readonly stats: TlsListenerStats;
  /**
   * Returns the next connection.
   *
   * @throws {TlsError} `closed`, when the listener is closed.
   */
  accept(): Promise<TlsSocket>;
  /**
   * Replaces certificates, keys and trusted certificates for new connections:
   * {@linkcode TlsContext.update}.
   *
   * @throws {TypeError} If the listener was given a context, which is to be updated itself;
   * and what `TlsContext.update` throws.
   */
  update(changes: TlsContextUpdate): void;
  /** Stops listening, and ends the connections that no one has accepted. */
  close(): void;
}
