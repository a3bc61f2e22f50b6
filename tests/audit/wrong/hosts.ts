import {
  SSL_TLSEXT_ERR_OK,
  SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
  SSL_VERIFY_NONE,
  SSL_VERIFY_PEER,
} from "../../../src/libssl/mod.ts";
import {
  type ContextOptions,
  LibsslServer,
  type LibsslServerOptions,
} from "./libssl_server.ts";

/**
 * A server of virtual hosts that share sessions: they have one session id context, and ticket
 * keys and cache of the context of unknown names (as nginx had before CVE-2025-23419 was fixed).
 *
 * @param hosts By their names, as they are compared with the client's, byte by byte.
 * @param options The host of all other names, and the server.
 */
export function sharingHosts(
  hosts: Readonly<Record<string, ContextOptions>>,
  options: LibsslServerOptions = {},
): LibsslServer {
  return new LibsslServer({
    ...options,
    setUp(libssl, ctx, server): void {
      const contexts = new Map(
        Object.entries(hosts).map(([name, host]) => [name, {
          host: server.newContext(host),
          mode: host.trust
            ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
            : SSL_VERIFY_NONE,
        }]),
      );
      libssl.SSL_CTX_set_tlsext_servername_callback(ctx, (ssl) => {
        const chosen = contexts.get(libssl.SSL_get_servername(ssl) ?? "");
        if (chosen) {
          libssl.SSL_set_SSL_CTX(ssl, chosen.host);
          libssl.SSL_set_verify(ssl, chosen.mode, null);
        }
        return SSL_TLSEXT_ERR_OK;
      });
      options.setUp?.(libssl, ctx, server);
    },
  });
}
