/** What the examples use of `cloudflare:sockets`, so that their types are checked without Cloudflare's. */

/** Connects by TCP: without TLS, which is Sesame's. */
export declare function connect(
  address: { hostname: string; port: number },
): Socket;

/** A connection, in the shape that `startTls` takes. */
export interface Socket {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  close(): Promise<void>;
}
