import { byteView } from "../../internal/byte_view.ts";
import { Internals } from "../../internal/internals.ts";
import type { CertificateRequestOptions } from "../engine/certificate_request.ts";
import type { PeerCertificate } from "../peer/peer_certificate.ts";
import type { Resumption } from "../sessions/resumption.ts";
import type { TlsSession } from "../sessions/session.ts";
import { readInto } from "./read_into.ts";
import { socketAddress, type TlsSocketAddress } from "./socket_address.ts";
import type { SocketCore } from "./socket_core.ts";
import type { TlsSocketInfo } from "./socket_settings.ts";

/** The core of each `TlsSocket`. */
export const socketCores = new Internals<SocketCore>("TlsSocket");

/** What makes a `TlsSocket`, set on the class, whose constructor is private. */
const socketFactory = new Internals<(core: SocketCore) => TlsSocket>(
  "typeof TlsSocket",
);

/** The socket of a core, for the functions that hand sockets out. */
export function socketOver(core: SocketCore): TlsSocket {
  return socketFactory.get(TlsSocket)(core);
}

/**
 * A TLS connection over a transport, in the shape of WinterTC's sockets.
 *
 * Backpressure is passed on: bytes are read from the transport while the handshake needs them
 * or `readable` is read, and some 16 KB ahead, to notice the end of the connection. A write
 * settles when the transport has taken the bytes.
 *
 * The directions end separately. Closing `writable` sends close_notify, and reading goes on;
 * `readable` ends with the peer's close_notify. If the transport ends without one, `readable`
 * fails with a {@linkcode TlsError} `truncated`: data may be missing. An error rejects
 * `opened` and `closed` and fails both streams. It need not be handled.
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
export class TlsSocket implements Disposable, AsyncDisposable {
  readonly #core: SocketCore;

  static {
    socketFactory.set(this, (core) => new TlsSocket(core));
  }

  private constructor(core: SocketCore) {
    this.#core = core;
    socketCores.set(this, core);
  }

  /**
   * Resolves when the handshake is done. Rejects if it fails: with a
   * {@linkcode TlsError} `handshake`, `certificate`, `timeout`, `truncated`,
   * `transport` or `closed`, or the reason of the signal.
   */
  get opened(): Promise<TlsSocketInfo> {
    return this.#core.opened;
  }

  /**
   * Resolves when the connection has ended without an error, or by `close()`, and the
   * transport has been released. Rejects with the error otherwise.
   */
  get closed(): Promise<void> {
    return this.#core.closed;
  }

  /** What was negotiated; `null` before {@linkcode TlsSocket.opened}. */
  get info(): TlsSocketInfo | null {
    return this.#core.info;
  }

  /** Whether a session was resumed, and from where or why not; `null` before `opened`. */
  get resumption(): Resumption | null {
    return this.#core.engine.resumption;
  }

  /**
   * A byte stream of the data from the peer, except early data.
   *
   * @throws {TypeError} While a {@linkcode TlsSocket.read} is under way.
   */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    if (this.#core.io.readable.isRead) {
      throw new TypeError("Cannot use readable: a read() is under way");
    }
    return this.#core.io.readable.stream;
  }

  /**
   * A stream of the data to the peer. Aborting it ends the connection.
   *
   * @throws {TypeError} While a {@linkcode TlsSocket.write} is under way.
   */
  get writable(): WritableStream<Uint8Array> {
    if (this.#core.output.isCalled) {
      throw new TypeError("Cannot use writable: a write() is under way");
    }
    return this.#core.output.stream;
  }

  /** The address at this end. */
  get localAddr(): TlsSocketAddress {
    return socketAddress(this.#core.io.wire.localAddress);
  }

  /** The peer's address. */
  get remoteAddr(): TlsSocketAddress {
    return socketAddress(this.#core.io.wire.remoteAddress);
  }

  /**
   * Reads data from the peer, except early data, into `p`, as `Deno.Conn.read` does: waits
   * until there is some. Concurrent reads are served in order. It costs less than `readable`,
   * and can be used before and after it.
   *
   * @returns A promise of the number of bytes, or of `null` after the peer's close_notify. It
   * rejects as `readable` fails, and with a `TypeError` if `p` isn't a `Uint8Array`, `readable`
   * is locked, or keeps bytes of an element or a minimum that its last reader has got a part of,
   * or the buffer of `p` is transferred meanwhile: the next read gets the data.
   */
  async read(p: Uint8Array): Promise<number | null> {
    const into = byteView(p, "p");
    const { readable } = this.#core.io;
    if (readable.isLocked) {
      throw new TypeError(
        "Cannot read: the socket's readable is locked, so only its reader can read",
      );
    }
    if (readable.keepsBytes) {
      throw new TypeError(
        "Cannot read: readable keeps bytes that its last reader has not got, so read them there",
      );
    }
    return into.length === 0 ? 0 : await readInto(readable, into);
  }

  /**
   * Writes all of `p`, as `Deno.Conn.write` does, after earlier writes.
   *
   * @returns A promise of the number of bytes, when the transport has taken them; `p` must not
   * change until then. It rejects as writing to `writable` does, and with a `TypeError` if `p`
   * isn't a `Uint8Array` or `writable` is locked.
   */
  write(p: Uint8Array): Promise<number> {
    return this.#core.output.write(p);
  }

  /**
   * Sends close_notify after earlier writes, as `Deno.Conn.closeWrite` does. Data from the peer
   * can still be read.
   *
   * @returns A promise that is settled when the transport has taken it. It rejects with a
   * `TypeError` if `writable` is locked, and with what ended the connection.
   */
  closeWrite(): Promise<void> {
    return this.#core.output.closeWrite();
  }

  /** Returns {@linkcode TlsSocket.opened}, for code that is written for `Deno.TlsConn`. */
  handshake(): Promise<TlsSocketInfo> {
    return this.opened;
  }

  /**
   * Keeps the process alive for reads and writes of the transport, as by default. Only for a
   * `Deno.TcpConn`; otherwise it has no effect.
   */
  ref(): void {
    this.#core.io.wire.ref();
  }

  /**
   * Lets the process end in spite of them: the opposite of {@linkcode TlsSocket.ref}. The time
   * limits of the handshake and of `close()` keep it alive all the same.
   */
  unref(): void {
    this.#core.io.wire.unref();
  }

  /**
   * A stream of a client's early data, which can be read before `opened`, and may be a replay
   * (RFC 8446, section 8). Empty unless the context has `maxEarlyData`.
   */
  get earlyData(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#core.io.earlyData.stream;
  }

  /**
   * A stream of the sessions that a client receives. In TLS 1.3 they come among the data: read
   * the data too. The stream ends with the peer's close_notify, and fails with the connection.
   * When 16 sessions are unread, the oldest is dropped.
   */
  get sessions(): ReadableStream<TlsSession> {
    return this.#core.io.sessions.stream;
  }

  /**
   * Replaces the keys for the data that this end sends (TLS 1.3; RFC 8446, section 4.6.3).
   *
   * @throws {TlsError} `protocol`, in older versions and before `opened`; `closed`, after
   * the end.
   */
  updateKeys(): void {
    const { io } = this.#core;
    io.perform((engine) => engine.updateKeys());
    io.update();
  }

  /**
   * Requests a client's certificate: {@linkcode TlsEngine.requestCertificate}. The answer
   * comes after the data that the client sent before: `readable` buffers up to 64 KiB of it.
   *
   * @returns A promise of the certificate, or of `null` if the client has none; it is in
   * `info` then, too. It rejects as that of the engine, and with what the engine throws.
   */
  async requestCertificate(
    options?: CertificateRequestOptions,
  ): Promise<PeerCertificate | null> {
    const { io } = this.#core;
    const answer = io.perform((engine) => engine.requestCertificate(options));
    io.ask();
    const certificate = await answer;
    this.#core.renewInfo();
    return certificate;
  }

  /**
   * Exports keying material, which is the same at both ends (RFC 5705; RFC 8446, section 7.5).
   *
   * @throws {TlsError} `protocol`, before `opened`; `closed`, after the end.
   */
  exportKeyingMaterial(
    length: number,
    label: string,
    context: Uint8Array | null = null,
  ): Uint8Array<ArrayBuffer> {
    return this.#core.engine.exportKeyingMaterial(length, label, context);
  }

  /**
   * Ends the connection: sends what was written, for up to 5 seconds, and close_notify, waits
   * for the peer's for a second, and releases the transport. Unread data is lost: reading fails
   * with a {@linkcode TlsError} `closed`. Before `opened`, with nothing written, the transport
   * is released at once.
   *
   * @returns A promise that settles as `closed` does: it rejects with what went wrong, such as
   * the alert by which the peer refused what was written. It needs no listener.
   */
  close(): Promise<void> {
    return this.#core.close();
  }

  /** Calls {@linkcode TlsSocket.close} without waiting for it. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Waits for {@linkcode TlsSocket.close}, and never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.close();
    } catch { /* `closed` tells of it */ }
  }
}
