import { messageOf } from "../../internal/error_message.ts";
import { TlsError } from "../../internal/tls_error.ts";
import {
  SSL_ERROR_WANT_READ,
  SSL_ERROR_WANT_WRITE,
  SSL_ERROR_ZERO_RETURN,
} from "../../libssl/constants.ts";
import type { BIO, SSL } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import { allocated, opensslError } from "../../tls/errors/openssl_error.ts";
import type { ConnectionTrace } from "./connection_trace.ts";
import type { Deadline } from "./deadline.ts";
import type { VisitFailure } from "./visit_types.ts";
import type { Wire } from "./wire.ts";

/** What the server may send on one connection, in bytes. */
const MAX_RECEIVED = 2 ** 20;
const READ_BYTES = 2 ** 11;

/** How driving a connection ended: with success, in silence, or because it was closed. */
export type DriveResult = "done" | "silence" | "closed";

/** What a connection runs on. */
export interface ConnectionParts {
  readonly libssl: Libssl;
  readonly ssl: SSL;
  readonly wire: Wire;
  readonly deadline: Deadline;
  readonly trace: ConnectionTrace;
  /** Sets the clock of the instance, which has other connections. */
  readonly setClock: () => void;
}

/** An `SSL` over a wire. It is freed with the connection. */
export class ClientConnection {
  /** What the client wrote before it read anything. */
  readonly firstFlight: Uint8Array[] = [];
  /** Why the connection failed, if it did. */
  failure: VisitFailure | null = null;
  /** How the server has ended its side, if it has. */
  ended: "in order" | "cut off" | null = null;
  readonly #parts: ConnectionParts;
  readonly #network: BIO;
  /** What was received, and OpenSSL had no room for. */
  #unread = new Uint8Array();
  #received = 0;

  /** Makes a connection that has its BIO pair. */
  constructor(parts: ConnectionParts) {
    const { libssl, ssl, trace } = parts;
    this.#parts = parts;
    const [own, network] = allocated(
      libssl.BIO_new_bio_pair(),
      "a BIO pair",
    );
    libssl.SSL_set_bio(ssl, own, own);
    this.#network = network;
    libssl.SSL_set_msg_callback(ssl, trace.onMessage);
  }

  /** Sends what OpenSSL has written. */
  async flush(): Promise<void> {
    const { wire, deadline, trace } = this.#parts;
    const bytes = this.#takeWritten();
    if (bytes.length === 0) return;
    if (this.#received === 0) this.firstFlight.push(bytes);
    trace.passed("client", bytes);
    await this.#guarded(() => wire.write(bytes.slice(), deadline), true);
  }

  /**
   * Calls `step`, a function of OpenSSL's that returns 1 or more when it is done, as often as
   * it needs bytes of the server's.
   *
   * @param silence How long the server may be silent, in milliseconds; null for the deadline.
   * @param isEnough Whether nothing more is waited for: as if the server were silent.
   * @throws {TlsError} If the connection fails: `failure` says how.
   */
  async drive(
    step: () => number,
    silence: number | null,
    isEnough: () => boolean = () => false,
  ): Promise<DriveResult> {
    const { libssl, ssl, setClock } = this.#parts;
    for (;;) {
      if (this.failure) throw new ConnectionFailed(this.failure);
      setClock();
      libssl.ERR_clear_error();
      const result = step();
      const error = result > 0 ? 0 : libssl.SSL_get_error(ssl, result);
      const problem = error > 0 && !WAITS.has(error)
        ? opensslError(libssl, "handshake", "OpenSSL ended the connection")
        : null;
      await this.flush();
      if (problem !== null) this.#fail(problem);
      if (result > 0) return "done";
      if (error === SSL_ERROR_ZERO_RETURN) {
        this.ended = "in order";
        return "closed";
      }
      if (error === SSL_ERROR_WANT_READ) {
        if (isEnough()) return "silence";
        const heard = await this.#hear(silence);
        if (heard !== "bytes") return heard;
      }
    }
  }

  /** Reads application data once, as {@linkcode drive} does. */
  async read(
    silence: number,
    isEnough?: () => boolean,
  ): Promise<Uint8Array | "silence" | "closed"> {
    const { libssl, ssl } = this.#parts;
    const buffer = new Uint8Array(READ_BYTES);
    let count = 0;
    const driven = await this.drive(
      () => count = libssl.SSL_read(ssl, buffer),
      silence,
      isEnough,
    );
    return driven === "done" ? buffer.slice(0, count) : driven;
  }

  /** Has OpenSSL read bytes that the server didn't send. */
  inject(bytes: Uint8Array): void {
    this.#parts.libssl.BIO_write(this.#network, bytes);
  }

  /**
   * Ends what is sent, and waits until the server has ended, too, or is silent: it has noticed
   * how the connection ended when the next one begins.
   */
  async end(silence: number): Promise<void> {
    const { wire, deadline } = this.#parts;
    try {
      await wire.endWriting(deadline);
      while (this.#received < MAX_RECEIVED) {
        const heard = await wire.read(silence, deadline);
        if (typeof heard === "string") break;
        this.#received += heard.length;
      }
    } catch {
      deadline.signal?.throwIfAborted();
    }
  }

  /** Frees the connection and gives the wire up. */
  async dispose(mode: "in order" | "at once"): Promise<void> {
    const { libssl, ssl, wire } = this.#parts;
    libssl.SSL_free(ssl);
    libssl.BIO_free(this.#network);
    await wire.close(mode);
  }

  /** Gets bytes for OpenSSL. */
  async #hear(
    silence: number | null,
  ): Promise<"bytes" | "silence" | "closed"> {
    if (this.#feed()) return "bytes";
    if (this.ended !== null) return "closed";
    if (this.#received === MAX_RECEIVED) {
      throw this.#failed({
        kind: "error",
        alert: null,
        message: `the server sent more than ${MAX_RECEIVED} bytes`,
      });
    }
    const { wire, deadline, trace } = this.#parts;
    const heard = await this.#guarded(() => wire.read(silence, deadline));
    if (heard === undefined || heard === "end") {
      this.ended = "cut off";
      return "closed";
    }
    if (heard === "silence") return "silence";
    const taken = heard.subarray(0, MAX_RECEIVED - this.#received);
    this.#received += taken.length;
    trace.passed("server", taken);
    this.#unread = taken.slice();
    this.#feed();
    return "bytes";
  }

  /** Hands received bytes to OpenSSL: whether there were some. */
  #feed(): boolean {
    if (this.#unread.length === 0) return false;
    const { libssl } = this.#parts;
    const room = libssl.BIO_ctrl_get_write_guarantee(this.#network);
    const part = this.#unread.subarray(0, room);
    libssl.BIO_write(this.#network, part);
    this.#unread = this.#unread.subarray(part.length);
    return true;
  }

  #takeWritten(): Uint8Array {
    const { libssl } = this.#parts;
    const count = libssl.BIO_ctrl_pending(this.#network);
    const bytes = new Uint8Array(count);
    if (count > 0) libssl.BIO_read(this.#network, bytes);
    return bytes;
  }

  /**
   * Does something with the wire; what it throws is the connection's failure. That nothing can
   * be written is none: what the server said before can still be read, such as an alert.
   */
  async #guarded<T>(
    action: () => Promise<T>,
    isWriting = false,
  ): Promise<T | undefined> {
    const { deadline } = this.#parts;
    try {
      return await action();
    } catch (error) {
      deadline.signal?.throwIfAborted();
      const isLate = error instanceof TlsError && error.code === "timeout";
      if (isWriting && !isLate) return undefined;
      throw this.#failed({
        kind: isLate ? "timeout" : "reset",
        alert: null,
        message: messageOf(error),
      }, error);
    }
  }

  #fail(problem: TlsError): never {
    const { alertFromServer, alertFromClient } = this.#parts.trace;
    throw this.#failed(
      alertFromServer === null
        ? { kind: "error", alert: alertFromClient, message: problem.message }
        : {
          kind: "alert",
          alert: alertFromServer,
          message: `the server sent the alert ${alertFromServer}`,
        },
    );
  }

  #failed(failure: VisitFailure, cause?: unknown): ConnectionFailed {
    this.failure ??= failure;
    return new ConnectionFailed(this.failure, cause);
  }
}

/** Thrown when a connection fails. */
class ConnectionFailed extends Error {
  override readonly name = "ConnectionFailed";
  readonly failure: VisitFailure;

  constructor(failure: VisitFailure, cause?: unknown) {
    super(failure.message, { cause });
    this.failure = failure;
  }
}

/** Waits for an action. If the connection fails, {@linkcode ClientConnection.failure} says how. */
export async function quietly<T>(action: Promise<T>): Promise<T | undefined> {
  try {
    return await action;
  } catch (error) {
    if (error instanceof ConnectionFailed) return undefined;
    throw error;
  }
}

/** The results after which OpenSSL is called again, or that are no failures. */
const WAITS: ReadonlySet<number> = new Set([
  SSL_ERROR_WANT_READ,
  SSL_ERROR_WANT_WRITE,
  SSL_ERROR_ZERO_RETURN,
]);
