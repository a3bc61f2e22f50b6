import type { TlsSocket, TlsSocketInfo } from "../../../mod.ts";

/** A client whose handshake is done. */
export class Peer {
  /** When the last bytes were sent or received, by `performance.now()`. */
  lastActive: number = performance.now();
  /** All data of the client, early data first. */
  readonly input: ReadableStream<Uint8Array>;
  readonly #socket: TlsSocket;
  readonly #info: TlsSocketInfo;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  /** Takes over a socket. */
  constructor(socket: TlsSocket, info: TlsSocketInfo) {
    this.#socket = socket;
    this.#info = info;
    this.input = this.#inputOf(socket);
    this.#writer = socket.writable.getWriter();
    // A failed write rejects.
    this.#writer.closed.catch(() => {});
  }

  /** What was negotiated, with a certificate that came after the handshake. */
  get info(): TlsSocketInfo {
    return this.#socket.info ?? this.#info;
  }

  /** Sends bytes. Resolves when the operating system has taken them. */
  async write(bytes: Uint8Array): Promise<void> {
    this.lastActive = performance.now();
    await this.#writer.write(bytes);
    this.lastActive = performance.now();
  }

  /** Sends close_notify. */
  end(): Promise<void> {
    return this.#writer.close();
  }

  /** Ends the connection without close_notify: the client sees that data is missing. */
  async abort(error: unknown): Promise<void> {
    await this.#writer.abort(error).catch(() => {});
  }

  /** Sends close_notify, and waits a moment for the client's. */
  close(): Promise<void> {
    return this.#socket.close();
  }

  #inputOf(socket: TlsSocket): ReadableStream<Uint8Array> {
    const early = socket.earlyData.getReader();
    const later = socket.readable.getReader();
    const read = async (): Promise<ReadableStreamReadResult<Uint8Array>> => {
      const first = await early.read();
      return first.done ? await later.read() : first;
    };
    return new ReadableStream<Uint8Array>({
      pull: async (controller): Promise<void> => {
        const { done, value } = await read();
        this.lastActive = performance.now();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => later.cancel(reason),
    }, { highWaterMark: 0 });
  }
}
