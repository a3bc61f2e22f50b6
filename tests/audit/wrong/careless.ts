/**
 * Servers that resume whatever is offered: they take from the hello what they should compare
 * with the session.
 *
 * @module
 */
import {
  type Libssl,
  type SSL,
  SSL_CLIENT_HELLO_SUCCESS,
  type SSL_CTX,
  SSL_OP_NO_ANTI_REPLAY,
  type SSL_SESSION,
} from "../../../src/libssl/mod.ts";
import { ALPN, PRE_SHARED_KEY } from "../../../src/audit/client/hello/codes.ts";
import { SessionDer } from "../../../src/audit/client/session_der.ts";
import { made } from "../../support/pair.ts";
import { keepSessions } from "./kept_sessions.ts";
import type { LibsslServer, LibsslServerOptions } from "./libssl_server.ts";

/**
 * What the server is careless about: the protocol of ALPN, the age that the client says, how old
 * the session is, or how much early data it allows.
 */
export type Carelessness = "alpn" | "age" | "expiry" | "amount";

const NO_LIMIT = 100_000_000;

/** Options of a `LibsslServer` that keeps its sessions, and adapts them to what is asked for. */
export function careless(
  about: readonly Carelessness[],
  options: LibsslServerOptions = {},
): LibsslServerOptions {
  return {
    ...options,
    setUp(libssl, ctx, server): void {
      options.setUp?.(libssl, ctx, server);
      forget(libssl, ctx, server, new Set(about));
    },
  };
}

function forget(
  libssl: Libssl,
  ctx: SSL_CTX,
  { clock }: LibsslServer,
  about: ReadonlySet<Carelessness>,
): void {
  const hellos = new Map<SSL, Hello>();
  libssl.SSL_CTX_set_options(ctx, SSL_OP_NO_ANTI_REPLAY);
  libssl.SSL_CTX_set_client_hello_cb(ctx, (ssl) => {
    hellos.set(ssl, helloOf(libssl, ssl));
    return SSL_CLIENT_HELLO_SUCCESS;
  });
  keepSessions(libssl, ctx, {
    isDeaf: true,
    adapt(session, ssl): void {
      const hello = made(hellos.get(ssl) ?? null);
      adapt(libssl, session, { about, hello, now: clock.now() / 1000 });
    },
  });
}

/** What a hello says that a careful server compares. */
interface Hello {
  /** The protocol that the server will select: the first. */
  readonly alpn: Uint8Array;
  readonly obfuscatedAge: number;
}

function helloOf(libssl: Libssl, ssl: SSL): Hello {
  const extension = (type: number): Uint8Array =>
    libssl.SSL_client_hello_get0_ext(ssl, type) ?? new Uint8Array();
  const alpn = extension(ALPN);
  const psk = extension(PRE_SHARED_KEY);
  const view = new DataView(psk.buffer, psk.byteOffset, psk.length);
  return {
    alpn: alpn.subarray(3, 3 + (alpn[2] ?? 0)),
    obfuscatedAge: psk.length === 0 ? 0 : view.getUint32(4 + view.getUint16(2)),
  };
}

function adapt(
  libssl: Libssl,
  session: SSL_SESSION,
  { about, hello, now }: {
    about: ReadonlySet<Carelessness>;
    hello: Hello;
    now: number;
  },
): void {
  if (about.has("alpn")) {
    libssl.SSL_SESSION_set1_alpn_selected(session, hello.alpn);
  }
  if (about.has("amount")) {
    libssl.SSL_SESSION_set_max_early_data(session, NO_LIMIT);
  }
  if (about.has("expiry")) libssl.SSL_SESSION_set_timeout(session, NO_LIMIT);
  if (about.has("age")) {
    const der = made(libssl.i2d_SSL_SESSION(session));
    const ageAdd = new SessionDer(der).number("ageAdd") ?? 0;
    const ageMs = (hello.obfuscatedAge - ageAdd) >>> 0;
    libssl.SSL_SESSION_set_time_ex(session, Math.floor(now - ageMs / 1000));
  }
}
