import type { TlsTransport } from "../../tls/socket/transport.ts";
import type { Deadline } from "./deadline.ts";

/** The result of a read: bytes, silence, or the end of the connection. */
export type ReadResult = Uint8Array | "silence" | "end";

/** A connection to the server as the audit's client uses it. */
export interface Wire {
  /**
   * Writes bytes, which are the wire's from then on.
   *
   * @throws What the transport or the deadline rejects with.
   */
  write(bytes: Uint8Array, deadline: Deadline): Promise<void>;
  /**
   * Reads once, for `ms` milliseconds at most, or until the deadline.
   *
   * @throws What the transport or the deadline rejects with.
   */
  read(ms: number | null, deadline: Deadline): Promise<ReadResult>;
  /** Ends the direction to the server, if the transport can do so alone. */
  endWriting(deadline: Deadline): Promise<void>;
  /** Gives the connection up, in order or at once. Never rejects. */
  close(mode: "in order" | "at once"): Promise<void>;
}

/** The most milliseconds that closing a connection is waited for. */
const END_MS = 100;

/** A wire over a transport. */
export class TransportWire implements Wire {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #reading: Promise<ReadResult> | null = null;

  /** Locks the streams of a transport. */
  constructor({ readable, writable }: TlsTransport) {
    this.#reader = readable.getReader();
    this.#writer = writable.getWriter();
    // The next read or write rejects, too.
    this.#reader.closed.catch(() => {});
    this.#writer.closed.catch(() => {});
  }

  async write(bytes: Uint8Array, deadline: Deadline): Promise<void> {
    await deadline.within(this.#writer.write(bytes));
  }

  async read(ms: number | null, deadline: Deadline): Promise<ReadResult> {
    const reading = this.#reading ??= this.#next();
    const heard =
      await (ms === null
        ? deadline.within(reading)
        : deadline.within(reading, ms));
    // A read that is still pending serves the next call.
    if (heard !== "silence") this.#reading = null;
    return heard;
  }

  async endWriting(deadline: Deadline): Promise<void> {
    await deadline.within(this.#writer.close());
  }

  async close(mode: "in order" | "at once"): Promise<void> {
    const ended = mode === "in order"
      ? this.#writer.close()
      : this.#writer.abort();
    await atMost(END_MS, ended);
    await atMost(END_MS, this.#reader.cancel());
  }

  async #next(): Promise<ReadResult> {
    const { done, value } = await this.#reader.read();
    return done ? "end" : value;
  }
}

/** Waits for a promise, however it ends, for `ms` milliseconds at most. */
async function atMost(ms: number, promise: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise.catch(() => {}), over]);
  clearTimeout(timer);
}
