import { formatAddress } from "../../internal/address.ts";
import type { TlsTransport } from "./transport.ts";

/**
 * The members of a Node.js `net.Socket`, or of another `Duplex` of bytes, that
 * {@linkcode nodeTransport} uses.
 */
export interface NodeDuplex {
  /** The encoding of what is read, if it is text; it must not be. */
  readonly readableEncoding?: string | null;
  /** Whether objects are read from it; `nodeTransport` refuses such a stream. */
  readonly readableObjectMode?: boolean;
  /** Whether objects are written to it; `nodeTransport` refuses such a stream. */
  readonly writableObjectMode?: boolean;
  /** Whether all has been read. */
  readonly readableEnded?: boolean;
  /** Whether it was destroyed. */
  readonly destroyed?: boolean;
  /** Whether its end of input leaves its output open: this is set to true. */
  allowHalfOpen?: boolean;
  /** The peer's address, of a socket. */
  readonly remoteAddress?: string | undefined;
  /** The peer's port, of a socket. */
  readonly remotePort?: number | undefined;
  /** The address at this end, of a socket. */
  readonly localAddress?: string | undefined;
  /** The port at this end, of a socket. */
  readonly localPort?: number | undefined;
  /** Listens for an event. */
  on(event: string, listener: (argument: unknown) => void): unknown;
  /** Writes bytes. */
  write(
    chunk: Uint8Array,
    callback: (error?: Error | null) => void,
  ): unknown;
  /** Ends the writable side, and calls `callback` when all is written. */
  end(callback: () => void): unknown;
  /** Stops the events of data. */
  pause(): unknown;
  /** Starts the events of data. */
  resume(): unknown;
  /** Destroys the stream. */
  destroy(): unknown;
  /** Whether small writes of a socket leave at once. */
  setNoDelay?(noDelay: boolean): unknown;
}

/**
 * A transport over a `net.Socket` of Node, or any other `Duplex` of bytes, for
 * {@linkcode startTls}: in Node, Deno and Bun. The transport's streams report the socket's
 * errors, and its `error` events are handled: a peer that resets the connection doesn't end
 * the process. Each direction ends by itself, so the socket's
 * `allowHalfOpen` is set. The socket must have no other reader or writer from then on.
 *
 * @example A server in Node
 * ```ts no-eval
 * import { createServer } from "node:net";
 * import { nodeTransport, startTls, TlsContext } from "@sesame/tls";
 * import { createTestCertificate } from "@sesame/tls/testing";
 *
 * const context = new TlsContext(createTestCertificate());
 * createServer((socket) => {
 *   const tls = startTls(nodeTransport(socket), { role: "server", context });
 *   tls.readable.pipeTo(tls.writable).catch(console.error);
 * }).listen(8443);
 * ```
 *
 * @throws {TypeError} If it isn't a `Duplex`, gives or takes objects, or gives text, as after
 * `socket.setEncoding`. Not if it is over already: then the transport fails.
 */
export function nodeTransport(socket: NodeDuplex): TlsTransport {
  checkDuplex(socket);
  socket.allowHalfOpen = true;
  // A record should leave at once: the peer can't read half of it.
  socket.setNoDelay?.(true);
  const end = new SocketEnd(socket);
  const remote = addressOf(socket.remoteAddress, socket.remotePort);
  const local = addressOf(socket.localAddress, socket.localPort);
  return {
    readable: readableOf(socket, end),
    writable: writableOf(socket, end),
    ...(remote !== undefined && { remoteAddress: remote }),
    ...(local !== undefined && { localAddress: local }),
  };
}

/** Reports once that a socket has ended, with its error. */
class SocketEnd {
  readonly #listeners = new Set<(error: unknown) => void>();
  #error: unknown;
  #isOver = false;

  constructor(socket: NodeDuplex) {
    // There is always a listener: without one, an error ends the process.
    socket.on("error", (error) => this.#end(error));
    socket.on("close", () => this.#end(new Error("The socket was closed")));
    if (socket.destroyed) this.#end(new Error("The socket is closed"));
  }

  /** Calls the listener at the end, at once if it has ended: returns a function that removes it. */
  listen(listener: (error: unknown) => void): () => void {
    if (this.#isOver) listener(this.#error);
    else this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #end(error: unknown): void {
    this.#isOver = true;
    this.#error ??= error;
    for (const listener of this.#listeners) listener(error);
    this.#listeners.clear();
  }
}

function readableOf(
  socket: NodeDuplex,
  end: SocketEnd,
): ReadableStream<Uint8Array> {
  let hasEnded = false;
  return new ReadableStream<Uint8Array>({
    start(controller): void {
      const close = (): void => {
        if (!hasEnded) controller.close();
        hasEnded = true;
      };
      const fail = (error: unknown): void => {
        hasEnded = true;
        controller.error(error);
      };
      socket.pause();
      socket.on("data", (chunk) => {
        socket.pause();
        if (hasEnded) return;
        if (chunk instanceof Uint8Array) return controller.enqueue(chunk);
        fail(encodingError("data"));
        socket.destroy();
      });
      socket.on("end", close);
      if (socket.readableEnded) close();
      end.listen((error) => hasEnded || fail(error));
    },
    pull: () => void socket.resume(),
    cancel(): void {
      hasEnded = true;
      socket.destroy();
    },
  }, { highWaterMark: 0 });
}

function writableOf(
  socket: NodeDuplex,
  end: SocketEnd,
): WritableStream<Uint8Array> {
  /** Settles with a call's callback, or with the socket's end, after which it may not be called. */
  const settled = (
    call: (callback: (error?: Error | null) => void) => void,
  ): Promise<void> =>
    new Promise((resolve, reject) => {
      const forget = end.listen(reject);
      call((error) => {
        forget();
        if (error) reject(error);
        else resolve();
      });
    });
  return new WritableStream<Uint8Array>({
    start(controller): void {
      end.listen((error) => controller.error(error));
      // An abort waits for the write under way: this ends it.
      controller.signal.addEventListener("abort", () => void socket.destroy());
    },
    write: (chunk) => settled((callback) => void socket.write(chunk, callback)),
    close: () => settled((callback) => void socket.end(callback)),
    abort: () => void socket.destroy(),
  });
}

function checkDuplex(socket: NodeDuplex): void {
  for (
    const method of [
      "on",
      "write",
      "end",
      "pause",
      "resume",
      "destroy",
    ] as const
  ) {
    if (typeof socket?.[method] !== "function") {
      throw new TypeError(
        `socket must be a net.Socket or another Duplex of Node's: it has no method ${method}`,
      );
    }
  }
  if (socket.readableEncoding) throw encodingError(socket.readableEncoding);
  if (socket.readableObjectMode || socket.writableObjectMode) {
    throw new TypeError(
      "socket must carry bytes, received a Duplex in object mode",
    );
  }
}

function encodingError(encoding: string): TypeError {
  return new TypeError(
    `socket must give bytes, received one that gives text (${encoding}): setEncoding was called`,
  );
}

function addressOf(
  hostname: string | undefined,
  port: number | undefined,
): string | undefined {
  return hostname === undefined || port === undefined
    ? undefined
    : formatAddress({ hostname, port });
}
