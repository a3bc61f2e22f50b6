import {
  SSL3_RT_HANDSHAKE,
  TLS1_2_VERSION,
} from "../../../libssl/constants.ts";
import type { Trace } from "../../../testing/trace.ts";
import { LazyTrace } from "../lazy_trace.ts";
import type { Plaintext } from "./plaintext.ts";

/** Records a hello and its answer, both as they were sent and as they were read. */
export class ExchangeTrace {
  readonly #lazy: LazyTrace;

  constructor(now: () => number) {
    this.#lazy = new LazyTrace(now);
  }

  get trace(): Trace {
    return this.#lazy.trace;
  }

  /** Adds the bytes of a hello, and its message, which the server reads. */
  sent(message: Uint8Array, records: Uint8Array): void {
    this.#lazy.wire("client", records);
    this.#lazy.message("client", TLS1_2_VERSION, SSL3_RT_HANDSHAKE, message);
  }

  /** Adds bytes that came. */
  came(bytes: Uint8Array): void {
    this.#lazy.wire("server", bytes);
  }

  /** Adds a message that came. */
  read({ type, bytes }: Plaintext): void {
    this.#lazy.message("server", TLS1_2_VERSION, type, bytes);
  }
}
