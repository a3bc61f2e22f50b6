import { TlsError } from "../../internal/tls_error.ts";
import type { SessionStore } from "../../stores/session_store.ts";
import { TlsAcceptor } from "../../tls/deno/acceptor.ts";
import { TlsContext } from "../../tls/context/context.ts";
import type { TlsContextUpdate } from "../../tls/context/context_update.ts";
import { within } from "../../internal/deferred.ts";
import { TCP_BACKLOG } from "../../tls/deno/listener.ts";
import type { TlsSocket } from "../../tls/socket/socket.ts";
import { cannotListen } from "./cannot_listen.ts";
import { Counters, type Figures } from "./counters.ts";
import { echo } from "./echo.ts";
import { forward, ForwardError } from "./forward.ts";
import { GatedListener } from "./gated_listener.ts";
import type { HostAndPort } from "../host_and_port.ts";
import { answerHttp } from "./http.ts";
import { KeyLog } from "../key_log.ts";
import { connectionLine, failedHandshakeLine } from "./log_line.ts";
import { pageFor } from "./page.ts";
import { Peer } from "./peer.ts";
import { contextOptions, type ServerSettings } from "./settings.ts";
import { failureText } from "../format.ts";

/** How many handshakes may be under way, however many connections may be open. */
const MAX_HANDSHAKES = 1024;
const MIN_HANDSHAKES = 64;
/** How long clients may take to hear that it is over, in ms. */
const GOODBYE_TIMEOUT = 2_000;
/** How often it is looked for connections where nothing moves, at most, in ms. */
const IDLE_CHECK = 1_000;

/** What a server tells of. */
export interface ServerEvents {
  /** A line for the log of connections. */
  onLine(line: string): void;
  /** Something has failed that may fail often, such as the store. */
  onTrouble(sort: string, message: string): void;
  /** OpenSSL can't go on: the server is of no use any more. */
  onDead(message: string): void;
}

/** What a server is made of. */
export interface ServerParts {
  readonly settings: ServerSettings;
  /** The port, in place of that of the settings. */
  readonly port: number;
  /** Which worker it is, from 1. */
  readonly worker: number;
  readonly store: SessionStore;
  /** The store's name, for people. */
  readonly storeName: string;
  readonly events: ServerEvents;
}

/** One OpenSSL that listens and answers. */
export class Server {
  readonly #parts: ServerParts;
  readonly #context: TlsContext;
  readonly #keyLog: KeyLog | undefined;
  readonly #listener: GatedListener;
  readonly #acceptor: TlsAcceptor;
  readonly #peers = new Set<Peer>();
  readonly #counters = new Counters();
  readonly #idleTimer: ReturnType<typeof setInterval> | undefined;

  /** Starts to listen. Throws if it can't. */
  constructor(parts: ServerParts) {
    this.#parts = parts;
    const { settings, port, store, events } = parts;
    const { handshakeTimeout, maxConnections, idleTimeout, workers } = settings;
    this.#keyLog = settings.keylog === undefined ? undefined : new KeyLog(
      settings.keylog,
      (error) => events.onTrouble("Key log", failureText(error)),
    );
    this.#context = new TlsContext({
      ...contextOptions(settings, store),
      ...(this.#keyLog && { keyLog: (line) => this.#keyLog?.write(line) }),
      onStoreError: (error, operation) => {
        this.#counters.countStoreError(operation);
        events.onTrouble("Store", `${operation}: ${failureText(error)}`);
      },
    });
    this.#listener = new GatedListener(
      listen({ hostname: settings.host, port }, workers > 1),
      maxConnections,
    );
    this.#acceptor = new TlsAcceptor(this.#listener, {
      context: this.#context,
      ownsContext: true,
      handshakeTimeout,
      maxHandshakes: Math.min(
        MAX_HANDSHAKES,
        Math.max(MIN_HANDSHAKES, maxConnections),
      ),
      signal: undefined,
      onConnectionError: (error, from) => this.#onFailedHandshake(error, from),
      onClose: () => {},
    });
    if (idleTimeout > 0) {
      const period = Math.min(IDLE_CHECK, Math.ceil(idleTimeout / 4));
      this.#idleTimer = setInterval(() => this.#endIdle(), period);
    }
    this.#run();
  }

  /** Where it listens. */
  get addr(): HostAndPort {
    return this.#acceptor.addr;
  }

  /** Serves with other certificates, keys and authorities from now on. */
  update(changes: TlsContextUpdate): void {
    this.#context.update(changes);
  }

  /** What has become of connections so far. */
  figures(): Figures {
    const { stats, openssl } = this.#context;
    return this.#counters.figures(stats, {
      open: this.#peers.size,
      memoryTotal: openssl.memory.total,
      memoryUsed: openssl.memory.used,
    });
  }

  /** Takes no more connections, and ends when those that are open have: at last by force. */
  async drain(timeout: number): Promise<void> {
    this.#listener.stop();
    await within(timeout, this.#listener.empty());
    const ends = [...this.#peers].map((peer) => peer.close());
    await within(GOODBYE_TIMEOUT, Promise.allSettled(ends));
    clearInterval(this.#idleTimer);
    this.#acceptor.close();
    this.#context.close();
    this.#keyLog?.close();
  }

  async #run(): Promise<void> {
    for (;;) {
      await this.#listener.place();
      const socket = await this.#acceptor.accept().catch(() => null);
      if (socket === null) return;
      this.#listener.admit(socket.info?.remoteAddress ?? null);
      this.#serve(socket);
    }
  }

  async #serve(socket: TlsSocket): Promise<void> {
    const info = await socket.opened;
    const handshakeMs = this.#listener.ageOf(info.remoteAddress);
    this.#counters.countHandshake(handshakeMs / 1000);
    const peer = new Peer(socket, info);
    this.#peers.add(peer);
    let failure: unknown;
    try {
      await this.#answer(peer);
    } catch (error) {
      failure = error;
      if (error instanceof ForwardError) {
        this.#counters.countForwardFailure();
        this.#parts.events.onTrouble("Forward", failureText(error));
      }
    }
    await peer.close().catch((error) => failure ??= error);
    this.#peers.delete(peer);
    if (this.#parts.settings.log) {
      const totalMs = this.#listener.ageOf(info.remoteAddress);
      const line = connectionLine(info, { handshakeMs, totalMs, failure });
      this.#parts.events.onLine(line);
    }
    this.#listener.release(info.remoteAddress, true);
  }

  #answer(peer: Peer): Promise<void> {
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
      events.onLine(
        failedHandshakeLine(error, from, this.#listener.ageOf(from)),
      );
    }
    this.#listener.release(from, false);
    if (code === "instance-dead") events.onDead(failureText(error));
    if (code === "out-of-memory") {
      events.onTrouble("Memory", failureText(error));
    }
    // Such as too many open files: the clients aren't to blame.
    if (code === "accept") events.onTrouble("Accept", failureText(error));
  }

  #endIdle(): void {
    const { idleTimeout } = this.#parts.settings;
    const latest = performance.now() - idleTimeout;
    for (const peer of this.#peers) {
      if (peer.lastMoved < latest) peer.close();
    }
  }
}

function listen(addr: HostAndPort, reusePort: boolean): Deno.TcpListener {
  try {
    return Deno.listen({ ...addr, reusePort, tcpBacklog: TCP_BACKLOG });
  } catch (error) {
    throw cannotListen(addr, error);
  }
}
