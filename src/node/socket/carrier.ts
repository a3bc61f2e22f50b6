import type { Duplex } from "node:stream";

/** Who hears of what carries a connection. */
export interface CarrierListener {
  /** Bytes have come. */
  onData(bytes: Uint8Array): void;
  /** No more will come. */
  onEnd(): void;
  /** It has failed. */
  onError(error: Error): void;
  /** It is over. */
  onClose(): void;
}

/** The stream that carries a connection's bytes: a `net.Socket` or another `Duplex`. */
export class Carrier {
  /** The stream. */
  readonly stream: Duplex;
  readonly #listener: CarrierListener;
  #isPaused = false;
  #isReading = false;

  /** Listens to a stream; {@linkcode Carrier.read} starts. */
  constructor(stream: Duplex, listener: CarrierListener) {
    this.stream = stream;
    this.#listener = listener;
    // Each direction of the connection ends by itself.
    stream.allowHalfOpen = true;
    stream.on("error", (error: Error) => listener.onError(error));
    stream.once("close", () => listener.onClose());
  }

  /** Starts to read. */
  read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    const { stream } = this;
    stream.on("data", (chunk: Uint8Array | string) => {
      const bytes = typeof chunk === "string" ? encode(chunk) : chunk;
      this.#listener.onData(bytes);
    });
    stream.once("end", () => this.#listener.onEnd());
    if (stream.readableEnded) queueMicrotask(() => this.#listener.onEnd());
    if (this.#isPaused) stream.pause();
    else stream.resume();
  }

  /** Reads no more for a while. */
  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    if (this.#isReading) this.stream.pause();
  }

  /** Reads on. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (this.#isReading) this.stream.resume();
  }

  /** Writes bytes, unless it is over. */
  write(bytes: Uint8Array, done?: (error?: Error | null) => void): void {
    if (this.stream.destroyed || this.stream.writableEnded) {
      if (done) queueMicrotask(() => done(null));
      return;
    }
    this.stream.write(bytes, done);
  }

  /** Ends what is written. */
  end(done: () => void): void {
    if (this.stream.destroyed || this.stream.writableEnded) {
      queueMicrotask(done);
      return;
    }
    this.stream.end(() => done());
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
