import type { OpenSSL } from "../libssl/openssl.ts";
import type { SessionStore } from "../stores/session_store.ts";
import { ContextCore } from "./context_core.ts";
import type { StoreErrorListener } from "./external_sessions.ts";

/** A version of TLS. The two old ones need security level 0 as well. */
export type TlsVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

/** What connections of one configuration have in common. */
export interface TlsContextOptions {
  /** The certificate in PEM, the leaf first, its chain after it. */
  cert?: string;
  /** The certificate's private key in PEM. */
  key?: string;
  /** The certificates in PEM that a client trusts. */
  caCerts?: string[];
  /** The application protocols, the preferred one first. */
  alpnProtocols?: string[];
  /** The lowest version. By default `"TLSv1.2"`. */
  minVersion?: TlsVersion;
  /** The highest version. By default `"TLSv1.3"`. */
  maxVersion?: TlsVersion;
  /** Where a server's sessions live. Without, it gives out stateless tickets. */
  sessions?: SessionStore;
  /** The lifetime of new sessions in seconds. By default 7200. */
  sessionTimeout?: number;
  /**
   * What sessions are bound to: servers that share a store resume only those of
   * their own context. 32 bytes of UTF-8 at most; by default `"sesame"`.
   */
  sessionIdContext?: string;
  /** Commands of OpenSSL's configuration language, such as `["Groups", "X25519"]`. */
  configure?: readonly (readonly [command: string, value: string])[];
  /** Told when the store fails; the handshake goes on. By default `console.error`. */
  onStoreError?: StoreErrorListener;
  /** The instance to run in. By default {@linkcode OpenSSL.default}. */
  openssl?: OpenSSL;
}

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

  /** Closes the context: connections that it has made live on. */
  close(): void {
    this.#core.close();
  }

  /** {@linkcode TlsContext.close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}
