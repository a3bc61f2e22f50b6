/** How a {@linkcode Feed} behaves, and who is told of its reader. */
export interface FeedOptions {
  /** Whether the items are bytes: then the stream is a byte stream. */
  readonly isBytes?: boolean;
  /** At most how many items wait to be read: older ones are dropped. */
  readonly limit?: number;
  /** The reader waits for an item, or has taken one. */
  readonly onWanted?: () => void;
  /** The reader doesn't want any more. */
  readonly onCancel?: () => void;
}

type Controller<T> =
  | ReadableStreamDefaultController<T>
  | ReadableByteStreamController;

/**
 * A stream that is fed from outside, and hands an item over only when its reader asks:
 * it knows whether someone waits, and whether there is something to be read.
 */
export class Feed<T extends object> {
  readonly #options: FeedOptions;
  #stream: ReadableStream<T> | undefined;
  #controller: Controller<T> | undefined;
  #items: T[] = [];
  #size = 0;
  #wanted: (() => void) | null = null;
  #end: { readonly error?: unknown } | null = null;
  #isOver = false;

  /** A stream without items. */
  constructor(options: FeedOptions = {}) {
    this.#options = options;
  }

  /** The reader's side: made when it is asked for, as many connections need only one. */
  get stream(): ReadableStream<T> {
    if (this.#stream === undefined) {
      this.#stream = this.#open();
      this.#deliver();
    }
    return this.#stream;
  }

  /** Whether nothing can be pushed any more. */
  get hasEnded(): boolean {
    return this.#end !== null;
  }

  /** How many items wait to be read: of bytes, how many bytes. */
  get size(): number {
    return this.#size;
  }

  /** Adds an item; what comes after the end is dropped. */
  push(item: T): void {
    if (this.#end) return;
    this.#items.push(item);
    this.#size += sizeOf(item);
    const { limit = Infinity } = this.#options;
    if (this.#items.length > limit) this.#shift();
    this.#deliver();
  }

  /** Ends the stream, or with an `error` fails it, once all items have been read. */
  end(error?: unknown): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#deliver();
  }

  /** Fails the stream at once: what hasn't been read is dropped. */
  fail(error: unknown): void {
    this.#clear();
    this.#end = { error };
    this.#deliver();
  }

  #open(): ReadableStream<T> {
    const source = {
      start: (controller: Controller<T>): void => {
        this.#controller = controller;
      },
      pull: (): Promise<void> => this.#pull(),
      cancel: (): void => {
        this.#clear();
        this.#end ??= {};
        this.#settle(true);
        this.#options.onCancel?.();
      },
    };
    return this.#options.isBytes
      ? new ReadableStream({ type: "bytes", ...source } as UnderlyingSource<T>)
      : new ReadableStream<T>(source, { highWaterMark: 0 });
  }

  #pull(): Promise<void> {
    return new Promise((resolve) => {
      this.#wanted = resolve;
      this.#deliver();
      this.#options.onWanted?.();
    });
  }

  /** Gives the reader what it waits for, at once: the end may be about to follow. */
  #deliver(): void {
    if (this.#isOver || !this.#controller) return;
    const item = this.#wanted ? this.#shift() : undefined;
    if (item) {
      this.#controller.enqueue(item as T & ArrayBufferView<ArrayBuffer>);
      this.#settle(false);
    }
    if (!this.#end || this.#items.length > 0) return;
    if ("error" in this.#end) this.#controller.error(this.#end.error);
    else close(this.#controller);
    this.#settle(true);
  }

  #shift(): T | undefined {
    const item = this.#items.shift();
    if (item) this.#size -= sizeOf(item);
    return item;
  }

  #clear(): void {
    this.#items = [];
    this.#size = 0;
  }

  #settle(isOver: boolean): void {
    this.#isOver = isOver;
    this.#wanted?.();
    this.#wanted = null;
  }
}

function sizeOf(item: object): number {
  return item instanceof Uint8Array ? item.length : 1;
}

function close<T>(controller: Controller<T>): void {
  controller.close();
  // A reader that brought its own buffer gets it back.
  if ("byobRequest" in controller) controller.byobRequest?.respond(0);
}
