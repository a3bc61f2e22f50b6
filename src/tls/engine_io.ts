import { Deferred } from "./deferred.ts";
import type { TlsEngine } from "./engine.ts";
import { Feed } from "./feed.ts";
import type { TlsSession } from "./session.ts";
import { type TlsTransport, Wire } from "./transport.ts";

/** How many bytes are taken for a handshake that waits for a store, or unread for an answer. */
const MAX_AHEAD_BYTES = 65_536;
/** How many bytes may wait for the transport before no more is read from it. */
const MAX_UNSENT_BYTES = 262_144;
/** How many bytes are encrypted before the transport has to take them. */
const WRITE_BYTES = 65_536;
/** How many sessions wait to be read. */
const MAX_UNREAD_SESSIONS = 16;

/** What an {@linkcode EngineIo} tells of. */
export interface EngineIoEvents {
  /** The handshake is done. */
  onOpen(): void;
  /** A client was given a session. */
  onSession(session: TlsSession): void;
  /** The peer won't send any more, or nobody wants to read it. */
  onInputEnd(): void;
  /** The transport takes no more. */
  onWriteFailure(error: unknown): void;
  /** The connection has failed. */
  onFailure(error: unknown): void;
}

/**
 * Moves bytes between an engine and a transport. It reads when the handshake or the
 * application needs it, and has a bound on all that it keeps.
 */
export class EngineIo {
  /** What the peer says. */
  readonly readable: Feed<Uint8Array<ArrayBuffer>>;
  /** What it said with its hello. */
  readonly earlyData: Feed<Uint8Array<ArrayBuffer>>;
  /** The sessions that it gave. */
  readonly sessions: Feed<TlsSession>;
  /** What carries the bytes. */
  readonly wire: Wire;
  readonly #engine: TlsEngine;
  readonly #events: EngineIoEvents;
  readonly #inputEnd = new Deferred<void>();
  readonly #writes = new Set<(error: unknown) => void>();
  #wake: () => void = () => {};
  #watched: Promise<void> | null = null;
  #aheadBytes = 0;
  #isOpen = false;
  #isDraining = false;
  #hasStopped = false;

  /** Takes the transport over; `run` starts. */
  constructor(
    engine: TlsEngine,
    transport: TlsTransport,
    events: EngineIoEvents,
  ) {
    this.#engine = engine;
    this.#events = events;
    this.wire = new Wire(transport, () => this.#onWritten());
    const onWanted = (): void => this.#wake();
    const onCancel = (): void => events.onInputEnd();
    this.readable = new Feed({ isBytes: true, onWanted, onCancel });
    this.earlyData = new Feed({ isBytes: true });
    this.sessions = new Feed({ limit: MAX_UNREAD_SESSIONS, onWanted });
  }

  /** Reads the transport as long as there is something to come. Never rejects. */
  async run(): Promise<void> {
    try {
      this.update();
      while (await this.#wantsInput()) {
        const bytes = await this.wire.read();
        if (this.#hasStopped) return;
        if (bytes !== null) this.#receive(bytes);
        else if (this.#isOpen && this.#isDraining) break;
        else this.#engine.endOfInput();
      }
    } catch (error) {
      if (!this.#isDraining || !this.#isOpen) this.#events.onFailure(error);
    }
    this.#inputEnd.resolve();
  }

  /** Sends application data: settles when the transport has taken it. */
  async write(data: Uint8Array): Promise<void> {
    for (let at = 0; at < data.length; at += WRITE_BYTES) {
      this.#engine.write(data.subarray(at, at + WRITE_BYTES));
      this.update();
      await this.#sent();
    }
  }

  /** Sends what asks for an answer, and reads for it. */
  ask(): void {
    this.update();
    this.#wake();
  }

  /** Sends close_notify: settles when the transport has taken it. */
  async endWriting(): Promise<void> {
    this.#engine.close();
    this.update();
    await this.#sent();
  }

  /** Resolves when the engine waits for no store. */
  async idle(): Promise<void> {
    while (this.#engine.pending) await this.#engine.pending;
  }

  /** Reads on, for nobody: resolves when nothing more will come. */
  drain(): Promise<void> {
    this.#isDraining = true;
    this.#wake();
    return this.#inputEnd.promise;
  }

  /** Sends what a call of the engine has made, and hands on what it has found. */
  update(): void {
    const engine = this.#engine;
    this.wire.write(engine.send());
    const early = engine.readEarlyData();
    if (early.length > 0) this.earlyData.push(early);
    if (!this.#isOpen && engine.info !== null) {
      this.#isOpen = true;
      this.earlyData.end();
      this.#events.onOpen();
    }
    const data = engine.read();
    if (data.length > 0 && !this.#isDraining) this.readable.push(data);
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

  /**
   * Stops and frees the engine, unless it is abrupt with what there is to be sent, such as
   * an alert, and to be read.
   */
  stop(error: unknown, isAbrupt: boolean): void {
    this.#hasStopped = true;
    if (isAbrupt) {
      this.readable.fail(error);
    } else {
      this.wire.write(this.#engine.send());
      this.readable.end(error);
    }
    this.#engine[Symbol.dispose]();
    this.earlyData.end(error);
    this.sessions.end();
    for (const abandon of this.#writes) abandon(error);
    this.#inputEnd.resolve();
    this.#wake();
  }

  #receive(bytes: Uint8Array): void {
    this.#aheadBytes += bytes.length;
    try {
      this.#engine.receive(bytes);
    } finally {
      this.update();
    }
  }

  /** Waits until more input is wanted: false if it never will be. */
  async #wantsInput(): Promise<boolean> {
    while (!this.#hasStopped && !this.#engine.peerClosed) {
      if (this.#isInputWanted) return true;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return false;
  }

  get #isInputWanted(): boolean {
    // A peer that makes us answer, and doesn't read, would fill the memory.
    if (this.wire.unsent > MAX_UNSENT_BYTES) return false;
    if (!this.#isOpen) {
      if (this.#engine.pending === null) this.#aheadBytes = 0;
      return this.#aheadBytes < MAX_AHEAD_BYTES;
    }
    if (this.readable.isEmpty) this.#aheadBytes = 0;
    if (this.#engine.isAsking && this.#aheadBytes < MAX_AHEAD_BYTES) {
      return true;
    }
    return this.#isDraining || this.readable.isWanted ||
      (this.sessions.isWanted && this.readable.isEmpty);
  }

  /** Settles when the transport has all that was given to the engine. */
  #sent(): Promise<void> {
    const flushed = (): Promise<void> =>
      this.idle().then(() => this.wire.flushed());
    return new Promise<void>((resolve, reject) => {
      this.#writes.add(reject);
      flushed().then(resolve, reject).finally(() =>
        this.#writes.delete(reject)
      );
    });
  }

  #onWritten(): void {
    const { writeError } = this.wire;
    if (writeError && !this.#hasStopped) {
      this.#events.onWriteFailure(writeError);
    }
    this.#wake();
  }

  /** Goes on when the engine has waited for a store. */
  #watch(): void {
    const { pending } = this.#engine;
    if (pending === null || pending === this.#watched) return;
    this.#watched = pending;
    const goOn = (): void => {
      if (this.#hasStopped) return;
      this.update();
      if (this.#engine.error) this.#events.onFailure(this.#engine.error);
      this.#wake();
    };
    const fail = (error: unknown): void => this.#events.onFailure(error);
    pending.then(goOn).catch(fail);
  }
}
