/**
 * A client and a server that talk through a BIO pair.
 *
 * @module
 */
import {
  type Libssl,
  type SSL,
  type SSL_CTX,
  SSL_ERROR_WANT_READ,
  SSL_ERROR_WANT_WRITE,
  type SSL_SESSION,
} from "../../src/libssl/mod.ts";

/** How a connection of {@linkcode Pair} differs from OpenSSL's defaults. */
export interface ConnectOptions {
  /** The session that the client proposes. */
  session?: SSL_SESSION;
  /** The server name that the client asks for. */
  serverName?: string;
}

/** A client and a server that are joined by a BIO pair. */
export class Pair {
  /** The server's end. */
  readonly server: SSL;
  /** The client's end. */
  readonly client: SSL;
  readonly #libssl: Libssl;
  #open = true;

  /** Two new connections. */
  constructor(
    libssl: Libssl,
    serverContext: SSL_CTX,
    clientContext: SSL_CTX,
    { session, serverName }: ConnectOptions = {},
  ) {
    this.#libssl = libssl;
    this.server = made(libssl.SSL_new(serverContext));
    this.client = made(libssl.SSL_new(clientContext));
    const [a, b] = made(libssl.BIO_new_bio_pair());
    libssl.SSL_set_bio(this.server, a, a);
    libssl.SSL_set_bio(this.client, b, b);
    libssl.SSL_set_accept_state(this.server);
    libssl.SSL_set_connect_state(this.client);
    if (session) libssl.SSL_set_session(this.client, session);
    if (serverName) libssl.SSL_set_tlsext_host_name(this.client, serverName);
  }

  /** Whether the server resumed a session. */
  get resumed(): boolean {
    return this.#libssl.SSL_session_reused(this.server) === 1;
  }

  /**
   * Goes through with the handshake and reads what tickets there are.
   *
   * @throws {HandshakeError} If a side fails, after the other has heard of it.
   */
  handshake(): void {
    for (let turn = 0; turn < 20; turn++) {
      const client = this.step("client");
      const server = this.step("server");
      if (client && server) return void this.read("client");
    }
    throw new Error("Cannot complete the handshake: it doesn't end");
  }

  /** Goes on with one side's handshake: whether it is done. */
  step(side: Side): boolean {
    const libssl = this.#libssl;
    libssl.ERR_clear_error();
    const ret = libssl.SSL_do_handshake(this[side]);
    if (ret === 1) return true;
    const error = libssl.SSL_get_error(this[side], ret);
    if (error === SSL_ERROR_WANT_READ || error === SSL_ERROR_WANT_WRITE) {
      return false;
    }
    const reason = libssl.ERR_get_error_all()?.reason ?? null;
    const other = side === "client" ? "server" : "client";
    libssl.SSL_do_handshake(this[other]);
    throw new HandshakeError(side, error, reason);
  }

  /** What a side has received, as text; and it processes tickets, alerts, ... */
  read(side: Side): string {
    const buffer = new Uint8Array(16384);
    const count = this.#libssl.SSL_read(this[side], buffer);
    return new TextDecoder().decode(buffer.subarray(0, Math.max(count, 0)));
  }

  /** Has both sides read for a while: handshake messages go on so, too. */
  exchange(): void {
    for (let turn = 0; turn < 5; turn++) {
      this.read("server");
      this.read("client");
    }
  }

  /** Sends text from a side. */
  write(side: Side, text: string): void {
    this.#libssl.SSL_write(this[side], new TextEncoder().encode(text));
  }

  /** Ends the connection with close_notify from both sides. */
  close(): void {
    if (!this.#open) return;
    this.#shutdown(this.server);
    this.abandon();
  }

  /** Ends the connection without close_notify from the server. */
  abandon(): void {
    if (!this.#open) return;
    this.#open = false;
    // A client that sends none couldn't resume its session either.
    this.#shutdown(this.client);
    this.#libssl.SSL_free(this.client);
    this.#libssl.SSL_free(this.server);
    this.#libssl.ERR_clear_error();
  }

  #shutdown(ssl: SSL): void {
    if (this.#libssl.SSL_is_init_finished(ssl)) this.#libssl.SSL_shutdown(ssl);
  }
}

/** One end of a {@linkcode Pair}. */
export type Side = "client" | "server";

/** What the first side to fail in a handshake had to say. */
export class HandshakeError extends Error {
  /** Which side it was. */
  readonly side: Side;
  /** What `SSL_get_error` said. */
  readonly code: number;

  /** A failure for OpenSSL's reason, which is the message too. */
  constructor(side: Side, code: number, reason: string | null) {
    super(`${side}: ${reason}`);
    this.side = side;
    this.code = code;
  }
}

/** What a function returned that returns `null` on failure. */
export function made<T>(object: T | null): T {
  if (object === null) throw new Error("OpenSSL returned NULL");
  return object;
}
