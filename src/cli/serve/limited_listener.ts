import type { TcpConnection, TcpListener } from "../../../mod.ts";
import { formatHostAndPort } from "../host_and_port.ts";

/** An open connection. */
interface OpenConnection {
  /** When it was accepted, by `performance.now()`. */
  readonly acceptedAt: number;
  /** Whether its handshake is done, so that it counts towards the limit. */
  isEstablished: boolean;
}

/**
 * A TCP listener with a limit on open connections. A connection counts towards the limit from
 * the end of its handshake: clients that stay silent keep no others out. While the limit is
 * reached, further connections wait in the backlog.
 */
export class LimitedListener implements TcpListener {
  readonly #tcp: TcpListener;
  readonly #limit: number;
  /** By remote address. A port can be used again before its last connection is known to have ended. */
  readonly #open = new Map<string, OpenConnection[]>();
  readonly #ended = Promise.withResolvers<never>();
  #held: TcpConnection | undefined;
  #established = 0;
  #isStopped = false;
  #onRelease = Promise.withResolvers<void>();

  /** Takes over a TCP listener. */
  constructor(tcp: TcpListener, limit: number) {
    this.#tcp = tcp;
    this.#limit = limit;
    this.#ended.promise.catch(() => {});
  }

  /** The address that it listens on. */
  get addr(): TcpListener["addr"] {
    return this.#tcp.addr;
  }

  /** Returns the next connection. After {@linkcode stop}, pending until {@linkcode close}. */
  async accept(): Promise<TcpConnection> {
    await this.belowLimit();
    if (this.#isStopped) return await this.#ended.promise;
    try {
      const conn = await this.#tcp.accept();
      const address = formatHostAndPort(conn.remoteAddr);
      const others = this.#open.get(address) ?? [];
      const acceptedAt = performance.now();
      this.#open.set(address, [...others, {
        acceptedAt,
        isEstablished: false,
      }]);
      // The limit may have been reached during the wait for this connection.
      this.#held = conn;
      await this.belowLimit();
      this.#held = undefined;
      return conn;
    } catch (error) {
      if (this.#isStopped) return await this.#ended.promise;
      throw error;
    }
  }

  /** Resolves when fewer connections are open than the limit. */
  async belowLimit(): Promise<void> {
    while (this.#established >= this.#limit) await this.#onRelease.promise;
  }

  /** Counts a connection from an address towards the limit: its handshake is done. */
  establish(address: string | null): void {
    const open = this.#open.get(address ?? "") ?? [];
    const next = open.find(({ isEstablished }) => !isEstablished);
    if (next === undefined) return;
    next.isEstablished = true;
    this.#established++;
  }

  /** How long the connection from an address has been open, in milliseconds. */
  ageOf(address: string | null): number {
    const now = performance.now();
    return now - (this.#open.get(address ?? "")?.at(0)?.acceptedAt ?? now);
  }

  /** Forgets a connection from an address: it has ended. */
  release(address: string | null, wasEstablished: boolean): void {
    const open = this.#open.get(address ?? "") ?? [];
    const ended = open.findIndex(({ isEstablished }) =>
      isEstablished === wasEstablished
    );
    if (ended === -1) return;
    const others = open.toSpliced(ended, 1);
    if (others.length === 0) this.#open.delete(address ?? "");
    else this.#open.set(address ?? "", others);
    if (wasEstablished) this.#established--;
    this.#onRelease.resolve();
    this.#onRelease = Promise.withResolvers();
  }

  /** Resolves when no connection is open. */
  async empty(): Promise<void> {
    while (this.#open.size > 0) await this.#onRelease.promise;
  }

  /** Stops listening, and frees the port. Open connections continue. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#tcp.close();
  }

  /** Stops listening, and rejects a pending {@linkcode accept}. */
  close(): void {
    this.stop();
    this.#held?.close();
    this.#ended.reject(new Error("The listener was closed"));
  }
}
