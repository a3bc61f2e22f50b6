import { formatAddress } from "../../internal/address.ts";
import type { TcpListener } from "../../tls/deno/listener_types.ts";
import type { TcpConnection } from "../../tls/socket/tcp_connection.ts";

/** A connection that is open. */
interface Open {
  /** Since when. */
  readonly since: number;
  /** Whether it has a place: its handshake is done. */
  hasPlace: boolean;
}

/**
 * Takes TCP connections as long as there is a place, and knows since when each is open. A
 * connection takes its place when its handshake is done: those that say nothing keep nobody
 * out. Others wait in the system's queue.
 */
export class GatedListener implements TcpListener {
  readonly #tcp: TcpListener;
  readonly #places: number;
  /** By address: a port may be used again before the end is known here. */
  readonly #open = new Map<string, Open[]>();
  readonly #stopped = Promise.withResolvers<never>();
  #held: TcpConnection | undefined;
  #taken = 0;
  #isStopped = false;
  #onRelease = Promise.withResolvers<void>();

  /** Takes a listener over, with so many places. */
  constructor(tcp: TcpListener, places: number) {
    this.#tcp = tcp;
    this.#places = places;
    this.#stopped.promise.catch(() => {});
  }

  /** Where it listens. */
  get addr(): TcpListener["addr"] {
    return this.#tcp.addr;
  }

  /** The next connection. Once the listener is stopped, it waits for its end. */
  async accept(): Promise<TcpConnection> {
    await this.place();
    if (this.#isStopped) return await this.#stopped.promise;
    try {
      const conn = await this.#tcp.accept();
      const address = formatAddress(conn.remoteAddr);
      const others = this.#open.get(address) ?? [];
      const since = performance.now();
      this.#open.set(address, [...others, { since, hasPlace: false }]);
      // The last place may have been taken while this was waited for.
      this.#held = conn;
      await this.place();
      this.#held = undefined;
      return conn;
    } catch (error) {
      if (this.#isStopped) return await this.#stopped.promise;
      throw error;
    }
  }

  /** Resolves when there is a place. */
  async place(): Promise<void> {
    while (this.#taken >= this.#places) await this.#onRelease.promise;
  }

  /** The connection from an address takes a place. */
  admit(address: string | null): void {
    const open = this.#open.get(address ?? "") ?? [];
    const next = open.find(({ hasPlace }) => !hasPlace);
    if (next === undefined) return;
    next.hasPlace = true;
    this.#taken++;
  }

  /** For how many ms the connection from an address has been open. */
  ageOf(address: string | null): number {
    const now = performance.now();
    return now - (this.#open.get(address ?? "")?.at(0)?.since ?? now);
  }

  /** The connection from an address has ended, one with a place or one without. */
  release(address: string | null, hadPlace: boolean): void {
    const open = this.#open.get(address ?? "") ?? [];
    const ended = open.findIndex(({ hasPlace }) => hasPlace === hadPlace);
    if (ended === -1) return;
    const others = open.toSpliced(ended, 1);
    if (others.length === 0) this.#open.delete(address ?? "");
    else this.#open.set(address ?? "", others);
    if (hadPlace) this.#taken--;
    this.#onRelease.resolve();
    this.#onRelease = Promise.withResolvers();
  }

  /** Resolves when no connection is open. */
  async empty(): Promise<void> {
    while (this.#open.size > 0) await this.#onRelease.promise;
  }

  /** Takes no more connections: the port is free. Those that are open live on. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#tcp.close();
  }

  /** Ends: what waits for a connection fails. */
  close(): void {
    this.stop();
    this.#held?.close();
    this.#stopped.reject(new Error("The listener was closed"));
  }
}
