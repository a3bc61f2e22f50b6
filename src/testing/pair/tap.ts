import type { MessageCallback } from "../../libssl/callbacks.ts";
import type { TlsContext } from "../../tls/context/context.ts";
import { contextCores } from "../../tls/context/context_core.ts";
import { allocated } from "../../tls/errors/openssl_error.ts";

/**
 * Makes a connection of a context by `make`, with OpenSSL's message callback from its first
 * byte on: a client writes its hello as it is made.
 */
export function tapped<T>(
  context: TlsContext,
  role: "client" | "server",
  onMessage: MessageCallback,
  make: () => T,
): T {
  const { libssl } = context.openssl;
  // A connection that does nothing leads to the SSL_CTX, whose callback SSL_new copies.
  const probe = contextCores.get(context).newConnection(role);
  const ctx = allocated(libssl.SSL_get_SSL_CTX(probe), "a context");
  libssl.SSL_free(probe);
  libssl.SSL_CTX_set_msg_callback(ctx, onMessage);
  try {
    return make();
  } finally {
    libssl.SSL_CTX_set_msg_callback(ctx, null);
  }
}
