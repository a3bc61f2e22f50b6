import {
  SSL_OP_NO_TICKET,
  SSL_SESS_CACHE_BOTH,
  SSL_SESS_CACHE_NO_INTERNAL,
  TLS1_1_VERSION,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
  TLS1_VERSION,
} from "../libssl/constants.ts";
import type { SSL, SSL_CTX, SSL_SESSION } from "../libssl/handles.ts";
import { OpenSSL } from "../libssl/openssl.ts";
import { selectAlpnProtocol, toAlpnList } from "./alpn.ts";
import { configure } from "./configure.ts";
import type { TlsContextOptions, TlsVersion } from "./context.ts";
import { ExternalSessions } from "./external_sessions.ts";
import { allocated, opensslError } from "./openssl_error.ts";
import { withCertificates, withPrivateKey } from "./pem.ts";

/** A context's `SSL_CTX`, configured, and the way of sessions in and out of it. */
export class ContextCore {
  /** The instance that the context runs in. */
  readonly openssl: OpenSSL;
  readonly #ctx: SSL_CTX;
  readonly #sessions: ExternalSessions | undefined;
  readonly #newSessions = new WeakMap<SSL, (session: SSL_SESSION) => void>();
  readonly #canServe: boolean;
  readonly #canVerify: boolean;
  #isClosed = false;

  /** Makes and configures an `SSL_CTX`. */
  constructor(options: TlsContextOptions) {
    const { openssl = OpenSSL.default } = options;
    this.openssl = openssl;
    const { libssl } = openssl;
    libssl.ERR_clear_error();
    this.#ctx = allocated(libssl.SSL_CTX_new(libssl.TLS_method()), "a context");
    try {
      this.#canServe = this.#setCertificate(options);
      this.#canVerify = this.#setTrust(options.caCerts ?? []);
      this.#setProtocol(options);
      this.#sessions = this.#setSessions(options);
      configure(libssl, this.#ctx, options.configure ?? []);
    } catch (error) {
      libssl.SSL_CTX_free(this.#ctx);
      throw error;
    }
  }

  /** Gives back the `SSL_CTX`: connections that it has made live on. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.openssl.libssl.SSL_CTX_free(this.#ctx);
  }

  /**
   * A connection, owned. A client's sessions go to `onSession`, a server's to the store.
   *
   * @throws {TypeError} If the context is closed, or lacks what the role needs.
   */
  newConnection(
    role: "client" | "server",
    onSession: (session: SSL_SESSION) => void,
  ): SSL {
    if (this.#isClosed) {
      throw new TypeError("Cannot use the context: it is closed");
    }
    if (role === "server" && !this.#canServe) {
      throw new TypeError(
        "Cannot be a server: the context has no cert and key",
      );
    }
    if (role === "client" && !this.#canVerify) {
      throw new TypeError(
        "Cannot be a client: the context has no caCerts to verify the server by",
      );
    }
    const ssl = allocated(
      this.openssl.libssl.SSL_new(this.#ctx),
      "a connection",
    );
    this.#newSessions.set(
      ssl,
      role === "client" ? onSession : (session) => this.#sessions?.put(session),
    );
    return ssl;
  }

  #setCertificate({ cert, key }: TlsContextOptions): boolean {
    if ((cert === undefined) !== (key === undefined)) {
      throw new TypeError("options.cert and options.key must come together");
    }
    if (cert === undefined || key === undefined) return false;
    const { libssl } = this.openssl;
    withCertificates(libssl, cert, "options.cert", ([leaf, ...chain]) => {
      this.#check(libssl.SSL_CTX_use_certificate(this.#ctx, leaf), "cert");
      for (const x of chain) {
        this.#check(libssl.SSL_CTX_add1_chain_cert(this.#ctx, x), "cert");
      }
    });
    withPrivateKey(libssl, key, "options.key", (pkey) => {
      this.#check(libssl.SSL_CTX_use_PrivateKey(this.#ctx, pkey), "key");
    });
    return true;
  }

  #setTrust(caCerts: string[]): boolean {
    if (!Array.isArray(caCerts)) {
      throw new TypeError(
        `options.caCerts must be an array of PEM, received ${typeof caCerts}`,
      );
    }
    const { libssl } = this.openssl;
    const store = allocated(
      libssl.SSL_CTX_get_cert_store(this.#ctx),
      "a certificate store",
    );
    caCerts.forEach((pem, i) =>
      withCertificates(libssl, pem, `options.caCerts[${i}]`, (certificates) => {
        for (const x of certificates) {
          this.#check(libssl.X509_STORE_add_cert(store, x), "caCerts");
        }
      })
    );
    return caCerts.length > 0;
  }

  #setProtocol(
    {
      minVersion = "TLSv1.2",
      maxVersion = "TLSv1.3",
      alpnProtocols = [],
    }: TlsContextOptions,
  ): void {
    const { libssl } = this.openssl;
    const ctx = this.#ctx;
    const min = versionNumber(minVersion, "options.minVersion");
    const max = versionNumber(maxVersion, "options.maxVersion");
    if (min > max) {
      throw new RangeError(
        `options.minVersion ${minVersion} is above options.maxVersion ${maxVersion}`,
      );
    }
    libssl.SSL_CTX_set_min_proto_version(ctx, min);
    libssl.SSL_CTX_set_max_proto_version(ctx, max);
    if (alpnProtocols.length === 0) return;
    libssl.SSL_CTX_set_alpn_protos(ctx, toAlpnList(alpnProtocols));
    libssl.SSL_CTX_set_alpn_select_cb(
      ctx,
      (_ssl, offered) => selectAlpnProtocol(alpnProtocols, offered),
    );
  }

  #setSessions(options: TlsContextOptions): ExternalSessions | undefined {
    const {
      sessions: store,
      sessionTimeout = 7200,
      sessionIdContext = "sesame",
      onStoreError = reportStoreError,
    } = options;
    const { libssl } = this.openssl;
    const ctx = this.#ctx;
    const context = new TextEncoder().encode(sessionIdContext);
    if (context.length === 0 || context.length > 32) {
      throw new RangeError(
        `options.sessionIdContext must be 1 to 32 bytes, received ${context.length}`,
      );
    }
    if (!Number.isInteger(sessionTimeout) || sessionTimeout <= 0) {
      throw new RangeError(
        `options.sessionTimeout must be a positive number of whole seconds, received ${sessionTimeout}`,
      );
    }
    libssl.SSL_CTX_set_session_id_context(ctx, context);
    libssl.SSL_CTX_set_timeout(ctx, sessionTimeout);
    libssl.SSL_CTX_set_session_cache_mode(
      ctx,
      SSL_SESS_CACHE_BOTH | SSL_SESS_CACHE_NO_INTERNAL,
    );
    libssl.SSL_CTX_sess_set_new_cb(ctx, (ssl, session) => {
      this.#newSessions.get(ssl)?.(session);
      return 0;
    });
    if (store === undefined) return undefined;

    const sessions = new ExternalSessions({
      openssl: this.openssl,
      store,
      sessionIdContext: context,
      onStoreError,
    });
    libssl.SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
    libssl.SSL_CTX_sess_set_get_cb(ctx, (_ssl, id, copy) => {
      copy.value = 0;
      return sessions.find(id);
    });
    libssl.SSL_CTX_sess_set_remove_cb(
      ctx,
      (_ctx, session) => sessions.remove(session),
    );
    return sessions;
  }

  #check(result: number, option: string): void {
    if (result === 1) return;
    throw opensslError(
      this.openssl.libssl,
      "certificate",
      `Cannot use options.${option}`,
    );
  }
}

const VERSIONS: Readonly<Record<TlsVersion, number>> = {
  "TLSv1": TLS1_VERSION,
  "TLSv1.1": TLS1_1_VERSION,
  "TLSv1.2": TLS1_2_VERSION,
  "TLSv1.3": TLS1_3_VERSION,
};

function versionNumber(version: TlsVersion, name: string): number {
  if (!Object.hasOwn(VERSIONS, version)) {
    throw new TypeError(
      `${name} must be ${
        Object.keys(VERSIONS).join(", ")
      }, received ${version}`,
    );
  }
  return VERSIONS[version];
}

function reportStoreError(error: unknown, operation: string): void {
  console.error(`The session store failed (${operation}):`, error);
}
