import { freeIfAlive } from "../../ffi/free_if_alive.ts";
import { TlsError } from "../../internal/tls_error.ts";
import { X509_V_OK } from "../../libssl/constants.ts";
import { Internals } from "../../internal/internals.ts";
import type { SSL } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import type { MachineConnection } from "../../libssl/machine_connection.ts";
import type { Negotiated, Run } from "../../libssl/machine_types.ts";
import type { ContextCore } from "../context/context_core.ts";
import { alertName } from "../errors/alert_name.ts";
import { opensslError } from "../errors/openssl_error.ts";
import {
  type PeerCertificate,
  readCertificate,
} from "../peer/peer_certificate.ts";
import { verifyFailure } from "../peer/verify_failure.ts";
import type { Resumption } from "../sessions/resumption.ts";
import { ByteQueue } from "./byte_queue.ts";
import { CertificateRequest } from "./certificate_request.ts";
import { ClientSide } from "./client_side.ts";
import {
  connectionInfo,
  type TlsConnectionInfo,
} from "../peer/connection_info.ts";
import { EarlyData } from "./early_data.ts";
import { pairBytesFor, type TlsEngineOptions } from "./engine_setup.ts";
import { Input } from "./input.ts";
import { type ConnectionObserver, observerOf } from "./observer.ts";
import { PendingOperations } from "./pending_operations.ts";
import { ServerSide } from "./server_side.ts";

/** Where a connection stands. */
export type TlsEngineState =
  | "handshaking"
  | "open"
  | "closing"
  | "closed"
  | "failed";

/** The connection of each `TlsEngine`. */
export const connections = new Internals<Connection>("TlsEngine");

/** A connection's machine between two queues of bytes and two of data. */
export class Connection {
  /** Application data that has come. */
  readonly plaintext: ByteQueue = new ByteQueue();
  /** Bytes for the peer. */
  readonly outgoing: ByteQueue = new ByteQueue();
  /** Early data, if the role and the configuration have any. */
  readonly early: EarlyData | undefined;
  /** What is waited for. */
  readonly operations: PendingOperations = new PendingOperations(() =>
    this.#resume()
  );
  /** What is a client's alone. */
  readonly client: ClientSide | undefined;
  /** Where the connection stands. */
  state: TlsEngineState = "handshaking";
  /** Whether the peer has sent close_notify. */
  peerClosed = false;
  /** Whether close_notify is to be sent. */
  isEnding = false;
  /** Whether a session was resumed. */
  resumption: Resumption | null = null;
  /** What ended the connection, if it failed. */
  error: TlsError | null = null;

  readonly #core: ContextCore;
  readonly #machine: MachineConnection;
  readonly #server: ServerSide | undefined;
  readonly #incoming = new Input();
  readonly #unwritten = new Input();
  readonly #held = new ByteQueue();
  #alert = 0;
  #verifyResult = X509_V_OK;
  #request: CertificateRequest | undefined;
  #negotiated: Negotiated | undefined;
  #info: TlsConnectionInfo | null = null;
  #isDisposed = false;

  /** A connection of a context in a role. */
  constructor(core: ContextCore, options: TlsEngineOptions) {
    const { role } = options;
    this.#core = core;
    this.early = role === "server" ? EarlyData.ofServer(core) : undefined;
    this.#machine = core.connect({
      role,
      pairBytes: pairBytesFor(options),
      readsEarlyData: this.early !== undefined,
    });
    try {
      const observer = observerOf(core);
      if (observer) this.observe(observer);
      if (role === "server") {
        this.#server = this.#beServer(options);
      } else {
        this.client = new ClientSide(core, this.#machine, options);
        const { offers } = this.client;
        this.early = EarlyData.ofClient(this.#machine, options, offers);
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
    return this.#machine.ssl;
  }

  /** What was negotiated. */
  get info(): TlsConnectionInfo | null {
    return this.#info ??= this.#negotiated === undefined
      ? null
      : connectionInfo(this.#core.openssl, this.#negotiated, {
        earlyData: this.early?.statusOf(this.#negotiated),
        // OpenSSL forgets the name that a client of TLS 1.2 asks for when it resumes.
        ...(this.#server && { serverName: this.#server.serverName }),
      });
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
      this.ssl,
      (written, version, contentType, bytes) =>
        observer.message(written, version, contentType, bytes),
    );
  }

  /** Takes bytes of the peer's. */
  receive(bytes: Uint8Array): void {
    this.#incoming.push(bytes);
    try {
      this.advance();
    } finally {
      if (this.peerClosed || this.isOver) this.#incoming.clear();
      else this.#incoming.own();
    }
  }

  /** Takes application data to be sent. */
  write(data: Uint8Array): void {
    this.#unwritten.push(data);
    try {
      this.advance();
    } finally {
      this.#unwritten.own();
    }
  }

  /** Runs the state machine until it needs the peer or has to wait. */
  advance(): void {
    try {
      while (this.#hasWork && this.#run());
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
    const request = new CertificateRequest(this.libssl, this.ssl, isRequired);
    this.collect();
    this.#request = request;
    return request.answer;
  }

  /** Takes what OpenSSL's own functions have written: whether there was any. */
  collect(): boolean {
    let hasAny = false;
    for (let hasMore = true; hasMore;) {
      const result = this.#machine.collect();
      this.#note(result);
      hasAny ||= result.wire.length > 0;
      hasMore = result.hasMore;
    }
    return hasAny;
  }

  /** Ends the connection with an error, which is kept. */
  fail(
    code: "handshake" | "certificate" | "protocol" | "truncated",
    message: string,
    verifyError?: string,
  ): TlsError {
    if (code === "truncated") this.#server?.end(false);
    else this.#server?.onFatal();
    this.state = "failed";
    const { libssl } = this;
    this.error = opensslError(libssl, code, message, {
      alert: this.#alert ? alertName(libssl, this.#alert) : undefined,
      cause: this.#server?.error,
      verifyError,
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
    freeIfAlive(() => this.#machine.free());
  }

  #beServer(options: TlsEngineOptions): ServerSide {
    return new ServerSide(
      this.#core,
      this.#machine,
      (operation, holdsBytes) => this.operations.add(operation, holdsBytes),
      options,
    );
  }

  /** An operation is over: goes on, and keeps what goes wrong for `error`. */
  #resume(): void {
    if (this.#isDisposed) return;
    if (!this.operations.holdBytes) this.outgoing.push(this.#held.takeAll());
    try {
      this.advance();
    } catch {
      // It is in `error`, for whoever waited.
    }
  }

  /** One call of the machine: whether there is more to do at once. */
  #run(): boolean {
    const wasHandshaking = this.state === "handshaking";
    const writes = wasHandshaking ? this.early?.unsent : this.#unwritten;
    const incoming = this.#incoming.peek();
    const data = writes?.peek();
    const result = this.#machine.run({
      incoming,
      data,
      ends: this.isEnding,
      isAllEarlyData: writes?.isLast ?? true,
    });
    this.#incoming.drop(result.taken);
    writes?.drop(result.written);
    const { plaintext, opened } = result;
    if (plaintext.length > 0) {
      (wasHandshaking ? this.early?.received : this.plaintext)?.push(plaintext);
    }
    this.#note(result);
    if (this.isAsking) this.#noteAnswer();
    if (result.peerClosed && !this.peerClosed) this.#onPeerClosed();
    if (result.phase === "failed") throw this.#failure();
    this.state = result.phase;
    if (opened) this.#open(opened);
    return result.hasMore || (opened !== undefined && this.#hasUnsent) ||
      isTaken(incoming, result.taken, this.#incoming) ||
      isTaken(data, result.written, writes);
  }

  /** Notes what any call of the machine may have led to. */
  #note({ wire, alert, verifyResult }: Run): void {
    if (wire.length > 0) {
      (this.operations.holdBytes ? this.#held : this.outgoing).push(wire);
    }
    this.#alert = alert;
    this.#verifyResult = verifyResult;
  }

  #onPeerClosed(): void {
    this.peerClosed = true;
    this.#request?.abandon(null);
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
    return !this.isOver && (!this.peerClosed || this.#hasUnsent);
  }

  get #hasUnsent(): boolean {
    return !this.#unwritten.isEmpty || (this.isEnding && this.state === "open");
  }

  /** The handshake is done. */
  #open(negotiated: Negotiated): void {
    this.#negotiated = negotiated;
    this.resumption = this.#server?.conclude(negotiated) ??
      this.client?.conclude(negotiated) ?? null;
  }

  /** The client may have answered: what it has shown is what it is from here. */
  #noteAnswer(): void {
    if (!this.#request?.isAnswered || !this.info) return;
    const certificate = readCertificate(
      this.libssl,
      this.#machine.describe().certificate,
    );
    this.#info = Object.freeze({ ...this.info, peerCertificate: certificate });
    this.#request.settle(certificate);
  }

  /** What ended the connection, as an error. */
  #failure(): TlsError {
    const result = this.#verifyResult;
    const isHandshaking = this.state === "handshaking";
    if ((isHandshaking || this.isAsking) && result !== X509_V_OK) {
      const host = this.client?.host;
      const failure = verifyFailure(this.libssl, this.ssl, result, host);
      return this.fail("certificate", failure.message, failure.verifyError);
    }
    return isHandshaking
      ? this.fail("handshake", "Cannot complete the handshake")
      : this.fail("protocol", "The connection failed");
  }
}

/** Whether all that was given of an input was taken, and there is more. */
function isTaken(
  given: Uint8Array | undefined,
  taken: number,
  input: Input | undefined,
): boolean {
  return given !== undefined && taken === given.length &&
    input?.isEmpty === false;
}
