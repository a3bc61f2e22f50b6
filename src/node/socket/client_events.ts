import { Buffer } from "node:buffer";
import type { ConnectionOptions } from "../types.ts";
import { withIdentity } from "./session_state.ts";
import type { SocketShape } from "./shape.ts";

/** What a connection's events mean for a client's socket. */
export class ClientEvents {
  /** The options of `connect`, if that has made the socket. */
  options: ConnectionOptions | undefined;
  readonly #socket: SocketShape;
  #isVerified = false;
  #pending: Uint8Array | undefined;
  #current: Uint8Array | undefined;

  /** For a socket. */
  constructor(socket: SocketShape) {
    this.#socket = socket;
  }

  /** The session that is told of just now: newer ones may have come with it. */
  get current(): Uint8Array | undefined {
    return this.#current;
  }

  /** There is a session to resume: it waits until the server has been verified. */
  onSession(der: Uint8Array): void {
    if (this.#isVerified) this.#emit(der);
    else this.#pending = der;
  }

  /** The server's OCSP response. */
  onStatus(response: Uint8Array | null): void {
    this.#socket.emit("OCSPResponse", response && Buffer.from(response));
  }

  /** The server has been verified. */
  onVerified(): void {
    this.#isVerified = true;
    const der = this.#pending;
    this.#pending = undefined;
    if (der) this.#emit(der);
  }

  #emit(der: Uint8Array): void {
    const options = this.options ?? {};
    this.#current = der;
    try {
      this.#socket.emit("session", withIdentity(der, options));
    } finally {
      this.#current = undefined;
    }
  }
}
