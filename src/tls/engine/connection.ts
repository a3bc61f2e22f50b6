import { freeIfAlive } from "../../ffi/free_if_alive.ts";
import { TlsError } from "../../internal/tls_error.ts";
import {
  SSL_ERROR_WANT_CLIENT_HELLO_CB,
  SSL_ERROR_WANT_READ,
  SSL_ERROR_WANT_WRITE,
  SSL_ERROR_ZERO_RETURN,
  SSL_RECEIVED_SHUTDOWN,
  SSL_SENT_SHUTDOWN,
  X509_V_ERR_HOSTNAME_MISMATCH,
  X509_V_OK,
} from "../../libssl/constants.ts";
import type { BIO, SSL } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import { Alerts } from "./alerts.ts";
import { ByteQueue } from "./byte_queue.ts";
import { CertificateRequest } from "./certificate_request.ts";
import { ClientSide } from "./client_side.ts";
import {
  connectionInfo,
  type TlsConnectionInfo,
} from "../peer/connection_info.ts";
import {
  type PeerCertificate,
  peerCertificate,
} from "../peer/peer_certificate.ts";
import { Internals } from "../../internal/internals.ts";
import type { ContextCore } from "../context/context_core.ts";
import { EarlyData } from "./early_data.ts";
import { connectBios, type TlsEngineOptions } from "./engine_setup.ts";
import { opensslError } from "../errors/openssl_error.ts";
import type { Resumption } from "../sessions/resumption.ts";
import { type ConnectionObserver, observerOf } from "./observer.ts";
import { ServerSide } from "./server_side.ts";
import { Waits } from "./waits.ts";

/** Where a connection stands. */
export type TlsEngineState =
  | "handshaking"
  | "open"
  | "closing"
  | "closed"
  | "failed";

/** The connection of each `TlsEngine`. */
export const connections = new Internals<Connection>("TlsEngine");

/** The largest plaintext of a record (RFC 8446, section 5.1). */
const RECORD_BYTES = 16_384;

/** What is read lands here first, whichever the connection: reading is synchronous. */
const readBuffer = new Uint8Array(RECORD_BYTES);

/** An `SSL` between two queues of bytes and two of data: the machine in an engine. */
export class Connection {
  /** Application data that has come. */
  readonly plaintext: ByteQueue = new ByteQueue();
  /** Bytes for the peer. */
  readonly outgoing: ByteQueue = new ByteQueue();
  /** Early data, if the role and the configuration have any. */
  readonly early: EarlyData | undefined;
  /** What is waited for. */
  readonly waits: Waits = new Waits(() => this.#resume());
  /** What is a client's alone. */
  readonly client: ClientSide | undefined;
  /** Where the connection stands. */
  state: TlsEngineState = "handshaking";
  /** Whether the peer has sent close_notify. */
  peerClosed = false;
  /** Whether close_notify is to be sent. */
  isEnding = false;
  /** What was negotiated. */
  info: TlsConnectionInfo | null = null;
  /** Whether a session was resumed. */
  resumption: Resumption | null = null;
  /** What ended the connection, if it failed. */
  error: TlsError | null = null;

  readonly #core: ContextCore;
  readonly #ssl: SSL;
  readonly #network: BIO;
  readonly #server: ServerSide | undefined;
  readonly #incoming = new ByteQueue();
  readonly #held = new ByteQueue();
  readonly #unwritten: Uint8Array[] = [];
  readonly #alerts: Alerts;
  #request: CertificateRequest | undefined;
  #isDisposed = false;

  /** A connection of a context in a role. */
  constructor(core: ContextCore, options: TlsEngineOptions) {
    this.#core = core;
    this.#ssl = core.newConnection(options.role);
    this.#network = connectBios(this.libssl, this.#ssl, options);
    try {
      const observer = observerOf(core);
      if (observer) this.observe(observer);
      this.#alerts = new Alerts(core.openssl, this.#ssl);
      if (options.role === "server") {
        this.#server = this.#beServer(options);
        this.early = EarlyData.ofServer(core, this.#ssl);
      } else {
        this.client = new ClientSide(core, this.#ssl, options);
        const { offers } = this.client;
        this.early = EarlyData.ofClient(core, this.#ssl, options, offers);
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** OpenSSL's functions. */
  get libssl(): Libssl {
    return this.#core.openssl.libssl;
  }

  /** The `SSL`. */
  get ssl(): SSL {
    return this.#ssl;
  }

  /** Whether nothing more can happen. */
  get isOver(): boolean {
    return this.#isDisposed || this.state === "closed" ||
      this.state === "failed";
  }

  /** Tells an observer of what waits to be sent, and of each message from here on. */
  observe(observer: ConnectionObserver): void {
    const unsent = this.outgoing.peekAll();
    if (unsent.length > 0) observer.unsent?.(unsent);
    this.libssl.SSL_set_msg_callback(
      this.#ssl,
      (written, version, contentType, bytes) =>
        observer.message(written, version, contentType, bytes),
    );
  }

  /** Takes bytes of the peer's. */
  receive(bytes: Uint8Array): void {
    this.#incoming.push(new Uint8Array(bytes));
    this.#takeIncoming();
  }

  /** Takes application data to be sent. */
  write(data: Uint8Array): void {
    for (let at = 0; at < data.length; at += RECORD_BYTES) {
      this.#unwritten.push(data.slice(at, at + RECORD_BYTES));
    }
    this.advance();
  }

  /** Runs the state machine until it needs the peer or has to wait. */
  advance(): void {
    try {
      this.#run();
    } catch (error) {
      throw this.#over(error);
    }
  }

  /** Whether a client hasn't answered yet whether it has a certificate. */
  get isAsking(): boolean {
    return this.#request?.isUnderWay ?? false;
  }

  /** Asks a client for its certificate: what it answers. */
  requestCertificate(isRequired: boolean): Promise<PeerCertificate | null> {
    if (!this.#server?.mayAsk) {
      throw new TypeError(
        this.#server
          ? "Cannot ask for a certificate: the context has no postHandshakeAuth and caCerts"
          : "Cannot ask for a certificate: only servers do",
      );
    }
    const request = new CertificateRequest(this.libssl, this.#ssl, isRequired);
    this.collect();
    this.#request = request;
    return request.answer;
  }

  /** Takes what OpenSSL wrote out of the BIO pair: whether there was any. */
  collect(): boolean {
    const queue = this.waits.holdBytes ? this.#held : this.outgoing;
    let hasAny = false;
    for (;;) {
      const pending = this.libssl.BIO_ctrl_pending(this.#network);
      const bytes = pending > 0
        ? this.libssl.BIO_nread(this.#network, pending)
        : null;
      if (bytes === null) return hasAny;
      queue.push(new Uint8Array(bytes));
      hasAny = true;
    }
  }

  /** Ends the connection with an error, which is kept. */
  fail(
    code: "handshake" | "certificate" | "protocol" | "truncated",
    message: string,
  ): TlsError {
    if (code === "truncated") this.#server?.end(false);
    else this.#server?.onFatal();
    this.state = "failed";
    this.error = opensslError(this.libssl, code, message, {
      alert: this.#alerts.fatal,
      cause: this.#server?.error,
    });
    this.#request?.abandon(this.error);
    return this.error;
  }

  /** Gives everything back. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#server?.end(this.peerClosed || this.state !== "open");
    if (this.state !== "failed") this.state = "closed";
    this.#request?.abandon(this.error);
    freeIfAlive(() => {
      // What an unclean end does to sessions is the store's matter, not OpenSSL's.
      this.libssl.SSL_set_shutdown(
        this.#ssl,
        SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN,
      );
      this.libssl.SSL_free(this.#ssl);
      this.libssl.BIO_free(this.#network);
    });
  }

  #beServer(options: TlsEngineOptions): ServerSide {
    const server = new ServerSide(
      this.#core,
      this.#ssl,
      (wait, holdsBytes) => this.waits.add(wait, holdsBytes),
      options,
    );
    this.#core.attach(this.#ssl, server);
    this.libssl.SSL_set_accept_state(this.#ssl);
    return server;
  }

  /** A wait is over: goes on, and keeps what goes wrong for `error`. */
  #resume(): void {
    if (this.#isDisposed) return;
    if (!this.waits.holdBytes) this.outgoing.push(this.#held.takeAll());
    try {
      this.advance();
      this.#takeIncoming();
    } catch {
      // It is in `error`, for whoever waited.
    }
  }

  /** Gives OpenSSL what has come, as much as it takes. */
  #takeIncoming(): void {
    let rest = this.#incoming.takeAll();
    while (rest.length > 0 && !this.peerClosed && !this.isOver) {
      const room = this.libssl.BIO_nwrite(this.#network, rest.length);
      if (room === null) {
        this.#incoming.push(rest);
        return;
      }
      room.set(rest.subarray(0, room.length));
      rest = rest.subarray(room.length);
      this.advance();
    }
  }

  #run(): void {
    while (this.#hasWork) {
      this.libssl.ERR_clear_error();
      const result = this.#step();
      const error = this.libssl.SSL_get_error(this.#ssl, result);
      const hasSent = this.collect();
      if (this.isAsking) this.#noteAnswer();
      if (result > 0) continue;
      if (error === SSL_ERROR_WANT_WRITE && hasSent) continue;
      if (error === SSL_ERROR_WANT_READ) {
        if (!this.#alerts.refuseTooMany()) return;
        this.collect();
        throw this.#failure();
      }
      if (error === SSL_ERROR_WANT_CLIENT_HELLO_CB) return;
      if (error === SSL_ERROR_ZERO_RETURN) {
        this.peerClosed = true;
        this.#request?.abandon(null);
        if (this.state === "closing") this.state = "closed";
        continue;
      }
      throw this.#failure();
    }
  }

  /** What a failure leaves: the host's, such as its entropy or clock, ends it too. */
  #over(error: unknown): TlsError {
    if (this.state === "failed" && this.error) return this.error;
    this.#server?.onFatal();
    this.state = "failed";
    this.error = error instanceof TlsError
      ? error
      : new TlsError("protocol", "The connection failed by its host", {
        cause: error,
      });
    this.#request?.abandon(this.error);
    return this.error;
  }

  /** Whether there is something to do: an end that the peer has left may still write. */
  get #hasWork(): boolean {
    if (this.isOver) return false;
    return !this.peerClosed || this.#unwritten.length > 0 ||
      (this.isEnding && this.state === "open");
  }

  /** One call of OpenSSL: more of the handshake, of what to write, or of what to read. */
  #step(): number {
    if (this.state === "handshaking") {
      if (this.early && !this.early.isDone) return this.early.step(readBuffer);
      const result = this.libssl.SSL_do_handshake(this.#ssl);
      if (result === 1) this.#open();
      return result;
    }
    const [data] = this.#unwritten;
    if (data) {
      const result = this.libssl.SSL_write(this.#ssl, data);
      if (result > 0) this.#unwritten.shift();
      return result;
    }
    if (this.isEnding && this.state === "open") {
      this.state = this.peerClosed ? "closed" : "closing";
      this.libssl.SSL_shutdown(this.#ssl);
      return 1;
    }
    const count = this.libssl.SSL_read(this.#ssl, readBuffer);
    if (count > 0) this.plaintext.push(readBuffer.slice(0, count));
    return count;
  }

  /** The handshake is done. A resumed session may be one that was never verified. */
  #open(): void {
    if (this.libssl.SSL_get_verify_result(this.#ssl) !== X509_V_OK) {
      throw this.#failure();
    }
    this.state = "open";
    const info = connectionInfo(this.libssl, this.#ssl, this.early?.status);
    // OpenSSL forgets the name that a client of TLS 1.2 asks for when it resumes.
    this.info = Object.freeze(
      this.#server ? { ...info, serverName: this.#server.serverName } : info,
    );
    const { protocol, resumed } = this.info;
    this.resumption = this.#server?.conclude() ??
      this.client?.conclude(protocol, resumed) ?? null;
  }

  /** The client may have answered: what it has shown is what it is from here. */
  #noteAnswer(): void {
    if (!this.#request?.isAnswered || !this.info) return;
    const certificate = peerCertificate(this.libssl, this.#ssl);
    this.info = Object.freeze({ ...this.info, peerCertificate: certificate });
    this.#request.settle(certificate);
  }

  /** What ended the connection, as an error. */
  #failure(): TlsError {
    const libssl = this.libssl;
    const result = libssl.SSL_get_verify_result(this.#ssl);
    const isVerifying = this.state === "handshaking" || this.isAsking;
    if (isVerifying && result !== X509_V_OK) {
      const hint = result === X509_V_ERR_HOSTNAME_MISMATCH
        ? this.client?.mismatchHint ?? ""
        : "";
      const reason = libssl.X509_verify_cert_error_string(result) + hint;
      return this.fail(
        "certificate",
        `Cannot trust the peer's certificate: ${reason}`,
      );
    }
    return this.state === "handshaking"
      ? this.fail("handshake", "Cannot complete the handshake")
      : this.fail("protocol", "The connection failed");
  }
}
