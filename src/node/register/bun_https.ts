import http from "node:http";
import https from "node:https";
import { Server as TlsServer } from "../mod.ts";
import type { TlsServerOptions } from "../server/options.ts";
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

/** What people set on a server of `node:http`. */
const SETTINGS = [
  "headersTimeout",
  "keepAliveTimeout",
  "maxHeadersCount",
  "maxRequestsPerSocket",
  "requestTimeout",
  "timeout",
];

/** What a server of `node:http` tells, or asks, its listeners. */
const EVENTS = new Set<string | symbol>([
  "checkContinue",
  "checkExpectation",
  "clientError",
  "connect",
  "dropRequest",
  "request",
  "timeout",
  "upgrade",
]);

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

class HttpsServer extends TlsServer {
  readonly #http: http.Server;

  constructor(...args: [(Options | Listener)?, Listener?]) {
    const [first, second] = args;
    const [options, listener] = typeof first === "function"
      ? [{}, first]
      : [first ?? {}, second];
    const { ALPNProtocols, ALPNCallback } = options;
    super({
      ...!ALPNProtocols && !ALPNCallback && { ALPNProtocols: ["http/1.1"] },
      ...(options as unknown as TlsServerOptions),
    });
    this.#http = http.createServer(httpOptionsOf(options));
    speakFor(this, this.#http);
    this.on(
      "secureConnection",
      (socket) => this.#http.emit("connection", socket),
    );
    this.on("tlsClientError", (error, socket) => {
      if (!this.emit("clientError", error, socket)) socket.destroy(error);
    });
    if (listener !== undefined) this.on("request", listener);
  }

  override close(callback?: (error?: Error) => void): this {
    super.close(callback);
    this.#http.closeIdleConnections();
    return this;
  }

  closeAllConnections(): void {
    this.#http.closeAllConnections();
  }

  closeIdleConnections(): void {
    this.#http.closeIdleConnections();
  }

  setTimeout(milliseconds?: number, callback?: () => void): this {
    if (callback !== undefined) this.on("timeout", callback);
    this.#http.setTimeout(milliseconds);
    return this;
  }
}

function httpOptionsOf(options: Options): http.ServerOptions {
  return Object.fromEntries(
    HTTP_OPTIONS.filter((name) => options[name] !== undefined)
      .map((name) => [name, options[name]]),
  );
}

/** Has the listeners and the settings of a server of `node:http` be those of another server. */
function speakFor(outer: HttpsServer, inner: http.Server): void {
  const { emit, listenerCount } = inner;
  inner.emit = (name: string | symbol, ...args: unknown[]) =>
    EVENTS.has(name)
      ? outer.emit(name as string, ...args)
      : Reflect.apply(emit, inner, [name, ...args]);
  inner.listenerCount = (name: string | symbol, ...rest: unknown[]) =>
    EVENTS.has(name)
      ? outer.listenerCount(name)
      : Reflect.apply(listenerCount, inner, [name, ...rest]);
  for (const name of SETTINGS) {
    Object.defineProperty(outer, name, {
      get: () => Reflect.get(inner, name),
      set: (value) => Reflect.set(inner, name, value),
      enumerable: true,
      configurable: true,
    });
  }
}

/** A class that can be called without `new`. */
function callable<Class extends new (...args: never[]) => object>(
  base: Class,
): Class {
  return new Proxy(base, {
    apply: (target, _this, args) => Reflect.construct(target, args),
  });
}
