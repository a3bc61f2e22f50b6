import { Deferred } from "../../internal/deferred.ts";
import { byteView } from "../../internal/byte_view.ts";
import { TlsError } from "../../internal/tls_error.ts";
import type { EndReason } from "./end_reason.ts";
import { Sink } from "./sink.ts";

/** What an {@linkcode Output} writes to. */
export interface OutputTarget {
  /** Sends bytes, `length` of them, after the handshake: settles when the transport has taken them. */
  send(bytes: Uint8Array, length: number): Promise<void>;
  /** Sends close_notify, after the handshake. */
  endWriting(): Promise<void>;
  /** Ends the connection at once, since something could not be written. */
  abort(error: unknown): void;
}

/** What the application writes, by a stream or by calls: all of it in order. */
export class Output {
  readonly #target: OutputTarget;
  #sink: Sink | null = null;
  #last: Promise<void> | null = null;
  /** How many writes are under way, and how many of them by calls. */
  #pending = 0;
  #calls = 0;
  #ending: Promise<void> | null = null;
  #failure: EndReason | null = null;
  #idle: (() => void)[] = [];

  /** For a connection that has just begun. */
  constructor(target: OutputTarget) {
    this.#target = target;
  }

  /** The stream: made when it is asked for. */
  get stream(): WritableStream<Uint8Array> {
    return (this.#sink ??= this.#makeSink()).stream;
  }

  /** Whether a call that writes is under way. */
  get isCalled(): boolean {
    return this.#calls > 0;
  }

  /** Whether the transport has taken all that was written. */
  get isIdle(): boolean {
    return this.#pending === 0 && (this.#sink?.isIdle ?? true);
  }

  /** Resolves when the transport has taken all that was written, or has failed. */
  idle(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Writes all bytes of `p` after earlier writes: returns how many they are. */
  async write(p: Uint8Array): Promise<number> {
    const view = byteView(p, "p");
    const { length } = view;
    this.#checkStreamUnused("write");
    if (length > 0) await this.#called(() => this.#target.send(view, length));
    return length;
  }

  /** Sends close_notify after what was written before. */
  async closeWrite(): Promise<void> {
    this.#checkStreamUnused("closeWrite");
    this.#ending ??= this.#called(() => this.#target.endWriting());
    await this.#ending;
    this.#sink?.fail(endedError());
  }

  /** Fails what is written from now on, and what waits. */
  fail(reason: EndReason): void {
    this.#failure ??= reason;
    const sink = this.#sink;
    // A stream that was closed without an error can't fail.
    if (sink && !sink.hasEnded) sink.fail(reason.error);
    this.#tellIdle();
  }

  #makeSink(): Sink {
    const sink = new Sink({
      write: (chunk) => this.#writeChunk(chunk),
      close: () => this.#inTurn(() => this.#target.endWriting()),
      abort: (cause) =>
        this.#target.abort(
          new TlsError("closed", "The writable was aborted", { cause }),
        ),
      onIdle: () => this.#tellIdle(),
    });
    if (this.#failure) sink.fail(this.#failure.error);
    else if (this.#ending) sink.fail(endedError());
    return sink;
  }

  async #writeChunk(chunk: Uint8Array): Promise<void> {
    try {
      const view = byteView(chunk, "chunk");
      const { length } = view;
      await this.#inTurn(() => this.#target.send(view, length));
    } catch (error) {
      if (this.#failure?.error !== error) this.#target.abort(error);
      throw error;
    }
  }

  async #called(action: () => Promise<void>): Promise<void> {
    this.#calls++;
    try {
      await this.#inTurn(action);
    } finally {
      this.#calls--;
    }
  }

  /** Calls `action` after earlier calls. */
  async #inTurn(action: () => Promise<void>): Promise<void> {
    const before = this.#last;
    const turn = new Deferred<void>();
    this.#last = turn.promise;
    this.#pending++;
    try {
      // Asynchronous also without an earlier call: `pipeTo` writes while a chunk is being delivered.
      await before;
      if (this.#failure) throw this.#failure.error;
      await action();
    } finally {
      this.#pending--;
      turn.resolve();
      this.#tellIdle();
    }
  }

  #tellIdle(): void {
    if (this.#idle.length === 0 || (!this.isIdle && !this.#failure)) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #checkStreamUnused(method: string): void {
    const sink = this.#sink;
    if (sink === null || (!sink.stream.locked && sink.isIdle)) return;
    throw new TypeError(
      `Cannot ${method}: the socket's writable ${
        sink.stream.locked
          ? "is locked, so only its writer can write"
          : "still has chunks to write"
      }`,
    );
  }
}

function endedError(): TlsError {
  return new TlsError("closed", "Cannot write: closeWrite was called");
}
