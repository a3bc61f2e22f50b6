import { Buffer } from "node:buffer";
import {
  SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
  SSL_VERIFY_NONE,
  SSL_VERIFY_PEER,
  TLS1_3_VERSION,
} from "../../libssl/constants.ts";
import type { HelloFacts } from "../connection/hello.ts";
import type { NodeConnection } from "../connection/node_connection.ts";
import type {
  CertificateAnswers,
  CertificateQuestion,
  HelloAnswers,
} from "../connection/types.ts";
import type { NativeContext } from "../context/native_context.ts";
import { tlsError } from "../errors/tls_errors.ts";
import { type VerifyError, verifyError } from "../errors/verify_errors.ts";
import { ClientEvents } from "./client_events.ts";
import { IdleTimer } from "./idle_timer.ts";
import { SocketHandle } from "./handle.ts";
import { ServerEvents } from "./server_events.ts";
import { OnRead } from "./on_read.ts";
import type { TLSSocketMembers } from "./members.ts";
import { type CoreListener, SocketCore } from "./socket_core.ts";

const X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT = 2;

/** What a connection's events mean for a `TLSSocket`. */
export class SocketEvents implements CoreListener {
  /** What moves the bytes. */
  readonly core: SocketCore;
  /** Emits `timeout`. */
  readonly idle: IdleTimer = new IdleTimer(() => this.#socket.emit("timeout"));
  /** What stands for Node's own object. */
  readonly handle: SocketHandle = new SocketHandle(this);
  /** What is a client's alone. */
  readonly client: ClientEvents | undefined;
  /** What is a server's alone. */
  readonly server: ServerEvents | undefined;
  readonly #socket: TLSSocketMembers;
  readonly #onRead: OnRead | undefined;
  #endWaits = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The events of a socket, with a connection of `context`. */
  constructor(socket: TLSSocketMembers, context: NativeContext) {
    const { isServer = false, handshakeTimeout = 0 } = socket._tlsOptions;
    this.#socket = socket;
    this.#onRead = OnRead.of(socket._tlsOptions.onread);
    this.server = isServer ? new ServerEvents(socket) : undefined;
    this.client = isServer ? undefined : new ClientEvents(socket);
    if (isServer) context.prepareToServe();
    this.core = new SocketCore(context, isServer, this);
    this.setVerifyMode();
    if (handshakeTimeout > 0) this.#limitTime(handshakeTimeout);
  }

  /** The connection. */
  get connection(): NodeConnection {
    return this.core.connection;
  }

  get isSecure(): boolean {
    return this.#socket._secureEstablished;
  }

  get findsSessions(): boolean {
    return this.server?.findsSessions ?? false;
  }

  get keepsSessions(): boolean {
    return this.server?.keepsSessions ?? false;
  }

  get choosesProtocol(): boolean {
    return this.server?.choosesProtocol ?? false;
  }

  sessionContext(hostName: string | null): Uint8Array | undefined {
    const { openssl } = this.connection;
    return this.server?.sessionContext(openssl, hostName);
  }

  /** Clients verify after the handshake; servers request a certificate as the socket's options say. */
  setVerifyMode(): void {
    const { _requestCert, _rejectUnauthorized, _tlsOptions } = this.#socket;
    const asks = _tlsOptions.isServer && _requestCert;
    const failsIfNone = asks && _rejectUnauthorized;
    if (asks || !_tlsOptions.isServer) {
      this.connection.context.prepareToVerify();
    }
    this.connection.setVerifyMode(
      (asks ? SSL_VERIFY_PEER : SSL_VERIFY_NONE) |
        (failsIfNone ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
    );
  }

  /** What is wrong with the peer's certificate; `null` if nothing is. */
  verifyError(): VerifyError | null {
    const { libssl, ssl } = this.connection;
    if (libssl.SSL_get0_peer_certificate(ssl) !== null) {
      return verifyError(libssl, libssl.SSL_get_verify_result(ssl));
    }
    // A pre-shared key proves as much as a certificate, and in TLS 1.3 looks like a session.
    return this.#hasPsk()
      ? null
      : verifyError(libssl, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT);
  }

  onData(data: Buffer): boolean {
    if (this.handle.isGuarded) this.#socket.destroy();
    if (this.#onRead) return this.#onRead.take(data);
    return this.#socket.push(data);
  }

  /** Whether data goes to the program's buffers. */
  get hasOnRead(): boolean {
    return this.#onRead !== undefined;
  }

  /** The program wants more data. */
  resumeReading(): void {
    if (!(this.#onRead?.resume() ?? true)) return;
    this.core.resumeReading();
    if (!this.#endWaits) return;
    this.#endWaits = false;
    this.onEnd();
  }

  onEnd(): void {
    if (this.#onRead?.isWaiting) {
      this.#endWaits = true;
      return;
    }
    this.#socket.push(null);
    this.#socket.read(0);
  }

  onActivity(): void {
    this.idle.touch();
  }

  onFailure(error: Error): void {
    const socket = this.#socket;
    if (socket._hadError) return;
    socket._hadError = true;
    const { code } = error as { code?: string };
    const isRefusal = socket._secureEstablished && this.server &&
      socket._rejectUnauthorized &&
      code === "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE";
    // A socket that is closing doesn't report that the peer refuses a renegotiation.
    const isLeaving = this.connection.isEnding &&
      code === "ERR_SSL_NO_RENEGOTIATION";
    if (isRefusal || isLeaving) socket.destroy();
    else socket.destroy(error);
  }

  onVerifyListenerError(): void {
    this.#socket.destroy();
  }

  onCarrierError(error: Error): void {
    this.#socket.destroy(error);
  }

  onCarrierClose(isEnded: boolean): void {
    const socket = this.#socket;
    // Data that has come can still be read.
    if (isEnded && !socket.readableEnded) {
      socket.once("end", () => socket.destroy());
    } else socket.destroy();
  }

  onHello(hello: HelloFacts, done: (answers: HelloAnswers) => void): void {
    this.server?.onHello(hello, done);
  }

  onCertificate(
    question: CertificateQuestion,
    done: (answers: CertificateAnswers) => void,
  ): void {
    this.server?.onCertificate(question, done);
  }

  onSession(id: Uint8Array, der: Uint8Array, done: () => void): void {
    this.client?.onSession(der);
    this.server?.onSession(id, der, done, () => this.#finish());
  }

  onStatus(response: Uint8Array | null): void {
    this.client?.onStatus(response);
  }

  onKeyLog(line: string): void {
    this.#socket.emit("keylog", Buffer.from(`${line}\n`));
  }

  onHandshakeStart(): void {
    const { server } = this;
    if (server) this.core.holdingBytes(() => server.onHandshakeStart());
  }

  onHandshakeDone(): void {
    if (this.server?.delaysSecure) return;
    this.#finish();
  }

  /** The socket is destroyed. */
  destroy(error: Error | null): void {
    clearTimeout(this.#timer);
    this.idle.clear();
    this.core.destroy(error);
  }

  #finish(): void {
    const socket = this.#socket;
    if (this.core.isOver) return;
    const { libssl, ssl } = this.connection;
    const protocol = libssl.SSL_get0_alpn_selected(ssl);
    socket.alpnProtocol = protocol.length > 0
      ? String.fromCharCode(...protocol)
      : false;
    socket.servername ??= libssl.SSL_get_servername(ssl) ?? false;
    socket._secureEstablished = true;
    clearTimeout(this.#timer);
    this.core.holdingBytes(() => socket.emit("secure"));
    this.core.release();
  }

  #limitTime(ms: number): void {
    const timer = setTimeout(() => {
      this.#socket._emitTLSError(tlsError("ERR_TLS_HANDSHAKE_TIMEOUT"));
      this.#socket.destroy();
    }, ms);
    this.#timer = timer;
    unref(timer);
  }

  #hasPsk(): boolean {
    const { libssl, ssl } = this.connection;
    const cipher = libssl.SSL_get_current_cipher(ssl);
    const name = cipher === null ? "" : libssl.SSL_CIPHER_standard_name(cipher);
    if (/_PSK_/.test(name ?? "") && !/_RSA_PSK_/.test(name ?? "")) return true;
    return libssl.SSL_version(ssl) === TLS1_3_VERSION &&
      libssl.SSL_session_reused(ssl) === 1;
  }
}

/** A time limit doesn't keep the process alive. */
function unref(timer: unknown): void {
  (timer as { unref?(): void }).unref?.();
}
