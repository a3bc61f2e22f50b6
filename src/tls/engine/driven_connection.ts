import { freeIfAlive } from "../../ffi/free_if_alive.ts";
import type { SSL } from "../../libssl/handles.ts";
import type { MachineConnection } from "../../libssl/machine_connection.ts";
import type { Negotiated, Run } from "../../libssl/machine_types.ts";
import { ConnectionBuffers } from "./connection_buffers.ts";
import type { EarlyData } from "./early_data.ts";
import { PendingOperations } from "./pending_operations.ts";

/** Where a connection stands. */
export type TlsEngineState =
  | "handshaking"
  | "open"
  | "closing"
  | "closed"
  | "failed";

/** What a run leaves that isn't bytes. */
type RunMarks = Pick<
  Run,
  "alert" | "verifyResult" | "handshakesBegun" | "handshakesDone"
>;

/**
 * A connection's machine, and what it is given: it runs as far as it can. What that means is
 * for its subclasses, that of `TlsEngine` and that of `node:tls`.
 */
export abstract class DrivenConnection<E extends Error> {
  /** What comes and goes. */
  readonly buffers: ConnectionBuffers = new ConnectionBuffers();
  /** What is waited for. */
  readonly operations: PendingOperations = new PendingOperations(() =>
    this.#resume()
  );
  /** Where the connection stands. */
  state: TlsEngineState = "handshaking";
  /** Whether the peer has sent close_notify. */
  peerClosed = false;
  /** Whether close_notify is to be sent. */
  isEnding = false;
  /** Whether data and close_notify may be sent once the handshake is done. */
  mayWrite = true;
  /** What ended the connection, if it failed. */
  error: E | null = null;

  protected readonly machine: MachineConnection;
  /** What the last run left, beside OpenSSL's error queue: not its bytes, which would be kept. */
  protected lastRun: RunMarks | undefined;
  #isDisposed = false;

  /** The connection of a machine, which it then owns. */
  constructor(machine: MachineConnection) {
    this.machine = machine;
  }

  /** Early data, if there can be any. */
  abstract readonly early: EarlyData | undefined;

  /** The handshake is done. */
  protected abstract onOpen(negotiated: Negotiated): void;
  /** A run has ended. */
  protected abstract onRun(): void;
  /** The peer has sent close_notify. */
  protected abstract onPeerClosed(): void;
  /** The error of a connection that OpenSSL has given up. */
  protected abstract failure(): E;
  /** The error of a connection that ends by what the host threw. */
  protected abstract asFailure(error: unknown): E;
  /** The connection has failed. */
  protected abstract onFailed(error: E): void;
  /** The connection is given back; how far it had come is still to be seen. */
  protected abstract onDispose(): void;

  /** The `SSL`. */
  get ssl(): SSL {
    return this.machine.ssl;
  }

  /** Whether nothing more can happen. */
  get isOver(): boolean {
    return this.#isDisposed || this.state === "closed" ||
      this.state === "failed";
  }

  /** Takes bytes of the peer's. */
  receive(bytes: Uint8Array): void {
    this.assertIdle();
    // What follows close_notify isn't looked at (RFC 8446, 6.1), though more is to be written.
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

  /** Takes application data to be sent. */
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

  /** Says by close_notify that no more is written. */
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

  /** Takes what OpenSSL's own functions have written: whether there was any. */
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

  /** Gives everything back. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.onDispose();
    if (this.state !== "failed") this.state = "closed";
    freeIfAlive(() => this.machine.free());
  }

  /**
   * Refuses calls in a callback, in which a connection of the instance is under way: nothing
   * has become of this one then.
   */
  protected assertIdle(): void {
    this.machine.assertIdle();
  }

  /** Ends the connection with an error, which is kept. */
  protected fail(error: E): E {
    this.state = "failed";
    this.error = error;
    this.onFailed(error);
    return error;
  }

  /** An operation is over: goes on, and keeps what goes wrong for `error`. */
  #resume(): void {
    if (this.#isDisposed) return;
    if (!this.operations.holdBytes) this.buffers.release();
    try {
      this.advance();
    } catch {
      // It is in `error`, for whoever waited.
    }
  }

  /** One call of the machine: whether there is more to do at once. */
  #run(): boolean {
    const { result, hasLeft } = this.buffers.run(this.machine, {
      early: this.early,
      isHandshaking: this.state === "handshaking",
      mayWrite: this.mayWrite,
      ends: this.isEnding,
    });
    const { opened, phase, hasMore, peerClosed } = result;
    this.#note(result);
    // A callback has disposed of it.
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

  /** Notes what any call of the machine may have led to. */
  #note(run: Run): void {
    const { held, outgoing } = this.buffers;
    if (run.wire.length > 0) {
      (this.operations.holdBytes ? held : outgoing).push(run.wire);
    }
    const { alert, verifyResult, handshakesBegun, handshakesDone } = run;
    this.lastRun = { alert, verifyResult, handshakesBegun, handshakesDone };
  }

  /** Whether there is something to do: an end that the peer has left may still write. */
  get #hasWork(): boolean {
    return !this.isOver && (!this.peerClosed || this.#hasUnsent);
  }

  get #hasUnsent(): boolean {
    return this.mayWrite && (!this.buffers.unwritten.isEmpty ||
      (this.isEnding && this.state === "open"));
  }
}
