import { TlsError } from "../ffi/tls_error.ts";
import {
  SSL_CB_ALERT,
  SSL_ERROR_WANT_CLIENT_HELLO_CB,
  SSL_ERROR_WANT_READ,
  SSL_ERROR_WANT_WRITE,
  SSL_ERROR_ZERO_RETURN,
  SSL_KEY_UPDATE_NOT_REQUESTED,
  SSL_RECEIVED_SHUTDOWN,
  SSL_SENT_SHUTDOWN,
  X509_V_OK,
} from "../libssl/constants.ts";
import type { BIO, SSL } from "../libssl/handles.ts";
import type { Libssl } from "../libssl/libssl.ts";
import { ByteQueue } from "./byte_queue.ts";
import { connectionInfo, type TlsConnectionInfo } from "./connection_info.ts";
import { coreOf, type TlsContext } from "./context.ts";
import type { ContextCore } from "./context_core.ts";
import { EarlyData } from "./early_data.ts";
import {
  beClient,
  connectBios,
  type TlsEngineOptions,
} from "./engine_setup.ts";
import { opensslError } from "./openssl_error.ts";
import type { Resumption } from "./resumption.ts";
import { ServerSide } from "./server_side.ts";
import { type TlsSession, toTlsSession } from "./session.ts";
import { Waits } from "./waits.ts";

const RECORD_BYTES = 16_384;

/** Where a connection stands. */
export type TlsEngineState =
  | "handshaking"
  | "open"
  | "closing"
  | "closed"
  | "failed";

/**
 * One TLS connection without I/O: bytes in, bytes out. What the peer sent goes into
 * {@linkcode TlsEngine.receive}; what {@linkcode TlsEngine.send} gives goes to the peer;
 * application data comes from `read()` and goes to `write()`. Any of them may make
 * bytes to send, also one that throws: the peer should get the alert.
 *
 * A server whose store answers with promises has to wait for it now and then: see
 * {@linkcode TlsEngine.pending}.
 *
 * @example A handshake without a network
 * ```ts
 * import { TlsContext, TlsEngine } from "@sesame/tls";
 * import { createTestCertificate } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { cert, key } = createTestCertificate();
 * using context = new TlsContext({ cert, key, caCerts: [cert] });
 * using server = new TlsEngine(context, { role: "server" });
 * using client = new TlsEngine(context, {
 *   role: "client",
 *   hostname: "localhost",
 * });
 * while (server.state !== "open") {
 *   server.receive(client.send());
 *   client.receive(server.send());
 * }
 * client.write(new TextEncoder().encode("hello"));
 * server.receive(client.send());
 * assertEquals(new TextDecoder().decode(server.read()), "hello");
 * ```
 */
export class TlsEngine implements Disposable {
  readonly #core: ContextCore;
  readonly #ssl: SSL;
  readonly #network: BIO;
  readonly #server: ServerSide | undefined;
  readonly #early: EarlyData | undefined;
  readonly #plaintext = new ByteQueue();
  readonly #incoming = new ByteQueue();
  readonly #outgoing = new ByteQueue();
  readonly #held = new ByteQueue();
  readonly #waits = new Waits(() => this.#resume());
  readonly #unwritten: Uint8Array[] = [];
  #sessions: TlsSession[] = [];
  #state: TlsEngineState = "handshaking";
  #hasOffered = false;
  #peerClosed = false;
  #isEnding = false;
  #isDisposed = false;
  #info: TlsConnectionInfo | null = null;
  #resumption: Resumption | null = null;
  #alert: string | undefined;
  #error: TlsError | null = null;

  /**
   * Makes a connection. A client's hello is there to be sent at once.
   *
   * @throws {TypeError} If the context lacks what the role needs: `cert` and `key`
   * for servers, `caCerts` for clients, which need a `hostname` too.
   */
  constructor(context: TlsContext, options: TlsEngineOptions) {
    const { role } = options;
    if (role !== "client" && role !== "server") {
      throw new TypeError(
        `options.role must be "client" or "server", received ${role}`,
      );
    }
    this.#core = coreOf(context);
    this.#ssl = this.#core.newConnection(role);
    try {
      this.#network = connectBios(this.#libssl, this.#ssl);
      this.#watchAlerts();
      if (role === "server") {
        this.#server = this.#beServer();
        this.#early = EarlyData.ofServer(this.#core, this.#ssl);
      } else {
        this.#beClient(options);
        this.#early = EarlyData.ofClient(this.#core, this.#ssl, options);
      }
    } catch (error) {
      this.#libssl.SSL_free(this.#ssl);
      throw error;
    }
    this.#advance();
  }

  /** Where the connection stands. */
  get state(): TlsEngineState {
    return this.#state;
  }

  /** What was negotiated; `null` until the handshake is done. */
  get info(): TlsConnectionInfo | null {
    return this.#info;
  }

  /** Whether a session was resumed, and from where or why not; `null` until it is known. */
  get resumption(): Resumption | null {
    return this.#resumption;
  }

  /**
   * What the engine waits for: a session store or `contextFor`. It takes bytes
   * meanwhile, and when the promise resolves there may be bytes to send and data to
   * read. Never rejects: see {@linkcode TlsEngine.error}. `null` if it waits for nothing.
   */
  get pending(): Promise<void> | null {
    return this.#waits.pending;
  }

  /** What ended the connection, if it failed. */
  get error(): TlsError | null {
    return this.#error;
  }

  /**
   * The newest session that a client was given, or `null`. In TLS 1.3 sessions come
   * after the handshake, with bytes of the server's that follow it.
   */
  get session(): TlsSession | null {
    return this.#sessions.at(-1) ?? null;
  }

  /** Takes the sessions that a client was given since the last call, oldest first. */
  takeSessions(): TlsSession[] {
    const sessions = this.#sessions;
    this.#sessions = [];
    return sessions;
  }

  /** True when the peer has said by close_notify that it won't send any more. */
  get peerClosed(): boolean {
    return this.#peerClosed;
  }

  /**
   * Takes bytes that the peer sent.
   *
   * @throws {TlsError} `handshake`, `certificate` or `protocol`, if they end the
   * connection: what `send()` gives then is the alert.
   */
  receive(bytes: Uint8Array): void {
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError(
        `bytes must be a Uint8Array, received ${typeof bytes}`,
      );
    }
    this.#assertUsable("receive");
    if (bytes.length === 0) return;
    this.#incoming.push(new Uint8Array(bytes));
    this.#takeIncoming();
  }

  /** Takes what is to be sent to the peer: empty if there is nothing. */
  send(): Uint8Array<ArrayBuffer> {
    return this.#outgoing.takeAll();
  }

  /** Takes the application data that has come: empty if there is none. */
  read(): Uint8Array<ArrayBuffer> {
    return this.#plaintext.takeAll();
  }

  /** Takes the early data that has come: it may have been replayed (RFC 8446, 8). */
  readEarlyData(): Uint8Array<ArrayBuffer> {
    return this.#early?.takeAll() ?? new Uint8Array();
  }

  /**
   * Gives application data to be sent, after the handshake if that is under way.
   *
   * @throws {TlsError} `closed`, after `close()`.
   */
  write(data: Uint8Array): void {
    if (!(data instanceof Uint8Array)) {
      throw new TypeError(`data must be a Uint8Array, received ${typeof data}`);
    }
    this.#assertUsable("write");
    if (this.#isEnding) {
      throw new TlsError("closed", "Cannot write: the engine is closing");
    }
    for (let at = 0; at < data.length; at += RECORD_BYTES) {
      this.#unwritten.push(data.slice(at, at + RECORD_BYTES));
    }
    this.#advance();
  }

  /**
   * Changes the keys of what is sent from here (TLS 1.3; RFC 8446, section 4.6.3).
   *
   * @throws {TlsError} `protocol`, in older versions and before the handshake is done.
   */
  updateKeys(): void {
    this.#assertUsable("updateKeys");
    if (
      this.#libssl.SSL_key_update(this.#ssl, SSL_KEY_UPDATE_NOT_REQUESTED) !== 1
    ) {
      throw opensslError(this.#libssl, "protocol", "Cannot update the keys");
    }
    this.#libssl.SSL_do_handshake(this.#ssl);
    this.#collect();
  }

  /**
   * Key material that both ends derive alike (RFC 5705; RFC 8446, section 7.5).
   *
   * @throws {TlsError} `protocol`, before the handshake is done.
   */
  exportKeyingMaterial(
    length: number,
    label: string,
    context: Uint8Array | null = null,
  ): Uint8Array<ArrayBuffer> {
    this.#assertUsable("exportKeyingMaterial");
    const material = this.#libssl.SSL_export_keying_material(
      this.#ssl,
      length,
      label,
      context,
    );
    if (material === null) {
      throw opensslError(
        this.#libssl,
        "protocol",
        "Cannot export key material",
      );
    }
    return material;
  }

  /**
   * The transport has ended.
   *
   * @throws {TlsError} `truncated`, if the peer hadn't sent close_notify: what was
   * read may be less than what it wrote.
   */
  endOfInput(): void {
    if (this.#peerClosed || this.#isOver) return;
    throw this.#fail(
      "truncated",
      this.#state === "handshaking"
        ? "Cannot complete the handshake: the transport ended"
        : "The transport ended without close_notify: data may be missing",
    );
  }

  /**
   * Says by close_notify that no more will be written, once all that was given to
   * `write()` is on its way. What the peer sends can still be read.
   */
  close(): void {
    if (this.#isOver || this.#isEnding) return;
    this.#isEnding = true;
    this.#advance();
  }

  /**
   * Frees the connection; what was read or is to be sent can still be taken, except what
   * a store holds back.
   */
  [Symbol.dispose](): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#server?.end(this.#peerClosed || this.#state !== "open");
    if (!this.#isOver) this.#state = "closed";
    // What an unclean end does to sessions is the store's matter, not OpenSSL's.
    this.#libssl.SSL_set_shutdown(
      this.#ssl,
      SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN,
    );
    this.#libssl.SSL_free(this.#ssl);
    this.#libssl.BIO_free(this.#network);
  }

  get #libssl(): Libssl {
    return this.#core.openssl.libssl;
  }

  get #isOver(): boolean {
    return this.#isDisposed || this.#state === "closed" ||
      this.#state === "failed";
  }

  #beServer(): ServerSide {
    const server = new ServerSide(
      this.#core,
      this.#ssl,
      (wait, holdsBytes) => this.#waits.add(wait, holdsBytes),
    );
    this.#core.attach(this.#ssl, server);
    this.#libssl.SSL_set_accept_state(this.#ssl);
    return server;
  }

  #beClient(options: TlsEngineOptions): void {
    this.#core.attach(this.#ssl, {
      onNewSession: (session) => {
        this.#sessions.push(toTlsSession(this.#core.openssl, session));
      },
    });
    beClient(this.#libssl, this.#ssl, options);
    this.#hasOffered = options.session !== undefined;
  }

  #watchAlerts(): void {
    this.#libssl.SSL_set_info_callback(this.#ssl, (_ssl, where, value) => {
      if (where & SSL_CB_ALERT) {
        this.#alert = this.#libssl.SSL_alert_desc_string_long(value);
      }
    });
  }

  /** A wait is over: goes on, and keeps what goes wrong for `error`. */
  #resume(): void {
    if (this.#isDisposed) return;
    if (!this.#waits.holdBytes) this.#outgoing.push(this.#held.takeAll());
    try {
      this.#advance();
      this.#takeIncoming();
    } catch (error) {
      if (error !== this.#error) throw error;
    }
  }

  /** Gives OpenSSL what has come, as much as it takes. */
  #takeIncoming(): void {
    let rest = this.#incoming.takeAll();
    while (rest.length > 0 && !this.#peerClosed && !this.#isOver) {
      const room = this.#libssl.BIO_nwrite(this.#network, rest.length);
      if (room === null) {
        this.#incoming.push(rest);
        return;
      }
      room.set(rest.subarray(0, room.length));
      rest = rest.subarray(room.length);
      this.#advance();
    }
  }

  /** Runs the state machine until it needs the peer or has to wait. */
  #advance(): void {
    const buffer = new Uint8Array(RECORD_BYTES);
    while (this.#hasWork) {
      this.#libssl.ERR_clear_error();
      const result = this.#step(buffer);
      const error = this.#libssl.SSL_get_error(this.#ssl, result);
      const hasSent = this.#collect();
      if (result > 0) continue;
      if (error === SSL_ERROR_WANT_WRITE && hasSent) continue;
      if (error === SSL_ERROR_WANT_READ) return;
      if (error === SSL_ERROR_WANT_CLIENT_HELLO_CB) return;
      if (error === SSL_ERROR_ZERO_RETURN) {
        this.#peerClosed = true;
        if (this.#state === "closing") this.#state = "closed";
        continue;
      }
      throw this.#failure();
    }
  }

  /** Whether there is something to do: an end that the peer has left may still write. */
  get #hasWork(): boolean {
    if (this.#isOver) return false;
    return !this.#peerClosed || this.#unwritten.length > 0 ||
      (this.#isEnding && this.#state === "open");
  }

  /** One call of OpenSSL: more of the handshake, of what to write, or of what to read. */
  #step(buffer: Uint8Array): number {
    if (this.#state === "handshaking") {
      const early = this.#early?.step(buffer) ?? 1;
      if (early <= 0) return early;
      const result = this.#libssl.SSL_do_handshake(this.#ssl);
      if (result === 1) this.#open();
      return result;
    }
    const [data] = this.#unwritten;
    if (data) {
      const result = this.#libssl.SSL_write(this.#ssl, data);
      if (result > 0) this.#unwritten.shift();
      return result;
    }
    if (this.#isEnding && this.#state === "open") {
      this.#state = this.#peerClosed ? "closed" : "closing";
      this.#libssl.SSL_shutdown(this.#ssl);
      return 1;
    }
    const count = this.#libssl.SSL_read(this.#ssl, buffer);
    if (count > 0) this.#plaintext.push(buffer.slice(0, count));
    return count;
  }

  /** The handshake is done. A resumed session may be one that was never verified. */
  #open(): void {
    if (this.#libssl.SSL_get_verify_result(this.#ssl) !== X509_V_OK) {
      throw this.#failure();
    }
    this.#state = "open";
    this.#info = connectionInfo(this.#libssl, this.#ssl, this.#early?.status);
    this.#resumption = this.#server?.conclude() ??
      clientResumption(this.#info.resumed, this.#hasOffered);
  }

  /** Takes what OpenSSL wrote out of the BIO pair: whether there was any. */
  #collect(): boolean {
    const queue = this.#waits.holdBytes ? this.#held : this.#outgoing;
    let hasAny = false;
    for (;;) {
      const pending = this.#libssl.BIO_ctrl_pending(this.#network);
      const bytes = pending > 0
        ? this.#libssl.BIO_nread(this.#network, pending)
        : null;
      if (bytes === null) return hasAny;
      queue.push(new Uint8Array(bytes));
      hasAny = true;
    }
  }

  /** What ended the connection, as an error. */
  #failure(): TlsError {
    const libssl = this.#libssl;
    const result = libssl.SSL_get_verify_result(this.#ssl);
    if (this.#state === "handshaking" && result !== X509_V_OK) {
      const reason = libssl.X509_verify_cert_error_string(result);
      return this.#fail(
        "certificate",
        `Cannot trust the peer's certificate: ${reason}`,
      );
    }
    return this.#state === "handshaking"
      ? this.#fail("handshake", "Cannot complete the handshake")
      : this.#fail("protocol", "The connection failed");
  }

  #fail(
    code: "handshake" | "certificate" | "protocol" | "truncated",
    message: string,
  ): TlsError {
    if (code === "truncated") this.#server?.end(false);
    else this.#server?.onFatal();
    this.#state = "failed";
    this.#error = opensslError(this.#libssl, code, message, {
      alert: this.#alert,
      cause: this.#server?.error,
    });
    return this.#error;
  }

  #assertUsable(method: string): void {
    if (!this.#isOver) return;
    throw new TlsError(
      "closed",
      `Cannot ${method}: the engine is ${
        this.#state === "failed" ? "failed" : "closed"
      }`,
      { cause: this.#error ?? undefined },
    );
  }
}

/** Whether a client resumed: it knows what it offered, not why the server declined. */
function clientResumption(isReused: boolean, hasOffered: boolean): Resumption {
  if (isReused) return { resumed: true, from: "session" };
  return {
    resumed: false,
    reason: hasOffered ? "server-declined" : "none-offered",
  };
}
