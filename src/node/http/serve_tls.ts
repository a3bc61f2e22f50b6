import {
  createServer as createHttp1,
  type Server as Http1Server,
} from "node:http";
import {
  createServer as createHttp2,
  type Http2Server,
  type Http2Session,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { formatAddress } from "../../internal/address.ts";
import { Deferred } from "../../internal/deferred.ts";
import { received } from "../../internal/received.ts";
import {
  createServer,
  type Server,
  type TlsServerOptions,
  type TLSSocket,
} from "../mod.ts";
import { Answerer } from "./answerer.ts";
import { serveOptionsOf } from "./serve_options.ts";
import type {
  ServeAddress,
  ServeTlsHandler,
  ServeTlsOptions,
  TlsHttpServer,
} from "./serve_types.ts";
import { ServerConnections } from "./server_connections.ts";

/** In the order in which they are chosen. */
const PROTOCOLS = ["h2", "http/1.1"];

/**
 * Serves HTTP/2 and HTTP/1.1 over TLS with a handler as `Deno.serve` has it, in Deno, Node.js
 * and Bun. ALPN decides which version a client gets. Bodies are streams, which are read and
 * written as fast as the other side is; a request's `signal` aborts when its client leaves.
 *
 * @param options Those of `Deno.serve`, and of `tls.createServer`: with `sessions` its sessions
 * live in a store, and `ALPNProtocols: ["http/1.1"]` leaves HTTP/2 out.
 * @returns A server that begins to listen.
 * @throws {TypeError} If an option or the handler has a wrong type, there is no option of such a
 * name, or there is no certificate.
 * @throws {RangeError} If the port is out of its range.
 *
 * @example
 * ```ts ignore
 * import { serveTls } from "@sesame/tls/node/http";
 * import { MemorySessionStore } from "@sesame/tls/stores/memory";
 *
 * const server = serveTls(
 *   { port: 8443, cert, key, sessions: new MemorySessionStore() },
 *   (request) => new Response(`You asked for ${new URL(request.url).pathname}`),
 * );
 * await server.finished;
 * ```
 */
export function serveTls(
  options: ServeTlsOptions,
  handler: ServeTlsHandler,
): TlsHttpServer {
  const { hostname = "0.0.0.0", port = 8000, signal, ...more } = serveOptionsOf(
    options,
  );
  const { onListen = announce, onError, onUpgrade, ...tls } = more;
  if (typeof handler !== "function") {
    throw new TypeError(
      `handler must be a function, received ${received(handler)}`,
    );
  }
  const server = new ServingTls(tls, new Answerer(handler, onError), onUpgrade);
  server.listen(hostname, port, onListen);
  server.obey(signal);
  return server;
}

class ServingTls implements TlsHttpServer {
  readonly #tls: Server;
  readonly #http1: Http1Server;
  readonly #http2: Http2Server;
  readonly #connections = new ServerConnections();
  readonly #listening = new Deferred<ServeAddress>();
  /** Rejects unhandled if no one takes `listening`: a server that can't listen isn't silent. */
  readonly finished: Promise<void>;
  #finish!: () => void;
  #fail!: (error: Error) => void;
  readonly #sockets = new WeakMap<Http2Session, TLSSocket>();
  /** The connection that is being accepted. */
  #accepted: TLSSocket | undefined;

  constructor(
    options: TlsServerOptions,
    answerer: Answerer,
    onUpgrade: ServeTlsOptions["onUpgrade"],
  ) {
    this.#tls = createServer(
      { ALPNProtocols: PROTOCOLS, ...options },
      (socket: TLSSocket) => this.#accept(socket),
    );
    this.#http1 = createHttp1((incoming, outgoing) => {
      const socket = incoming.socket as TLSSocket;
      this.#connections.begin(socket, outgoing);
      answerer.answer(incoming, outgoing, socket);
    });
    // Deno keeps no connection of a server that doesn't listen.
    Object.defineProperty(this.#http1, "listening", {
      get: () => this.#tls.listening,
    });
    if (onUpgrade) {
      this.#http1.on("upgrade", (incoming, socket, head) => {
        this.#connections.remove(socket);
        onUpgrade(incoming, socket as TLSSocket, head);
      });
    }
    this.#http2 = createHttp2((incoming, outgoing) => {
      const { session } = incoming.stream;
      const socket = session && this.#sockets.get(session);
      if (socket) answerer.answer(incoming, outgoing, socket);
    });
    this.#http2.on("session", (session) => {
      if (this.#accepted) this.#sockets.set(session, this.#accepted);
      this.#connections.addSession(session);
    });
    this.finished = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
  }

  get listening(): Promise<ServeAddress> {
    // Who takes this one hears of the failure by it.
    this.finished.catch(() => {});
    return this.#listening.promise.then((address) => address);
  }

  /** Begins to listen. */
  listen(
    hostname: string,
    port: number,
    onListen: (address: ServeAddress) => void,
  ): void {
    const fail = (error: Error): void => {
      this.#listening.reject(error);
      this.#fail(error);
    };
    this.#tls.once("error", fail);
    this.#tls.listen(port, hostname, () => {
      this.#tls.off("error", fail);
      // What has to do with a single connection.
      this.#tls.on("error", (error: Error) => console.error(error));
      const { address, port } = this.#tls.address() as AddressInfo;
      const listening: ServeAddress = {
        transport: "tcp",
        hostname: address,
        port,
      };
      // Has it look for clients that are slow.
      this.#http1.emit("listening");
      this.#listening.resolve(listening);
      onListen(listening);
    });
  }

  /** Closes all when a signal aborts. */
  obey(signal: AbortSignal | undefined): void {
    const abort = (): void => {
      this.#stop();
      this.#connections.closeAll();
    };
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort, { once: true });
  }

  shutdown(): Promise<void> {
    this.#stop();
    return this.finished;
  }

  ref(): void {
    this.#tls.ref();
  }

  unref(): void {
    this.#tls.unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  #accept(socket: TLSSocket): void {
    const isHttp2 = socket.alpnProtocol === "h2";
    socket.on("error", () => {});
    if (!isHttp2) this.#connections.add(socket, this.#http1);
    this.#accepted = socket;
    (isHttp2 ? this.#http2 : this.#http1).emit("connection", socket);
    this.#accepted = undefined;
  }

  /** Accepts no more connections, and ends those that there are when they are idle. */
  #stop(): void {
    // Nothing, if it has listened.
    this.#listening.reject(new Error("The server was stopped before"));
    this.#tls.close();
    this.#http1.close(() => {});
    this.#connections.close();
    this.#connections.empty().then(this.#finish);
  }
}

function announce({ hostname, port }: ServeAddress): void {
  const isAny = hostname === "0.0.0.0" || hostname === "::";
  const host = isAny ? "localhost" : hostname;
  console.log(
    `Listening on https://${formatAddress({ hostname: host, port })}/`,
  );
}
