import {
  SSL_CLIENT_HELLO_SUCCESS,
  SSL_OP_NO_EXTENDED_MASTER_SECRET,
  SSL_OP_NO_TICKET,
  SSL_SESS_CACHE_NO_INTERNAL,
  SSL_SESS_CACHE_SERVER,
} from "../../../src/libssl/mod.ts";
import { toHex } from "../../../src/internal/bytes.ts";
import { LibsslServer } from "./libssl_server.ts";

/**
 * A server that finds all sessions by id, and makes them fit a connection that they don't fit:
 * they get its protocol version and the first cipher suite that the client offers.
 *
 * @param groups The groups of its key exchange. By default OpenSSL's.
 */
export function laxSessions(groups?: string): LibsslServer {
  const records = new Map<string, Uint8Array>();
  let offered = new Uint8Array();
  return new LibsslServer({
    setUp(libssl, ctx): void {
      if (groups) libssl.SSL_CTX_set1_groups_list(ctx, groups);
      libssl.SSL_CTX_set_session_cache_mode(
        ctx,
        SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL,
      );
      libssl.SSL_CTX_set_options(
        ctx,
        SSL_OP_NO_TICKET | SSL_OP_NO_EXTENDED_MASTER_SECRET,
      );
      libssl.SSL_CTX_sess_set_new_cb(ctx, (_ssl, session) => {
        const der = libssl.i2d_SSL_SESSION(session);
        if (der) records.set(toHex(libssl.SSL_SESSION_get_id(session)), der);
        return 0;
      });
      libssl.SSL_CTX_set_client_hello_cb(ctx, (ssl) => {
        offered = libssl.SSL_client_hello_get0_ciphers(ssl);
        return SSL_CLIENT_HELLO_SUCCESS;
      });
      libssl.SSL_CTX_sess_set_get_cb(ctx, (ssl, id, copy) => {
        const der = records.get(toHex(id));
        const session = der ? libssl.d2i_SSL_SESSION(der) : null;
        const cipher = libssl.SSL_CIPHER_find(ssl, offered.subarray(0, 2));
        if (session === null || cipher === null) return null;
        copy.value = 0;
        libssl.SSL_SESSION_set_protocol_version(
          session,
          libssl.SSL_version(ssl),
        );
        libssl.SSL_SESSION_set_cipher(session, cipher);
        return session;
      });
    },
  });
}
