import {
  SSL_EARLY_DATA_ACCEPTED,
  SSL_EARLY_DATA_REJECTED,
  SSL_READ_EARLY_DATA_FINISH,
} from "../../libssl/constants.ts";
import { byteCopy } from "../../internal/byte_view.ts";
import type { Out, SSL } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import { ByteQueue } from "./byte_queue.ts";
import type { ContextCore } from "../context/context_core.ts";
import type { TlsEngineOptions } from "./engine_setup.ts";
import type { EarlyDataStatus } from "../peer/connection_info.ts";

/**
 * How much early data is written at once: what the BIO pair has room for beside the hello,
 * since OpenSSL counts what it can't write at first twice.
 */
const CHUNK_BYTES = 8192;

/** Early data of one connection, in either role (RFC 8446, 2.3). */
export class EarlyData {
  readonly #libssl: Libssl;
  readonly #ssl: SSL;
  readonly #received = new ByteQueue();
  #toSend: Uint8Array | undefined;
  #isDone = false;
  #isWithheld = false;

  private constructor(libssl: Libssl, ssl: SSL, toSend?: Uint8Array) {
    this.#libssl = libssl;
    this.#ssl = ssl;
    this.#toSend = toSend;
  }

  /** Of a server whose sessions allow it, or those of a context that it may choose. */
  static ofServer(core: ContextCore, ssl: SSL): EarlyData | undefined {
    return core.sessions.maxEarlyData > 0 || core.choosesByName
      ? new EarlyData(core.openssl.libssl, ssl)
      : undefined;
  }

  /**
   * Of a client that has some to send: if the session isn't offered, it is withheld, which is
   * as if the server had refused it.
   *
   * @throws {TypeError} If it isn't bytes, or there is no session that allows it.
   * @throws {RangeError} If it is more than the session allows.
   */
  static ofClient(
    core: ContextCore,
    ssl: SSL,
    { earlyData, session }: TlsEngineOptions,
    isOffered: boolean,
  ): EarlyData | undefined {
    if (earlyData === undefined) return undefined;
    const data = byteCopy(earlyData, "options.earlyData");
    const max = session?.maxEarlyData ?? 0;
    if (max === 0) {
      throw new TypeError(
        "options.earlyData needs options.session with a session that allows it",
      );
    }
    if (data.length > max) {
      throw new RangeError(
        `options.earlyData must be at most ${max} bytes, received ${data.length}`,
      );
    }
    const { libssl } = core.openssl;
    const early = new EarlyData(libssl, ssl, data);
    early.#isDone = early.#isWithheld = !isOffered;
    return early;
  }

  /** What became of it. */
  get status(): EarlyDataStatus {
    if (this.#isWithheld) return "rejected";
    switch (this.#libssl.SSL_get_early_data_status(this.#ssl)) {
      case SSL_EARLY_DATA_ACCEPTED:
        return "accepted";
      case SSL_EARLY_DATA_REJECTED:
        return "rejected";
      default:
        return "none";
    }
  }

  /** Whether the handshake can go on. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Takes what has come. */
  takeAll(): Uint8Array<ArrayBuffer> {
    return this.#received.takeAll();
  }

  /** One call of OpenSSL: above 0 if there may be another. */
  step(buffer: Uint8Array): number {
    return this.#toSend ? this.#write(this.#toSend) : this.#read(buffer);
  }

  #write(data: Uint8Array): number {
    const chunk = data.subarray(0, CHUNK_BYTES);
    const written: Out<number> = { value: 0 };
    const result = this.#libssl.SSL_write_early_data(this.#ssl, chunk, written);
    if (result > 0) {
      this.#toSend = data.subarray(chunk.length);
      this.#isDone = this.#toSend.length === 0;
    }
    return result;
  }

  #read(buffer: Uint8Array): number {
    for (;;) {
      const count: Out<number> = { value: 0 };
      const result = this.#libssl.SSL_read_early_data(this.#ssl, buffer, count);
      if (count.value > 0) this.#received.push(buffer.slice(0, count.value));
      if (result === SSL_READ_EARLY_DATA_FINISH) {
        this.#isDone = true;
        return 1;
      }
      if (count.value === 0) return 0;
    }
  }
}
