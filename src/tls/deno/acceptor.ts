import { TlsError } from "../../internal/tls_error.ts";
import { concernsOneConnection } from "./accept_errors.ts";
import { formatAddress } from "../../internal/address.ts";
import { ConnWire } from "../socket/conn_wire.ts";
import type { EndReason } from "../socket/end_reason.ts";
import { TlsEngine } from "../engine/engine.ts";
import { SocketCore } from "../socket/socket_core.ts";
import { LINGER_TIMEOUT, type SocketTimers } from "../socket/socket_timers.ts";
import type { TcpConnection } from "../socket/tcp_connection.ts";
import { Deadlines } from "../../internal/deadlines.ts";
import type { TlsContext } from "../context/context.ts";
import type { TlsContextUpdate } from "../context/context_update.ts";
import { Deferred } from "../../internal/deferred.ts";
import { socketOver, type TlsSocket } from "../socket/socket.ts";
import { notify } from "../../internal/notify.ts";
import { PendingHandshakes } from "./pending_handshakes.ts";
import type {
  TcpListener,
  TlsListener,
  TlsListenerAddress,
  TlsListenerStats,
} from "./listener_types.ts";

/** How many open connections wait for `accept()` before no more are taken. */
const MAX_READY = 128;
/** How long to wait while the host can't give a connection, at first and at most, in ms. */
const FIRST_BACKOFF = 5;
const LAST_BACKOFF = 250;
/** After how many connections in a row everything else has its turn. */
const ROW = 32;
/** What part of the handshakes gives way when the host has no room for more. */
const GIVING_WAY = 1 / 8;

/** How a listener treats its connections. */
export interface AcceptorSettings {
  /** The configuration of connections. */
  readonly context: TlsContext;
  /** How long a handshake may take, in ms. */
  readonly handshakeTimeout: number;
  /** How many may be under way. */
  readonly maxHandshakes: number;
  /** Whether the context is the listener's own. */
  readonly ownsContext: boolean;
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
  readonly #tcp: TcpListener;
  readonly #settings: AcceptorSettings;
  readonly #handshakes = new PendingHandshakes();
  readonly #handshakeDeadlines: Deadlines;
  readonly #lingerDeadlines = new Deadlines(LINGER_TIMEOUT, unrefTimer);
  readonly #timers: SocketTimers = {
    handshake: (callback) => this.#handshakeDeadlines.add(callback),
    linger: (callback) => this.#lingerDeadlines.add(callback),
  };
  readonly #ready: SocketCore[] = [];
  readonly #takers: Deferred<TlsSocket>[] = [];
  readonly #counts = { accepted: 0, failed: 0, evicted: 0, refused: 0 };
  #isClosed = false;
  #onRoom: () => void = () => {};
  #endPause: () => void = () => {};

  /** Takes a TCP listener over. */
  constructor(tcp: TcpListener, settings: AcceptorSettings) {
    const { hostname, port } = tcp.addr;
    this.addr = { transport: "tcp", hostname, port };
    this.#tcp = tcp;
    this.#settings = settings;
    const { signal, handshakeTimeout } = settings;
    this.#handshakeDeadlines = new Deadlines(handshakeTimeout, unrefTimer);
    signal?.addEventListener("abort", this.#onAbort);
    if (signal?.aborted) this.close();
    else this.#run();
  }

  get stats(): TlsListenerStats {
    return { ...this.#counts, handshaking: this.#handshakes.size };
  }

  accept(): Promise<TlsSocket> {
    const socket = this.#ready.shift();
    this.#onRoom();
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
    this.#tcp.close();
    this.#endPause();
    this.#onRoom();
    for (const taker of this.#takers.splice(0)) taker.reject(closedError());
    for (
      const socket of [
        ...this.#handshakes.takeAll(),
        ...this.#ready.splice(0),
      ]
    ) {
      socket.abort(closedError());
    }
    this.#handshakeDeadlines.release();
    this.#lingerDeadlines.release();
    onClose();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  readonly #onAbort = (): void => this.close();

  async #run(): Promise<void> {
    let backoff = FIRST_BACKOFF;
    for (let taken = 1; await this.#hasRoom(); taken++) {
      // What is there already comes without a turn of the event loop.
      if (taken % ROW === 0) await this.#pause(0);
      try {
        this.#serve(await this.#tcp.accept());
        backoff = FIRST_BACKOFF;
      } catch (error) {
        if (this.#isClosed) return;
        this.#report(error, null);
        if (concernsOneConnection(error)) continue;
        // Such as too many open files: that passes, soonest where something gives way.
        if (this.#giveWay()) backoff = FIRST_BACKOFF;
        await this.#pause(backoff);
        backoff = Math.min(backoff * 2, LAST_BACKOFF);
      }
    }
  }

  /** Waits for `ms` milliseconds, or until the listener is closed. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Waits until there is room for one more connection: false when the listener is closed. */
  async #hasRoom(): Promise<boolean> {
    while (!this.#isClosed && this.#ready.length >= MAX_READY) {
      await new Promise<void>((resolve) => this.#onRoom = resolve);
    }
    return !this.#isClosed;
  }

  #serve(conn: TcpConnection): void {
    let from: string | null = null;
    let engine: TlsEngine | undefined;
    try {
      from = formatAddress(conn.remoteAddr);
      engine = new TlsEngine(this.#settings.context, {
        role: "server",
        remoteAddress: from,
        localAddress: formatAddress(conn.localAddr),
      });
      this.#start(engine, conn, from);
    } catch (error) {
      this.#counts.refused++;
      engine?.[Symbol.dispose]();
      close(conn);
      this.#report(error, from);
    }
  }

  #start(engine: TlsEngine, conn: TcpConnection, from: string): void {
    const wire = new ConnWire(conn);
    this.#makeRoom();
    const socket: SocketCore = new SocketCore({
      engine,
      role: "server",
      wire,
      handshakeTimeout: this.#settings.handshakeTimeout,
      timers: this.#timers,
      hooks: {
        onOpen: () => this.#handOut(socket),
        onNeverOpen: (reason) => this.#onFailed(socket, reason, from),
      },
    });
    this.#handshakes.add(socket, conn.remoteAddr.hostname);
    socket.start();
  }

  #onFailed(socket: SocketCore, reason: EndReason, from: string): void {
    this.#handshakes.delete(socket);
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

  /** Ends some handshakes for the sake of those that the host has no room for: if there are any. */
  #giveWay(): boolean {
    const count = Math.ceil(this.#handshakes.size * GIVING_WAY);
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
        `Cannot complete the handshake: it had to give way, as ${reason}`,
      ),
    );
  }

  #handOut(socket: SocketCore): void {
    this.#handshakes.delete(socket);
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

/** A handshake that is under way keeps the runtime alive by itself. */
function unrefTimer(timer: unknown): void {
  if (typeof Deno !== "undefined") Deno.unrefTimer(timer as number);
}

function close(conn: TcpConnection): void {
  try {
    conn.close();
  } catch { /* it is closed */ }
}

function closedError(): TlsError {
  return new TlsError("closed", "The listener was closed");
}
