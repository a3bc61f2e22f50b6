import { Deferred } from "../../internal/deferred.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import type {
  ClientHello,
  ConnectionOwner,
  FoundSession,
  HelloAnswer,
  NewSession,
} from "../../libssl/machine_types.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { opensslInternals } from "../../libssl/openssl_internals.ts";
import { TLSEXT_STATUSTYPE_ocsp } from "../../libssl/constants.ts";
import { DrivenConnection } from "../../tls/engine/driven_connection.ts";
import { allocated } from "../../tls/errors/openssl_error.ts";
import type { NativeContext } from "../context/native_context.ts";
import { connectionError, takeEntries } from "../errors/openssl_errors.ts";
import {
  answerFor,
  type ContextQuestions,
  logKeys,
  prepareContext,
} from "./context_callbacks.ts";
import { CertificateStage } from "./certificate_stage.ts";
import { namesIn } from "./hello.ts";
import { HelloStage } from "./hello_stage.ts";
import type { Ask, ConnectionListener } from "./types.ts";

/** How much each direction of the BIO pair holds. */
const BIO_BYTES = 4096;

/**
 * A connection as `node:tls` has it. Whatever asks or tells the program something waits in
 * `events` until OpenSSL has returned: a listener may then use any connection.
 */
export class NodeConnection extends DrivenConnection<Error>
  implements ConnectionOwner, ContextQuestions {
  /** Connections of `node:tls` have no early data. */
  readonly early: undefined = undefined;
  readonly #openssl: OpenSSL;
  readonly #isServer: boolean;
  readonly #listener: ConnectionListener;
  readonly #onProgress: () => void;
  readonly #helloStage: HelloStage;
  readonly #certStage: CertificateStage;
  #context: NativeContext;
  #events: (() => void)[] = [];
  #protocols: readonly string[] | undefined;
  #logsKeys = false;
  #handshakesBegun = 0;
  #handshakesDone = 0;

  /**
   * A connection of a context, in a role. `onProgress` is called when something that was waited
   * for is over: there may be bytes to send, data, or an error.
   */
  constructor(
    context: NativeContext,
    isServer: boolean,
    listener: ConnectionListener,
    onProgress: () => void,
  ) {
    const { openssl, ctx } = context;
    prepareContext(openssl, ctx);
    const { machine } = opensslInternals.get(openssl);
    super(allocated(
      machine.connect(ctx, {
        role: isServer ? "server" : "client",
        pairBytes: BIO_BYTES,
        readsEarlyData: false,
      }),
      "a connection",
    ));
    this.#openssl = openssl;
    this.#context = context;
    this.#isServer = isServer;
    this.#listener = listener;
    this.#onProgress = onProgress;
    const ask: Ask = (...question) => this.#ask(...question);
    this.#helloStage = new HelloStage(listener, ask);
    this.#certStage = new CertificateStage(listener, ask);
    this.machine.owner = this;
    // Who the peer is hasn't been judged.
    this.mayWrite = false;
    answerFor(this.ssl, this);
    if (!isServer) this.libssl.SSL_set_connect_state(this.ssl);
  }

  /** OpenSSL's functions. */
  get libssl(): Libssl {
    return this.#openssl.libssl;
  }

  /** The instance of OpenSSL. */
  get openssl(): OpenSSL {
    return this.#openssl;
  }

  /** The context whose certificate is sent. */
  get context(): NativeContext {
    return this.#context;
  }

  /** Whether it can be used now: not in a callback of OpenSSL's. */
  get isIdle(): boolean {
    return this.machine.isIdle;
  }

  /** Takes the oldest event that is to be delivered; `undefined` if there is none. */
  nextEvent(): (() => void) | undefined {
    return this.#events.shift();
  }

  /** Sets whether a certificate is requested and required, `SSL_VERIFY_*`. */
  setVerifyMode(mode: number): void {
    this.machine.judgeLater(mode);
  }

  /** Offers protocols (clients), or chooses the first of them that a client offers. */
  setProtocols(list: Uint8Array): void {
    if (this.#isServer) this.#protocols = namesIn(list);
    else this.libssl.SSL_set_alpn_protos(this.ssl, list);
  }

  /** Asks the listener when a certificate is to be chosen. */
  askForCertificate(): void {
    this.#certStage.asks = true;
    this.#chooseCertificate();
  }

  /** Passes key log lines to the listener. */
  logKeys(): void {
    this.#logsKeys = true;
    logKeys(this.#openssl, this.#context.ctx);
  }

  /** Asks for the status of the server's certificate (clients). */
  requestStatus(): void {
    this.libssl.SSL_set_tlsext_status_type(this.ssl, TLSEXT_STATUSTYPE_ocsp);
  }

  /** Sends the certificate of another context, unless one is chosen by the server name. */
  setKeyCert(context: NativeContext): void {
    this.#certStage.context = context;
    this.#chooseCertificate();
  }

  /** Begins a handshake that was asked for: a renegotiation. */
  handshake(): void {
    this.libssl.SSL_do_handshake(this.ssl);
    this.collect();
    this.advance();
  }

  /** {@linkcode ConnectionOwner.onHello} */
  onHello(hello: ClientHello): HelloAnswer {
    return this.#helloStage.onHello(this.libssl, this.ssl, hello);
  }

  /** {@linkcode ConnectionOwner.findSession} */
  findSession(id: string, give: (found: FoundSession) => void): void {
    const der = this.#helloStage.answers.sessions.get(id);
    if (der) give({ der, expiresAt: Infinity, wasTaken: false });
  }

  /** {@linkcode ConnectionOwner.onNewSession} */
  onNewSession({ id, der }: NewSession): void {
    if (!this.#isServer) {
      this.#tell(() => this.#listener.onSession(id, der, () => {}));
      return;
    }
    this.#ask<void>(
      (done) => this.#listener.onSession(id, der, () => done()),
      () => {},
      true,
    );
  }

  /** {@linkcode ContextQuestions.selectProtocol} */
  selectProtocol(offered: readonly string[]): string | null | undefined {
    const { protocol } = this.#helloStage.answers;
    if (protocol !== undefined) return protocol;
    if (this.#protocols === undefined) return undefined;
    return this.#protocols.find((name) => offered.includes(name)) ?? null;
  }

  /** {@linkcode ContextQuestions.onStatus} */
  onStatus(): boolean {
    if (this.#isServer) return this.#certStage.hasResponse;
    const response = this.libssl.SSL_get_tlsext_status_ocsp_resp(this.ssl);
    this.#tell(() => this.#listener.onStatus(response));
    return true;
  }

  /** {@linkcode ContextQuestions.onKeyLog} */
  onKeyLog(line: string): void {
    if (this.#logsKeys) this.#tell(() => this.#listener.onKeyLog(line));
  }

  /** Tells later, when OpenSSL has returned. */
  later(event: () => void): void {
    this.#tell(event);
  }

  protected override onRun(): void {
    const { handshakesBegun = 0, handshakesDone = 0 } = this.lastRun ?? {};
    while (this.#handshakesBegun < handshakesBegun) {
      this.#handshakesBegun++;
      this.#tell(() => this.#listener.onHandshakeStart());
    }
    // The first one is done when the machine says so.
    if (this.state === "handshaking") return;
    while (this.#handshakesDone < handshakesDone) {
      this.#handshakesDone++;
      this.#tell(() => this.#listener.onHandshakeDone());
    }
  }

  protected override onOpen(): void {
    this.#handshakesDone = this.lastRun?.handshakesDone ?? 0;
    this.#tell(() => this.#listener.onHandshakeDone());
  }

  protected override failure(): Error {
    return connectionError(this.libssl, takeEntries(this.libssl));
  }

  protected override asFailure(error: unknown): Error {
    return error instanceof Error ? error : new Error(String(error));
  }

  protected override onPeerClosed(): void {}
  protected override onFailed(): void {}

  protected override onDispose(): void {
    this.#events = [];
  }

  #chooseCertificate(): void {
    const { libssl, ssl } = this;
    libssl.SSL_set_cert_cb(
      ssl,
      () =>
        this.#certStage.onCert(libssl, ssl, (context) => this.#use(context)),
    );
  }

  #use(context: NativeContext): void {
    prepareContext(this.#openssl, context.ctx);
    this.libssl.SSL_set_SSL_CTX(this.ssl, context.ctx);
    this.#context = context;
    if (this.#logsKeys) logKeys(this.#openssl, context.ctx);
  }

  #tell(event: () => void): void {
    this.#events.push(event);
  }

  /** Asks the listener once OpenSSL has returned, and goes on with its answer. */
  #ask<T>(
    ask: (done: (answer: T) => void) => void,
    take: (answer: T) => void,
    holdsBytes = false,
  ): void {
    const answered = new Deferred<T>();
    this.operations.add(answered.promise.then(take), holdsBytes);
    this.operations.pending?.then(() => this.#onProgress());
    this.#tell(() => ask((answer) => answered.resolve(answer)));
  }
}
