/** The functions that a {@linkcode Sink} calls. */
export interface SinkOptions {
  /** Writes a chunk: settles when the transport has taken it. */
  write(chunk: Uint8Array): Promise<void>;
  /** The stream was closed. */
  close(): Promise<void>;
  /** The stream was aborted. */
  abort(reason: unknown): void;
  /** No chunk waits any more. */
  onIdle(): void;
}

/** A writable stream of bytes that knows whether chunks still wait. */
export class Sink {
  /** The stream. */
  readonly stream: WritableStream<Uint8Array>;
  readonly #onIdle: () => void;
  #controller!: WritableStreamDefaultController;
  #waiting = 0;
  #isClosed = false;
  #hasEnded = false;

  /** A stream over functions. */
  constructor({ write, close, abort, onIdle }: SinkOptions) {
    this.#onIdle = onIdle;
    this.stream = new WritableStream({
      start: (controller) => {
        this.#controller = controller;
        // The `abort` of an underlying sink is called only when the write under way has ended.
        // In a microtask: an error that is set at once would make `abort()` fail.
        const { signal } = controller;
        const tell = (): void => queueMicrotask(() => abort(signal.reason));
        signal.addEventListener("abort", tell);
      },
      write: async (chunk) => {
        try {
          await write(chunk);
        } finally {
          this.#waiting--;
          if (this.isIdle) this.#onIdle();
        }
      },
      close: async () => {
        this.#isClosed = true;
        // Chunks that were written after `close()` aren't passed on.
        this.#waiting = 0;
        await close();
        this.#hasEnded = true;
      },
    }, {
      highWaterMark: 1,
      // Called for each chunk when it is written, before it is passed on.
      size: () => {
        if (!this.#isClosed) this.#waiting++;
        return 1;
      },
    });
  }

  /** Whether no chunk waits. */
  get isIdle(): boolean {
    return this.#waiting <= 0;
  }

  /** Whether it was closed without an error, after which it can't fail. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Fails what is written from now on, and what waits. */
  fail(error: unknown): void {
    this.#controller.error(error);
    this.#waiting = 0;
    this.#onIdle();
  }
}
