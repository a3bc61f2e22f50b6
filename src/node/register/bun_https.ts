import http from "node:http";
import https from "node:https";
import { callOn } from "../callable.ts";
import { Server as TlsServer } from "../mod.ts";
import { validateObject } from "../errors/validate.ts";
import type { TLSSocket } from "../socket/tls_socket.ts";
import { replaceImportsInBun } from "./named_imports.ts";
import { replaceProperties } from "./replace_properties.ts";

/** What `node:http` takes of the options, and `node:tls` doesn't. */
const HTTP_OPTIONS = [
  "IncomingMessage",
  "ServerResponse",
  "connectionsCheckingInterval",
  "headersTimeout",
  "insecureHTTPParser",
  "joinDuplicateHeaders",
  "keepAliveTimeout",
  "maxHeaderSize",
  "rejectNonStandardBodyWrites",
  "requestTimeout",
  "requireHostHeader",
  "uniqueHeaders",
] as const;

type Options = https.ServerOptions;
type Listener = http.RequestListener;

/**
 * Bun's servers of `node:https` don't use `node:tls`: a server of ours, whose sockets one of
 * `node:http` takes, takes their place. What gives Bun its own back.
 */
export function replaceHttpsServer(): () => void {
  const replacement = { Server: callable(HttpsServer), createServer };
  const properties = Object.getOwnPropertyDescriptors(replacement);
  const object = replaceProperties(https, properties);
  const imports = replaceImportsInBun("node:https", https, { ...https });
  return () => {
    object();
    imports();
  };
}

function createServer(
  options?: Options | Listener,
  listener?: Listener,
): HttpsServer {
  return new HttpsServer(options, listener);
}

/** A server of ours that is one of `node:http`, too, as those of Node's are. */
class HttpsServer extends TlsServer {
  declare maxRequestsPerSocket: number;
  declare timeout: number;
  readonly #limits: RequestLimits;

  constructor(...args: [(Options | Listener)?, Listener?]) {
    const [first, second] = args;
    const [options, listener] = typeof first === "function"
      ? [{}, first]
      : [first ?? {}, second];
    validateObject(options, "options");
    const { ALPNProtocols, ALPNCallback } = options;
    super({
      ...!ALPNProtocols && !ALPNCallback && { ALPNProtocols: ["http/1.1"] },
      ...(options as object),
    });
    this.#limits = new RequestLimits(options.requireHostHeader !== false);
    serveHttp(this, httpOptionsOf(options));
    this.on("secureConnection", (socket) => this.#limitIdleness(socket));
    this.on("tlsClientError", (error, socket) => {
      if (!this.emit("clientError", error, socket)) socket.destroy(error);
    });
    if (listener !== undefined) this.on("request", listener);
  }

  /** Bun's own server does for its sockets what this does for others. */
  override emit(name: string | symbol, ...args: unknown[]): boolean {
    if (name !== "request") return super.emit(name, ...args);
    const [request, response] = args as Parameters<Listener>;
    const refusal = this.#limits.refusalOf(request, this.maxRequestsPerSocket);
    if (refusal === undefined) return super.emit(name, request, response);
    if (refusal === 503) this.emit("dropRequest", request, request.socket);
    response.writeHead(refusal, { Connection: "close" }).end();
    return true;
  }

  #limitIdleness(socket: TLSSocket): void {
    if (!this.timeout) return;
    socket.setTimeout(this.timeout, () => {
      if (!this.emit("timeout", socket)) socket.destroy();
    });
  }

  override close(callback?: (error?: Error) => void): this {
    this.closeIdleConnections();
    super.close(callback);
    return this;
  }

  closeAllConnections(): void {
    callOfHttp("closeAllConnections", this);
  }

  closeIdleConnections(): void {
    callOfHttp("closeIdleConnections", this);
  }

  setTimeout(milliseconds?: number, callback?: () => void): this {
    callOfHttp("setTimeout", this, milliseconds, callback);
    return this;
  }
}

/** Which requests a server doesn't take. */
class RequestLimits {
  readonly #needsHost: boolean;
  readonly #requests = new WeakMap<object, number>();

  constructor(needsHost: boolean) {
    this.#needsHost = needsHost;
  }

  /** The status that a request is refused with; `undefined` if it isn't. */
  refusalOf(
    request: http.IncomingMessage,
    most: number,
  ): 400 | 503 | undefined {
    const { socket, headers, httpVersion } = request;
    const count = (this.#requests.get(socket) ?? 0) + 1;
    this.#requests.set(socket, count);
    if (most > 0 && count > most) return 503;
    const lacksHost = httpVersion === "1.1" && headers.host === undefined;
    return this.#needsHost && lacksHost ? 400 : undefined;
  }
}

/**
 * Has the constructor of `node:http`'s servers, which takes only its own, make one of a server:
 * what it does with a connection is done once that is secure.
 */
function serveHttp(server: HttpsServer, options: http.ServerOptions): void {
  const prototype = Object.getPrototypeOf(server);
  const before = new Set(server.listeners("connection"));
  Object.setPrototypeOf(server, http.Server.prototype);
  try {
    callOn(http.Server, server, options);
  } finally {
    Object.setPrototypeOf(server, prototype);
  }
  for (const listener of server.listeners("connection")) {
    if (before.has(listener)) continue;
    server.removeListener("connection", listener as () => void);
    server.on("secureConnection", listener as () => void);
  }
}

function callOfHttp(
  name: "closeAllConnections" | "closeIdleConnections" | "setTimeout",
  server: HttpsServer,
  ...args: unknown[]
): void {
  Reflect.apply(http.Server.prototype[name] as () => void, server, args);
}

function httpOptionsOf(options: Options): http.ServerOptions {
  return Object.fromEntries(
    HTTP_OPTIONS.filter((name) => options[name] !== undefined)
      .map((name) => [name, options[name]]),
  );
}

/** A class that can be called without `new`. */
function callable<Class extends new (...args: never[]) => object>(
  base: Class,
): Class {
  return new Proxy(base, {
    apply: (target, _this, args) => Reflect.construct(target, args),
  });
}
