import {
  SSL3_RT_ALERT,
  SSL3_RT_CHANGE_CIPHER_SPEC,
  SSL3_RT_HANDSHAKE,
  SSL3_RT_HEADER,
} from "../../libssl/constants.ts";
import { decodeAlert } from "../../testing/trace/decode.ts";
import type { Trace, TraceListener } from "../../testing/trace.ts";
import {
  CERTIFICATE_REQUEST,
  CLIENT_HELLO,
  SERVER_HELLO,
} from "./hello/codes.ts";
import { LazyTrace } from "./lazy_trace.ts";

/** What is known of a connection by its messages, and its trace. */
export class ConnectionTrace {
  /** Whether what is read isn't the server's. */
  ignoresServer = false;
  /** The number of hellos that the client has written. */
  hellos = 0;
  certificateRequested = false;
  /** The name of the fatal alert that the server sent, or that the client sent. */
  alertFromServer: string | null = null;
  alertFromClient: string | null = null;
  /** Milliseconds from the first hello to the answer; null before. */
  helloMs: number | null = null;
  readonly #lazy: LazyTrace;
  #helloAt: number | null = null;
  #readsChange = false;

  /** Starts a trace with the audit's clock. */
  constructor(now: () => number) {
    this.#lazy = new LazyTrace(now);
  }

  /** The trace. */
  get trace(): Trace {
    return this.#lazy.trace;
  }

  /** Adds a note. */
  note(text: string): void {
    this.#lazy.note(text);
  }

  /** Adds bytes on the wire. */
  passed(from: "client" | "server", bytes: Uint8Array): void {
    this.#lazy.wire(from, bytes);
  }

  /**
   * Adds what the client's message callback reports. The server's reports are made from it:
   * what is written arrives, and what is read was sent.
   */
  readonly onMessage: TraceListener = (written, version, type, bytes) => {
    if (!written && this.ignoresServer) return;
    const from = written ? "client" : "server";
    // Before TLS 1.3 OpenSSL reports the header of a ChangeCipherSpec that it reads, not itself.
    if (this.#readsChange && type !== SSL3_RT_CHANGE_CIPHER_SPEC) {
      this.#lazy.message(from, version, SSL3_RT_CHANGE_CIPHER_SPEC, ONE);
    }
    this.#readsChange = !written && type === SSL3_RT_HEADER &&
      bytes[0] === SSL3_RT_CHANGE_CIPHER_SPEC;
    this.#lazy.message(from, version, type, bytes);
    if (type === SSL3_RT_ALERT) this.#onAlert(written !== 0, bytes);
    if (type === SSL3_RT_HANDSHAKE) this.#onHandshake(bytes);
  };

  #onAlert(written: boolean, bytes: Uint8Array): void {
    const { level, name, code } = decodeAlert(bytes);
    // In TLS 1.3 all alerts but close_notify and user_canceled are fatal (RFC 8446, 6).
    if (level !== "fatal" || CLOSURE.has(code)) return;
    if (written) this.alertFromClient ??= name;
    else this.alertFromServer ??= name;
  }

  #onHandshake([type]: Uint8Array): void {
    if (type === CLIENT_HELLO) {
      this.hellos++;
      this.#helloAt ??= performance.now();
    }
    if (type === SERVER_HELLO && this.#helloAt !== null) {
      this.helloMs ??= performance.now() - this.#helloAt;
    }
    if (type === CERTIFICATE_REQUEST) this.certificateRequested = true;
  }
}

const ONE = Uint8Array.of(1);
/** close_notify and user_canceled. */
const CLOSURE: ReadonlySet<number> = new Set([0, 90]);
