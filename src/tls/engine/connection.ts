import type { TlsError } from "../../internal/tls_error.ts";
import { X509_V_OK } from "../../libssl/constants.ts";
import { Internals } from "../../internal/internals.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import type { Negotiated } from "../../libssl/machine_types.ts";
import type { ContextCore } from "../context/context_core.ts";
import { alertName } from "../errors/alert_name.ts";
import { opensslError } from "../errors/openssl_error.ts";
import type { PeerCertificate } from "../peer/peer_certificate.ts";
import type { Resumption } from "../sessions/resumption.ts";
import { ClientSide } from "./client_side.ts";
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
import { DrivenConnection } from "./driven_connection.ts";
import { EarlyData } from "./early_data.ts";
import { pairBytesFor, type TlsEngineOptions } from "./engine_setup.ts";
import { type ConnectionObserver, observerOf, tell } from "./observer.ts";
import { PostHandshakeAuth } from "./post_handshake_auth.ts";
import { ServerSide } from "./server_side.ts";

/** The connection of each `TlsEngine`. */
export const connections = new Internals<Connection>("TlsEngine");

/** The connection of a `TlsEngine`, in either role. */
export class Connection extends DrivenConnection<TlsError> {
  /** Early data, if the role and the configuration have any. */
  readonly early: EarlyData | undefined;
  /** The sessions of a client; `undefined` for servers. */
  readonly client: ClientSide | undefined;
  /** Whether a session was resumed. */
  resumption: Resumption | null = null;

  readonly #core: ContextCore;
  readonly #auth: PostHandshakeAuth;
  readonly #server: ServerSide | undefined;
  #negotiated: Negotiated | undefined;
  #info: TlsConnectionInfo | null = null;

  /** A connection of a context in a role. */
  constructor(core: ContextCore, options: TlsEngineOptions) {
    const { role } = options;
    const early = role === "server" ? EarlyData.ofServer(core) : undefined;
    super(core.connect({
      role,
      pairBytes: pairBytesFor(options),
      readsEarlyData: early !== undefined,
    }));
    this.#core = core;
    this.early = early;
    this.#auth = new PostHandshakeAuth(this.libssl, this.machine);
    try {
      const observer = observerOf(core);
      if (observer) this.observe(observer);
      if (role === "server") {
        this.#server = new ServerSide(
          core,
          this.machine,
          options,
          (operation, holdsBytes) => this.operations.add(operation, holdsBytes),
        );
      } else {
        this.client = new ClientSide(core, this.machine, options);
        const { offers } = this.client;
        this.early = EarlyData.ofClient(this.machine, options, offers);
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

  /** What was negotiated. */
  get info(): TlsConnectionInfo | null {
    return this.#info ??= this.#negotiated === undefined
      ? null
      : connectionInfo(this.#core.openssl, this.#negotiated, {
        earlyData: this.early?.statusOf(this.#negotiated),
        // When a client of TLS 1.2 resumes, OpenSSL doesn't keep the name in its hello.
        ...(this.#server && { serverName: this.#server.serverName }),
      });
  }

  /** Reports to an observer the bytes that wait to be sent, and each message from now on. */
  observe(observer: ConnectionObserver): void {
    tell(observer, this.libssl, this.ssl, this.buffers.outgoing.peekAll());
  }

  /** Whether a post-handshake certificate request has no answer yet. */
  get isAsking(): boolean {
    return this.#auth.isAsking;
  }

  /** Requests a client's certificate: returns a promise of the answer. */
  requestCertificate(isRequired: boolean): Promise<PeerCertificate | null> {
    assertMayAsk(this.#server);
    this.assertIdle();
    const answer = this.#auth.ask(isRequired);
    // A request may be larger than what OpenSSL can write at once.
    this.advance();
    return answer;
  }

  /** The transport has ended without close_notify: keeps and returns the error. */
  truncate(): TlsError {
    this.#server?.end(false);
    return this.fail(
      this.#errorOf(truncation(this.state === "handshaking")),
    );
  }

  protected override onDispose(): void {
    this.#server?.end(this.peerClosed || this.state !== "open");
    this.#auth.abandon(this.error);
  }

  protected override onPeerClosed(): void {
    this.#auth.abandon(null);
  }

  /** An error of an import, such as entropy or the clock, ends the connection as well. */
  protected override asFailure(error: unknown): TlsError {
    this.#server?.onFatal();
    return asTlsError(error);
  }

  protected override onFailed(error: TlsError): void {
    this.#auth.abandon(error);
  }

  protected override onOpen(negotiated: Negotiated): void {
    this.#negotiated = negotiated;
    this.resumption = this.#server?.conclude(negotiated) ??
      this.client?.conclude(negotiated) ?? null;
  }

  /** Updates the peer's certificate once the client has answered a request. */
  protected override onRun(): void {
    const peerCertificate = this.#auth.takeAnswer();
    if (peerCertificate === undefined || this.info === null) return;
    this.#info = Object.freeze({ ...this.info, peerCertificate });
  }

  protected override failure(): TlsError {
    const failure = failureOf(this.libssl, this.ssl, {
      isHandshaking: this.state === "handshaking",
      isAsking: this.isAsking,
      verifyResult: this.lastRun?.verifyResult ?? X509_V_OK,
      host: this.client?.host,
    });
    this.#server?.onFatal();
    return this.#errorOf(failure);
  }

  #errorOf({ code, message, verifyError }: ConnectionFailure): TlsError {
    const { libssl } = this;
    const alert = this.lastRun?.alert;
    return opensslError(libssl, code, message, {
      alert: alert ? alertName(libssl, alert) : undefined,
      cause: this.#server?.error,
      verifyError,
    });
  }
}

function assertMayAsk(server: ServerSide | undefined): void {
  if (server?.mayAsk) return;
  throw new TypeError(
    server
      ? "Cannot ask for a certificate: the context needs the options postHandshakeAuth and caCerts"
      : "Cannot ask for a certificate: only servers do",
  );
}
