import {
  type IncomingMessage,
  type RequestListener,
  Server as HttpServer,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";
import {
  createServer,
  type Server,
  type TlsServerOptions,
  type TLSSocket,
} from "../mod.ts";
import { ServerConnections } from "./server_connections.ts";

/** What `https.createServer` takes: the options of TLS, and those of HTTP. */
export type HttpsServerOptions = TlsServerOptions & ServerOptions;

/** Events of TLS that do nothing unless someone listens. */
const TLS_EVENTS: ReadonlySet<string | symbol> = new Set([
  "OCSPRequest",
  "keylog",
  "newSession",
  "resumeSession",
]);

/** A server of HTTP/1.1 over TLS: its methods, events and timeouts are those of `https.Server`. */
export class HttpsServer extends HttpServer {
  readonly #tls: Server;
  readonly #connections = new ServerConnections();

  /** As {@linkcode createHttpsServer}. */
  constructor(options: HttpsServerOptions, listener?: RequestListener) {
    super(options, listener);
    Object.defineProperty(this, "listening", {
      get: () => this.#tls.listening,
    });
    this.#tls = createServer(options, (socket: TLSSocket) => {
      this.#connections.add(socket, this);
      this.emit("secureConnection", socket);
      this.emit("connection", socket);
    });
    for (const event of ["listening", "error", "close"]) this.#passOn(event);
    this.#tls.on("tlsClientError", (error: Error, socket: TLSSocket) => {
      this.emit("tlsClientError", error, socket);
      if (!this.emit("clientError", error, socket)) socket.destroy(error);
    });
    this.on("newListener", (event) => {
      if (TLS_EVENTS.has(event) && this.listenerCount(event) === 0) {
        this.#passOn(event);
      }
    });
  }

  /** As `EventEmitter` does, and keeps account of connections and requests. */
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    switch (event) {
      case "checkContinue":
      case "checkExpectation":
      case "request": {
        const [{ socket }, response] = args as [
          IncomingMessage,
          ServerResponse,
        ];
        this.#connections.begin(socket, response);
        break;
      }
      case "connect":
      case "upgrade":
        this.#connections.remove(args[1] as Duplex);
    }
    return super.emit(event as string, ...args);
  }

  /** As `net.Server` does. */
  override listen(...args: unknown[]): this {
    Reflect.apply(this.#tls.listen, this.#tls, args);
    return this;
  }

  /** Accepts no more, and closes connections when they are idle: as `https.Server` does. */
  override close(callback?: (error?: Error) => void): this {
    this.#tls.close(callback);
    this.#connections.close();
    // Its own end of what it does, such as looking for clients that are slow.
    super.close(() => {});
    return this;
  }

  /** Node's emits `close` here when no connection is left of those that it has accepted: none. */
  _emitCloseIfDrained(): void {}

  /** As `http.Server` does. */
  override closeIdleConnections(): void {
    this.#connections.closeIdle();
  }

  /** As `http.Server` does. */
  override closeAllConnections(): void {
    this.#connections.closeAll();
  }

  /** As `net.Server` does. */
  override address(): ReturnType<Server["address"]> {
    return this.#tls.address();
  }

  /** As `net.Server` does. */
  override getConnections(
    callback: (error: Error | null, count: number) => void,
  ): this {
    this.#tls.getConnections(callback);
    return this;
  }

  /** As `net.Server` does. */
  override ref(): this {
    this.#tls.ref();
    return this;
  }

  /** As `net.Server` does. */
  override unref(): this {
    this.#tls.unref();
    return this;
  }

  /** As `tls.Server`'s. */
  addContext(...args: Parameters<Server["addContext"]>): void {
    this.#tls.addContext(...args);
  }

  /** As `tls.Server`'s. */
  setSecureContext(...args: Parameters<Server["setSecureContext"]>): void {
    this.#tls.setSecureContext(...args);
  }

  /** As `tls.Server`'s. */
  getTicketKeys(): ReturnType<Server["getTicketKeys"]> {
    return this.#tls.getTicketKeys();
  }

  /** As `tls.Server`'s. */
  setTicketKeys(...args: Parameters<Server["setTicketKeys"]>): void {
    this.#tls.setTicketKeys(...args);
  }

  #passOn(event: string | symbol): void {
    this.#tls.on(
      String(event),
      (...args: unknown[]) => this.emit(event, ...args),
    );
  }
}

/**
 * Creates a server as `https.createServer` does, over this package's TLS in every runtime.
 * Express takes it as `createHttpsServer(options, app)`, Koa as
 * `createHttpsServer(options, app.callback())`, Fastify by its `serverFactory`, and Hono by the
 * `createServer` of `@hono/node-server`.
 *
 * @param options Those of `tls.createServer` and of `http.createServer`. With `sessions` its
 * sessions live in a store.
 * @throws {TypeError} If an option has a wrong type; with Node's code.
 */
export function createHttpsServer(
  options: HttpsServerOptions,
  listener?: RequestListener,
): HttpsServer {
  return new HttpsServer(options, listener);
}
