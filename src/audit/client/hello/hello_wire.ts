import { messageOf } from "../../../internal/error_message.ts";
import { TlsError } from "../../../internal/tls_error.ts";
import type { Deadline } from "../deadline.ts";
import type { ReadResult, Wire } from "../wire.ts";
import { AnswerEnded } from "./failures.ts";

/** A wire whose failures are part of an answer. */
export class HelloWire {
  readonly #wire: Wire;
  readonly #deadline: Deadline;

  /** Uses a wire up to a deadline. */
  constructor(wire: Wire, deadline: Deadline) {
    this.#wire = wire;
    this.#deadline = deadline;
  }

  /** Writes bytes. If that fails, reading says so: a server may refuse a hello that isn't whole. */
  async write(bytes: Uint8Array): Promise<void> {
    await this.#wire.write(bytes.slice(), this.#deadline).catch(() => {});
  }

  /**
   * Reads once.
   *
   * @throws {AnswerEnded} If the server is silent, or the connection ends or fails.
   * @throws The reason of the deadline's signal, if it ended.
   */
  async read(): Promise<Uint8Array> {
    const heard = await this.#nextRead();
    if (heard === "end") {
      throw new AnswerEnded("closed", "the server closed the connection");
    }
    if (heard === "silence") {
      throw new AnswerEnded("timeout", "the server didn't answer");
    }
    return heard;
  }

  async #nextRead(): Promise<ReadResult> {
    try {
      return await this.#wire.read(null, this.#deadline);
    } catch (error) {
      this.#deadline.signal?.throwIfAborted();
      const message = messageOf(error);
      const isLate = error instanceof TlsError && error.code === "timeout";
      throw new AnswerEnded(isLate ? "timeout" : "reset", message);
    }
  }
}
