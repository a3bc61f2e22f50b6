import {
  listenTlsOver,
  type SessionStore,
  TlsContext,
  type TlsContextUpdate,
  TlsError,
  type TlsListener,
  type TlsSocket,
} from "../../../mod.ts";
import { errorText } from "../format.ts";
import type { HostAndPort } from "../host_and_port.ts";
import { KeyLog } from "../key_log.ts";
import { waitAtMost } from "../wait.ts";
import { BackendError } from "./backend.ts";
import { requestCertificate } from "./client_certificate.ts";
import { Counters, type Figures } from "./counters.ts";
import { echo } from "./echo.ts";
import { forward } from "./forward.ts";
import { answerHttp } from "./http.ts";
import { LimitedListener } from "./limited_listener.ts";
import { listenError } from "./listen_error.ts";
import { connectionLine, failedHandshakeLine } from "./log_line.ts";
import { pageFor } from "./page.ts";
import { Peer } from "./peer.ts";
import { contextOptions, type ServerSettings } from "./settings.ts";

/** The bounds of the limit on pending handshakes, which follows `--max-connections`. */
const MIN_HANDSHAKES = 64;
const MAX_HANDSHAKES = 1024;
/** How many connections may wait in the system to be accepted: Linux's own limit. */
const TCP_BACKLOG = 4_096;
/** How long clients may take to answer close_notify after the drain timeout, in milliseconds. */
const CLOSE_TIMEOUT = 2_000;
/** The longest period between two searches for idle connections, in milliseconds. */
const IDLE_CHECK_PERIOD = 1_000;

/** The events of a server. */
export interface ServerEvents {
  /** A line for the log of connections. */
  onLine(line: string): void;
  /** A warning. There may be many on the same topic, such as a store that fails. */
  onWarning(topic: string, message: string): void;
  /** The instance of OpenSSL can't continue: the server must be replaced. */
  onDead(message: string): void;
}

/** What a server is started with. */
export interface ServerParts {
  readonly settings: ServerSettings;
  /** The port, instead of that of the settings. */
  readonly port: number;
  /** The number of the worker, from 1. */
  readonly worker: number;
  readonly store: SessionStore;
  /** The name of the store, for messages. */
  readonly storeName: string;
  readonly events: ServerEvents;
}

/** A server with one instance of OpenSSL. */
export class Server {
  readonly #parts: ServerParts;
  readonly #context: TlsContext;
  readonly #keyLog: KeyLog | undefined;
  readonly #tcp: LimitedListener;
  readonly #listener: TlsListener;
  readonly #peers = new Set<Peer>();
  readonly #counters = new Counters();
  readonly #idleTimer: ReturnType<typeof setInterval> | undefined;

  /**
   * Starts to listen.
   *
   * @throws {Error} If the address can't be listened on.
   */
  constructor(parts: ServerParts) {
    this.#parts = parts;
    const { settings, port, store, events } = parts;
    const { handshakeTimeout, maxConnections, idleTimeout, workers } = settings;
    this.#keyLog = settings.keylog === undefined ? undefined : new KeyLog(
      settings.keylog,
      (error) => events.onWarning("Key log", errorText(error)),
    );
    this.#context = new TlsContext({
      ...contextOptions(settings, store),
      ...(this.#keyLog && { keyLog: (line) => this.#keyLog?.write(line) }),
      onStoreError: (error, operation) => {
        this.#counters.countStoreError(operation);
        events.onWarning("Store", `${operation}: ${errorText(error)}`);
      },
    });
    this.#tcp = new LimitedListener(
      listen({ hostname: settings.host, port }, workers > 1),
      maxConnections,
    );
    this.#listener = listenTlsOver(this.#tcp, {
      context: this.#context,
      handshakeTimeout,
      maxHandshakes: Math.min(
        MAX_HANDSHAKES,
        Math.max(MIN_HANDSHAKES, maxConnections),
      ),
      onConnectionError: (error, from) => this.#onFailedHandshake(error, from),
    });
    if (idleTimeout > 0) {
      const period = Math.min(IDLE_CHECK_PERIOD, Math.ceil(idleTimeout / 4));
      this.#idleTimer = setInterval(() => this.#closeIdle(), period);
    }
    this.#run();
  }

  /** The address that it listens on. */
  get addr(): HostAndPort {
    return this.#listener.addr;
  }

  /** Replaces certificates, keys and CAs for new connections. */
  update(changes: TlsContextUpdate): void {
    this.#context.update(changes);
  }

  /** The figures of this server. */
  figures(): Figures {
    const { stats, openssl } = this.#context;
    return this.#counters.figures(stats, {
      open: this.#peers.size,
      memoryTotal: openssl.memory.total,
      memoryUsed: openssl.memory.used,
    });
  }

  /** Stops listening, and resolves when all connections have ended, at the latest by force. */
  async drain(timeout: number): Promise<void> {
    this.#tcp.stop();
    await waitAtMost(timeout, this.#tcp.empty());
    const ends = [...this.#peers].map((peer) => peer.close());
    await waitAtMost(CLOSE_TIMEOUT, Promise.allSettled(ends));
    clearInterval(this.#idleTimer);
    this.#listener.close();
    this.#context.close();
    this.#keyLog?.close();
  }

  async #run(): Promise<void> {
    for (;;) {
      await this.#tcp.belowLimit();
      const socket = await this.#listener.accept().catch(() => null);
      if (socket === null) return;
      this.#tcp.establish(socket.info?.remoteAddress ?? null);
      this.#serve(socket);
    }
  }

  async #serve(socket: TlsSocket): Promise<void> {
    const info = await socket.opened;
    const handshakeMs = this.#tcp.ageOf(info.remoteAddress);
    this.#counters.countHandshake(handshakeMs / 1000);
    const peer = new Peer(socket, info);
    this.#peers.add(peer);
    let failure: unknown;
    try {
      await this.#authenticate(socket, peer);
      await this.#respond(peer);
    } catch (error) {
      failure = error;
      if (error instanceof BackendError) {
        this.#counters.countForwardFailure();
        this.#parts.events.onWarning("Forward", errorText(error));
      }
    }
    await peer.close().catch((error) => failure ??= error);
    this.#peers.delete(peer);
    if (this.#parts.settings.log) {
      const totalMs = this.#tcp.ageOf(info.remoteAddress);
      const line = connectionLine(info, { handshakeMs, totalMs, failure });
      this.#parts.events.onLine(line);
    }
    this.#tcp.release(info.remoteAddress, true);
  }

  /** Aborts the connection if the client has no certificate although one is required. */
  async #authenticate(socket: TlsSocket, peer: Peer): Promise<void> {
    const { postHandshakeAuth } = this.#parts.settings;
    try {
      await requestCertificate(socket, postHandshakeAuth);
    } catch (error) {
      await peer.abort(error);
      throw error;
    }
  }

  #respond(peer: Peer): Promise<void> {
    const { settings, storeName, worker } = this.#parts;
    const { service } = settings;
    switch (service.kind) {
      case "echo":
        return echo(peer);
      case "forward":
        return forward(peer, service);
      case "http": {
        const { handshakes } = this.#context.stats;
        const facts = { settings, storeName, worker, handshakes };
        return answerHttp(peer, pageFor(peer.info, facts));
      }
    }
  }

  #onFailedHandshake(error: unknown, from: string | null): void {
    const { settings, events } = this.#parts;
    const { code, alert } = error instanceof TlsError
      ? error
      : { code: "accept", alert: undefined };
    this.#counters.countFailure(code, alert);
    if (settings.log) {
      const age = this.#tcp.ageOf(from);
      events.onLine(failedHandshakeLine(error, from, age));
    }
    this.#tcp.release(from, false);
    if (code === "instance-dead") events.onDead(errorText(error));
    if (code === "out-of-memory") events.onWarning("Memory", errorText(error));
    // A failure of the host, such as too many open files.
    if (code === "accept") events.onWarning("Accept", errorText(error));
  }

  #closeIdle(): void {
    const { idleTimeout } = this.#parts.settings;
    const latest = performance.now() - idleTimeout;
    for (const peer of this.#peers) {
      if (peer.lastActive < latest) peer.close();
    }
  }
}

function listen(addr: HostAndPort, reusePort: boolean): Deno.TcpListener {
  try {
    return Deno.listen({ ...addr, reusePort, tcpBacklog: TCP_BACKLOG });
  } catch (error) {
    throw listenError(addr, error);
  }
}
