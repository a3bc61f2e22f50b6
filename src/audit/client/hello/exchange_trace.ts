import { SSL3_RT_HANDSHAKE } from "../../../libssl/constants.ts";
import { type Trace, TraceRecorder } from "../../../testing/trace.ts";
import { TLS1_2 } from "./codes.ts";
import type { Plaintext } from "./plaintext.ts";

/** Records a hello and its answer, both as they were sent and as they were read. */
export class ExchangeTrace {
  readonly #recorder: TraceRecorder;
  readonly #client;
  readonly #server;

  constructor(now: () => number) {
    this.#recorder = new TraceRecorder({ clock: { now } });
    this.#client = this.#recorder.listener("client");
    this.#server = this.#recorder.listener("server");
  }

  get trace(): Trace {
    return this.#recorder.trace;
  }

  /** Adds the bytes of a hello, and its message, which the server reads. */
  sent(message: Uint8Array, records: Uint8Array): void {
    this.#recorder.wire("client", records, "delivered");
    this.#client(1, TLS1_2, SSL3_RT_HANDSHAKE, message);
    this.#server(0, TLS1_2, SSL3_RT_HANDSHAKE, message);
  }

  /** Adds bytes that came. */
  came(bytes: Uint8Array): void {
    this.#recorder.wire("server", bytes, "delivered");
  }

  /** Adds a message that came. */
  read({ type, bytes }: Plaintext): void {
    this.#server(1, TLS1_2, type, bytes);
    this.#client(0, TLS1_2, type, bytes);
  }
}
