import { TlsError } from "../../internal/tls_error.ts";

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

/** A transport as a connection uses it: reads when asked, writes in order, ends once. */
export class Wire {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #onWritten: () => void;
  #last: Promise<void> = Promise.resolve();
  #unsent = 0;
  #hasWritten = false;
  #writeError: TlsError | null = null;

  /** Takes a transport over. Calls `onWritten` whenever a write is done or has failed. */
  constructor(transport: TlsTransport, onWritten: () => void) {
    this.#reader = transport.readable.getReader();
    this.#writer = transport.writable.getWriter();
    this.#onWritten = onWritten;
  }

  /** How many bytes the transport hasn't taken yet. */
  get unsent(): number {
    return this.#unsent;
  }

  /** Whether the transport was given anything. */
  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  /** Why nothing can be written any more, if so. */
  get writeError(): TlsError | null {
    return this.#writeError;
  }

  /**
   * The next bytes; `null` when there are no more.
   *
   * @throws {TlsError} `transport`, if it fails.
   */
  async read(): Promise<Uint8Array | null> {
    try {
      const { done, value } = await this.#reader.read();
      if (done) return null;
      if (value instanceof Uint8Array) return value;
      throw new TypeError(
        `transport.readable must give Uint8Arrays, received ${typeof value}`,
      );
    } catch (cause) {
      throw transportError("read from", cause);
    }
  }

  /** Hands bytes to the transport, after those before. */
  write(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#writeError) return;
    this.#unsent += bytes.length;
    this.#hasWritten = true;
    this.#last = this.#writer.write(bytes).then(
      () => void (this.#unsent -= bytes.length),
      (cause) => {
        this.#unsent = 0;
        this.#writeError ??= transportError("write to", cause);
      },
    ).then(this.#onWritten);
  }

  /**
   * Resolves when the transport has taken all that was written.
   *
   * @throws {TlsError} `transport`, if it fails.
   */
  async flushed(): Promise<void> {
    await this.#last;
    if (this.#writeError) throw this.#writeError;
  }

  /** Ends what is sent, once the transport has taken it. Never rejects. */
  async endWriting(): Promise<void> {
    try {
      await this.#writer.close();
    } catch { /* it has failed before */ }
  }

  /** Ends what is sent, and takes what comes until the peer ends too. Never rejects. */
  async end(): Promise<void> {
    await this.endWriting();
    try {
      while (await this.read() !== null);
    } catch { /* that is an end too */ }
  }

  /** Gives the transport back as it is. Never rejects. */
  async destroy(): Promise<void> {
    // This waits for a write that may never end, so nobody waits for this.
    this.#writer.abort().catch(() => {});
    try {
      await this.#reader.cancel();
    } catch { /* it has failed before */ }
  }
}

function transportError(action: string, cause: unknown): TlsError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TlsError(
    "transport",
    `Cannot ${action} the transport: ${reason}`,
    { cause },
  );
}
