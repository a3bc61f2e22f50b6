import type { CertificateRequestOptions } from "../engine/certificate_request.ts";
import { ownOptions } from "../../internal/own_options.ts";
import type { PeerCertificate } from "../peer/peer_certificate.ts";
import { TlsEngine } from "../engine/engine.ts";
import type { TlsEngineOptions } from "../engine/engine_setup.ts";
import type { Resumption } from "../sessions/resumption.ts";
import type { TlsSession } from "../sessions/session.ts";
import {
  SocketCore,
  type SocketHooks,
  type TlsSocketInfo,
} from "./socket_core.ts";
import { checkedTimeout, checkSignal } from "../../internal/option_checks.ts";
import { checkContext } from "./socket_options.ts";
import type { StartTlsOptions } from "./start_tls_options.ts";
import type { TlsTransport } from "./transport.ts";

/** Makes a socket, for the functions that hand sockets out. */
export let openSocket: (
  transport: TlsTransport,
  options: StartTlsOptions,
  hooks?: SocketHooks,
) => TlsSocket;

/** Ends a socket at once. */
export let abortSocket: (socket: TlsSocket, error: unknown) => void;

/** Whether anything has been sent to the peer. */
export let hasAnswered: (socket: TlsSocket) => boolean;

/**
 * A TLS connection over a transport, in the shape of WinterTC's sockets.
 *
 * Backpressure goes through: bytes are read from the transport while the handshake needs
 * them or someone reads `readable`, and some 16 KB ahead, as a peer may say any time that it
 * has ended the connection. A write settles when the transport has taken it.
 *
 * Each direction ends by itself. Closing `writable` sends close_notify, and reading goes
 * on; `readable` ends by the peer's. A transport that ends without it fails `readable`
 * with a {@linkcode TlsError} `truncated`: data may be missing. What goes wrong fails all
 * at once: `opened`, `closed` and both streams. None of it needs a listener.
 *
 * @example An answer in capitals
 * ```ts
 * import { connectTls, listenTls } from "@sesame/tls";
 * import { createTestCertificate } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { cert, key } = createTestCertificate();
 * using listener = listenTls({ hostname: "localhost", port: 0, cert, key });
 * const { port } = listener.addr;
 * const answering = (async () => {
 *   await using socket = await listener.accept();
 *   const text = await new Response(socket.readable).text();
 *   const writer = socket.writable.getWriter();
 *   await writer.write(new TextEncoder().encode(text.toUpperCase()));
 *   await writer.close();
 * })();
 *
 * await using socket = await connectTls({
 *   hostname: "localhost",
 *   port,
 *   caCerts: [cert],
 * });
 * await new Blob(["hello"]).stream().pipeTo(socket.writable);
 * assertEquals(await new Response(socket.readable).text(), "HELLO");
 * await answering;
 * ```
 */
export class TlsSocket implements AsyncDisposable {
  readonly #core: SocketCore;
  readonly #engine: TlsEngine;

  static {
    openSocket = (transport, options, hooks) =>
      new TlsSocket(transport, options, hooks);
    abortSocket = (socket, error) => socket.#core.abort(error);
    hasAnswered = (socket) => socket.#core.io.wire.hasWritten;
  }

  private constructor(
    transport: TlsTransport,
    given: StartTlsOptions,
    hooks: SocketHooks | undefined,
  ) {
    const options = ownOptions(given);
    const { role, signal } = options;
    const handshakeTimeout = checkedTimeout(options.handshakeTimeout);
    checkSignal(signal);
    checkContext(options.context);
    checkTransport(transport);
    this.#engine = new TlsEngine(options.context, {
      ...engineOptions(options),
      ...addressesOf(transport),
    });
    this.#core = new SocketCore({
      engine: this.#engine,
      role,
      transport,
      handshakeTimeout,
      signal,
      hooks,
    });
  }

  /**
   * Resolves when the handshake is done. Rejects with what ended it: a
   * {@linkcode TlsError} `handshake`, `certificate`, `timeout`, `truncated`,
   * `transport` or `closed`, or the reason of the signal.
   */
  get opened(): Promise<TlsSocketInfo> {
    return this.#core.opened.promise;
  }

  /**
   * Resolves when the connection has ended in good order, or by `close()`, and the
   * transport has been given back. Rejects, then too, with what went wrong.
   */
  get closed(): Promise<void> {
    return this.#core.closed.promise;
  }

  /** What was negotiated; `null` before {@linkcode TlsSocket.opened}. */
  get info(): TlsSocketInfo | null {
    return this.#core.info;
  }

  /** Whether a session was resumed, and from where or why not; `null` before `opened`. */
  get resumption(): Resumption | null {
    return this.#core.info?.resumption ?? null;
  }

  /** What the peer sends, but for early data: a byte stream. */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#core.io.readable.stream;
  }

  /** What is sent to the peer. Aborting it ends the connection. */
  get writable(): WritableStream<Uint8Array> {
    return this.#core.sink.stream;
  }

  /**
   * What a client sent with its hello: it comes before `opened`, and may have been
   * replayed (RFC 8446, section 8). Empty unless the context has `maxEarlyData`.
   */
  get earlyData(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#core.io.earlyData.stream;
  }

  /**
   * The sessions that a client is given, as they come: in TLS 1.3 among the data, so they
   * come while there is little of it that nobody has read. Ends when the peer has said that
   * it won't send any more, and fails with the connection. The oldest is dropped when 16 wait
   * to be read.
   */
  get sessions(): ReadableStream<TlsSession> {
    return this.#core.io.sessions.stream;
  }

  /**
   * Changes the keys of what is sent from here (TLS 1.3; RFC 8446, section 4.6.3).
   *
   * @throws {TlsError} `protocol`, in older versions and before `opened`; `closed`, after
   * the end.
   */
  updateKeys(): void {
    this.#engine.updateKeys();
    this.#core.io.update();
  }

  /**
   * Asks a client for its certificate: {@linkcode TlsEngine.requestCertificate}. The answer
   * comes among the data: up to 64 KiB that nobody reads may wait for it in `readable`.
   *
   * @returns A promise of the certificate, or of `null` if the client has none; it is in
   * `info` then, too. It rejects as that of the engine, and with what the engine throws.
   */
  async requestCertificate(
    options?: CertificateRequestOptions,
  ): Promise<PeerCertificate | null> {
    const answer = this.#engine.requestCertificate(options);
    this.#core.io.ask();
    const certificate = await answer;
    this.#core.renewInfo();
    return certificate;
  }

  /**
   * Key material that both ends derive alike (RFC 5705; RFC 8446, section 7.5).
   *
   * @throws {TlsError} `protocol`, before `opened`; `closed`, after the end.
   */
  exportKeyingMaterial(
    length: number,
    label: string,
    context: Uint8Array | null = null,
  ): Uint8Array<ArrayBuffer> {
    return this.#engine.exportKeyingMaterial(length, label, context);
  }

  /**
   * Ends the connection: sends what was written, which may take 5 seconds, and
   * close_notify, gives the peer a second to answer, and gives the transport back. What
   * hasn't been read is lost: reading it fails with a {@linkcode TlsError} `closed`.
   * Before `opened`, with nothing written, it just ends.
   *
   * @returns A promise that settles as `closed` does: it rejects with what went wrong, such as
   * the alert by which the peer refused what was written. It needs no listener.
   */
  close(): Promise<void> {
    return this.#core.close();
  }

  /** {@linkcode TlsSocket.close}, but never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.close();
    } catch { /* `closed` tells of it */ }
  }
}

function engineOptions(options: StartTlsOptions): TlsEngineOptions {
  const { role, hostname, session, earlyData } = options;
  return {
    role,
    ...(hostname !== undefined && { hostname }),
    ...(session !== undefined && { session }),
    ...(earlyData !== undefined && { earlyData }),
  };
}

function addressesOf(
  { remoteAddress, localAddress }: TlsTransport,
): Pick<TlsEngineOptions, "remoteAddress" | "localAddress"> {
  return {
    ...(remoteAddress !== undefined && { remoteAddress }),
    ...(localAddress !== undefined && { localAddress }),
  };
}

function checkTransport(transport: TlsTransport): void {
  if (
    transport !== null && typeof transport === "object" && "pipe" in transport
  ) {
    throw new TypeError(
      "transport must be { readable, writable }, received a stream of Node's: nodeTransport makes one of it",
    );
  }
  const { readable, writable } = transport ?? {};
  if (typeof readable?.getReader !== "function") {
    throw new TypeError(
      `transport.readable must be a ReadableStream, received ${typeof readable}`,
    );
  }
  if (typeof writable?.getWriter !== "function") {
    throw new TypeError(
      `transport.writable must be a WritableStream, received ${typeof writable}`,
    );
  }
  if (readable.locked || writable.locked) {
    throw new TypeError(
      `transport.${
        readable.locked ? "readable" : "writable"
      } must not be locked`,
    );
  }
}
