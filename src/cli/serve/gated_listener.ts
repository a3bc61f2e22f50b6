import type { TcpAcceptor } from "../../tls/acceptor.ts";
import { formatAddress, type TcpConnection } from "../../tls/conn_transport.ts";

/**
 * Takes TCP connections as long as there is room, and knows since when each is open. Those
 * that find no room wait in the system's queue.
 */
export class GatedListener implements TcpAcceptor {
  readonly #tcp: TcpAcceptor;
  readonly #room: number;
  /** Since when, by address: a port may be used again before the end is known here. */
  readonly #since = new Map<string, number[]>();
  readonly #stopped = Promise.withResolvers<never>();
  #open = 0;
  #isStopped = false;
  #onRelease = Promise.withResolvers<void>();

  /** Takes a listener over, with room for so many connections. */
  constructor(tcp: TcpAcceptor, room: number) {
    this.#tcp = tcp;
    this.#room = room;
    this.#stopped.promise.catch(() => {});
  }

  /** Where it listens. */
  get addr(): TcpAcceptor["addr"] {
    return this.#tcp.addr;
  }

  /** The next connection. Once the listener is stopped, it waits for its end. */
  async accept(): Promise<TcpConnection> {
    while (this.#open >= this.#room) await this.#onRelease.promise;
    if (this.#isStopped) return await this.#stopped.promise;
    try {
      const conn = await this.#tcp.accept();
      const address = formatAddress(conn.remoteAddr);
      const others = this.#since.get(address) ?? [];
      this.#since.set(address, [...others, performance.now()]);
      this.#open++;
      return conn;
    } catch (error) {
      if (this.#isStopped) return await this.#stopped.promise;
      throw error;
    }
  }

  /** For how many ms the connection from an address has been open. */
  ageOf(address: string | null): number {
    const now = performance.now();
    return now - (this.#since.get(address ?? "")?.at(0) ?? now);
  }

  /** The connection from an address has ended: there is room for another. */
  release(address: string | null): void {
    const [oldest, ...others] = this.#since.get(address ?? "") ?? [];
    if (oldest === undefined) return;
    if (others.length === 0) this.#since.delete(address ?? "");
    else this.#since.set(address ?? "", others);
    this.#open--;
    this.#onRelease.resolve();
    this.#onRelease = Promise.withResolvers();
  }

  /** Resolves when no connection is open. */
  async empty(): Promise<void> {
    while (this.#open > 0) await this.#onRelease.promise;
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
    this.#stopped.reject(new Error("The listener was closed"));
  }
}
