import type { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { TlsServerOptions, TLSSocket } from "../mod.ts";

/** An address of TCP, as Deno has it. */
export interface ServeAddress {
  /** Always `"tcp"`. */
  readonly transport: "tcp";
  /** The IP address. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
}

/** What a handler is told besides the request. */
export interface ServeTlsInfo {
  /** The client's address. */
  readonly remoteAddr: ServeAddress;
  /** Resolves when the response has been sent, and rejects if it couldn't be. */
  readonly completed: Promise<void>;
  /** The connection: its `getPeerCertificate()`, `isSessionReused()` and so on. */
  readonly socket: TLSSocket;
}

/** Answers a request. */
export type ServeTlsHandler = (
  request: Request,
  info: ServeTlsInfo,
) => Response | Promise<Response>;

/** Options of {@linkcode serveTls}: those of `Deno.serve`, and of `tls.createServer`. */
export interface ServeTlsOptions extends TlsServerOptions {
  /** Where to listen. By default `"0.0.0.0"`. */
  hostname?: string | undefined;
  /** The port, 0 for one that is free. By default 8000. */
  port?: number | undefined;
  /** Closes the server and its connections at once. */
  signal?: AbortSignal | undefined;
  /** Called when it listens. By default it prints the address to standard output. */
  onListen?: ((address: ServeAddress) => void) | undefined;
  /** Answers when the handler has failed. By default it logs the error and answers with 500. */
  onError?: ((error: unknown) => Response | Promise<Response>) | undefined;
  /**
   * Takes a connection over that asks for another protocol, such as WebSocket:
   * `(request, socket, head) => server.handleUpgrade(request, socket, head, use)` with npm's
   * `ws`. Without it such requests are the handler's.
   */
  onUpgrade?:
    | ((request: IncomingMessage, socket: TLSSocket, head: Buffer) => void)
    | undefined;
}

/** A server that {@linkcode serveTls} has started. */
export interface TlsHttpServer extends AsyncDisposable {
  /** Resolves with where it listens; rejects if it can't. */
  readonly listening: Promise<ServeAddress>;
  /**
   * Resolves when it and its connections are closed; rejects if it couldn't listen, which ends
   * the process if no one handles it and no one took `listening`.
   */
  readonly finished: Promise<void>;
  /** Accepts no more connections, and closes each when its requests are answered. */
  shutdown(): Promise<void>;
  /** Keeps the process running, as it does unless told otherwise. */
  ref(): void;
  /** Lets the process end while it listens. */
  unref(): void;
}
