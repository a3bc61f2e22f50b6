import { Deferred } from "../../internal/deferred.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import type {
  ClientHello,
  ConnectionOwner,
  FoundSession,
  HelloAnswer,
  NewSession,
  SessionTerms,
} from "../../libssl/machine_types.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { opensslInternals } from "../../libssl/openssl_internals.ts";
import { TLSEXT_STATUSTYPE_ocsp } from "../../libssl/constants.ts";
import { DrivenConnection } from "../../tls/engine/driven_connection.ts";
import { goOn, RETRY } from "../../tls/engine/hello_answers.ts";
import { allocated } from "../../tls/errors/openssl_error.ts";
import type { NativeContext } from "../context/native_context.ts";
import { connectionError, takeEntries } from "../errors/openssl_errors.ts";
import {
  answerFor,
  type ContextQuestions,
  logKeys,
  prepareContext,
} from "./context_callbacks.ts";
import { factsOf, isTls13, namesIn } from "./hello.ts";
import type {
  CertificateAnswers,
  ConnectionListener,
  HelloAnswers,
} from "./types.ts";

/** How much each direction of the BIO pair holds. */
const BIO_BYTES = 4096;
const NO_LIMIT = 0x7fff_ffff;
const NO_ANSWERS: HelloAnswers = { sessions: new Map() };
/** What a certificate callback returns. */
const CERT_OK = 1;
const CERT_RETRY = -1;

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
  #context: NativeContext;
  #events: (() => void)[] = [];
  #helloStage: "new" | "waiting" | "done" = "new";
  #certStage: "new" | "waiting" | "done" = "new";
  #answers = NO_ANSWERS;
  #certificate: CertificateAnswers = {};
  #protocols: readonly string[] | undefined;
  #asksForCertificate = false;
  #keyCert: NativeContext | undefined;
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
    this.machine.owner = this;
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

  /** What is to be told, oldest first; `undefined` if there is nothing. */
  nextEvent(): (() => void) | undefined {
    return this.#events.shift();
  }

  /** Sets whether a certificate is asked for and insisted on, `SSL_VERIFY_*`. */
  setVerifyMode(mode: number): void {
    this.machine.judgeLater(mode);
  }

  /** Offers protocols (clients), or chooses the first of them that a client offers. */
  setProtocols(list: Uint8Array): void {
    if (this.#isServer) this.#protocols = namesIn(list);
    else this.libssl.SSL_set_alpn_protos(this.ssl, list);
  }

  /** Has the listener asked when a certificate is to be chosen. */
  askForCertificate(): void {
    this.#asksForCertificate = true;
    this.libssl.SSL_set_cert_cb(this.ssl, () => this.#onCert());
  }

  /** Has the listener told of keys. */
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
    this.#keyCert = context;
    this.libssl.SSL_set_cert_cb(this.ssl, () => this.#onCert());
  }

  /** Begins a handshake that was asked for: a renegotiation. */
  handshake(): void {
    this.libssl.SSL_do_handshake(this.ssl);
    this.collect();
    this.advance();
  }

  /** {@linkcode ConnectionOwner.onHello} */
  onHello(hello: ClientHello): HelloAnswer {
    if (hello.isNew) {
      this.#helloStage = "new";
      this.#answers = NO_ANSWERS;
    }
    if (this.#helloStage === "new") {
      this.#helloStage = "done";
      if (this.#asks(hello)) this.#helloStage = "waiting";
    }
    return this.#helloStage === "waiting"
      ? RETRY
      : goOn(this.#terms(hello), this.#answers.sessions.size);
  }

  /** {@linkcode ConnectionOwner.findSession} */
  findSession(id: string, give: (found: FoundSession) => void): void {
    const der = this.#answers.sessions.get(id);
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
    if (this.#answers.protocol !== undefined) return this.#answers.protocol;
    if (this.#protocols === undefined) return undefined;
    return this.#protocols.find((name) => offered.includes(name)) ?? null;
  }

  /** {@linkcode ContextQuestions.onStatus} */
  onStatus(): boolean {
    if (this.#isServer) return this.#certificate.response !== undefined;
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

  /** Whether the hello has to wait for what is asked about it. */
  #asks(hello: ClientHello): boolean {
    const { findsSessions, choosesProtocol } = this.#listener;
    if (!findsSessions && !choosesProtocol) return false;
    const facts = factsOf(this.libssl, this.ssl, hello);
    const finds = findsSessions && facts.sessionIds.length > 0;
    if (!finds && !(choosesProtocol && facts.protocols.length > 0)) {
      return false;
    }
    this.#ask<HelloAnswers>(
      (done) => this.#listener.onHello(facts, done),
      (answers) => {
        this.#answers = answers;
        this.#helloStage = "done";
      },
    );
    return true;
  }

  /** On what terms sessions are made, where anybody wants to know of them. */
  #terms(hello: ClientHello): SessionTerms | undefined {
    const { findsSessions, keepsSessions } = this.#listener;
    if (!findsSessions && !keepsSessions) return undefined;
    return {
      context: new Uint8Array(),
      tickets: findsSessions && isTls13(hello) ? "stateful" : "unchanged",
      wantsSessions: keepsSessions,
      maxAge: NO_LIMIT,
    };
  }

  #onCert(): number {
    if (this.#certStage === "new" && this.#asksForCertificate) {
      this.#certStage = "waiting";
      const question = {
        servername: this.libssl.SSL_get_servername(this.ssl),
        wantsStatus: this.libssl.SSL_get_tlsext_status_type(this.ssl) ===
          TLSEXT_STATUSTYPE_ocsp,
      };
      this.#ask<CertificateAnswers>(
        (done) => this.#listener.onCertificate(question, done),
        (answers) => {
          this.#certificate = answers;
          this.#certStage = "done";
        },
      );
    }
    if (this.#certStage === "waiting") return CERT_RETRY;
    this.#certStage = "new";
    this.#useCertificate(this.#certificate);
    return CERT_OK;
  }

  #useCertificate(
    { context = this.#keyCert, response }: CertificateAnswers,
  ): void {
    const { libssl, ssl } = this;
    if (context !== undefined) {
      prepareContext(this.#openssl, context.ctx);
      libssl.SSL_set_SSL_CTX(ssl, context.ctx);
      this.#context = context;
      if (this.#logsKeys) logKeys(this.#openssl, context.ctx);
    }
    if (response !== undefined) {
      libssl.SSL_set_tlsext_status_ocsp_resp(ssl, response);
    }
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
