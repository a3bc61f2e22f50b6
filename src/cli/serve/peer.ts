import type { TlsSocket } from "../../tls/socket/socket.ts";
import type { TlsSocketInfo } from "../../tls/socket/socket_core.ts";

/** A client that is connected, and when it was last heard of. */
export class Peer {
  /** What was negotiated. */
  readonly info: TlsSocketInfo;
  /** The time of the last byte, by `performance.now()`. */
  lastMoved: number = performance.now();
  /** All that it sends, early data first. */
  readonly input: ReadableStream<Uint8Array>;
  readonly #socket: TlsSocket;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  /** For a connection whose handshake is done. */
  constructor(socket: TlsSocket, info: TlsSocketInfo) {
    this.#socket = socket;
    this.info = info;
    this.input = this.#inputOf(socket);
    this.#writer = socket.writable.getWriter();
    // Whoever writes hears of it.
    this.#writer.closed.catch(() => {});
  }

  /** Sends bytes: settles when the network has taken them. */
  async write(bytes: Uint8Array): Promise<void> {
    this.lastMoved = performance.now();
    await this.#writer.write(bytes);
    this.lastMoved = performance.now();
  }

  /** Sends close_notify. */
  end(): Promise<void> {
    return this.#writer.close();
  }

  /** Ends the connection so that the client sees that something is missing. */
  async abort(error: unknown): Promise<void> {
    await this.#writer.abort(error).catch(() => {});
  }

  /** Ends the connection with close_notify, and waits for the client's for a moment. */
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
        this.lastMoved = performance.now();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => later.cancel(reason),
    }, { highWaterMark: 0 });
  }
}
