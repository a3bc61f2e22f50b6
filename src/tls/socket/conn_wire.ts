import { formatAddress } from "../../internal/address.ts";
import { waitAtMost } from "../../internal/deferred.ts";
import { received } from "../../internal/received.ts";
import type { TlsError } from "../../internal/tls_error.ts";
import { ReadBuffers } from "./read_buffers.ts";
import type { TcpConnection } from "./tcp_connection.ts";
import { LINGER_TIMEOUT } from "./socket_timers.ts";
import { type EndMode, transportError, type Wire } from "./wire.ts";

/** The addresses of both ends. */
type Addresses = Pick<ConnWire, "remoteAddress" | "localAddress">;

/** A TCP connection of Deno's, read and written without streams between. */
export class ConnWire implements Wire {
  readonly remoteAddress: string;
  readonly localAddress: string;
  onWritten: () => void = () => {};
  readonly #conn: TcpConnection;
  readonly #buffers = new ReadBuffers();
  #unwritten: Uint8Array[] = [];
  #unsent = 0;
  #isWriting = false;
  #hasWritten = false;
  #isReleased = false;
  #writeError: TlsError | null = null;
  #waiting: (() => void)[] = [];

  /** Takes the connection over, whose addresses may be known. */
  constructor(
    conn: TcpConnection,
    { remoteAddress, localAddress }: Addresses = addressesOf(conn),
  ) {
    // A record should leave at once: the peer can't read half of it.
    conn.setNoDelay(true);
    this.#conn = conn;
    this.remoteAddress = remoteAddress;
    this.localAddress = localAddress;
  }

  get unsent(): number {
    return this.#unsent;
  }

  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  get writeError(): TlsError | null {
    return this.#writeError;
  }

  async read(take: (bytes: Uint8Array) => void): Promise<boolean> {
    const buffer = this.#buffers.acquire();
    const { length } = buffer;
    let count: number | null;
    let bytes: Uint8Array | undefined;
    try {
      count = await this.#conn.read(buffer);
      if (count !== null) {
        checkCount("read", count, 0, length);
        // Throws if the connection has transferred the buffer.
        bytes = buffer.subarray(0, count);
      }
    } catch (cause) {
      throw transportError("read from", cause);
    }
    try {
      if (bytes) take(bytes);
    } finally {
      this.#buffers.release(buffer, count ?? 0);
    }
    // A connection that has nothing, and says so at once, must not keep all else waiting.
    if (count === 0) await new Promise((resolve) => setTimeout(resolve));
    return count !== null;
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#writeError) return;
    this.#unsent += bytes.length;
    this.#hasWritten = true;
    this.#unwritten.push(bytes);
    if (!this.#isWriting) this.#writeAll();
  }

  async flushed(): Promise<void> {
    if (this.#isWriting) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.#writeError) throw this.#writeError;
  }

  async release(mode: EndMode): Promise<void> {
    if (mode === "closed" && this.#isWriting) {
      await waitAtMost(this.flushed(), LINGER_TIMEOUT);
    }
    if (mode === "failed" && !this.#writeError) {
      await waitAtMost(this.#end(), LINGER_TIMEOUT);
    }
    this.#isReleased = true;
    try {
      this.#conn.close();
    } catch { /* it is closed */ }
  }

  ref(): void {
    this.#conn.ref?.();
  }

  unref(): void {
    this.#conn.unref?.();
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    try {
      for (let next = this.#next(); next; next = this.#next()) {
        // Measured before: a connection that has taken all bytes may have transferred them.
        const { length } = next;
        for (let at = 0; at < length;) {
          const rest = at === 0 ? next : next.subarray(at);
          const count = await this.#conn.write(rest);
          checkCount("write", count, 1, length - at);
          at += count;
        }
        this.#unsent -= length;
        if (this.#unwritten.length > 0) this.onWritten();
      }
    } catch (cause) {
      this.#unwritten = [];
      this.#unsent = 0;
      this.#writeError = transportError("write to", cause);
    }
    this.#isWriting = false;
    if (this.#waiting.length > 0) {
      for (const resolve of this.#waiting.splice(0)) resolve();
    }
    this.onWritten();
  }

  #next(): Uint8Array | undefined {
    return this.#unwritten.shift();
  }

  /** Ends what is sent, and takes what comes until the peer ends too: it can read an alert. */
  async #end(): Promise<void> {
    await this.flushed();
    await this.#conn.closeWrite();
    while (!this.#isReleased && await this.read(() => {}));
  }
}

/** A connection of the application's may say what Deno's never does. */
function checkCount(
  method: string,
  count: number,
  min: number,
  max: number,
): void {
  if (Number.isInteger(count) && count >= min && count <= max) return;
  throw new TypeError(
    `${method} of the connection must resolve with a whole number from ${min} to ${max}, received ${
      received(count)
    }`,
  );
}

function addressesOf({ remoteAddr, localAddr }: TcpConnection): Addresses {
  return {
    remoteAddress: formatAddress(remoteAddr),
    localAddress: formatAddress(localAddr),
  };
}
