import { Buffer } from "node:buffer";
import { type AddressInfo, Socket } from "node:net";
import process from "node:process";
import type { Duplex } from "node:stream";
import { validateFunction, validateInteger } from "../errors/validate.ts";
import type { TLSSocketOptions } from "../types.ts";
import { netArguments } from "./arguments.ts";
import { forward, rawOf } from "./forwarded.ts";
import { initialise, socketOptions } from "./initialise.ts";
import { socketInternals } from "./internals.ts";
import { rawOptions, rawSocketFor } from "./raw_socket.ts";
import type { TLSSocketMembers } from "./members.ts";

/** A callback of a stream's. */
type Done = (error?: Error | null) => void;
/** What waits to be written. */
interface Chunk {
  chunk: Uint8Array | string;
  encoding: BufferEncoding;
}

/** The longest time that a timer can wait. */
const MAX_TIMEOUT = 2 ** 31 - 1;

/** The stream of a `TLSSocket`, and its connection to somebody. */
export class StreamSocket extends Socket implements TLSSocketMembers {
  /** Whether the peer's certificate is trusted. */
  declare authorized: boolean;
  /** Why it isn't. */
  declare authorizationError: Error | string | null;
  /** Always true. */
  declare encrypted: true;
  /** The protocol that was agreed on; `false` without one. */
  declare alpnProtocol: string | false | null;
  /** The server name that was asked for; `false` without one. */
  declare servername: string | false | null;
  /** Whether the handshake isn't done yet. */
  declare secureConnecting: boolean;
  /** Whether the connection isn't there yet. */
  declare connecting: boolean;
  /** Milliseconds without activity until the event `timeout`. */
  declare timeout?: number;
  /** @internal */
  declare _tlsOptions: TLSSocketOptions;
  /** @internal */
  declare _secureEstablished: boolean;
  /** @internal */
  declare _controlReleased: boolean;
  /** @internal */
  declare _requestCert: boolean;
  /** @internal */
  declare _rejectUnauthorized: boolean;
  /** @internal */
  declare _hadError: boolean;

  /** A TLS socket over a stream, or over one that it will connect. */
  constructor(stream?: Duplex | null, options?: TLSSocketOptions) {
    super(socketOptions(stream, options));
    initialise(this, stream, options);
  }

  /** Connects to a server, as `net.Socket` does. */
  override connect(...args: unknown[]): this {
    const { options, callback } = netArguments(args);
    if (callback) this.once("connect", callback);
    if (this.destroyed) return this;
    const { core } = socketInternals.get(this);
    this.connecting = true;
    const raw = rawSocketFor(this);
    core.carry(raw);
    const { host } = options;
    Object.assign(this, { _host: typeof host === "string" ? host : null });
    raw.connect(rawOptions(options));
    return this;
  }

  /** Emits `timeout` after so many milliseconds without activity; 0 for never. */
  override setTimeout(ms: number, callback?: () => void): this {
    if (this.destroyed) return this;
    validateInteger(ms, "msecs", 0);
    if (callback !== undefined) validateFunction(callback, "callback");
    this.timeout = ms;
    const { idle } = socketInternals.get(this);
    idle.set(Math.min(ms, MAX_TIMEOUT));
    if (callback) {
      if (ms > 0) this.once("timeout", callback);
      else this.removeListener("timeout", callback);
    }
    return this;
  }

  /** Restarts the timer of `setTimeout`. */
  _unrefTimer(): void {
    socketInternals.get(this).idle.touch();
  }

  /** The address at this end. */
  override address(): AddressInfo | Record<PropertyKey, never> {
    return rawOf(this)?.address?.() ?? {};
  }

  /** Keeps the process alive while the connection is open. */
  override ref(): this {
    rawOf(this)?.ref?.();
    return this;
  }

  /** Lets the program end in spite of the connection. */
  override unref(): this {
    const raw = rawOf(this);
    if (raw) raw.unref?.();
    else this.once("connect", () => rawOf(this)?.unref?.());
    return this;
  }

  /** Whether small packets are sent at once. */
  override setNoDelay(noDelay?: boolean): this {
    rawOf(this)?.setNoDelay?.(noDelay);
    return this;
  }

  /** Whether an idle connection is probed. */
  override setKeepAlive(...args: unknown[]): this {
    rawOf(this)?.setKeepAlive?.(...args as [boolean?, number?]);
    return this;
  }

  /** Ends the connection by a reset. */
  override resetAndDestroy(): this {
    rawOf(this)?.resetAndDestroy?.();
    return this.destroy();
  }

  /** Stops the events of data. */
  override pause(): this {
    const events = socketInternals.get(this);
    if (events.hasOnRead) events.core.pauseReading();
    return super.pause();
  }

  /** Goes on with the events of data. */
  override resume(): this {
    const events = socketInternals.get(this);
    if (events.hasOnRead) events.resumeReading();
    return super.resume();
  }

  /** @internal */
  override _read(): void {
    socketInternals.get(this).resumeReading();
  }

  /** @internal */
  override _write(
    chunk: Uint8Array | string,
    encoding: BufferEncoding,
    done: Done,
  ): void {
    send(this, [{ chunk, encoding }], done);
  }

  /** @internal */
  override _writev(chunks: Chunk[], done: Done): void {
    send(this, chunks, done);
  }

  /** @internal */
  override _final(done: Done): void {
    const { core } = socketInternals.get(this);
    if (!core.stream) return done();
    begin(this);
    core.end(done);
  }

  /** @internal */
  override _destroy(error: Error | null, done: Done): void {
    this.connecting = false;
    const events = socketInternals.get(this);
    const { stream } = events.core;
    events.destroy(error);
    done(error);
    const close = (): void => {
      this.emit("close", error !== null && error !== undefined);
    };
    if (!stream || stream.closed) process.nextTick(close);
    else stream.once("close", () => process.nextTick(close));
  }

  /** @internal */
  _tlsError(error: Error): Error | null {
    this.emit("_tlsError", error);
    return this._controlReleased ? error : null;
  }

  /** @internal */
  _emitTLSError(error: Error): void {
    const unhandled = this._tlsError(error);
    if (unhandled) this.emit("error", unhandled);
  }

  /** @internal */
  _releaseControl(): boolean {
    if (this._controlReleased) return false;
    this._controlReleased = true;
    this.removeListener("error", this._tlsError);
    return true;
  }

  /** @internal */
  _start(): void {
    if (this.connecting) {
      this.once("connect", this._start);
      return;
    }
    socketInternals.get(this).core.start();
  }
}

/** Writes all that waits at once. */
function send(socket: StreamSocket, chunks: Chunk[], done: Done): void {
  const bytes = chunks.map(({ chunk, encoding }) =>
    typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk
  );
  const [first] = bytes;
  const data = first && bytes.length === 1 ? first : Buffer.concat(bytes);
  begin(socket);
  socketInternals.get(socket).core.write(data, done);
}

/** Begins the handshake of a client that has something to write, if it has not begun. */
function begin(socket: StreamSocket): void {
  if (socketInternals.get(socket).core.hasStarted) return;
  if (!socket.connecting) socket._start();
  else if (!socket.listeners("connect").includes(socket._start)) {
    socket.once("connect", socket._start);
  }
}

forward(StreamSocket.prototype);
