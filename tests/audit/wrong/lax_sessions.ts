import {
  SSL_CLIENT_HELLO_SUCCESS,
  SSL_OP_NO_EXTENDED_MASTER_SECRET,
} from "../../../src/libssl/mod.ts";
import { keepSessions } from "./kept_sessions.ts";
import { LibsslServer } from "./libssl_server.ts";

/**
 * A server that finds all sessions by id, and makes them fit a connection that they don't fit:
 * they get its protocol version and the first cipher suite that the client offers.
 *
 * @param groups The groups of its key exchange. By default OpenSSL's.
 */
export function laxSessions(groups?: string): LibsslServer {
  let offered = new Uint8Array();
  return new LibsslServer({
    setUp(libssl, ctx): void {
      if (groups) libssl.SSL_CTX_set1_groups_list(ctx, groups);
      libssl.SSL_CTX_set_options(ctx, SSL_OP_NO_EXTENDED_MASTER_SECRET);
      libssl.SSL_CTX_set_client_hello_cb(ctx, (ssl) => {
        offered = libssl.SSL_client_hello_get0_ciphers(ssl);
        return SSL_CLIENT_HELLO_SUCCESS;
      });
      keepSessions(libssl, ctx, {
        isDeaf: true,
        adapt(session, ssl): void {
          const version = libssl.SSL_version(ssl);
          libssl.SSL_SESSION_set_protocol_version(session, version);
          const first = libssl.SSL_CIPHER_find(ssl, offered.subarray(0, 2));
          if (first) libssl.SSL_SESSION_set_cipher(session, first);
        },
      });
    },
  });
}
