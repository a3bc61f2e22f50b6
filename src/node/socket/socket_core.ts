import process from "node:process";
import type { Duplex } from "node:stream";
import { NodeConnection } from "../connection/node_connection.ts";
import type { ConnectionListener } from "../connection/types.ts";
import type { NativeContext } from "../context/native_context.ts";
import { Carrier, type CarrierListener } from "./carrier.ts";
import {
  Delivery,
  type DeliveryListener,
  type DeliverySource,
} from "./delivery.ts";
import { ReadAhead } from "./read_ahead.ts";
import { type Done, SocketOutput } from "./socket_output.ts";

/** The events of a {@linkcode SocketCore}, and those of its connection. */
export interface CoreListener extends ConnectionListener, DeliveryListener {
  /** A listener that verifies the peer has thrown. */
  onVerifyListenerError(): void;
  /** The underlying stream has failed. */
  onCarrierError(error: Error): void;
  /** The underlying stream is closed; `isEnded`: after its end. */
  onCarrierClose(isEnded: boolean): void;
  /** Bytes were received or sent. */
  onActivity(): void;
}

/** Moves bytes between a connection and the underlying stream, and reports the events of both. */
export class SocketCore implements CarrierListener, DeliverySource {
  /** The connection; it is freed when the socket is destroyed. */
  readonly connection: NodeConnection;
  /** Awaited before a client's handshake: it may propose a session. Never rejects. */
  beforeStart: (() => Promise<void>) | undefined;
  readonly #listener: CoreListener;
  readonly #output: SocketOutput;
  readonly #delivery: Delivery;
  readonly #ahead = new ReadAhead();
  #carrier: Carrier | undefined;
  #hasStarted: boolean;
  #isPreparing = false;
  #hasEnded = false;
  #isDelivering = false;
  #holdsBytes = false;
  #isOver = false;

  /** The core of a socket, with a connection of `context`. */
  constructor(
    context: NativeContext,
    isServer: boolean,
    listener: CoreListener,
  ) {
    this.#listener = listener;
    this.#hasStarted = isServer;
    this.connection = new NodeConnection(
      context,
      isServer,
      listener,
      () => this.#onProgress(),
    );
    this.#output = new SocketOutput(this.connection);
    this.#delivery = new Delivery(this.connection, this, listener);
  }

  /** The underlying stream. */
  get stream(): Duplex | undefined {
    return this.#carrier?.stream;
  }

  /** How many bytes of data were delivered. */
  get bytesRead(): number {
    return this.#delivery.bytesRead;
  }

  /** How many bytes of data were written. */
  get bytesWritten(): number {
    return this.#output.bytesWritten;
  }

  /** Whether the connection is freed. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether the stream has ended. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Uses a stream. */
  carry(stream: Duplex): void {
    this.#carrier = new Carrier(stream, this);
  }

  /** Begins to read. */
  read(): void {
    if (!this.#isOver) this.#carrier?.read();
  }

  /** Whether the handshake has begun, or waits for the peer. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** How many bytes wait in the underlying stream. */
  get unsentBytes(): number {
    return this.stream?.writableLength ?? 0;
  }

  /** Begins a client's handshake. */
  start(): void {
    if (this.#hasStarted || this.#isOver) return;
    const { beforeStart } = this;
    if (beforeStart !== undefined) {
      this.beforeStart = undefined;
      this.#isPreparing = true;
      beforeStart().then(() => {
        this.#isPreparing = false;
        this.start();
      });
    }
    if (this.#isPreparing) return;
    this.#hasStarted = true;
    this.pump(() => this.connection.advance());
  }

  /** There is no room for more data. */
  pauseReading(): void {
    this.#carrier?.pause();
  }

  /** There is room for more data. */
  resumeReading(): void {
    if (this.#isOver) return;
    if (!this.#ahead.isFull) this.#carrier?.resume();
    this.flush();
  }

  /** Writes data. */
  write(data: Uint8Array, done: Done): void {
    if (this.#isOver) return done(null);
    this.#output.onWrite(data.length, done);
    this.pump(() => {
      if (this.#hasStarted) this.connection.write(data);
      else this.connection.buffers.unwritten.push(data.slice());
    });
  }

  /** Sends close_notify, once the handshake is done. */
  end(done: Done): void {
    if (this.#isOver) return done(null);
    this.#output.onEnd(done);
    this.pump(() => {
      if (this.#hasStarted) this.connection.close();
      else this.connection.isEnding = true;
    });
  }

  /** Calls `action`, outside of callbacks of OpenSSL, and handles what it leads to. */
  pump(action: () => void): void {
    if (this.#isOver) return;
    if (!this.connection.isIdle) {
      queueMicrotask(() => this.pump(action));
      return;
    }
    try {
      action();
    } catch (error) {
      if (this.connection.error !== error) throw error;
    }
    this.flush();
  }

  /**
   * Delivers what has come, and then sends the bytes for the peer: a listener that refuses a
   * server's certificate ends the connection before. After a failure, the alert is sent first.
   */
  flush(): void {
    if (this.#isOver) return;
    if (this.#isDelivering) {
      if (!this.#holdsBytes) this.#send();
      return;
    }
    if (this.connection.error) this.#send();
    this.#isDelivering = true;
    try {
      this.#delivery.run();
    } catch (error) {
      // A listener has thrown, which is the process's matter: the rest is delivered nevertheless.
      process.nextTick(() => {
        throw error;
      });
      process.nextTick(() => this.flush());
    }
    this.#isDelivering = false;
    if (!this.#isOver) this.#send();
  }

  /**
   * Calls `verify`, which may destroy the socket, while bytes are held back, until it returns or
   * {@linkcode SocketCore.release} is called. If it throws before, the peer wasn't verified: that
   * ends the socket.
   */
  holdingBytes(verify: () => void): void {
    this.#holdsBytes = true;
    try {
      verify();
    } catch (error) {
      if (this.#holdsBytes) this.#listener.onVerifyListenerError();
      throw error;
    } finally {
      this.#holdsBytes = false;
    }
  }

  /** The peer is verified: bytes aren't held back any more. */
  release(): void {
    this.#holdsBytes = false;
    const { connection } = this;
    if (connection.mayWrite) return;
    connection.mayWrite = true;
    connection.later(() => this.pump(() => connection.advance()));
  }

  /** Frees the connection, and destroys the underlying stream. */
  destroy(error: Error | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.connection.dispose();
    this.#output.cancel(error);
    this.stream?.destroy();
  }

  onData(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#listener.onActivity();
    this.pump(() => this.connection.receive(bytes));
    this.#limitAhead(bytes.length);
  }

  onEnd(): void {
    this.#hasEnded = true;
    this.flush();
  }

  onError(error: Error): void {
    // After close_notify, with nothing left to write, a failed write doesn't matter.
    const isWrite = (error as { code?: string; syscall?: string }).code ===
        "EPIPE" || (error as { syscall?: string }).syscall === "write";
    if (isWrite && this.connection.isEnding && !this.#output.isWriting) return;
    this.#listener.onCarrierError(error);
  }

  onClose(): void {
    this.#listener.onCarrierClose(this.#hasEnded);
  }

  /** A pending operation is done. */
  #onProgress(): void {
    this.flush();
    if (this.#isOver || !this.#ahead.isFull) return;
    if (this.connection.operations.pending !== null) return;
    this.#ahead.clear();
    this.#carrier?.resume();
  }

  /** Pauses the stream when too much was read while the connection waits for the program. */
  #limitAhead(count: number): void {
    if (this.connection.operations.pending === null) this.#ahead.clear();
    else this.#ahead.add(count);
    if (this.#ahead.isFull) this.#carrier?.pause();
  }

  #send(): void {
    if (this.#carrier === undefined) return;
    const hasSent = this.#output.send(this.#carrier, {
      hasStarted: this.#hasStarted,
      hasEnded: this.#hasEnded,
    });
    if (hasSent) this.#listener.onActivity();
  }
}
