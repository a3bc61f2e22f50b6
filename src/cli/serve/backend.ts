import { errorText } from "../format.ts";
import { formatHostAndPort, type HostAndPort } from "../host_and_port.ts";
import { waitAtMost } from "../wait.ts";

/** The size of the buffer for reading. */
const READ_BYTES = 65_536;

/** How long to wait for writes that are pending at the end of the data, in milliseconds. */
const RESET_TIMEOUT = 100;

const NO_BYTES = new Uint8Array();

/** The server can't be reached, or has reset the connection. */
export class BackendError extends Error {
  override readonly name = "BackendError";
}

/** A connection to the plain TCP server of `--forward`. */
export class Backend {
  readonly #conn: Deno.TcpConn;
  readonly #address: string;
  #writeError: BackendError | undefined;
  #hasClosedWrite = false;

  private constructor(conn: Deno.TcpConn, address: string) {
    this.#conn = conn;
    this.#address = address;
    conn.setNoDelay(true);
  }

  /**
   * Connects.
   *
   * @throws {BackendError} If that fails, or takes longer than `timeout` milliseconds.
   */
  static async connect(to: HostAndPort, timeout: number): Promise<Backend> {
    const address = formatHostAndPort(to);
    const signal = AbortSignal.timeout(timeout);
    try {
      return new Backend(await Deno.connect({ ...to, signal }), address);
    } catch (cause) {
      const reason = signal.aborted
        ? `it took longer than ${timeout} ms`
        : errorText(cause);
      throw new BackendError(`Cannot reach ${address}: ${reason}`, { cause });
    }
  }

  /**
   * Reads until the server ends its data.
   *
   * @throws {BackendError} If the server resets the connection.
   */
  async *data(): AsyncGenerator<Uint8Array> {
    const buffer = new Uint8Array(READ_BYTES);
    for (;;) {
      const count = await this.#read(buffer);
      if (count === null) break;
      yield buffer.slice(0, count);
    }
    await this.#checkReset();
  }

  /**
   * Writes all bytes.
   *
   * @throws {BackendError} If the server resets the connection.
   */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) {
        at += await this.#conn.write(bytes.subarray(at));
      }
    } catch (cause) {
      throw this.#writeError ??= this.#resetError(cause);
    }
  }

  /** Ends the data to the server. */
  async closeWrite(): Promise<void> {
    this.#hasClosedWrite = true;
    await this.#conn.closeWrite();
  }

  /** Closes the connection. */
  close(): void {
    try {
      this.#conn.close();
    } catch {
      // It is closed.
    }
  }

  async #read(buffer: Uint8Array): Promise<number | null> {
    try {
      return await this.#conn.read(buffer);
    } catch (cause) {
      throw this.#resetError(cause);
    }
  }

  /**
   * Throws if the server has reset the connection. Reading alone doesn't tell: a FIN may
   * precede the reset, and the system reports a reset once, to a reader or to a writer. A
   * write fails after a reset, also one of no bytes, and waits its turn behind others.
   */
  async #checkReset(): Promise<void> {
    if (this.#hasClosedWrite) return;
    // The reset follows the FIN at once: after a turn of the event loop it has arrived.
    await new Promise((resolve) => setTimeout(resolve));
    let resetError = this.#writeError;
    const probe = this.#conn.write(NO_BYTES).catch((cause) => {
      resetError ??= this.#resetError(cause);
    });
    await waitAtMost(RESET_TIMEOUT, probe);
    if (resetError && !this.#hasClosedWrite) throw resetError;
  }

  #resetError(cause: unknown): BackendError {
    return new BackendError(
      `${this.#address} has reset the connection: ${errorText(cause)}`,
      { cause },
    );
  }
}
