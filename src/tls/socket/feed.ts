import type { EndReason } from "./end_reason.ts";

/** The options of a {@linkcode Feed}. */
export interface FeedOptions {
  /** Whether the items are bytes: then the stream is a byte stream. */
  readonly isBytes?: boolean;
  /** At most how many items wait to be read: older ones are dropped. */
  readonly limit?: number;
  /** The reader waits for an item, or has taken one. */
  readonly onWanted?: () => void;
  /** The reader has cancelled. */
  readonly onCancel?: () => void;
}

/** Receives the next item of a {@linkcode Feed}, or its end. */
export interface FeedReader<T> {
  /** Takes an item: returns what it leaves of it to the next one. */
  take(item: T): T | undefined;
  /** The feed has ended: with a reason if it failed. */
  end(reason: EndReason | undefined): void;
}

type Controller<T> =
  | ReadableStreamDefaultController<T>
  | ReadableByteStreamController;

/**
 * A queue that is fed from outside and hands an item over only when somebody asks, by a
 * stream or by {@linkcode Feed.read}. It knows whether there is something to be read.
 */
export class Feed<T extends object> {
  readonly #options: FeedOptions;
  #stream: ReadableStream<T> | undefined;
  #controller: Controller<T> | undefined;
  #items: T[] = [];
  #size = 0;
  #wanted: (() => void) | null = null;
  #readers: FeedReader<T>[] = [];
  #end: { readonly reason: EndReason | undefined } | null = null;
  #isOver = false;
  #isPartlyRead = false;

  /** A feed without items. */
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

  /** Whether a stream was made of it, and has a reader. */
  get isLocked(): boolean {
    return this.#stream?.locked ?? false;
  }

  /**
   * Whether the stream keeps bytes that its reader has not got: those that are no whole element
   * of the reader's array, or fewer than it waited for. Only the stream's next reader gets them.
   */
  get keepsBytes(): boolean {
    return this.#isPartlyRead || (this.#controller?.desiredSize ?? 0) < 0;
  }

  /** Whether {@linkcode Feed.read} was asked for what has not come. */
  get isRead(): boolean {
    return this.#readers.length > 0;
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

  /** Hands the next item to `reader`, after those who have asked before. */
  read(reader: FeedReader<T>): void {
    this.#readers.push(reader);
    this.#deliver();
    this.#options.onWanted?.();
  }

  /** Ends the feed, or for a `reason` fails it, once all items have been read. */
  end(reason?: EndReason): void {
    this.#end ??= { reason };
    this.#deliver();
  }

  /** Fails the feed at once: what hasn't been read is dropped. */
  fail(reason: EndReason): void {
    this.#clear();
    this.#end = { reason };
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
        this.#end ??= { reason: undefined };
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

  #deliver(): void {
    this.#serveReaders();
    if (!this.#isOver && this.#controller) this.#serveStream(this.#controller);
  }

  #serveReaders(): void {
    while (this.#readers.length > 0 && this.#items.length > 0) {
      const item = this.#shift();
      const rest = item && this.#readers.shift()?.take(item);
      if (rest !== undefined) this.#unshift(rest);
    }
    if (!this.#end || this.#items.length > 0) return;
    for (const reader of this.#readers.splice(0)) reader.end(this.#end.reason);
  }

  /**
   * Gives the reader what it waits for, at once: the end may be about to follow. It gets no more
   * than it takes, and nothing when it has let go of the stream: what a stream keeps would be
   * lost to {@linkcode Feed.read}.
   */
  #serveStream(controller: Controller<T>): void {
    if (this.#wanted && !this.isLocked) this.#settle(false);
    const item = this.#wanted ? this.#shift() : undefined;
    if (item) {
      const room = roomOf(controller);
      const [fitting, rest] = cut(item, room?.byteLength ?? Infinity);
      if (rest) this.#unshift(rest);
      const at = room && room.byteOffset + sizeOf(fitting);
      enqueue(controller, fitting);
      // The reader waits for more than this where its room begins behind it.
      this.#isPartlyRead = at !== undefined &&
        roomOf(controller)?.byteOffset === at;
      this.#settle(false);
    }
    if (!this.#end || this.#items.length > 0) return;
    const { reason } = this.#end;
    if (reason) controller.error(reason.error);
    else close(controller);
    this.#settle(true);
  }

  #shift(): T | undefined {
    const item = this.#items.shift();
    if (item) this.#size -= sizeOf(item);
    return item;
  }

  #unshift(item: T): void {
    this.#items.unshift(item);
    this.#size += sizeOf(item);
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

/** What is free of the buffer of a reader that brought its own: another one takes all. */
function roomOf<T>(controller: Controller<T>): ArrayBufferView | undefined {
  if (!("byobRequest" in controller)) return undefined;
  return controller.byobRequest?.view ?? undefined;
}

/** Cuts bytes in two where the first are more than `length`: a stream takes a whole buffer. */
function cut<T extends object>(item: T, length: number): [T, T?] {
  if (!(item instanceof Uint8Array) || item.length <= length) return [item];
  return [item.slice(0, length), item.subarray(length)] as unknown as [T, T];
}

function enqueue<T>(controller: Controller<T>, item: T): void {
  // Each signature by itself: those of the union differ where a page's types are loaded too.
  if ("byobRequest" in controller) {
    controller.enqueue(item as T & ArrayBufferView<ArrayBuffer>);
  } else controller.enqueue(item);
}

function close<T>(controller: Controller<T>): void {
  controller.close();
  // A reader that brought its own buffer gets it back.
  if ("byobRequest" in controller) controller.byobRequest?.respond(0);
}
