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
 * A TLS connection without I/O: bytes in, bytes out. Pass the bytes from the peer to
 * {@linkcode TlsEngine.receive}, and send the peer what {@linkcode TlsEngine.send} returns.
 * `read()` returns application data, `write()` takes it. After any of these calls there may
 * be bytes to send, also if the call threw: they hold the alert for the peer.
 *
 * A server whose store returns promises has to wait for them: see
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
   * Creates a connection. A client's hello can be sent at once.
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

  /** The state of the connection. */
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
   * A promise of the session store or `contextFor` that the handshake waits for, or `null`.
   * The engine accepts bytes meanwhile. When the promise resolves, there may be bytes to send
   * and data to read. It never rejects: see {@linkcode TlsEngine.error}.
   */
  get pending(): Promise<void> | null {
    return this.#connection.operations.pending;
  }

  /** The error that ended the connection; `null` if none did. */
  get error(): TlsError | null {
    return this.#connection.error;
  }

  /**
   * The newest session that a client has received, or `null`. In TLS 1.3 the server sends
   * sessions after the handshake.
   */
  get session(): TlsSession | null {
    return this.#connection.client?.newest ?? null;
  }

  /** Returns the sessions that a client has received since the last call, oldest first. */
  takeSessions(): TlsSession[] {
    return this.#connection.client?.takeSessions() ?? [];
  }

  /** Whether the peer has sent close_notify. */
  get peerClosed(): boolean {
    return this.#connection.peerClosed;
  }

  /**
   * Processes bytes from the peer.
   *
   * @throws {TlsError} `handshake`, `certificate` or `protocol`, if they end the
   * connection: `send()` then returns the alert.
   */
  receive(bytes: Uint8Array): void {
    const view = byteView(bytes, "bytes");
    this.#assertUsable("receive");
    if (view.length > 0) this.#connection.receive(view);
  }

  /** Returns the bytes to send to the peer, and removes them: empty if there are none. */
  send(): Uint8Array<ArrayBuffer> {
    return this.#connection.buffers.outgoing.takeAll();
  }

  /** Returns the application data received, and removes it: empty if there is none. */
  read(): Uint8Array<ArrayBuffer> {
    return this.#connection.buffers.plaintext.takeAll();
  }

  /** Returns the early data received, which may be a replay (RFC 8446, section 8). */
  readEarlyData(): Uint8Array<ArrayBuffer> {
    return this.#connection.early?.received.takeAll() ?? new Uint8Array();
  }

  /**
   * Encrypts application data to be sent. Before the end of the handshake the data waits.
   *
   * @throws {TlsError} `closed`, after `close()`.
   */
  write(data: Uint8Array): void {
    const view = byteView(data, "data");
    this.#assertUsable("write");
    if (this.#connection.isEnding) {
      throw new TlsError("closed", "Cannot write: close was called");
    }
    this.#connection.write(view);
  }

  /**
   * Replaces the keys for the data that this end sends (TLS 1.3; RFC 8446, section 4.6.3).
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
   * Requests a client's certificate after the handshake (TLS 1.3; RFC 8446, section 4.6.2).
   * The certificate is verified by the context's `caCerts`, and is the `peerCertificate` of
   * {@linkcode TlsEngine.info} from then on. A client may answer later: data received before
   * its answer is from an unauthenticated client.
   *
   * @returns A promise of the certificate, or of `null` if the client has none. It rejects
   * with the {@linkcode TlsError} that ends the connection: `certificate` if the certificate
   * can't be trusted, `protocol` if one is `required` and there is none, `closed` if the
   * connection ends without an answer.
   * @throws {TypeError} If this is a client, or the context that serves has no
   * `postHandshakeAuth` or no `caCerts`.
   * @throws {TlsError} `protocol`, in older versions, before the handshake is done, while an
   * answer is under way, and if the client doesn't offer `post_handshake_auth`.
   */
  requestCertificate(
    options: CertificateRequestOptions = {},
  ): Promise<PeerCertificate | null> {
    this.#assertUsable("requestCertificate");
    const { required } = ownOptions(options, { required: true });
    checkBoolean(required, "required");
    return this.#connection.requestCertificate(required ?? false);
  }

  /** Whether a {@linkcode TlsEngine.requestCertificate} waits for the client's answer. */
  get isAsking(): boolean {
    return this.#connection.isAsking;
  }

  /**
   * Exports keying material, which is the same at both ends (RFC 5705; RFC 8446, section 7.5).
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
   * Tells the engine that the transport has ended.
   *
   * @throws {TlsError} `truncated`, if the peer hasn't sent close_notify: data may be missing.
   */
  endOfInput(): void {
    const { peerClosed, isOver } = this.#connection;
    if (peerClosed || isOver) return;
    throw this.#connection.truncate();
  }

  /**
   * Sends close_notify after all data of `write()`. Data from the peer can still be read.
   */
  close(): void {
    if (this.#connection.isOver || this.#connection.isEnding) return;
    this.#connection.close();
  }

  /**
   * Frees the connection. `read()` and `send()` still return what was there, except bytes that
   * wait for a store.
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
