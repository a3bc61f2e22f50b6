import { AsyncResource } from "node:async_hooks";

/** The name of the function of `node:http`. */
const IDLE_GUARD = "freeSocketOnReadGuard";

/** What a handle reads. */
export interface Handled {
  /** The server's side; `undefined` for clients. */
  readonly server: { readonly handshakes: number } | undefined;
  /** The core of the socket. */
  readonly core: {
    readonly unsentBytes: number;
    readonly stream: object | undefined;
  };
  /** What is wrong with the peer's certificate. */
  verifyError(): Error | null;
}

/**
 * What programs use of Node's own object below a socket, `_handle` or `ssl`, though it isn't
 * documented.
 */
export class SocketHandle {
  /** What `node:http` notes of the two calls below. */
  reading = true;
  readonly #events: Handled;
  #resource: AsyncResource | undefined;

  /** The handle of a socket. */
  constructor(events: Handled) {
    this.#events = events;
  }

  /** How many renegotiations there were recently. */
  get handshakes(): number {
    return this.#events.server?.handshakes ?? 0;
  }

  /** The file descriptor of the underlying socket, if the runtime tells it; or -1. */
  get fd(): number {
    const { _handle } = (this.#events.core.stream ?? {}) as {
      _handle?: { fd?: number } | null;
    };
    return _handle?.fd ?? -1;
  }

  /** How many bytes wait in the underlying stream. */
  get writeQueueSize(): number {
    return this.#events.core.unsentBytes;
  }

  /**
   * By this, an agent of `node:http` has an idle connection end on which data comes: the answer to
   * the next request is not what a server says before it. It looks for its function to remove it.
   */
  onread: unknown;

  /** Whether data ends the connection. */
  get isGuarded(): boolean {
    return typeof this.onread === "function" &&
      this.onread.name === IDLE_GUARD;
  }

  /** The id by which `async_hooks` knows the connection: `node:http` asks for it. */
  getAsyncId(): number {
    this.#resource ??= new AsyncResource("TLSWRAP");
    return this.#resource.asyncId();
  }

  /** `node:http` resumes the socket, too, which is what has it read. */
  readStart(): number {
    return 0;
  }

  /** `node:http` pauses the socket, too. */
  readStop(): number {
    return 0;
  }

  /** What is wrong with the peer's certificate. */
  verifyError(): Error | null {
    return this.#events.verifyError();
  }
}
