import { waitAtMost } from "../../internal/deferred.ts";
import type { TlsError } from "../../internal/tls_error.ts";
import type { TlsTransport } from "./transport.ts";
import { LINGER_TIMEOUT } from "./socket_timers.ts";
import { type EndMode, transportError, type Wire } from "./wire.ts";

/** A transport of two Web streams. */
export class StreamWire implements Wire {
  readonly remoteAddress: string | undefined;
  readonly localAddress: string | undefined;
  onWritten: () => void = () => {};
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #last: Promise<void> = Promise.resolve();
  #unsent = 0;
  #hasWritten = false;
  #writeError: TlsError | null = null;

  /** Locks both streams. */
  constructor(transport: TlsTransport) {
    this.remoteAddress = transport.remoteAddress;
    this.localAddress = transport.localAddress;
    this.#reader = transport.readable.getReader();
    this.#writer = transport.writable.getWriter();
  }

  get unsent(): number {
    return this.#unsent;
  }

  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  get writeError(): TlsError | null {
    return this.#writeError;
  }

  async read(take: (bytes: Uint8Array) => void): Promise<boolean> {
    const { done, value } = await this.#read();
    if (done) return false;
    take(value);
    return true;
  }

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
    ).then(() => this.onWritten());
  }

  async flushed(): Promise<void> {
    await this.#last;
    if (this.#writeError) throw this.#writeError;
  }

  async release(mode: EndMode): Promise<void> {
    if (mode === "closed") {
      await waitAtMost(this.#writer.close(), LINGER_TIMEOUT);
    }
    if (mode === "failed" && !this.#writeError) {
      await waitAtMost(this.#end(), LINGER_TIMEOUT);
    }
    // An abort waits for a write that may never end, so nobody waits for this.
    this.#writer.abort().catch(() => {});
    await waitAtMost(this.#reader.cancel(), LINGER_TIMEOUT);
  }

  ref(): void {}

  unref(): void {}

  async #read(): Promise<ReadableStreamReadResult<Uint8Array>> {
    try {
      const result = await this.#reader.read();
      if (result.done || result.value instanceof Uint8Array) return result;
      throw new TypeError(
        `transport.readable must give Uint8Arrays, received ${typeof result
          .value}`,
      );
    } catch (cause) {
      throw transportError("read from", cause);
    }
  }

  /** Ends what is sent, and takes what comes until the peer ends too: it can read an alert. */
  async #end(): Promise<void> {
    await this.#writer.close().catch(() => {});
    while (!(await this.#read()).done);
  }
}
