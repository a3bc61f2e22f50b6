import type { TlsTransport } from "../../../tls/socket/transport.ts";
import { AnswerEnded } from "./failures.ts";

/** A transport with a limit of time, in real milliseconds. */
export class HelloWire {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #timedOut: Promise<never>;

  constructor({ readable, writable }: TlsTransport, timeout: number) {
    this.#reader = readable.getReader();
    this.#writer = writable.getWriter();
    this.#writer.closed.catch(() => {});
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => {});
    this.#timedOut = promise;
    this.#timer = setTimeout(() => {
      const message = `The server didn't answer within ${timeout} ms`;
      reject(new AnswerEnded("timeout", message));
    }, timeout);
  }

  /** Writes bytes. If the transport fails, or the time is up, reading says so. */
  async write(bytes: Uint8Array): Promise<void> {
    const written = this.#writer.write(bytes);
    await Promise.race([written, this.#timedOut]).catch(() => {});
  }

  /**
   * Reads once.
   *
   * @throws {AnswerEnded} If the transport ends or fails, or the time is up.
   */
  async read(): Promise<Uint8Array> {
    const { value } = await Promise.race([
      this.#reader.read().catch(reset),
      this.#timedOut,
    ]);
    if (value) return value;
    throw new AnswerEnded("closed", "The server closed the connection");
  }

  /** Gives the transport up. Never rejects. */
  async end(): Promise<void> {
    const closed = Promise.allSettled([
      this.#writer.close(),
      this.#reader.cancel(),
    ]);
    await Promise.race([closed, this.#timedOut]).catch(() => {});
    clearTimeout(this.#timer);
  }
}

function reset(error: unknown): never {
  const reason = error instanceof Error ? error.message : String(error);
  throw new AnswerEnded("reset", `The connection failed: ${reason}`);
}
