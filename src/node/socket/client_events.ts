import { Buffer } from "node:buffer";
import type { ConnectionOptions } from "../types.ts";
import { withIdentity } from "./session_state.ts";
import type { TLSSocketMembers } from "./members.ts";

/**
 * The sessions that were emitted last. npm's undici refers to its sessions weakly: if no one else
 * did, the garbage collector could take them before they are resumed.
 */
const recent: Uint8Array[] = [];
const MAX_RECENT = 100;
let emitted = 0;

/** What a connection's events mean for a client's socket. */
export class ClientEvents {
  /** The options of `connect`, if that has made the socket. */
  options: ConnectionOptions | undefined;
  readonly #socket: TLSSocketMembers;
  #isVerified = false;
  #pending: Uint8Array | undefined;
  #current: Uint8Array | undefined;

  /** For a socket. */
  constructor(socket: TLSSocketMembers) {
    this.#socket = socket;
  }

  /** The session of the event that is being emitted: newer ones may have come meanwhile. */
  get current(): Uint8Array | undefined {
    return this.#current;
  }

  /**
   * A session as the program gets it: with the name of its server, unless `connect` couldn't
   * verify that. Without a name it can be resumed only with `rejectUnauthorized: false`.
   */
  named(der: Uint8Array): Buffer {
    const { options } = this;
    if (options && !this.#socket.authorized) return Buffer.from(der);
    return withIdentity(der, options ?? this.#socket._tlsOptions);
  }

  /** A session has come: it is emitted once the server is verified. */
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
    this.#current = der;
    try {
      const session = this.named(der);
      recent[emitted++ % MAX_RECENT] = session;
      this.#socket.emit("session", session);
    } finally {
      this.#current = undefined;
    }
  }
}
