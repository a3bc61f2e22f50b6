import { freeIfAlive } from "../../ffi/free_if_alive.ts";
import type { SSL } from "../../libssl/handles.ts";
import type { MachineConnection } from "../../libssl/machine_connection.ts";
import type { Negotiated, Run } from "../../libssl/machine_types.ts";
import { ConnectionBuffers } from "./connection_buffers.ts";
import type { EarlyData } from "./early_data.ts";
import { PendingOperations } from "./pending_operations.ts";

/** The state of a connection. */
export type TlsEngineState =
  | "handshaking"
  | "open"
  | "closing"
  | "closed"
  | "failed";

/** The results of a run, except bytes. */
type RunOutcome = Pick<
  Run,
  "alert" | "verifyResult" | "handshakesBegun" | "handshakesDone"
>;

/**
 * Runs a connection's machine, as far as its input and its pending operations let it. The
 * subclasses, for `TlsEngine` and for `node:tls`, handle the results.
 */
export abstract class DrivenConnection<E extends Error> {
  /** The bytes for the machine, and those that it has produced. */
  readonly buffers: ConnectionBuffers = new ConnectionBuffers();
  /** The operations that the connection waits for. */
  readonly operations: PendingOperations = new PendingOperations(() =>
    this.#resume()
  );
  /** The state of the connection. */
  state: TlsEngineState = "handshaking";
  /** Whether the peer has sent close_notify. */
  peerClosed = false;
  /** Whether close_notify is to be sent. */
  isEnding = false;
  /** Whether data and close_notify may be sent once the handshake is done. */
  mayWrite = true;
  /** The error that ended the connection, if it failed. */
  error: E | null = null;

  protected readonly machine: MachineConnection;
  /** The results of the last run; without its bytes, which would be kept in memory. */
  protected lastRun: RunOutcome | undefined;
  #isDisposed = false;

  /** A connection that owns `machine`. */
  constructor(machine: MachineConnection) {
    this.machine = machine;
  }

  /** The early data, if the connection can have any. */
  abstract readonly early: EarlyData | undefined;

  /** The handshake is done. */
  protected abstract onOpen(negotiated: Negotiated): void;
  /** A run has ended. */
  protected abstract onRun(): void;
  /** The peer has sent close_notify. */
  protected abstract onPeerClosed(): void;
  /** Returns the error of a connection that OpenSSL has ended. */
  protected abstract failure(): E;
  /** Returns the error of a connection that ends because an import or a callback threw `error`. */
  protected abstract asFailure(error: unknown): E;
  /** The connection has failed. */
  protected abstract onFailed(error: E): void;
  /** The connection is being freed; `state` is still the one before. */
  protected abstract onDispose(): void;

  /** The `SSL`. */
  get ssl(): SSL {
    return this.machine.ssl;
  }

  /** Whether the connection has ended. */
  get isOver(): boolean {
    return this.#isDisposed || this.state === "closed" ||
      this.state === "failed";
  }

  /** Processes bytes from the peer. */
  receive(bytes: Uint8Array): void {
    this.assertIdle();
    // Data after close_notify is ignored (RFC 8446, 6.1); this end may still write.
    if (this.peerClosed) return;
    const { incoming } = this.buffers;
    incoming.push(bytes);
    try {
      this.advance();
    } finally {
      if (this.peerClosed || this.isOver) incoming.clear();
      else incoming.own();
    }
  }

  /** Encrypts and sends application data. */
  write(data: Uint8Array): void {
    this.assertIdle();
    const { unwritten } = this.buffers;
    unwritten.push(data);
    try {
      this.advance();
    } finally {
      unwritten.own();
    }
  }

  /** Sends close_notify after all that was written. */
  close(): void {
    this.assertIdle();
    this.isEnding = true;
    this.advance();
  }

  /** Runs the state machine until it needs the peer or has to wait. */
  advance(): void {
    try {
      while (this.#hasWork && this.#run());
    } catch (error) {
      throw this.state === "failed" && this.error
        ? this.error
        : this.fail(this.asFailure(error));
    }
  }

  /** Queues bytes that OpenSSL's own functions have written: returns whether there were any. */
  collect(): boolean {
    let hasAny = false;
    for (let hasMore = true; hasMore;) {
      const result = this.machine.collect();
      this.#note(result);
      hasAny ||= result.wire.length > 0;
      hasMore = result.hasMore;
    }
    return hasAny;
  }

  /** Frees the connection. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.onDispose();
    if (this.state !== "failed") this.state = "closed";
    freeIfAlive(() => this.machine.free());
  }

  /**
   * Throws in a callback, where a connection of the instance is running; this connection is
   * unchanged then.
   */
  protected assertIdle(): void {
    this.machine.assertIdle();
  }

  /** Ends the connection with an error, and keeps it. */
  protected fail(error: E): E {
    this.state = "failed";
    this.error = error;
    this.onFailed(error);
    return error;
  }

  /** Runs the machine again after an operation. A failure is kept in `error`. */
  #resume(): void {
    if (this.#isDisposed) return;
    if (!this.operations.holdBytes) this.buffers.release();
    try {
      this.advance();
    } catch {
      // The error is in `error`.
    }
  }

  /** Calls the machine once: returns whether to call it again at once. */
  #run(): boolean {
    const { result, hasLeft } = this.buffers.run(this.machine, {
      early: this.early,
      isHandshaking: this.state === "handshaking",
      mayWrite: this.mayWrite,
      ends: this.isEnding,
    });
    const { opened, phase, hasMore, peerClosed } = result;
    this.#note(result);
    // A callback has disposed of the connection.
    if (this.isOver) return false;
    this.onRun();
    if (peerClosed && !this.peerClosed) {
      this.peerClosed = true;
      this.onPeerClosed();
    }
    if (phase === "failed") throw this.fail(this.failure());
    this.state = phase;
    if (opened) this.onOpen(opened);
    return hasMore || hasLeft || (opened !== undefined && this.#hasUnsent);
  }

  /** Queues the bytes and keeps the outcome of a call of the machine. */
  #note(run: Run): void {
    const { held, outgoing } = this.buffers;
    if (run.wire.length > 0) {
      (this.operations.holdBytes ? held : outgoing).push(run.wire);
    }
    const { alert, verifyResult, handshakesBegun, handshakesDone } = run;
    this.lastRun = { alert, verifyResult, handshakesBegun, handshakesDone };
  }

  /** Whether to run the machine: after the peer's close_notify, only to write. */
  get #hasWork(): boolean {
    return !this.isOver && (!this.peerClosed || this.#hasUnsent);
  }

  get #hasUnsent(): boolean {
    return this.mayWrite && (!this.buffers.unwritten.isEmpty ||
      (this.isEnding && this.state === "open"));
  }
}
