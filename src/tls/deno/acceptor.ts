import { TlsError } from "../../internal/tls_error.ts";
import { AcceptLoop } from "./accept_loop.ts";
import { formatAddress } from "../../internal/address.ts";
import { ConnWire } from "../socket/conn_wire.ts";
import type { EndReason } from "../socket/end_reason.ts";
import { TlsEngine } from "../engine/engine.ts";
import { AcceptedServer } from "../engine/engine_setup.ts";
import { SocketCore } from "../socket/socket_core.ts";
import type { TcpConnection } from "../socket/tcp_connection.ts";
import type { TlsContext } from "../context/context.ts";
import type { TlsContextUpdate } from "../context/context_update.ts";
import { Deferred } from "../../internal/deferred.ts";
import { socketOver, type TlsSocket } from "../socket/socket.ts";
import { notify } from "../../internal/notify.ts";
import {
  type PendingHandshake,
  PendingHandshakes,
} from "./pending_handshakes.ts";
import type { HandshakeLimits } from "./listener_options.ts";
import { ListenerTimers } from "./listener_timers.ts";
import type {
  TcpListener,
  TlsListener,
  TlsListenerAddress,
  TlsListenerStats,
} from "./listener_types.ts";

/** How many open connections wait for `accept()` before no more are taken. */
const MAX_READY = 128;
/** What part of the handshakes is evicted when the host has no room for more. */
const EVICTED_SHARE = 1 / 8;

/** How a listener treats its connections. */
export interface AcceptorSettings extends HandshakeLimits {
  /** The configuration of connections. */
  readonly context: TlsContext;
  /** Whether the context is the listener's own. */
  readonly ownsContext: boolean;
  /** The listener is closed. */
  onClose(): void;
}

/**
 * Takes TCP connections, does their handshakes side by side, and gives out those that
 * are done.
 */
export class TlsAcceptor implements TlsListener {
  readonly addr: TlsListenerAddress;
  readonly #loop: AcceptLoop;
  readonly #settings: AcceptorSettings;
  readonly #handshakes = new PendingHandshakes();
  readonly #timers: ListenerTimers;
  readonly #ready: SocketCore[] = [];
  readonly #takers: Deferred<TlsSocket>[] = [];
  readonly #counts = { accepted: 0, failed: 0, evicted: 0, refused: 0 };
  #isClosed = false;

  /** Takes a TCP listener over. */
  constructor(tcp: TcpListener, settings: AcceptorSettings) {
    const { hostname, port } = tcp.addr;
    this.addr = { transport: "tcp", hostname, port };
    this.#loop = new AcceptLoop(tcp, {
      hasRoom: () => this.#ready.length < MAX_READY,
      onConnection: (conn) => this.#serve(conn),
      onFailure: (error) => this.#report(error, null),
      evict: () => this.#evictSome(),
    });
    this.#settings = settings;
    const { signal, handshakeTimeout } = settings;
    this.#timers = new ListenerTimers(handshakeTimeout);
    signal?.addEventListener("abort", this.#onAbort);
    if (signal?.aborted) this.close();
    else this.#loop.run();
  }

  get stats(): TlsListenerStats {
    return { ...this.#counts, handshaking: this.#handshakes.size };
  }

  accept(): Promise<TlsSocket> {
    const socket = this.#ready.shift();
    this.#loop.wake();
    if (socket) return Promise.resolve(socketOver(socket));
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

  update(changes: TlsContextUpdate): void {
    const { context, ownsContext } = this.#settings;
    if (!ownsContext) {
      throw new TypeError(
        "Cannot update the listener: it was given options.context, which has an update of its own",
      );
    }
    context.update(changes);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { signal, onClose } = this.#settings;
    signal?.removeEventListener("abort", this.#onAbort);
    this.#loop.stop();
    for (const taker of this.#takers.splice(0)) taker.reject(closedError());
    for (
      const socket of [
        ...this.#handshakes.takeAll(),
        ...this.#ready.splice(0),
      ]
    ) {
      socket.abort(closedError());
    }
    this.#timers.release();
    onClose();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  readonly #onAbort = (): void => this.close();

  #serve(conn: TcpConnection): void {
    let from: string | null = null;
    let engine: TlsEngine | undefined;
    try {
      from = formatAddress(conn.remoteAddr);
      const own = new AcceptedServer(from, formatAddress(conn.localAddr));
      engine = new TlsEngine(this.#settings.context, own);
      this.#start(engine, conn, own);
    } catch (error) {
      this.#counts.refused++;
      engine?.[Symbol.dispose]();
      close(conn);
      this.#report(error, from);
    }
  }

  #start(engine: TlsEngine, conn: TcpConnection, own: AcceptedServer): void {
    const wire = new ConnWire(conn, own);
    this.#makeRoom();
    const socket: SocketCore = new SocketCore({
      engine,
      role: "server",
      wire,
      handshakeTimeout: this.#settings.handshakeTimeout,
      timers: this.#timers,
      // The listener has the signal; without this, one of Object.prototype would count.
      signal: undefined,
      hooks: {
        onOpen: () => this.#handOut(handshake),
        onNeverOpen: (reason) =>
          this.#onFailed(handshake, reason, own.remoteAddress),
      },
    });
    const handshake = this.#handshakes.add(socket, conn.remoteAddr.hostname);
    socket.start();
  }

  #onFailed(
    handshake: PendingHandshake,
    reason: EndReason,
    from: string,
  ): void {
    this.#handshakes.delete(handshake);
    this.#counts.failed++;
    if (!this.#isClosed) this.#report(reason.error, from);
  }

  /** A flood of handshakes that never end must not keep the others out. */
  #makeRoom(): void {
    const { maxHandshakes } = this.#settings;
    while (this.#handshakes.size >= maxHandshakes) {
      this.#evict(`there were ${maxHandshakes} of them already`);
    }
  }

  /** Evicts some handshakes, if there are any, so that the host has room for others. */
  #evictSome(): boolean {
    const count = Math.ceil(this.#handshakes.size * EVICTED_SHARE);
    for (let i = 0; i < count; i++) {
      this.#evict("the host has no room for more");
    }
    return count > 0;
  }

  #evict(reason: string): void {
    const victim = this.#handshakes.takeVictim();
    if (victim === undefined) return;
    this.#counts.evicted++;
    victim.abort(
      new TlsError(
        "timeout",
        `Cannot complete the handshake: it was evicted, as ${reason}`,
      ),
    );
  }

  #handOut(handshake: PendingHandshake): void {
    const { socket } = handshake;
    this.#handshakes.delete(handshake);
    this.#counts.accepted++;
    const taker = this.#takers.shift();
    if (taker) taker.resolve(socketOver(socket));
    else if (this.#isClosed) socket.abort(closedError());
    else this.#ready.push(socket);
  }

  #report(error: unknown, remoteAddress: string | null): void {
    notify(
      "onConnectionError",
      () => this.#settings.onConnectionError?.(error, remoteAddress),
    );
  }
}

function close(conn: TcpConnection): void {
  try {
    conn.close();
  } catch { /* it is closed */ }
}

function closedError(): TlsError {
  return new TlsError("closed", "The listener was closed");
}
