import type { TlsError } from "../../internal/tls_error.ts";
import {
  SSL_OP_LEGACY_SERVER_CONNECT,
  SSL_OP_NO_RENEGOTIATION,
  SSL_SESS_CACHE_CLIENT,
  SSL_SESS_CACHE_NO_INTERNAL,
  SSL_VERIFY_NONE,
} from "../../libssl/constants.ts";
import type { SSL, SSL_CTX, SSL_SESSION } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import { OpenSSL } from "../../libssl/openssl.ts";
import { type Seed, seededEntropy } from "../../testing/entropy.ts";
import { setCertificates } from "../../tls/context/credentials.ts";
import type { TlsCertificateOptions } from "../../tls/context/context_options.ts";
import { allocated, opensslError } from "../../tls/errors/openssl_error.ts";

/** What the connections of a context have in common. */
export interface ContextSettings {
  readonly groups: string | undefined;
  readonly credential: TlsCertificateOptions | undefined;
  /** Whether connections may be given a session later: then the context is for TLS 1.2 alone. */
  readonly renegotiates: boolean;
}

/** An OpenSSL of the audit's own, with a context for each set of settings. */
export class ClientInstance {
  readonly libssl: Libssl;
  /** Called with each session that a connection gets. */
  readonly onSession = new Map<SSL, (session: SSL_SESSION) => void>();
  readonly #contexts: { settings: ContextSettings; ctx: SSL_CTX }[] = [];
  #clock: () => number;

  /**
   * Starts an instance.
   *
   * @param clock The time, in milliseconds since 1970.
   * @param seed Makes its random bytes the same each time.
   */
  constructor(clock: () => number, seed?: Seed) {
    this.#clock = clock;
    const openssl = new OpenSSL({
      clock: () => this.#clock(),
      ...(seed !== undefined && { entropy: seededEntropy(seed) }),
    });
    this.libssl = openssl.libssl;
  }

  /** Has the instance's clock show another time from now on: connections take turns. */
  setClock(clock: () => number): void {
    this.#clock = clock;
  }

  /** Makes a connection of the context with these settings. */
  newConnection(settings: ContextSettings): SSL {
    const { libssl } = this;
    const known = this.#contexts.find((one) =>
      one.settings.groups === settings.groups &&
      one.settings.renegotiates === settings.renegotiates &&
      one.settings.credential === settings.credential
    );
    const ctx = known?.ctx ?? this.#newContext(settings);
    const ssl = allocated(libssl.SSL_new(ctx), "a connection");
    libssl.SSL_set_connect_state(ssl);
    return ssl;
  }

  /** Frees the contexts. */
  dispose(): void {
    for (const { ctx } of this.#contexts) this.libssl.SSL_CTX_free(ctx);
    this.#contexts.length = 0;
  }

  #newContext(settings: ContextSettings): SSL_CTX {
    const { libssl } = this;
    const ctx = allocated(
      libssl.SSL_CTX_new(
        settings.renegotiates
          ? libssl.TLSv1_2_client_method()
          : libssl.TLS_method(),
      ),
      "a context",
    );
    try {
      this.#configure(ctx, settings);
    } catch (error) {
      libssl.SSL_CTX_free(ctx);
      throw error;
    }
    this.#contexts.push({ settings, ctx });
    return ctx;
  }

  #configure(ctx: SSL_CTX, { groups, credential }: ContextSettings): void {
    const { libssl } = this;
    // An audit has to reach servers that are weak in other respects.
    libssl.SSL_CTX_set_security_level(ctx, 0);
    libssl.SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, null);
    libssl.SSL_CTX_set_options(
      ctx,
      SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_NO_RENEGOTIATION,
    );
    libssl.SSL_CTX_set_session_cache_mode(
      ctx,
      SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL,
    );
    libssl.SSL_CTX_sess_set_new_cb(ctx, (ssl, session) => {
      this.onSession.get(ssl)?.(session);
      return 0;
    });
    if (
      groups !== undefined && libssl.SSL_CTX_set1_groups_list(ctx, groups) !== 1
    ) throw refused(libssl, `the groups ${groups}`);
    if (credential) setCertificates(libssl, ctx, credential);
  }
}

/** What OpenSSL says of a setting that it refuses. */
export function refused(libssl: Libssl, what: string): TlsError {
  return opensslError(libssl, "configuration", `OpenSSL refuses ${what}`);
}
