/**
 * Servers of raw libssl with early data.
 *
 * @module
 */
import type { Finding } from "@sesame/tls/audit";
import {
  type Libssl,
  type SSL_CTX,
  SSL_OP_NO_ANTI_REPLAY,
  SSL_TLSEXT_ERR_NOACK,
  SSL_TLSEXT_ERR_OK,
} from "../../../../src/libssl/mod.ts";
import { toHex } from "../../../../src/internal/bytes.ts";
import { made } from "../../../support/pair.ts";
import { findingsOf, type FindingsOptions } from "../../findings_of.ts";
import { careless, type Carelessness } from "../../wrong/careless.ts";
import {
  LibsslServer,
  type LibsslServerOptions,
  PKI,
} from "../../wrong/libssl_server.ts";

export const MAX_EARLY_DATA = 1000;
export const NAMES = ["localhost", "other.example"];

/** What one probe finds at servers of raw libssl, each a node. */
export async function probed(
  probe: string,
  servers: readonly LibsslServer[],
  options: FindingsOptions = {},
): Promise<Finding> {
  const at = (node: string): LibsslServer =>
    made(servers[Number(node)] ?? null);
  const [finding] = await findingsOf(
    { connect: (node) => at(node).connect(), clock: at("0").clock },
    `early-data/${probe}`,
    { nodes: servers.map((_, i) => `${i}`), ...options },
  );
  return made(finding ?? null);
}

export function eager(options: LibsslServerOptions = {}): LibsslServerOptions {
  return { maxEarlyData: MAX_EARLY_DATA, ...options };
}

/** A server that resumes by stateless tickets, and so doesn't look for replays. */
export function forgetful(
  options: LibsslServerOptions = {},
): LibsslServerOptions {
  return eager({
    ...options,
    setUp(libssl, ctx, server): void {
      libssl.SSL_CTX_set_options(ctx, SSL_OP_NO_ANTI_REPLAY);
      options.setUp?.(libssl, ctx, server);
    },
  });
}

/** Accepts the early data of a session once: as long as the process lives. */
export function onceEach(libssl: Libssl, ctx: SSL_CTX): void {
  const seen = new Set<string>();
  libssl.SSL_CTX_set_allow_early_data_cb(ctx, (ssl) => {
    const session = made(libssl.SSL_get_session(ssl));
    const key = toHex(libssl.SSL_SESSION_get_master_key(session));
    if (seen.has(key)) return 0;
    seen.add(key);
    return 1;
  });
}

/** Selects the first protocol that is offered. */
export function selectsAny(libssl: Libssl, ctx: SSL_CTX): void {
  libssl.SSL_CTX_set_alpn_select_cb(
    ctx,
    (_, [first]) => first ?? SSL_TLSEXT_ERR_NOACK,
  );
}

/** Has another certificate at another name. */
export function isTwoHosts(
  libssl: Libssl,
  ctx: SSL_CTX,
  server: LibsslServer,
): void {
  const other = server.newContext({ certificate: PKI.client });
  libssl.SSL_CTX_set_tlsext_servername_callback(ctx, (ssl) => {
    if (libssl.SSL_get_servername(ssl, 0) === "other.example") {
      libssl.SSL_set_SSL_CTX(ssl, other);
    }
    return SSL_TLSEXT_ERR_OK;
  });
}

export function carelessAbout(
  about: Carelessness,
  options: LibsslServerOptions = {},
): LibsslServer {
  return new LibsslServer(careless([about], eager(options)));
}
