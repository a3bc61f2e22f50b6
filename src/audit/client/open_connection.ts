import { concat } from "../../internal/bytes.ts";
import { SSL_OP_NO_RENEGOTIATION } from "../../libssl/constants.ts";
import { refused } from "./client_instance.ts";
import {
  type ClientConnection,
  type ConnectionParts,
  quietly,
} from "./client_connection.ts";
import type { ClientState } from "./client_state.ts";
import type { ClientSession } from "./session.ts";
import { offer } from "./visit_settings.ts";
import type { OpenVisit, Visit } from "./visit_types.ts";

/** From how many bytes on data is read, but not kept. */
export const MAX_DATA = 2 ** 16;
/** How long more data is waited for, in milliseconds. */
const AFTER_DATA_MS = 20;
/** How many times longer than usual a server may be silent before it renegotiates. */
const RENEGOTIATION_FACTOR = 10;

/** What an open connection works with. */
export interface OpenConnectionParts
  extends Pick<ConnectionParts, "libssl" | "ssl"> {
  readonly client: ClientState;
  readonly connection: ClientConnection;
}

/** The application data of a connection, and what else is done on it when it is open. */
export class OpenConnection implements OpenVisit {
  earlyData: Visit["earlyData"] = "not sent";
  /** How many bytes of data have come, as long as they are kept. */
  dataBytes = 0;
  readonly #parts: OpenConnectionParts;
  readonly #data: Uint8Array[] = [];
  /** How many pieces of the data were returned by `read`. */
  #returned = 0;

  /** Uses a connection, which may not be open yet. */
  constructor(parts: OpenConnectionParts) {
    this.#parts = parts;
  }

  /** The application data so far, as much of it as is kept. */
  get data(): Uint8Array {
    return concat(this.#data);
  }

  /** Takes data that has come. */
  take(heard: Uint8Array): void {
    if (this.dataBytes >= MAX_DATA) return;
    this.dataBytes += heard.length;
    this.#data.push(heard);
  }

  async write(bytes: Uint8Array): Promise<void> {
    const { libssl, ssl, connection } = this.#parts;
    if (bytes.length === 0) return;
    // It may come to wait for the server, as in a renegotiation.
    await connection.drive(() => libssl.SSL_write(ssl, bytes), null);
  }

  async read(ms?: number): Promise<Uint8Array> {
    const { connection } = this.#parts;
    for (;;) {
      const heard = await quietly(
        connection.read(ms ?? this.#readTimeout),
      );
      if (heard === undefined || typeof heard === "string") break;
      this.take(heard);
    }
    const news = concat(this.#data.slice(this.#returned));
    this.#returned = this.#data.length;
    return news;
  }

  async renegotiate(session?: ClientSession): Promise<{ resumed: boolean }> {
    const { libssl, ssl, connection } = this.#parts;
    libssl.SSL_clear_options(ssl, SSL_OP_NO_RENEGOTIATION);
    if (session) offer(libssl, ssl, session);
    const begun = session
      ? libssl.SSL_renegotiate_abbreviated(ssl)
      : libssl.SSL_renegotiate(ssl);
    if (begun !== 1) throw refused(libssl, "to renegotiate");
    // It is complete when OpenSSL says so: the server may ignore it.
    const driven = await connection.drive(
      () => libssl.SSL_do_handshake(ssl),
      RENEGOTIATION_FACTOR * this.#silence,
    );
    if (driven === "done") {
      return { resumed: libssl.SSL_session_reused(ssl) === 1 };
    }
    throw new Error(
      driven === "silence"
        ? "the server doesn't answer a renegotiation"
        : "the server ended the connection",
    );
  }

  get #silence(): number {
    return this.#parts.client.silence;
  }

  /** How long more is waited for: a server that has sent data has said what matters. */
  get #readTimeout(): number {
    return this.dataBytes > 0
      ? Math.min(this.#silence, AFTER_DATA_MS)
      : this.#silence;
  }
}
