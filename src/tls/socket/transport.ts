/**
 * What carries the bytes of a connection: both directions of a TCP connection, of a
 * WinterTC socket, or of anything else that keeps bytes in order.
 */
export interface TlsTransport {
  /** What the peer sends. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What is sent to the peer. */
  readonly writable: WritableStream<Uint8Array>;
  /** The peer's address, such as `"192.0.2.1:443"`, if there is one. */
  readonly remoteAddress?: string;
  /** The address at this end, if there is one. */
  readonly localAddress?: string;
}
