import { freeIfAlive } from "../../ffi/free_if_alive.ts";
import type { TlsError } from "../../internal/tls_error.ts";
import { X509_V_OK } from "../../libssl/constants.ts";
import { Internals } from "../../internal/internals.ts";
import type { SSL } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import type { MachineConnection } from "../../libssl/machine_connection.ts";
import type { Negotiated, Run } from "../../libssl/machine_types.ts";
import type { ContextCore } from "../context/context_core.ts";
import { alertName } from "../errors/alert_name.ts";
import { opensslError } from "../errors/openssl_error.ts";
import type { PeerCertificate } from "../peer/peer_certificate.ts";
import type { Resumption } from "../sessions/resumption.ts";
import { ClientSide } from "./client_side.ts";
import { ConnectionBuffers } from "./connection_buffers.ts";
import {
  asTlsError,
  type ConnectionFailure,
  failureOf,
  truncation,
} from "./connection_failure.ts";
import {
  connectionInfo,
  type TlsConnectionInfo,
} from "../peer/connection_info.ts";
import { EarlyData } from "./early_data.ts";
import { pairBytesFor, type TlsEngineOptions } from "./engine_setup.ts";
import { type ConnectionObserver, observerOf, tell } from "./observer.ts";
import { PendingOperations } from "./pending_operations.ts";
import { PostHandshakeAuth } from "./post_handshake_auth.ts";
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

/** A connection's machine, what it is given, and what becomes of it. */
export class Connection {
  /** What comes and goes. */
  readonly buffers: ConnectionBuffers = new ConnectionBuffers();
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
  readonly #auth: PostHandshakeAuth;
  readonly #server: ServerSide | undefined;
  #alert = 0;
  #verifyResult = X509_V_OK;
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
    this.#auth = new PostHandshakeAuth(this.libssl, this.#machine);
    try {
      const observer = observerOf(core);
      if (observer) this.observe(observer);
      if (role === "server") {
        this.#server = new ServerSide(
          core,
          this.#machine,
          options,
          (...of) => this.operations.add(...of),
        );
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
    tell(observer, this.libssl, this.ssl, this.buffers.outgoing.peekAll());
  }

  /** Takes bytes of the peer's. */
  receive(bytes: Uint8Array): void {
    this.#assertIdle();
    // What follows close_notify isn't looked at (RFC 8446, 6.1), though more is to be written.
    if (this.peerClosed) return;
    const { incoming } = this.buffers;
    incoming.push(bytes);
    try {
      this.advance();
    } finally {
      if (this.peerClosed || this.isOver) incoming.clear();
      else incoming.own();
    }
  }

  /** Takes application data to be sent. */
  write(data: Uint8Array): void {
    this.#assertIdle();
    const { unwritten } = this.buffers;
    unwritten.push(data);
    try {
      this.advance();
    } finally {
      unwritten.own();
    }
  }

  /** Says by close_notify that no more is written. */
  close(): void {
    this.#assertIdle();
    this.isEnding = true;
    this.advance();
  }

  /**
   * Refuses calls in a callback, in which a connection of the instance is under way: nothing
   * has become of this one then.
   */
  #assertIdle(): void {
    this.#machine.assertIdle();
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
    return this.#auth.isAsking;
  }

  /** Asks a client for its certificate: what it answers. */
  requestCertificate(isRequired: boolean): Promise<PeerCertificate | null> {
    assertMayAsk(this.#server);
    this.#assertIdle();
    const answer = this.#auth.ask(isRequired);
    // A request may be larger than what OpenSSL can write at once.
    this.advance();
    return answer;
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

  /** The transport has ended before the peer has said that it ends: the error, which is kept. */
  truncate(): TlsError {
    this.#server?.end(false);
    return this.#fail(truncation(this.state === "handshaking"));
  }

  /** Gives everything back. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#server?.end(this.peerClosed || this.state !== "open");
    if (this.state !== "failed") this.state = "closed";
    this.#auth.abandon(this.error);
    freeIfAlive(() => this.#machine.free());
  }

  /** An operation is over: goes on, and keeps what goes wrong for `error`. */
  #resume(): void {
    if (this.#isDisposed) return;
    if (!this.operations.holdBytes) this.buffers.release();
    try {
      this.advance();
    } catch {
      // It is in `error`, for whoever waited.
    }
  }

  /** One call of the machine: whether there is more to do at once. */
  #run(): boolean {
    const { result, hasLeft } = this.buffers.run(this.#machine, {
      early: this.early,
      isHandshaking: this.state === "handshaking",
      ends: this.isEnding,
    });
    const { opened, phase, hasMore, peerClosed } = result;
    this.#note(result);
    // A callback has disposed of it.
    if (this.isOver) return false;
    this.#noteAnswer();
    if (peerClosed && !this.peerClosed) this.#onPeerClosed();
    if (phase === "failed") throw this.#failure();
    this.state = phase;
    if (opened) this.#open(opened);
    return hasMore || hasLeft || (opened !== undefined && this.#hasUnsent);
  }

  /** Notes what any call of the machine may have led to. */
  #note({ wire, alert, verifyResult }: Run): void {
    const { held, outgoing } = this.buffers;
    if (wire.length > 0) {
      (this.operations.holdBytes ? held : outgoing).push(wire);
    }
    this.#alert = alert;
    this.#verifyResult = verifyResult;
  }

  #onPeerClosed(): void {
    this.peerClosed = true;
    this.#auth.abandon(null);
  }

  /** What a failure leaves: the host's, such as its entropy or clock, ends it too. */
  #over(error: unknown): TlsError {
    if (this.state === "failed" && this.error) return this.error;
    this.#server?.onFatal();
    return this.#end(asTlsError(error));
  }

  /** Whether there is something to do: an end that the peer has left may still write. */
  get #hasWork(): boolean {
    return !this.isOver && (!this.peerClosed || this.#hasUnsent);
  }

  get #hasUnsent(): boolean {
    return !this.buffers.unwritten.isEmpty ||
      (this.isEnding && this.state === "open");
  }

  /** The handshake is done. */
  #open(negotiated: Negotiated): void {
    this.#negotiated = negotiated;
    this.resumption = this.#server?.conclude(negotiated) ??
      this.client?.conclude(negotiated) ?? null;
  }

  /** The client may have answered: what it has shown is what it is from here. */
  #noteAnswer(): void {
    const peerCertificate = this.#auth.takeAnswer();
    if (peerCertificate === undefined || this.info === null) return;
    this.#info = Object.freeze({ ...this.info, peerCertificate });
  }

  /** Ends the connection, which OpenSSL has given up, with an error that is kept. */
  #failure(): TlsError {
    const failure = failureOf(this.libssl, this.ssl, {
      isHandshaking: this.state === "handshaking",
      isAsking: this.isAsking,
      verifyResult: this.#verifyResult,
      host: this.client?.host,
    });
    this.#server?.onFatal();
    return this.#fail(failure);
  }

  #fail({ code, message, verifyError }: ConnectionFailure): TlsError {
    const { libssl } = this;
    return this.#end(opensslError(libssl, code, message, {
      alert: this.#alert ? alertName(libssl, this.#alert) : undefined,
      cause: this.#server?.error,
      verifyError,
    }));
  }

  #end(error: TlsError): TlsError {
    this.state = "failed";
    this.error = error;
    this.#auth.abandon(error);
    return error;
  }
}

function assertMayAsk(server: ServerSide | undefined): void {
  if (server?.mayAsk) return;
  throw new TypeError(
    server
      ? "Cannot ask for a certificate: the context has no postHandshakeAuth and caCerts"
      : "Cannot ask for a certificate: only servers do",
  );
}
