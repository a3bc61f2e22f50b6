import { TlsError } from "../../internal/tls_error.ts";
import { waitAtMost } from "../../internal/deferred.ts";
import type { ByteQueue } from "../engine/byte_queue.ts";
import { connections } from "../engine/connection.ts";
import type { TlsEngine } from "../engine/engine.ts";
import type { TlsSession } from "../sessions/session.ts";
import type { EndReason } from "./end_reason.ts";
import type { EngineIoEvents } from "./engine_io_events.ts";
import { Feed } from "./feed.ts";
import { FlushWaiters } from "./flush_waiters.ts";
import { Once } from "./once.ts";
import type { Wire } from "./wire.ts";

/** How many bytes are taken for a handshake that waits for a store, or unread for an answer. */
const MAX_AHEAD_BYTES = 65_536;
/** How many bytes may wait for the transport before no more is read from it. */
const MAX_UNSENT_BYTES = 262_144;
/** How many bytes are encrypted before the transport has to take them. */
const WRITE_BYTES = 65_536;
/** How many bytes are read before someone reads them: an alert may come next. */
const READ_AHEAD_BYTES = 16_384;
/** How long an alert of the peer is waited for after a write has failed, in ms. */
const ALERT_TIMEOUT = 200;
/** How many sessions wait to be read. */
const MAX_UNREAD_SESSIONS = 16;

const TRANSFERRED =
  "Cannot write: the buffer of the bytes was transferred before they were sent";

const OF_EARLY_DATA = { isBytes: true };
const OF_SESSIONS = { limit: MAX_UNREAD_SESSIONS };

/**
 * Moves bytes between an engine and a transport. It reads when the handshake or the
 * application needs it, and a record ahead, so that an application that only writes notices
 * the end of the connection. All its buffers have a limit.
 */
export class EngineIo {
  /** The data from the peer. */
  readonly readable: Feed<Uint8Array<ArrayBuffer>>;
  /** The early data from the peer. */
  readonly earlyData: Feed<Uint8Array<ArrayBuffer>>;
  /** The sessions from the peer. */
  readonly sessions: Feed<TlsSession>;
  /** The transport. */
  readonly wire: Wire;
  readonly #engine: TlsEngine;
  /** The engine's queues: the engine is only called for what is in them. */
  readonly #outgoing: ByteQueue;
  readonly #plaintext: ByteQueue;
  readonly #early: ByteQueue | undefined;
  readonly #events: EngineIoEvents;
  readonly #flushes = new FlushWaiters();
  readonly #inputEnd = new Once();
  #wake: (() => void) | null = null;
  #watched: Promise<void> | null = null;
  #aheadBytes = 0;
  #isOpen = false;
  #isDraining = false;
  #hasSentCloseNotify = false;
  #isBroken = false;
  #hasStopped = false;

  /** Takes the wire over; `run` starts. */
  constructor(engine: TlsEngine, wire: Wire, events: EngineIoEvents) {
    const { buffers, early } = connections.get(engine);
    this.#engine = engine;
    this.#outgoing = buffers.outgoing;
    this.#plaintext = buffers.plaintext;
    this.#early = early?.received;
    this.#events = events;
    this.wire = wire;
    wire.onWritten = this.#onWritten;
    this.readable = new Feed({
      isBytes: true,
      onWanted: () => this.#wakeUp(),
      onCancel: () => events.onInputEnd(),
    });
    this.earlyData = new Feed(OF_EARLY_DATA);
    this.sessions = new Feed(OF_SESSIONS);
  }

  /** Reads the transport as long as there is something to come. Never rejects. */
  async run(): Promise<void> {
    const receive = (bytes: Uint8Array): void => this.#receive(bytes);
    try {
      this.update();
      while (!this.#hasStopped && !this.#engine.peerClosed) {
        if (!this.#isInputWanted) {
          await new Promise<void>((resolve) => this.#wake = resolve);
          continue;
        }
        const mayGoOn = await this.wire.read(receive);
        if (this.#hasStopped) return;
        if (mayGoOn) continue;
        if (this.#isOpen && this.#isDraining) break;
        this.#engine.endOfInput();
      }
    } catch (error) {
      if (this.#hasStopped) return;
      if (this.#matters(error)) this.#events.onFailure(this.#reasonFor(error));
    }
    this.#inputEnd.happen();
  }

  /**
   * Sends application data, which had `length` bytes when it was passed: settles when the
   * transport has taken it.
   *
   * @throws {TypeError} If the buffer was transferred meanwhile.
   */
  async write(data: Uint8Array, length: number): Promise<void> {
    for (let at = 0; at < length; at += WRITE_BYTES) {
      if (data.length !== length) throw new TypeError(TRANSFERRED);
      this.perform((engine) =>
        engine.write(data.subarray(at, at + WRITE_BYTES))
      );
      this.update();
      await this.#sent();
    }
  }

  /** Has the engine do something: if it fails the connection by that, it fails here, too. */
  perform<T>(action: (engine: TlsEngine) => T): T {
    try {
      return action(this.#engine);
    } catch (error) {
      const end = this.#engine.error ?? (hasCrashed(error) ? error : null);
      if (end && !this.#hasStopped) this.#events.onFailure(end);
      throw error;
    }
  }

  /** Sends a request, and reads for its answer. */
  ask(): void {
    this.update();
    this.#wakeUp();
  }

  /** Sends close_notify: settles when the transport has taken it. */
  async endWriting(): Promise<void> {
    this.perform((engine) => engine.close());
    this.update();
    await this.#sent();
    this.#hasSentCloseNotify = true;
  }

  /** Resolves when the engine waits for no store. */
  async idle(): Promise<void> {
    while (this.#engine.pending) await this.#engine.pending;
  }

  /** Reads on and drops the data. */
  drain(): void {
    this.#isDraining = true;
    this.#wakeUp();
  }

  /** Sends close_notify: calls `done` when the input has ended, or close_notify can't be sent. */
  sendCloseNotify(done: () => void): void {
    this.endWriting().then(() => this.#inputEnd.tell(done), done);
  }

  /** Sends and delivers the results of a call of the engine. */
  update(): void {
    // A callback of the engine has stopped this.
    if (this.#hasStopped) return;
    const engine = this.#engine;
    this.#send();
    if (!this.#isOpen) this.#updateHandshake();
    if (!this.#plaintext.isEmpty) {
      const data = this.#plaintext.takeAll();
      if (!this.#isDraining) this.readable.push(data);
    }
    for (const session of engine.takeSessions()) {
      this.sessions.push(session);
      this.#events.onSession(session);
    }
    if (engine.peerClosed && !this.readable.hasEnded) {
      this.readable.end();
      this.sessions.end();
      this.#events.onInputEnd();
    }
    this.#watch();
  }

  #send(): void {
    if (!this.#outgoing.isEmpty) this.wire.write(this.#outgoing.takeAll());
  }

  #updateHandshake(): void {
    const early = this.#early;
    if (early && !early.isEmpty) this.earlyData.push(early.takeAll());
    // What was negotiated is put together when somebody asks for it.
    if (!this.#engine.resumption) return;
    this.#isOpen = true;
    this.earlyData.end();
    this.#events.onOpen();
  }

  /**
   * Stops and frees the engine. Unless it is abrupt, bytes such as an alert are sent before, and
   * data that has come can be read.
   */
  stop(reason: EndReason, isAbrupt: boolean): void {
    this.#hasStopped = true;
    if (isAbrupt) {
      this.readable.fail(reason);
    } else {
      this.#send();
      this.readable.end(reason);
    }
    this.#engine[Symbol.dispose]();
    this.earlyData.end(reason);
    this.sessions.end(reason);
    this.#flushes.abandon(reason);
    this.#inputEnd.happen();
    this.#wakeUp();
  }

  #receive(bytes: Uint8Array): void {
    if (this.#hasStopped) return;
    this.#aheadBytes += bytes.length;
    try {
      this.#engine.receive(bytes);
    } finally {
      this.update();
    }
  }

  get #isInputWanted(): boolean {
    // A peer that makes this end answer and doesn't read would fill the memory.
    if (this.wire.unsent > MAX_UNSENT_BYTES) return false;
    if (!this.#isOpen) {
      if (this.#engine.pending === null) this.#aheadBytes = 0;
      return this.#aheadBytes < MAX_AHEAD_BYTES;
    }
    const limit = this.#engine.isAsking ? MAX_AHEAD_BYTES : READ_AHEAD_BYTES;
    return this.#isDraining || this.readable.size < limit;
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }

  /**
   * Whether an error is reported. While data is dropped, after close_notify was sent, an error of
   * the transport isn't: the peer need not answer. An error of TLS is.
   */
  #matters(error: unknown): boolean {
    if (!this.#isDraining || !this.#isOpen) return true;
    return this.#engine.error === error || !this.#hasSentCloseNotify;
  }

  /** The error to report: an alert of the peer, or else the first error. */
  #reasonFor(error: unknown): unknown {
    if (error instanceof TlsError && error.alert !== undefined) return error;
    return this.wire.writeError ?? error;
  }

  /** Settles when the transport has all that was given to the engine. */
  #sent(): Promise<void> {
    const { pending } = this.#engine;
    return this.#flushes.wait(
      pending
        ? this.idle().then(() => this.wire.flushed())
        : this.wire.flushed(),
    );
  }

  // A field: V8 keeps a function that is assigned where it is written, and with it the connection,
  // until old objects are collected.
  readonly #onWritten = (): void => {
    const { writeError } = this.wire;
    if (writeError && !this.#isBroken) this.#onBroken(writeError);
    this.#wakeUp();
  };

  /** A write has failed: the peer may have sent an alert before. */
  async #onBroken(error: unknown): Promise<void> {
    this.#isBroken = true;
    await waitAtMost(this.#inputEnd.wait(), ALERT_TIMEOUT);
    if (this.#hasStopped) return;
    this.#events.onWriteFailure(error);
    this.#flushes.abandon({ error });
  }

  /** Continues after the engine has waited for a store. */
  #goOn(): void {
    if (this.#hasStopped) return;
    try {
      this.update();
      if (this.#engine.error) this.#events.onFailure(this.#engine.error);
      this.#wakeUp();
    } catch (error) {
      this.#events.onFailure(error);
    }
  }

  /** Calls `#goOn` when the engine has waited for a store. */
  #watch(): void {
    const { pending } = this.#engine;
    if (pending === null || pending === this.#watched) return;
    this.#watched = pending;
    pending.then(() => this.#goOn());
  }
}

/** Whether the engine's OpenSSL can't be used any more. */
function hasCrashed(error: unknown): boolean {
  return error instanceof TlsError && error.code === "instance-dead";
}
