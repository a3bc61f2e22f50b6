import type { OpenSSL } from "../libssl/openssl.ts";
import { ContextCore } from "./context_core.ts";
import type { TlsContextOptions } from "./context_options.ts";
import type { SessionStats } from "./session_stats.ts";

/** What a context is made of, for the engine alone. */
export let coreOf: (context: TlsContext) => ContextCore;

/**
 * The configuration of connections, an `SSL_CTX`.
 *
 * @example A server whose sessions live in a store
 * ```ts
 * import { TlsContext } from "@sesame/tls";
 * import { MemorySessionStore } from "@sesame/tls/stores/memory";
 * import { createTestCertificate } from "@sesame/tls/testing";
 *
 * const { cert, key } = createTestCertificate();
 * using context = new TlsContext({
 *   cert,
 *   key,
 *   sessions: new MemorySessionStore(),
 * });
 * ```
 */
export class TlsContext implements Disposable {
  readonly #core: ContextCore;

  static {
    coreOf = (context) => context.#core;
  }

  /**
   * Makes a context.
   *
   * @throws {TypeError} If an option is not of its type, or `cert` is without `key`.
   * @throws {RangeError} If an option is out of its range.
   * @throws {TlsError} `certificate`, if a certificate or key can't be read or they
   * don't belong together; `configuration`, if OpenSSL refuses a command.
   */
  constructor(options: TlsContextOptions = {}) {
    this.#core = new ContextCore(options);
  }

  /** The instance that the context runs in. */
  get openssl(): OpenSSL {
    return this.#core.openssl;
  }

  /** What became of the handshakes that the context served, and of its look-ups. */
  get stats(): SessionStats {
    return this.#core.counters.snapshot();
  }

  /** Closes the context: connections that it has made live on. */
  close(): void {
    this.#core.close();
  }

  /** {@linkcode TlsContext.close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}
