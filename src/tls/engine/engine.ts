import { ownOptions } from "../../internal/own_options.ts";
import { TlsError } from "../../internal/tls_error.ts";
import { SSL_KEY_UPDATE_NOT_REQUESTED } from "../../libssl/constants.ts";
import { byteView } from "../../internal/byte_view.ts";
import type { CertificateRequestOptions } from "./certificate_request.ts";
import { Connection, connections } from "./connection.ts";
import type { TlsEngineState } from "./driven_connection.ts";
import type { TlsConnectionInfo } from "../peer/connection_info.ts";
import type { PeerCertificate } from "../peer/peer_certificate.ts";
import { TlsContext } from "../context/context.ts";
import { contextCores } from "../context/context_core.ts";
import { engineOptions, type TlsEngineOptions } from "./engine_setup.ts";
import { opensslError } from "../errors/openssl_error.ts";
import { checkBoolean } from "../../internal/option_checks.ts";
import type { Resumption } from "../sessions/resumption.ts";
import type { TlsSession } from "../sessions/session.ts";

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
  readonly #connection: Connection;

  /**
   * Makes a connection. A client's hello is there to be sent at once.
   *
   * @throws {TypeError} If the context lacks what the role needs: `cert` and `key`
   * for servers, `caCerts` for clients, which need a `hostname` too.
   */
  constructor(context: TlsContext, options: TlsEngineOptions) {
    if (!(context instanceof TlsContext)) {
      throw new TypeError(
        `context must be a TlsContext, received ${typeof context}`,
      );
    }
    const own = engineOptions(options);
    this.#connection = new Connection(contextCores.get(context), own);
    connections.set(this, this.#connection);
    try {
      // A server has nothing to say before the hello.
      if (own.role === "client") this.#connection.advance();
    } catch (error) {
      this.#connection.dispose();
      throw error;
    }
  }

  /** Where the connection stands. */
  get state(): TlsEngineState {
    return this.#connection.state;
  }

  /** What was negotiated; `null` until the handshake is done. */
  get info(): TlsConnectionInfo | null {
    return this.#connection.info;
  }

  /** Whether a session was resumed, and from where or why not; `null` until it is known. */
  get resumption(): Resumption | null {
    return this.#connection.resumption;
  }

  /**
   * What the engine waits for: a session store or `contextFor`. It takes bytes
   * meanwhile, and when the promise resolves there may be bytes to send and data to
   * read. Never rejects: see {@linkcode TlsEngine.error}. `null` if it waits for nothing.
   */
  get pending(): Promise<void> | null {
    return this.#connection.operations.pending;
  }

  /** What ended the connection, if it failed. */
  get error(): TlsError | null {
    return this.#connection.error;
  }

  /**
   * The newest session that a client was given, or `null`. In TLS 1.3 sessions come
   * after the handshake, with bytes of the server's that follow it.
   */
  get session(): TlsSession | null {
    return this.#connection.client?.newest ?? null;
  }

  /** Takes the sessions that a client was given since the last call, oldest first. */
  takeSessions(): TlsSession[] {
    return this.#connection.client?.takeSessions() ?? [];
  }

  /** True when the peer has said by close_notify that it won't send any more. */
  get peerClosed(): boolean {
    return this.#connection.peerClosed;
  }

  /**
   * Takes bytes that the peer sent.
   *
   * @throws {TlsError} `handshake`, `certificate` or `protocol`, if they end the
   * connection: what `send()` gives then is the alert.
   */
  receive(bytes: Uint8Array): void {
    const view = byteView(bytes, "bytes");
    this.#assertUsable("receive");
    if (view.length > 0) this.#connection.receive(view);
  }

  /** Takes what is to be sent to the peer: empty if there is nothing. */
  send(): Uint8Array<ArrayBuffer> {
    return this.#connection.buffers.outgoing.takeAll();
  }

  /** Takes the application data that has come: empty if there is none. */
  read(): Uint8Array<ArrayBuffer> {
    return this.#connection.buffers.plaintext.takeAll();
  }

  /** Takes the early data that has come: it may have been replayed (RFC 8446, 8). */
  readEarlyData(): Uint8Array<ArrayBuffer> {
    return this.#connection.early?.received.takeAll() ?? new Uint8Array();
  }

  /**
   * Gives application data to be sent, after the handshake if that is under way.
   *
   * @throws {TlsError} `closed`, after `close()`.
   */
  write(data: Uint8Array): void {
    const view = byteView(data, "data");
    this.#assertUsable("write");
    if (this.#connection.isEnding) {
      throw new TlsError("closed", "Cannot write: the engine is closing");
    }
    this.#connection.write(view);
  }

  /**
   * Changes the keys of what is sent from here (TLS 1.3; RFC 8446, section 4.6.3).
   *
   * @throws {TlsError} `protocol`, in older versions and before the handshake is done.
   */
  updateKeys(): void {
    this.#assertUsable("updateKeys");
    const { libssl, ssl } = this.#connection;
    if (libssl.SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED) !== 1) {
      throw opensslError(libssl, "protocol", "Cannot update the keys");
    }
    libssl.SSL_do_handshake(ssl);
    this.#connection.collect();
  }

  /**
   * Asks a client for its certificate now that the handshake is done (TLS 1.3; RFC 8446,
   * 4.6.2). What it shows is verified by the context's `caCerts`, and is the
   * `peerCertificate` of {@linkcode TlsEngine.info} from then on. A client needn't answer
   * at once; the data that comes before its answer comes from someone who hasn't.
   *
   * @returns A promise of the certificate, or of `null` if the client has none. It rejects
   * with the {@linkcode TlsError} that ends the connection: `certificate` if the certificate
   * can't be trusted, `protocol` if one is `required` and there is none, `closed` if the
   * connection ends without an answer.
   * @throws {TypeError} If this is a client, or the context that serves has no
   * `postHandshakeAuth` or no `caCerts`.
   * @throws {TlsError} `protocol`, in older versions, before the handshake is done, while an
   * answer is under way, and if the client has not said that it can be asked.
   */
  requestCertificate(
    options: CertificateRequestOptions = {},
  ): Promise<PeerCertificate | null> {
    this.#assertUsable("requestCertificate");
    const { required } = ownOptions(options, { required: true });
    checkBoolean(required, "required");
    return this.#connection.requestCertificate(required ?? false);
  }

  /** Whether a client hasn't answered {@linkcode TlsEngine.requestCertificate} yet. */
  get isAsking(): boolean {
    return this.#connection.isAsking;
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
    const { libssl, ssl } = this.#connection;
    const material = libssl.SSL_export_keying_material(
      ssl,
      length,
      label,
      context,
    );
    if (material === null) {
      throw opensslError(libssl, "protocol", "Cannot export key material");
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
    const { peerClosed, isOver } = this.#connection;
    if (peerClosed || isOver) return;
    throw this.#connection.truncate();
  }

  /**
   * Says by close_notify that no more will be written, once all that was given to
   * `write()` is on its way. What the peer sends can still be read.
   */
  close(): void {
    if (this.#connection.isOver || this.#connection.isEnding) return;
    this.#connection.close();
  }

  /**
   * Frees the connection; what was read or is to be sent can still be taken, except what
   * a store holds back.
   */
  [Symbol.dispose](): void {
    this.#connection.dispose();
  }

  #assertUsable(method: string): void {
    const { isOver, state, error } = this.#connection;
    if (!isOver) return;
    const is = state === "failed" ? "failed" : "closed";
    throw new TlsError("closed", `Cannot ${method}: the engine is ${is}`, {
      cause: error ?? undefined,
    });
  }
}
