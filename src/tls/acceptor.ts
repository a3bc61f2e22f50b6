import { TlsError } from "../ffi/tls_error.ts";
import {
  connTransport,
  formatAddress,
  type TcpConnection,
} from "./conn_transport.ts";
import type { TlsContext } from "./context.ts";
import { Deferred, within } from "./deferred.ts";
import { abortSocket, openSocket, type TlsSocket } from "./socket.ts";
import { notify } from "./notify.ts";

/** How many open connections wait for `accept()` before no more are taken. */
const MAX_READY = 128;
/** How long to wait after a connection couldn't be taken, at first and at most, in ms. */
const FIRST_BACKOFF = 5;
const LAST_BACKOFF = 1_000;

/** Where a listener listens. */
export interface TlsListenerAddress {
  /** Always `"tcp"`. */
  readonly transport: "tcp";
  /** The interface's address. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
}

/**
 * Gives out connections whose handshake is done. Bad clients stay outside: neither the
 * loop over the listener nor `accept()` ever sees or waits for one.
 */
export interface TlsListener extends AsyncIterable<TlsSocket>, Disposable {
  /** Where it listens. */
  readonly addr: TlsListenerAddress;
  /**
   * The next connection.
   *
   * @throws {TlsError} `closed`, when the listener is closed.
   */
  accept(): Promise<TlsSocket>;
  /** Stops listening, and ends the connections that no one has accepted. */
  close(): void;
}

/** What takes TCP connections, as Deno has it. */
export interface TcpAcceptor {
  /** Where it listens. */
  readonly addr: { readonly hostname: string; readonly port: number };
  /** The next connection. */
  accept(): Promise<TcpConnection>;
  /** Stops: what waits for a connection fails. */
  close(): void;
}

/** How a listener treats its connections. */
export interface AcceptorSettings {
  /** The configuration of connections. */
  readonly context: TlsContext;
  /** How long a handshake may take, in ms. */
  readonly handshakeTimeout: number;
  /** How many may be under way. */
  readonly maxHandshakes: number;
  /** Closes the listener. */
  readonly signal: AbortSignal | undefined;
  /** Told of connections that came to nothing. */
  readonly onConnectionError:
    | ((error: unknown, remoteAddress: string | null) => void)
    | undefined;
  /** The listener is closed. */
  onClose(): void;
}

/**
 * Takes TCP connections, does their handshakes side by side, and gives out those that
 * are done.
 */
export class TlsAcceptor implements TlsListener {
  readonly addr: TlsListenerAddress;
  readonly #tcp: TcpAcceptor;
  readonly #settings: AcceptorSettings;
  readonly #handshakes = new Set<TlsSocket>();
  readonly #ready: TlsSocket[] = [];
  readonly #takers: Deferred<TlsSocket>[] = [];
  readonly #closed = new Deferred<void>();
  #isClosed = false;
  #onRoom: () => void = () => {};

  /** Takes a TCP listener over. */
  constructor(tcp: TcpAcceptor, settings: AcceptorSettings) {
    const { hostname, port } = tcp.addr;
    this.addr = { transport: "tcp", hostname, port };
    this.#tcp = tcp;
    this.#settings = settings;
    const { signal } = settings;
    signal?.addEventListener("abort", this.#onAbort);
    if (signal?.aborted) this.close();
    else this.#run();
  }

  accept(): Promise<TlsSocket> {
    const socket = this.#ready.shift();
    this.#onRoom();
    if (socket) return Promise.resolve(socket);
    const taker = new Deferred<TlsSocket>();
    if (this.#isClosed) taker.reject(closedError());
    else this.#takers.push(taker);
    return taker.promise;
  }

  [Symbol.asyncIterator](): AsyncIterator<TlsSocket> {
    return {
      next: async () => {
        try {
          return { done: false, value: await this.accept() };
        } catch {
          return { done: true, value: undefined };
        }
      },
      return: () => {
        this.close();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { signal, onClose } = this.#settings;
    signal?.removeEventListener("abort", this.#onAbort);
    this.#tcp.close();
    this.#closed.resolve();
    this.#onRoom();
    for (const taker of this.#takers.splice(0)) taker.reject(closedError());
    for (const socket of [...this.#handshakes, ...this.#ready.splice(0)]) {
      abortSocket(socket, closedError());
    }
    onClose();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  readonly #onAbort = (): void => this.close();

  async #run(): Promise<void> {
    let backoff = FIRST_BACKOFF;
    while (await this.#hasRoom()) {
      try {
        this.#serve(await this.#tcp.accept());
        backoff = FIRST_BACKOFF;
      } catch (error) {
        if (this.#isClosed) return;
        // Such as too many open files: that passes.
        this.#report(error, null);
        await within(backoff, this.#closed.promise);
        backoff = Math.min(backoff * 2, LAST_BACKOFF);
      }
    }
  }

  /** Waits until there is room for one more connection: false when the listener is closed. */
  async #hasRoom(): Promise<boolean> {
    while (!this.#isClosed && this.#ready.length >= MAX_READY) {
      await new Promise<void>((resolve) => this.#onRoom = resolve);
    }
    return !this.#isClosed;
  }

  #serve(conn: TcpConnection): void {
    const from = formatAddress(conn.remoteAddr);
    let socket: TlsSocket;
    try {
      const { context, handshakeTimeout } = this.#settings;
      socket = openSocket(connTransport(conn), {
        role: "server",
        context,
        handshakeTimeout,
      });
    } catch (error) {
      conn.close();
      this.#report(error, from);
      return;
    }
    this.#makeRoom();
    this.#handshakes.add(socket);
    socket.opened.then(() => this.#handOut(socket), (error) => {
      if (!this.#isClosed) this.#report(error, from);
    }).finally(() => this.#handshakes.delete(socket));
  }

  /** A flood of handshakes that never end must not keep the others out. */
  #makeRoom(): void {
    const { maxHandshakes } = this.#settings;
    const [oldest] = this.#handshakes;
    if (oldest === undefined || this.#handshakes.size < maxHandshakes) return;
    this.#handshakes.delete(oldest);
    abortSocket(
      oldest,
      new TlsError(
        "timeout",
        `Cannot complete the handshake: ${maxHandshakes} began after it`,
      ),
    );
  }

  #handOut(socket: TlsSocket): void {
    const taker = this.#takers.shift();
    if (taker) taker.resolve(socket);
    else if (this.#isClosed) abortSocket(socket, closedError());
    else this.#ready.push(socket);
  }

  #report(error: unknown, remoteAddress: string | null): void {
    notify(
      "onConnectionError",
      () => this.#settings.onConnectionError?.(error, remoteAddress),
    );
  }
}

function closedError(): TlsError {
  return new TlsError("closed", "The listener was closed");
}
