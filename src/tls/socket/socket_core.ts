import { onAbort } from "../../internal/on_abort.ts";
import { Deferred } from "../../internal/deferred.ts";
import type { TlsEngine } from "../engine/engine.ts";
import type { TlsSession } from "../sessions/session.ts";
import { type EndReason, LazyReason } from "./end_reason.ts";
import { EngineIo } from "./engine_io.ts";
import type { EngineIoEvents } from "./engine_io_events.ts";
import { Output, type OutputTarget } from "./output.ts";
import { closedError, flushError, timeoutError } from "./socket_errors.ts";
import type { SocketSettings, TlsSocketInfo } from "./socket_settings.ts";
import { FLUSH_TIMEOUT } from "./socket_timers.ts";
import type { EndMode } from "./wire.ts";

/** The life of a socket: how it opens, and the ways in which it ends, each once. */
export class SocketCore implements EngineIoEvents, OutputTarget {
  /** Moves the bytes. */
  readonly io: EngineIo;
  /** Takes what the application writes. */
  readonly output: Output = new Output(this);
  readonly #settings: SocketSettings;
  readonly #endTimeout: () => void;
  #info: TlsSocketInfo | null = null;
  #opened: Deferred<TlsSocketInfo> | null = null;
  #closed: Deferred<void> | null = null;
  #hooksDone: Promise<unknown> | null = null;
  #writeFailure: EndReason | null = null;
  #over: { readonly mode: EndMode; readonly reason: EndReason } | null = null;
  #hasShaken = false;
  #isOpen = false;
  #isClosing = false;
  #isReleased = false;
  #isWritingDone = false;
  #isSendingCloseNotify = false;
  #forgetSignal: (() => void) | undefined;

  /** Takes the transport over; `start` starts the handshake. */
  constructor(settings: SocketSettings) {
    const { engine, wire, timers } = settings;
    this.#settings = settings;
    this.io = new EngineIo(engine, wire, this);
    this.#endTimeout = timers.handshake(() =>
      this.abort(timeoutError(settings.handshakeTimeout))
    );
  }

  /** Starts the handshake. */
  start(): void {
    const { signal } = this.#settings;
    if (signal?.aborted) return this.abort(signal.reason);
    if (signal) {
      this.#forgetSignal = onAbort(signal, () => this.abort(signal.reason));
    }
    this.io.run();
  }

  /** The connection. */
  get engine(): TlsEngine {
    return this.#settings.engine;
  }

  /** What was negotiated; `null` until it is known. */
  get info(): TlsSocketInfo | null {
    this.#info ??= this.#makeInfo();
    return this.#info;
  }

  /** Settles with the handshake. */
  get opened(): Promise<TlsSocketInfo> {
    if (this.#opened === null) {
      this.#opened = new Deferred();
      this.#settleOpened();
    }
    return this.#opened.promise;
  }

  /** Settles when the transport has been given back. */
  get closed(): Promise<void> {
    if (this.#closed === null) {
      this.#closed = new Deferred();
      this.#settleClosed();
    }
    return this.#closed.promise;
  }

  /** Sends what was written and close_notify, and ends: settles as `closed` does. */
  close(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true;
      this.#close();
    }
    return this.closed;
  }

  /** Ends at once. */
  abort(error: unknown): void {
    this.#end("aborted", { error });
  }

  /** The peer's certificate may have changed. */
  renewInfo(): void {
    this.#info = null;
  }

  async send(bytes: Uint8Array, length: number): Promise<void> {
    if (!this.#isOpen) await this.opened;
    await this.io.write(bytes, length);
  }

  async endWriting(): Promise<void> {
    if (!this.#isOpen) await this.opened;
    await this.io.endWriting();
    this.#isWritingDone = true;
    if (this.io.readable.hasEnded) this.close();
  }

  onOpen(): void {
    const { role, hooks } = this.#settings;
    this.#endTimeout();
    this.#hasShaken = true;
    if (role === "server") this.io.sessions.end();
    const hook = hooks?.onOpen?.(this.engine.resumption?.resumed ?? false);
    if (hook) this.#await(hook.then(() => this.#open()));
    else this.#open();
  }

  onSession(session: TlsSession): void {
    this.#await(this.#settings.hooks?.onSession?.(session));
  }

  onInputEnd(): void {
    if (this.#isWritingDone) this.close();
  }

  /** Data from the peer can still be read: it may include the alert. */
  onWriteFailure(error: unknown): void {
    // The peer has sent close_notify and needs no answer.
    if (this.#isSendingCloseNotify && this.engine.peerClosed) return;
    this.#writeFailure ??= { error };
    this.output.fail(this.#writeFailure);
    this.#isWritingDone = true;
    if (this.io.readable.hasEnded) this.close();
  }

  onFailure(error: unknown): void {
    if (this.#over) return;
    this.#await(this.#settings.hooks?.onFailure?.(error));
    this.#end("failed", { error });
  }

  #open(): void {
    if (this.#over) return;
    this.#isOpen = true;
    this.#settleOpened();
  }

  #settleOpened(): void {
    if (this.#opened === null) return;
    if (this.#isOpen && this.info) this.#opened.resolve(this.info);
    else if (this.#over) this.#opened.reject(this.#over.reason.error);
  }

  #settleClosed(): void {
    if (!this.#isReleased || !this.#over) return;
    if (this.#over.mode === "closed") this.#closed?.resolve();
    else this.#closed?.reject(this.#over.reason.error);
  }

  #makeInfo(): TlsSocketInfo | null {
    const { engine, wire } = this.#settings;
    if (engine.info === null || engine.resumption === null) return null;
    return Object.freeze({
      ...engine.info,
      resumption: engine.resumption,
      remoteAddress: wire.remoteAddress ?? null,
      localAddress: wire.localAddress ?? null,
    });
  }

  #close(): void {
    const reason = new LazyReason(() => closedError(this.#hasShaken));
    const end = (): void => {
      if (this.#writeFailure) this.#end("failed", this.#writeFailure);
      else this.#end("closed", reason);
    };
    const hasOutput = this.#hasShaken || !this.output.isIdle;
    if (!hasOutput || this.#over || this.#writeFailure) return end();
    this.io.readable.end(reason);
    this.io.drain();
    if (this.#isOpen && this.output.isIdle && !this.engine.pending) {
      return this.#sendCloseNotify(end);
    }
    let hasGone = false;
    const go = (): void => {
      if (hasGone) return;
      hasGone = true;
      endTimeout();
      this.#sendCloseNotify(end);
    };
    const endTimeout = this.#settings.timers.flush(go);
    this.#written().then(go, go);
  }

  /** Sends close_notify after what was written, and calls `end` when the peer has had time to answer. */
  #sendCloseNotify(end: () => void): void {
    if (this.#over || this.#writeFailure) return end();
    if (this.output.isIdle) this.#isSendingCloseNotify = true;
    else this.#writeFailure = { error: flushError(FLUSH_TIMEOUT) };
    const endTimeout = this.#settings.timers.linger(end);
    this.io.sendCloseNotify(() => {
      endTimeout();
      end();
    });
  }

  async #written(): Promise<void> {
    if (!this.output.isIdle) await this.output.idle();
    if (!this.#isOpen) await this.opened;
    await this.io.idle();
  }

  #await(hook: Promise<void> | undefined): void {
    if (hook) this.#hooksDone = Promise.all([this.#hooksDone, hook]);
  }

  #end(mode: EndMode, reason: EndReason): void {
    if (this.#over) return;
    this.#over = { mode, reason };
    this.#endTimeout();
    const { hooks } = this.#settings;
    this.#forgetSignal?.();
    this.io.stop(reason, mode === "aborted");
    this.#settleOpened();
    this.output.fail(reason);
    if (!this.#isOpen) hooks?.onNeverOpen?.(reason);
    this.#release(mode);
  }

  async #release(mode: EndMode): Promise<void> {
    await this.io.wire.release(mode);
    if (this.#hooksDone) await this.#hooksDone;
    this.#isReleased = true;
    this.#settleClosed();
  }
}
