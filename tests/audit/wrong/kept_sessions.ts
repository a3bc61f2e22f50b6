import {
  type Libssl,
  type SSL,
  type SSL_CTX,
  SSL_OP_NO_TICKET,
  SSL_SESS_CACHE_NO_INTERNAL,
  SSL_SESS_CACHE_SERVER,
  type SSL_SESSION,
} from "../../../src/libssl/mod.ts";
import { toHex } from "../../../src/internal/bytes.ts";
import { made } from "../../support/pair.ts";

/** How the sessions of a server of raw libssl are kept. */
export interface Keeping {
  /** Whether a new session is kept. By default all are. */
  keeps?(ssl: SSL): boolean;
  /** Answers a look-up: the session to resume. By default the one that was kept. */
  found?(der: Uint8Array, ssl: SSL, count: number): Uint8Array | null;
  /** Changes the session that a look-up leads to, before it is resumed. */
  adapt?(session: SSL_SESSION, ssl: SSL): void;
  /** What sessions are found by. By default all bytes of the id. */
  keyOf?(id: Uint8Array): string;
  /** Where they are kept. */
  kept?: Map<string, Uint8Array>;
  /** Whether sessions that OpenSSL removes are kept. By default not. */
  isDeaf?: boolean;
}

/** Has a context keep its sessions in a map, in place of tickets and OpenSSL's own cache. */
export function keepSessions(
  libssl: Libssl,
  ctx: SSL_CTX,
  options: Keeping = {},
): Map<string, Uint8Array> {
  const { keeps = () => true, found = (der) => der, isDeaf = false } = options;
  const { kept = new Map<string, Uint8Array>(), keyOf = toHex } = options;
  const keyIn = (session: SSL_SESSION): string =>
    keyOf(libssl.SSL_SESSION_get_id(session));
  const counts = new Map<string, number>();
  libssl.SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
  libssl.SSL_CTX_set_session_cache_mode(
    ctx,
    SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL,
  );
  libssl.SSL_CTX_sess_set_new_cb(ctx, (ssl, session) => {
    const der = libssl.i2d_SSL_SESSION(session);
    if (der && keeps(ssl)) kept.set(keyIn(session), der);
    return 0;
  });
  libssl.SSL_CTX_sess_set_remove_cb(ctx, (_ctx, session) => {
    if (!isDeaf) kept.delete(keyIn(session));
  });
  libssl.SSL_CTX_sess_set_get_cb(ctx, (ssl, id, copy) => {
    const key = keyOf(id);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    const der = kept.get(key);
    const answer = der && found(der, ssl, count);
    if (!answer) return null;
    copy.value = 0;
    const session = made(libssl.d2i_SSL_SESSION(answer));
    options.adapt?.(session, ssl);
    return session;
  });
  return kept;
}
