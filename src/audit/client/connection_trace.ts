import {
  SSL3_RT_ALERT,
  SSL3_RT_CHANGE_CIPHER_SPEC,
  SSL3_RT_HANDSHAKE,
  SSL3_RT_HEADER,
} from "../../libssl/constants.ts";
import { decodeAlert } from "../../testing/trace/decode.ts";
import {
  type Trace,
  type TraceListener,
  TraceRecorder,
} from "../../testing/trace.ts";

/** The most bytes of one connection that are kept: the messages are kept beyond. */
const MAX_BYTES = 2 ** 17;
const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const CERTIFICATE_REQUEST = 13;

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
  readonly #recorder: TraceRecorder;
  readonly #client: TraceListener;
  readonly #server: TraceListener;
  #helloAt: number | null = null;
  #readsChange = false;
  #bytes = 0;

  /** Starts a trace with the audit's clock. */
  constructor(now: () => number) {
    this.#recorder = new TraceRecorder({ clock: { now } });
    this.#client = this.#recorder.listener("client");
    this.#server = this.#recorder.listener("server");
  }

  /** The trace. */
  get trace(): Trace {
    return this.#recorder.trace;
  }

  /** Adds a note. */
  note(text: string): void {
    this.#recorder.note(text);
  }

  /** Adds bytes on the wire. */
  passed(from: "client" | "server", bytes: Uint8Array): void {
    const kept = bytes.subarray(0, MAX_BYTES - this.#bytes);
    this.#bytes += kept.length;
    this.#recorder.wire(from, kept, "delivered");
  }

  /**
   * Adds what the client's message callback reports. The server's reports are made from it:
   * what is written arrives, and what is read was sent.
   */
  readonly onMessage: TraceListener = (written, version, type, bytes) => {
    if (!written && this.ignoresServer) return;
    const [writer, reader] = written
      ? [this.#client, this.#server]
      : [this.#server, this.#client];
    // Before TLS 1.3 OpenSSL reports the header of a ChangeCipherSpec that it reads, not itself.
    if (this.#readsChange && type !== SSL3_RT_CHANGE_CIPHER_SPEC) {
      writer(1, version, SSL3_RT_CHANGE_CIPHER_SPEC, ONE);
    }
    this.#readsChange = !written && type === SSL3_RT_HEADER &&
      bytes[0] === SSL3_RT_CHANGE_CIPHER_SPEC;
    writer(1, version, type, bytes);
    reader(0, version, type, bytes);
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
