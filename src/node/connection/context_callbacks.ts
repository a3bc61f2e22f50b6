import {
  SSL_SESS_CACHE_BOTH,
  SSL_SESS_CACHE_NO_INTERNAL,
  SSL_TLSEXT_ERR_ALERT_FATAL,
  SSL_TLSEXT_ERR_NOACK,
  SSL_TLSEXT_ERR_OK,
} from "../../libssl/constants.ts";
import type { SSL, SSL_CTX } from "../../libssl/handles.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { opensslInternals } from "../../libssl/openssl_internals.ts";

/** What OpenSSL asks a connection by way of its context. */
export interface ContextQuestions {
  /** Which of the protocols that a client offers; `null` for none, `undefined` for no answer. */
  selectProtocol(offered: readonly string[]): string | null | undefined;
  /** Whether there is an OCSP response for the client (servers), or one has come (clients). */
  onStatus(): boolean;
  /** Called with a line of the key log. */
  onKeyLog(line: string): void;
}

/** The object that answers the callbacks of each connection. */
const answering = new WeakMap<SSL, ContextQuestions>();
const prepared = new WeakSet<SSL_CTX>();
const logging = new WeakSet<SSL_CTX>();

/** Sets the object that answers OpenSSL's callbacks for a connection. */
export function answerFor(ssl: SSL, questions: ContextQuestions): void {
  answering.set(ssl, questions);
}

/** Sets a context's callbacks, which all of its connections share. */
export function prepareContext(openssl: OpenSSL, ctx: SSL_CTX): void {
  if (prepared.has(ctx)) return;
  prepared.add(ctx);
  const { libssl } = openssl;
  opensslInternals.get(openssl).machine.serve(ctx);
  libssl.SSL_CTX_set_session_cache_mode(
    ctx,
    SSL_SESS_CACHE_BOTH | SSL_SESS_CACHE_NO_INTERNAL,
  );
  libssl.SSL_CTX_set_alpn_select_cb(ctx, (ssl, offered) => {
    const chosen = answering.get(ssl)?.selectProtocol(offered);
    if (chosen === undefined) return SSL_TLSEXT_ERR_NOACK;
    return chosen ?? SSL_TLSEXT_ERR_ALERT_FATAL;
  });
  libssl.SSL_CTX_set_tlsext_status_cb(ctx, (ssl) => {
    const questions = answering.get(ssl);
    // To a client, 1 means that the response will do.
    if (libssl.SSL_is_server(ssl) === 0) {
      questions?.onStatus();
      return 1;
    }
    return questions?.onStatus() ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
  });
}

/** Passes the key log lines of a context's connections to the objects that answer for them. */
export function logKeys({ libssl }: OpenSSL, ctx: SSL_CTX): void {
  if (logging.has(ctx)) return;
  logging.add(ctx);
  libssl.SSL_CTX_set_keylog_callback(
    ctx,
    (ssl, line) => answering.get(ssl)?.onKeyLog(line),
  );
}
