/** The functions that a {@linkcode Sink} calls. */
export interface SinkOptions {
  /** Takes a chunk: settles when it has gone. */
  write(chunk: Uint8Array): Promise<void>;
  /** There will be no more. */
  close(): Promise<void>;
  /** There will be no more, and what was written isn't all. */
  abort(reason: unknown): void;
  /** All that was written has been taken. */
  onIdle(): void;
}

/** A stream that takes bytes, and knows whether some that were written still wait. */
export class Sink {
  /** The writer's side. */
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
        // The stream itself says so only when the write under way has ended. A moment
        // later, as it takes an error that it has now for a failure to abort.
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
        // What was written after it was to be closed never comes.
        this.#waiting = 0;
        await close();
        this.#hasEnded = true;
      },
    }, {
      highWaterMark: 1,
      // Asked for each chunk as it is written, before its turn has come.
      size: () => {
        if (!this.#isClosed) this.#waiting++;
        return 1;
      },
    });
  }

  /** Whether all that was written has gone. */
  get isIdle(): boolean {
    return this.#waiting <= 0;
  }

  /** Whether it was closed in good order: nothing can fail any more. */
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
