import { messageOf } from "../../internal/error_message.ts";
import { concat, latin1 } from "../../internal/bytes.ts";
import { TlsError, type TlsErrorCode } from "../../internal/tls_error.ts";
import type { TlsTransport } from "../../tls/socket/transport.ts";
import type { Deadline } from "../client/deadline.ts";
import { printable } from "../report/text.ts";

/** The most bytes that a server may send before TLS begins. */
const MAX_BYTES = 65_536;
/** The most bytes of one line. */
const MAX_LINE = 8_192;
/** The most characters of an answer that an error quotes. */
const MAX_QUOTED = 80;
const LINE_FEED = 0x0a;

/** The exchange over a transport before TLS begins: lines and bytes, with bounds. */
export class Conversation {
  readonly #protocol: string;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #deadline: Deadline;
  /** What has come and isn't read yet. */
  #unread: Uint8Array = new Uint8Array();
  #received = 0;

  /** Locks the transport's streams. */
  constructor(
    transport: TlsTransport,
    protocol: string,
    deadline: Deadline,
  ) {
    this.#protocol = protocol;
    this.#reader = transport.readable.getReader();
    this.#writer = transport.writable.getWriter();
    this.#deadline = deadline;
    // If the transport fails, the next write rejects.
    this.#writer.closed.catch(() => {});
  }

  /** Sends a line, without its end, or bytes. */
  async send(what: string | Uint8Array): Promise<void> {
    const bytes = typeof what === "string"
      ? new TextEncoder().encode(`${what}\r\n`)
      : what;
    await this.#inTime(this.#writer.write(bytes));
  }

  /** Reads a line, without its end: each byte is a character. */
  async line(): Promise<string> {
    for (let from = 0;;) {
      const at = this.#unread.indexOf(LINE_FEED, from);
      const length = at < 0 ? this.#unread.length : at;
      if (length > MAX_LINE) {
        throw this.failure(
          `the server sent a line of more than ${MAX_LINE} bytes`,
        );
      }
      if (at >= 0) return latin1(this.#take(at + 1)).replace(/\r?\n$/, "");
      from = length;
      await this.#more();
    }
  }

  /** Reads so many bytes. */
  async bytes(count: number): Promise<Uint8Array> {
    while (this.#unread.length < count) await this.#more();
    return this.#take(count);
  }

  /** An error about what the server did. */
  failure(
    what: string,
    code: TlsErrorCode = "protocol",
    options: ErrorOptions = {},
  ): TlsError {
    const message = `Cannot start TLS by ${this.#protocol}: ${what}`;
    return new TlsError(code, message, options);
  }

  /** An error about an answer that isn't the one that goes on with TLS. */
  refusal(answer: string): TlsError {
    const shown = answer.length > MAX_QUOTED
      ? `${answer.slice(0, MAX_QUOTED)}…`
      : answer;
    return this.failure(
      `the server answered ${printable(JSON.stringify(shown))}`,
    );
  }

  /**
   * Gives the streams back, for TLS.
   *
   * @throws {TlsError} `protocol`, if the server has sent more than its answer. In TLS
   * the client speaks first: earlier bytes may have been injected.
   */
  end(): void {
    const { length } = this.#unread;
    if (length > 0) {
      throw this.failure(
        `the server sent ${length} bytes after its answer, before TLS`,
      );
    }
    this.#reader.releaseLock();
    this.#writer.releaseLock();
  }

  /** Ends the transport. */
  abort(reason: unknown): void {
    this.#reader.cancel(reason).catch(() => {});
    this.#writer.abort(reason).catch(() => {});
  }

  #take(count: number): Uint8Array {
    const taken = this.#unread.subarray(0, count);
    this.#unread = this.#unread.subarray(count);
    return taken;
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#inTime(this.#reader.read());
    if (done) {
      throw this.failure("the server closed the connection", "truncated");
    }
    this.#received += value.length;
    if (this.#received > MAX_BYTES) {
      throw this.failure(`the server sent more than ${MAX_BYTES} bytes`);
    }
    this.#unread = concat([this.#unread, value]);
  }

  async #inTime<T>(step: Promise<T>): Promise<T> {
    try {
      return await this.#deadline.within(step);
    } catch (error) {
      this.#deadline.signal?.throwIfAborted();
      if (error instanceof TlsError) throw error;
      throw this.failure(messageOf(error), "transport", { cause: error });
    }
  }
}
