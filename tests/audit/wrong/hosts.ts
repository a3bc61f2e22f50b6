import { SERVER_NAME } from "../../../src/audit/client/hello/codes.ts";
import {
  type Libssl,
  type SSL,
  SSL_CLIENT_HELLO_SUCCESS,
  type SSL_CTX,
  SSL_TLSEXT_ERR_OK,
} from "../../../src/libssl/mod.ts";
import {
  type ContextOptions,
  LibsslServer,
  type LibsslServerOptions,
} from "./libssl_server.ts";

/** Virtual hosts by their names, as they are compared with the client's, byte by byte. */
export type Hosts = Readonly<Record<string, ContextOptions>>;

/** The bytes of a server_name extension before the name: two lengths and a type. */
const NAME_AT = 5;

/**
 * A server of virtual hosts that share sessions: they have one session id context, and ticket
 * keys and cache of the context of unknown names (as nginx had before CVE-2025-23419 was fixed).
 *
 * @param options The host of all other names, and the server.
 */
export function sharingHosts(
  hosts: Hosts,
  options: LibsslServerOptions = {},
): LibsslServer {
  return new LibsslServer({
    ...options,
    setUp(libssl, ctx, server): void {
      const contexts = contextsOf(hosts, server);
      libssl.SSL_CTX_set_tlsext_servername_callback(ctx, (ssl) => {
        const chosen = contexts.get(libssl.SSL_get_servername(ssl) ?? "");
        if (chosen) use(libssl, ssl, chosen);
        return SSL_TLSEXT_ERR_OK;
      });
      options.setUp?.(libssl, ctx, server);
    },
  });
}

/**
 * A server of virtual hosts with sessions of their own, which are chosen before OpenSSL looks at a
 * session.
 *
 * @param options The host of all other names, and the server; `keepsFirst` lets the first hello of
 * a connection decide, whatever a second one says.
 */
export function separateHosts(
  hosts: Hosts,
  options: LibsslServerOptions & { keepsFirst?: boolean } = {},
): LibsslServer {
  const { keepsFirst = false, ...rest } = options;
  return new LibsslServer({
    ...rest,
    setUp(libssl, ctx, server): void {
      const own = Object.entries(hosts).map(([name, host]) =>
        [name, { ...host, sessionIdContext: name }] as const
      );
      const contexts = contextsOf(Object.fromEntries(own), server);
      const seen = new WeakSet<SSL>();
      const choose = (ssl: SSL): number => {
        if (keepsFirst && seen.has(ssl)) return SSL_CLIENT_HELLO_SUCCESS;
        seen.add(ssl);
        use(libssl, ssl, contexts.get(nameIn(libssl, ssl)) ?? ctx);
        return SSL_CLIENT_HELLO_SUCCESS;
      };
      // A second hello is a matter of the context that the first one led to.
      for (const one of [ctx, ...contexts.values()]) {
        libssl.SSL_CTX_set_client_hello_cb(one, choose);
      }
      options.setUp?.(libssl, ctx, server);
    },
  });
}

function contextsOf(hosts: Hosts, server: LibsslServer): Map<string, SSL_CTX> {
  return new Map(
    Object.entries(hosts).map(([name, host]) => [
      name,
      server.newContext(host),
    ]),
  );
}

function use(libssl: Libssl, ssl: SSL, ctx: SSL_CTX): void {
  libssl.SSL_set_SSL_CTX(ssl, ctx);
  libssl.SSL_set_verify(ssl, libssl.SSL_CTX_get_verify_mode(ctx), null);
}

function nameIn(libssl: Libssl, ssl: SSL): string {
  const extension = libssl.SSL_client_hello_get0_ext(ssl, SERVER_NAME);
  return new TextDecoder().decode(extension?.subarray(NAME_AT));
}
