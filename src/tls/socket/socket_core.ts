import { TlsError } from "../../internal/tls_error.ts";
import { byteView } from "../../internal/byte_view.ts";
import type { TlsPeersInfo } from "../peer/connection_info.ts";
import { Deferred, within } from "../../internal/deferred.ts";
import type { TlsEngine } from "../engine/engine.ts";
import { EngineIo, type EngineIoEvents } from "./engine_io.ts";
import type { Resumption } from "../sessions/resumption.ts";
import type { TlsSession } from "../sessions/session.ts";
import { Sink } from "./sink.ts";
import type { TlsTransport } from "./transport.ts";

/** How long `close()` lets the transport take what was written, in ms. */
const FLUSH_TIMEOUT = 5_000;
/** How long the peer may take to answer close_notify, or to read an alert, in ms. */
const LINGER_TIMEOUT = 1_000;

/** What a handshake negotiated, between whom, and whether it resumed a session. */
export interface TlsSocketInfo extends TlsPeersInfo {
  /** Whether a session was resumed, and from where or why not. */
  readonly resumption: Resumption;
}

/** What a socket is made of. */
export interface SocketSettings {
  /** The connection. */
  readonly engine: TlsEngine;
  /** Which side of the handshake it is. */
  readonly role: "client" | "server";
  /** What carries its bytes. */
  readonly transport: TlsTransport;
  /** How long the handshake may take, in ms. */
  readonly handshakeTimeout: number;
  /** Ends the connection. */
  readonly signal?: AbortSignal | undefined;
  /** Who else is told: the socket's end waits for the promises, which never reject. */
  readonly hooks?: SocketHooks | undefined;
}

/** What the one who made a socket is told of. */
export interface SocketHooks {
  /** The handshake is done: `opened` waits for it, too. */
  onOpen?(resumed: boolean): Promise<void>;
  /** A client was given a session. */
  onSession?(session: TlsSession): Promise<void>;
  /** The connection failed by itself: nobody here ended it. */
  onFailure?(error: unknown): Promise<void>;
}

/** The life of a socket: how it opens, and the ways in which it ends, each once. */
export class SocketCore implements EngineIoEvents {
  /** Settles with the handshake. */
  readonly opened: Deferred<TlsSocketInfo> = new Deferred();
  /** Settles when the transport has been given back. */
  readonly closed: Deferred<void> = new Deferred();
  /** Moves the bytes. */
  readonly io: EngineIo;
  /** Takes what the application writes. */
  readonly sink: Sink;
  readonly #settings: SocketSettings;
  readonly #timer: ReturnType<typeof setTimeout>;
  #info: TlsSocketInfo | null = null;
  #closing: Promise<void> | null = null;
  #hooksDone: Promise<unknown> = Promise.resolve();
  #writeFailure: { readonly error: unknown } | null = null;
  #isWritingDone = false;
  #isSayingGoodbye = false;
  #isOver = false;

  /** Takes the transport over and starts the handshake. */
  constructor(settings: SocketSettings) {
    const { engine, transport, handshakeTimeout, signal } = settings;
    this.#settings = settings;
    this.io = new EngineIo(engine, transport, this);
    this.sink = new Sink({
      write: (chunk) => this.#write(chunk),
      close: () => this.#endWriting(),
      abort: (cause) =>
        this.abort(
          new TlsError("closed", "The writable was aborted", { cause }),
        ),
    });
    this.#timer = setTimeout(
      () => this.abort(timeoutError(handshakeTimeout)),
      handshakeTimeout,
    );
    signal?.addEventListener("abort", this.#onAbort);
    if (signal?.aborted) this.#onAbort();
    else this.io.run();
  }

  /** What was negotiated; `null` until it is known. */
  get info(): TlsSocketInfo | null {
    return this.#info;
  }

  /** Closes in good order, as far as the peer lets it: settles as `closed` does. */
  close(): Promise<void> {
    if (this.#closing) return this.#closing;
    this.#closing = this.#close();
    // Who doesn't wait for it has `closed`.
    this.#closing.catch(() => {});
    return this.#closing;
  }

  /** Ends at once. */
  abort(error: unknown): void {
    this.#end("aborted", error);
  }

  onOpen(): void {
    const { engine, role, transport } = this.#settings;
    if (engine.info === null || engine.resumption === null) return;
    clearTimeout(this.#timer);
    this.#info = Object.freeze({
      ...engine.info,
      resumption: engine.resumption,
      remoteAddress: transport.remoteAddress ?? null,
      localAddress: transport.localAddress ?? null,
    });
    if (role === "server") this.io.sessions.end();
    const { resumed } = this.#info;
    const hook = this.#settings.hooks?.onOpen?.(resumed);
    if (hook) this.#await(hook.then(() => this.#tellOpen()));
    else this.#tellOpen();
  }

  #tellOpen(): void {
    if (this.#info) this.opened.resolve(this.#info);
  }

  /** What the peer is may have changed. */
  renewInfo(): void {
    if (this.#info === null) return;
    this.#info = Object.freeze({
      ...this.#info,
      ...this.#settings.engine.info,
    });
  }

  onSession(session: TlsSession): void {
    this.#await(this.#settings.hooks?.onSession?.(session));
  }

  onInputEnd(): void {
    if (this.#isWritingDone) this.close();
  }

  /** What the peer has sent can still be read: it may say why. */
  onWriteFailure(error: unknown): void {
    // To a peer that has said goodbye there is no more to say.
    if (this.#isSayingGoodbye && this.#settings.engine.peerClosed) return;
    this.#writeFailure ??= { error };
    this.sink.fail(error);
    this.#isWritingDone = true;
    if (this.io.readable.hasEnded) this.close();
  }

  onFailure(error: unknown): void {
    if (this.#isOver) return;
    this.#await(this.#settings.hooks?.onFailure?.(error));
    this.#end("failed", error);
  }

  readonly #onAbort = (): void => this.abort(this.#settings.signal?.reason);

  async #write(chunk: Uint8Array): Promise<void> {
    try {
      const view = byteView(chunk, "chunk");
      await this.opened.promise;
      await this.io.write(view);
    } catch (error) {
      if (error !== this.#writeFailure?.error) this.abort(error);
      throw error;
    }
  }

  async #endWriting(): Promise<void> {
    await this.opened.promise;
    await this.io.endWriting();
    this.#isWritingDone = true;
    if (this.io.readable.hasEnded) this.close();
  }

  async #close(): Promise<void> {
    const error = new TlsError(
      "closed",
      this.#info
        ? "The socket was closed"
        : "The socket was closed before its handshake was done",
    );
    const hasToSay = this.#info !== null || !this.sink.isIdle;
    if (hasToSay && !this.#isOver && !this.#writeFailure) {
      await this.#sayGoodbye(error);
    }
    if (this.#writeFailure) this.#end("failed", this.#writeFailure.error);
    else this.#end("closed", error);
    await this.closed.promise;
  }

  /** Sends what was written and close_notify, and waits for the peer's. */
  async #sayGoodbye(error: TlsError): Promise<void> {
    this.io.readable.end(error);
    const drained = this.io.drain();
    const written = this.sink.idle()
      .then(() => this.opened.promise)
      .then(() => this.io.idle());
    await within(FLUSH_TIMEOUT, written);
    if (this.#isOver || this.#writeFailure) return;
    if (this.sink.isIdle) this.#isSayingGoodbye = true;
    else this.#writeFailure = { error: flushError() };
    const answered = this.io.endWriting().then(() => drained);
    await within(LINGER_TIMEOUT, answered);
  }

  #await(hook: Promise<void> | undefined): void {
    if (hook) this.#hooksDone = Promise.all([this.#hooksDone, hook]);
  }

  #end(how: "closed" | "failed" | "aborted", error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#settings.signal?.removeEventListener("abort", this.#onAbort);
    this.io.stop(error, how === "aborted");
    this.opened.reject(error);
    this.sink.fail(error);
    this.#release(how).then(() => {
      if (how === "closed") this.closed.resolve();
      else this.closed.reject(error);
    });
  }

  /** Gives the transport back, where there was an alert once the peer could read it. */
  async #release(how: "closed" | "failed" | "aborted"): Promise<void> {
    const { wire } = this.io;
    if (how === "closed") await within(LINGER_TIMEOUT, wire.endWriting());
    if (how === "failed" && !wire.writeError) {
      await within(LINGER_TIMEOUT, wire.end());
    }
    await within(LINGER_TIMEOUT, wire.destroy());
    await this.#hooksDone;
  }
}

function flushError(): TlsError {
  return new TlsError(
    "timeout",
    `Cannot send all that was written: the transport took longer than ${FLUSH_TIMEOUT} ms`,
  );
}

function timeoutError(ms: number): TlsError {
  return new TlsError(
    "timeout",
    `Cannot complete the handshake: it took longer than ${ms} ms`,
  );
}
