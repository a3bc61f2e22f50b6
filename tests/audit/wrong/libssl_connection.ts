import {
  type BIO,
  type Libssl,
  type SSL,
  type SSL_CTX,
  SSL_ERROR_SSL,
  SSL_ERROR_SYSCALL,
  SSL_ERROR_ZERO_RETURN,
  SSL_READ_EARLY_DATA_FINISH,
  SSL_READ_EARLY_DATA_SUCCESS,
} from "../../../src/libssl/mod.ts";
import type { TlsTransport } from "../../../src/tls/socket/transport.ts";
import { made } from "../../support/pair.ts";

/** What a {@linkcode LibsslConnection} does besides a handshake. */
export interface LibsslConnectionOptions {
  readonly readsEarlyData: boolean;
  onStart(ssl: SSL): void;
  onBytes?(bytes: Uint8Array, connection: LibsslConnection): Uint8Array;
  onOpen?(connection: LibsslConnection): Uint8Array | undefined;
  answer(data: Uint8Array, libssl: Libssl, ssl: SSL): Uint8Array | null;
}

const NOTHING = { value: undefined };
const BUFFER_BYTES = 16_384;

/** One connection of a `LibsslServer`, over memory BIOs. */
export class LibsslConnection {
  readonly libssl: Libssl;
  ssl: SSL;
  readonly #options: LibsslConnectionOptions;
  readonly #ctx: SSL_CTX;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #in: BIO;
  #out: BIO;
  #readsEarlyData: boolean;
  readonly #early: Uint8Array[] = [];
  #isOpen = false;
  #isOver = false;

  constructor(
    libssl: Libssl,
    ctx: SSL_CTX,
    options: LibsslConnectionOptions,
  ) {
    this.libssl = libssl;
    this.#options = options;
    this.#ctx = ctx;
    this.#readsEarlyData = options.readsEarlyData;
    [this.ssl, this.#in, this.#out] = this.#begin(ctx);
  }

  /** Goes on with a new state machine: it knows nothing of what was before. */
  replace(ctx: SSL_CTX = this.#ctx): void {
    this.libssl.SSL_free(this.ssl);
    [this.ssl, this.#in, this.#out] = this.#begin(ctx);
    this.#options.onStart(this.ssl);
  }

  /**
   * Serves a transport until either end is done.
   *
   * @throws What a hook throws, when the client has heard the end: nobody handles it, so that the
   * test fails.
   */
  async serve({ readable, writable }: TlsTransport): Promise<void> {
    this.#options.onStart(this.ssl);
    const reader = readable.getReader();
    const writer = writable.getWriter();
    // A client that has gone is no failure of the server's.
    const gone = (): void => void (this.#isOver = true);
    writer.closed.catch(gone);
    try {
      while (!this.#isOver) {
        const { value } = await reader.read().catch(() => NOTHING);
        if (value === undefined) break;
        const answer = this.#take(value);
        if (answer.length > 0) await writer.write(answer).catch(gone);
      }
    } finally {
      await writer.close().catch(gone);
      await reader.cancel().catch(gone);
      this.libssl.SSL_free(this.ssl);
    }
  }

  #begin(ctx: SSL_CTX): [SSL, BIO, BIO] {
    const { libssl } = this;
    const ssl = made(libssl.SSL_new(ctx));
    const [input, output] = [libssl.BIO_new_mem(), libssl.BIO_new_mem()].map(
      made,
    ) as [BIO, BIO];
    libssl.SSL_set_bio(ssl, input, output);
    libssl.SSL_set_accept_state(ssl);
    return [ssl, input, output];
  }

  #take(received: Uint8Array): Uint8Array {
    const { libssl } = this;
    const bytes = this.#options.onBytes?.(received, this) ?? received;
    if (bytes.length > 0) libssl.BIO_write(this.#in, bytes);
    libssl.ERR_clear_error();
    if (this.#readEarlyData() && this.#handshake()) this.#readData();
    const answer = new Uint8Array(libssl.BIO_ctrl_pending(this.#out));
    if (answer.length > 0) libssl.BIO_read(this.#out, answer);
    return answer;
  }

  /** Whether the handshake goes on. */
  #readEarlyData(): boolean {
    const { libssl, ssl } = this;
    const count = { value: 0 };
    while (this.#readsEarlyData) {
      const status = libssl.SSL_read_early_data(ssl, this.#buffer, count);
      if (status === SSL_READ_EARLY_DATA_FINISH) this.#readsEarlyData = false;
      else if (status !== SSL_READ_EARLY_DATA_SUCCESS) return this.#noteEnd(0);
      this.#early.push(this.#buffer.slice(0, count.value));
    }
    return true;
  }

  #handshake(): boolean {
    const result = this.libssl.SSL_do_handshake(this.ssl);
    if (result !== 1) return this.#noteEnd(result);
    if (!this.#isOpen) {
      this.#isOpen = true;
      const greeting = this.#options.onOpen?.(this);
      if (greeting) this.libssl.SSL_write(this.ssl, greeting);
    }
    return true;
  }

  #readData(): void {
    for (const data of this.#early.splice(0)) {
      if (data.length > 0) this.#answer(data);
    }
    while (!this.#isOver) {
      const count = this.libssl.SSL_read(this.ssl, this.#buffer);
      if (count <= 0) return void this.#noteEnd(count);
      this.#answer(this.#buffer.slice(0, count));
    }
  }

  #answer(data: Uint8Array): void {
    const { libssl, ssl } = this;
    if (this.#isOver) return;
    const answer = this.#options.answer(data, libssl, ssl);
    if (answer === null) return;
    libssl.SSL_write(ssl, answer);
    libssl.SSL_shutdown(ssl);
    this.#isOver = true;
  }

  /** Notes whether a call that didn't succeed has ended the connection. Returns false. */
  #noteEnd(result: number): false {
    const error = this.libssl.SSL_get_error(this.ssl, result);
    if (error === SSL_ERROR_ZERO_RETURN) this.libssl.SSL_shutdown(this.ssl);
    this.#isOver ||= error === SSL_ERROR_SSL || error === SSL_ERROR_SYSCALL ||
      error === SSL_ERROR_ZERO_RETURN;
    return false;
  }
}
