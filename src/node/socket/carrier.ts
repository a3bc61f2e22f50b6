import { Buffer } from "node:buffer";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** The events of a {@linkcode Carrier}. */
export interface CarrierListener {
  /** Bytes have come. */
  onData(bytes: Uint8Array): void;
  /** No more will come. */
  onEnd(): void;
  /** It has failed. */
  onError(error: Error): void;
  /** It is closed. */
  onClose(): void;
}

/** The stream that carries a connection's bytes: a `net.Socket` or another `Duplex`. */
export class Carrier {
  /** The stream. */
  readonly stream: Duplex;
  readonly #listener: CarrierListener;
  #isPaused = false;
  #isReading = false;
  /** Chunks that came before {@linkcode Carrier.read}. */
  readonly #unread: Uint8Array[] = [];

  /** Listens to a stream; {@linkcode Carrier.read} starts. */
  constructor(stream: Duplex, listener: CarrierListener) {
    this.stream = stream;
    this.#listener = listener;
    // Each direction of the connection ends by itself.
    stream.allowHalfOpen = true;
    stream.on("error", (error: Error) => listener.onError(error));
    stream.once("close", () => listener.onClose());
    if (stream instanceof Socket) this.#takeOver(stream);
  }

  /** Starts to read. */
  read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    const { stream } = this;
    stream.once("end", () => this.#listener.onEnd());
    if (stream.readableEnded) queueMicrotask(() => this.#listener.onEnd());
    if (stream instanceof Socket) {
      for (const chunk of this.#unread.splice(0)) this.#listener.onData(chunk);
      if (!this.#isPaused) stream._read(0);
    } else {
      stream.on("data", (chunk: Uint8Array | string) => this.#receive(chunk));
      if (this.#isPaused) stream.pause();
      else stream.resume();
    }
  }

  /** Reads no more for a while. */
  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    // A socket stops when it is told that there is no room.
    if (this.#isReading && !(this.stream instanceof Socket)) {
      this.stream.pause();
    }
  }

  /** Reads on. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (!this.#isReading) return;
    if (this.stream instanceof Socket) this.stream._read(0);
    else this.stream.resume();
  }

  /** Writes bytes, unless it is over. */
  write(bytes: Uint8Array, done?: (error?: Error | null) => void): void {
    if (this.stream.destroyed || this.stream.writableEnded) {
      if (done) queueMicrotask(() => done(null));
      return;
    }
    this.stream.write(bytes, done);
  }

  /** Ends the writable side. */
  end(done: () => void): void {
    if (this.stream.destroyed || this.stream.writableEnded) {
      queueMicrotask(done);
      return;
    }
    this.stream.end(() => done());
  }

  /**
   * Takes the place of a socket's own buffer. As in Node.js, a reader of the plain socket gets no
   * more data, and a decoder that was set decodes no more.
   */
  #takeOver(socket: Socket): void {
    for (
      let chunk = takeBuffered(socket);
      chunk !== null;
      chunk = takeBuffered(socket)
    ) {
      this.#receive(chunk, socket.readableEncoding ?? "utf8");
    }
    const { push } = socket;
    // Not assigned where it is written, as V8 keeps that one until old objects are collected.
    const hear = (chunk: Uint8Array | string | null): boolean => {
      if (chunk === null) return push.call(socket, null);
      this.#receive(chunk);
      return this.#isReading && !this.#isPaused;
    };
    socket.push = hear;
  }

  #receive(
    chunk: Uint8Array | string,
    encoding: BufferEncoding = "utf8",
  ): void {
    const bytes = typeof chunk === "string"
      ? Buffer.from(chunk, encoding)
      : chunk;
    if (this.#isReading) this.#listener.onData(bytes);
    else this.#unread.push(bytes);
  }
}

/**
 * What a socket's buffer has, or `null`. With an empty buffer, `read` is called only at the end:
 * workerd's sockets would begin to read, maybe a second time, and one of two readers stops the
 * other.
 */
function takeBuffered(socket: Socket): Uint8Array | string | null {
  const { readableLength, _readableState: state }: Readable = socket;
  return readableLength > 0 || state?.ended ? socket.read() : null;
}

/** What Node.js's streams know, and other runtimes' that are made of its sources. */
type Readable = Socket & { readonly _readableState?: { ended?: boolean } };
