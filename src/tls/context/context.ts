import { Internals } from "../../internal/internals.ts";
import { isPromise } from "../../internal/maybe_promise.ts";
import { ownOptions } from "../../internal/own_options.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import type { MaybePromise } from "../../stores/session_store.ts";
import type { TlsSessionOptions } from "../sessions/session_options.ts";
import { ContextCore, contextCores } from "./context_core.ts";
import type {
  CoreOptions,
  TlsCertificateOptions,
  TlsProtocolOptions,
  TlsTrustOptions,
} from "./context_options.ts";
import { type TlsContextUpdate, updatedOptions } from "./context_update.ts";
import type { SessionStats } from "../sessions/session_stats.ts";

/** How contexts differ from those that they are made of, which stay as they are. */
export interface ContextVariation {
  readonly changes: TlsContextUpdate;
  /** Whether they have the same ticket keys, as after an update, or new ones. */
  readonly keepsTicketKeys: boolean;
  /** The contexts so far, by those that they are made of. Whoever makes them closes them. */
  readonly made: Map<object, TlsContext>;
}

/** Makes a variant of a context, and of those that its `contextFor` chooses. */
export const contextVariants = new Internals<
  (variation: ContextVariation) => TlsContext
>("TlsContext");

/** The options of a {@linkcode TlsContext}. */
export interface TlsContextOptions
  extends
    TlsCertificateOptions,
    TlsTrustOptions,
    TlsProtocolOptions,
    TlsSessionOptions {
  /**
   * Certificates with different types of key, such as RSA and ECDSA, instead of `cert` and
   * `key` or `pfx`: the first that the peer can verify is sent.
   */
  certificates?: readonly TlsCertificateOptions[];
  /**
   * Chooses the context that serves a server name (SNI), which is `null` if the client sent
   * none; `undefined` chooses this context. It is called during the handshake: it must not use
   * connections of the same `OpenSSL` instance before it has returned a promise.
   *
   * All options of the chosen context apply, and none of this one, except: without `sessions`
   * of its own, the chosen context uses those of this one; its own `sessions` are used only if
   * this context has `sessions` or stateless tickets, else every handshake is full; and
   * without `ticketKeys` of its own, its tickets are encrypted by this context's keys.
   */
  contextFor?: (
    serverName: string | null,
  ) => MaybePromise<TlsContext | undefined>;
  /** The instance of the context, by default {@linkcode OpenSSL.default}. */
  openssl?: OpenSSL;
}

/**
 * The configuration that connections share: certificates, trust, protocols and sessions. It
 * corresponds to OpenSSL's `SSL_CTX`.
 *
 * @example A context of a server that stores its sessions
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
  #core: ContextCore;
  #options: CoreOptions;

  /**
   * Creates a context.
   *
   * @throws {TypeError} If an option is not of its type, or `cert` is without `key`.
   * @throws {RangeError} If an option is out of its range.
   * @throws {TlsError} `certificate`, if a certificate or key can't be read, or the key isn't the
   * certificate's; `configuration`, if OpenSSL refuses a command.
   */
  constructor(options: TlsContextOptions = {}) {
    this.#core = new ContextCore(options);
    contextCores.set(this, this.#core);
    contextVariants.set(this, (variation) => this.#variant(variation));
    this.#options = ownOptions(options);
  }

  /** The OpenSSL instance of the context. */
  get openssl(): OpenSSL {
    return this.#core.openssl;
  }

  /** Counts of the handshakes that the context served, and of the calls of its store. */
  get stats(): SessionStats {
    return this.#core.counters.snapshot();
  }

  /**
   * Replaces certificates and keys, trust, or the keys of tickets and session ids, for new
   * connections, also those of a listener. Connections that have begun, and their handshakes,
   * keep the old ones. An update that throws changes nothing. `cert`, `key`, `certificates`,
   * `pfx` and `passphrase` are replaced together.
   *
   * Sessions in the store can still be resumed, and so can stateless tickets, unless
   * `ticketKeys` replaces their keys. Sessions in OpenSSL's internal cache can't. No session
   * can be resumed after a change of trust.
   *
   * @example Replace a certificate
   * ```ts
   * import { TlsContext } from "@sesame/tls";
   * import { createTestCertificate } from "@sesame/tls/testing";
   *
   * using context = new TlsContext(createTestCertificate());
   * // …
   * context.update(createTestCertificate());
   * ```
   *
   * @throws {TypeError} If the context is closed, an option is not of its type, or it can't be
   * updated.
   * @throws {RangeError} If an option is out of its range.
   * @throws {TlsError} What the constructor throws.
   */
  update(changes: TlsContextUpdate): void {
    const options = updatedOptions(this.#options, changes);
    this.#core = this.#core.replacedBy(options);
    contextCores.set(this, this.#core);
    this.#options = ownOptions(options);
  }

  #variant(variation: ContextVariation): TlsContext {
    const { changes, keepsTicketKeys, made } = variation;
    const known = made.get(this);
    if (known !== undefined) return known;
    const { contextFor, ...others } = updatedOptions(this.#options, changes);
    const next = new TlsContext({
      ...others,
      ...(contextFor && {
        contextFor: (name) => variantOf(contextFor(name), variation),
      }),
    });
    made.set(this, next);
    if (keepsTicketKeys) next.#core.takeTicketKeys(this.#core);
    return next;
  }

  /** Closes the context. Its connections are not affected. */
  close(): void {
    this.#core.close();
  }

  /** {@linkcode TlsContext.close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** The variant of what `contextFor` returned. */
function variantOf(
  chosen: MaybePromise<object | undefined>,
  variation: ContextVariation,
): MaybePromise<TlsContext | undefined> {
  if (isPromise(chosen)) {
    return Promise.resolve(chosen).then((context) =>
      variantOf(context, variation)
    );
  }
  return chosen && contextVariants.get(chosen)(variation);
}
