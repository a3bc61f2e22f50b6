/** What a behaviour of `node:tls` is seen by: both ends of a connection, and what each tells. */
import { once } from "node:events";
import type net from "node:net";
import type nodeTls from "node:tls";

/** `node:tls`, or ours. */
export type Tls = typeof nodeTls;

/** The options of `connect`: their types lack some. */
export interface DialOptions extends nodeTls.ConnectionOptions {
  readonly allowHalfOpen?: boolean;
  readonly requestOCSP?: boolean;
  readonly signal?: AbortSignal;
}

/** The certificates of both ends, in PEM. */
export interface Certificates {
  readonly ca: string;
  readonly otherCa: string;
  readonly server: { readonly cert: string; readonly key: string };
  readonly client: { readonly cert: string; readonly key: string };
}

/** What each end has told, in order: the ends aren't compared with one another. */
export interface Told {
  readonly client: string[];
  readonly server: string[];
}

const EVENTS = [
  "connect",
  "secureConnect",
  "end",
  "finish",
  "close",
  "error",
  "timeout",
];

/** A server and its clients, which tell what happens to them. */
export class Scene {
  readonly tls: Tls;
  readonly certificates: Certificates;
  readonly told: Told = { client: [], server: [] };
  readonly #version: "TLSv1.2" | "TLSv1.3";
  #server: nodeTls.Server | undefined;

  constructor(
    tls: Tls,
    version: "TLSv1.2" | "TLSv1.3",
    certificates: Certificates,
  ) {
    this.tls = tls;
    this.#version = version;
    this.certificates = certificates;
  }

  /** The port of the server. */
  get port(): number {
    return (this.#server?.address() as net.AddressInfo).port;
  }

  /** Starts the server. */
  async serve(
    options: nodeTls.TlsOptions = {},
    serve: (socket: nodeTls.TLSSocket) => void = () => {},
  ): Promise<nodeTls.Server> {
    const server = this.tls.createServer({
      ...this.certificates.server,
      maxVersion: this.#version,
      ...options,
    }, (socket) => {
      this.#listen("server", socket);
      serve(socket);
    });
    server.on("tlsClientError", (error: Error) => {
      this.say("server", "tlsClientError", error);
    });
    server.on("error", (error: Error) => this.say("server", "error", error));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    this.#server = server;
    return server;
  }

  /** Connects to the server. */
  dial(options: DialOptions = {}): nodeTls.TLSSocket {
    const socket = this.tls.connect({
      port: this.port,
      host: "127.0.0.1",
      ca: this.certificates.ca,
      servername: "localhost",
      ...options,
    });
    this.#listen("client", socket);
    return socket;
  }

  /** Notes what an end tells. */
  say(end: keyof Told, ...what: unknown[]): void {
    this.told[end].push(what.map(textOf).join(" "));
  }

  /** Ends the server: resolves when it has no connections, and all have told so. */
  async end(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    server.close();
    await once(server, "close");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }

  #listen(end: keyof Told, socket: nodeTls.TLSSocket): void {
    for (const event of EVENTS) {
      socket.on(event, (argument: unknown) => {
        const tells = event === "close" || event === "error";
        this.say(end, event, ...(tells ? [argument] : []));
      });
    }
  }
}

/** Resolves when a socket is closed, whatever ends it. */
export function closed(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

function textOf(what: unknown): string {
  if (!(what instanceof Error)) return `${what}`;
  const { code } = what as { code?: string };
  // OpenSSL's messages have lines and functions of its source.
  const isOpenSSL = code?.startsWith("ERR_SSL_");
  return `${what.name} ${code} ${isOpenSSL ? "" : what.message}`;
}
