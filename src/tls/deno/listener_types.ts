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

/** Where a listener listens. */
export interface TlsListenerAddress {
  /** Always `"tcp"`. */
  readonly transport: "tcp";
  /** The interface's address. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
}

/** What became of the connections that a listener has been offered. */
export interface TlsListenerStats {
  /** Those whose handshake was done. */
  readonly accepted: number;
  /** Those whose handshake failed, took too long or had to give way. */
  readonly failed: number;
  /** Those whose handshake had to give way to others, of `failed`. */
  readonly evicted: number;
  /** Those that were closed at once, such as where there was no memory left for more. */
  readonly refused: number;
  /** How many handshakes are under way now. */
  readonly handshaking: number;
}

/**
 * Gives out connections whose handshake is done. Bad clients stay outside: neither the
 * loop over the listener nor `accept()` ever sees or waits for one.
 */
export interface TlsListener extends AsyncIterable<TlsSocket>, Disposable {
  /** Where it listens. */
  readonly addr: TlsListenerAddress;
  /** What became of its connections so far. */
  readonly stats: TlsListenerStats;
  /**
   * The next connection.
   *
   * @throws {TlsError} `closed`, when the listener is closed.
   */
  accept(): Promise<TlsSocket>;
  /**
   * Replaces certificates, keys and whom to trust for connections that come from then on:
   * {@linkcode TlsContext.update}.
   *
   * @throws {TypeError} If the listener was given a context, which is to be updated itself;
   * and what `TlsContext.update` throws.
   */
  update(changes: TlsContextUpdate): void;
  /** Stops listening, and ends the connections that no one has accepted. */
  close(): void;
}
