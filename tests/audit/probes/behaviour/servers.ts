import { TlsContext, type TlsContextOptions } from "@sesame/tls";
import {
  PRE_SHARED_KEY,
  SUPPORTED_VERSIONS,
} from "../../../../src/audit/client/hello/codes.ts";
import { toHex } from "../../../../src/internal/bytes.ts";
import {
  type Libssl,
  type SSL,
  SSL_CLIENT_HELLO_ERROR,
  SSL_CLIENT_HELLO_SUCCESS,
  type SSL_CTX,
  SSL_OP_NO_TICKET,
  SSL_SESS_CACHE_NO_INTERNAL,
  SSL_SESS_CACHE_SERVER,
} from "../../../../src/libssl/mod.ts";
import { MemorySessionStore } from "../../../../src/stores/memory.ts";
import type { SessionStore } from "../../../../src/stores/session_store.ts";
import {
  createTlsSandbox,
  type TlsSandbox,
} from "../../../../src/testing/mod.ts";
import {
  type AuditedServer,
  findingsOf,
  type FindingsOptions,
} from "../../findings_of.ts";
import { LibsslServer } from "../../wrong/libssl_server.ts";

/** A sandbox with the same randomness in each run. */
export function newSandbox(): TlsSandbox {
  return createTlsSandbox({ seed: "audit" });
}

/** A context for servers in the sandbox. */
export function serverContext(
  sandbox: TlsSandbox,
  options: TlsContextOptions = {},
): TlsContext {
  const { cert, key } = sandbox.pki.server;
  return new TlsContext({ cert, key, openssl: sandbox.server, ...options });
}

/** A store by the sandbox's clock, with some of its methods replaced. */
export function storeWith(
  { clock }: TlsSandbox,
  replaced: (store: MemorySessionStore) => Partial<SessionStore> = () => ({}),
): SessionStore {
  const store = new MemorySessionStore({ now: clock.now });
  return {
    get: (id) => store.get(id),
    set: (id, record, options) => store.set(id, record, options),
    delete: (id, reason) => store.delete(id, reason),
    take: (id) => store.take(id),
    ...replaced(store),
  };
}

/** How the sessions of a server of raw libssl are kept. */
export interface Keeping {
  /** Whether a new session is kept. By default all are. */
  keeps?(ssl: SSL): boolean;
  /** Answers a look-up: the session to resume. By default the one that was kept. */
  found?(der: Uint8Array, ssl: SSL, count: number): Uint8Array | null;
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
  const { kept = new Map<string, Uint8Array>() } = options;
  const counts = new Map<string, number>();
  libssl.SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
  libssl.SSL_CTX_set_session_cache_mode(
    ctx,
    SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL,
  );
  libssl.SSL_CTX_sess_set_new_cb(ctx, (ssl, session) => {
    const der = libssl.i2d_SSL_SESSION(session);
    if (der && keeps(ssl)) {
      kept.set(toHex(libssl.SSL_SESSION_get_id(session)), der);
    }
    return 0;
  });
  libssl.SSL_CTX_sess_set_remove_cb(ctx, (_ctx, session) => {
    if (!isDeaf) kept.delete(toHex(libssl.SSL_SESSION_get_id(session)));
  });
  libssl.SSL_CTX_sess_set_get_cb(ctx, (ssl, bytes, copy) => {
    const id = toHex(bytes);
    copy.value = 0;
    const der = kept.get(id);
    const count = (counts.get(id) ?? 0) + 1;
    counts.set(id, count);
    const answer = der && found(der, ssl, count);
    return answer ? libssl.d2i_SSL_SESSION(answer) : null;
  });
  return kept;
}

/** A server of raw libssl that keeps its sessions and answers look-ups so. */
export function serverThat(
  found: NonNullable<Keeping["found"]>,
): LibsslServer {
  return new LibsslServer({
    setUp: (libssl, ctx) => void keepSessions(libssl, ctx, { found }),
  });
}

/** Has a context end handshakes that offer a session: by its id, and how often it was offered. */
export function refuseOffers(
  libssl: Libssl,
  ctx: SSL_CTX,
  isRefused: (id: string, count: number) => boolean,
): void {
  const counts = new Map<string, number>();
  libssl.SSL_CTX_set_client_hello_cb(ctx, (ssl) => {
    const psk = libssl.SSL_client_hello_get0_ext(ssl, PRE_SHARED_KEY);
    const isModern =
      libssl.SSL_client_hello_get0_ext(ssl, SUPPORTED_VERSIONS) !== null;
    const id = toHex(
      isModern
        ? psk?.subarray(4, 4 + SESSION_ID_BYTES) ?? new Uint8Array()
        : libssl.SSL_client_hello_get0_session_id(ssl),
    );
    const count = (counts.get(id) ?? 0) + 1;
    counts.set(id, count);
    return id !== "" && isRefused(id, count)
      ? SSL_CLIENT_HELLO_ERROR
      : SSL_CLIENT_HELLO_SUCCESS;
  });
}

const SESSION_ID_BYTES = 32;

/** What a probe finds of a server: a line for each kind that it applies to. */
export async function linesOf(
  server: AuditedServer,
  probe: string,
  options?: FindingsOptions,
): Promise<string[]> {
  const findings = await findingsOf(server, probe, options);
  return findings.filter(({ summary }) => !SKIPPED.test(summary))
    .map(({ kind, verdict, severity, summary }) => {
      const text = severity === "info" ? verdict : `${verdict} (${severity})`;
      return `${kind ? `${kind} ` : ""}${text}: ${summary}`;
    });
}

/** What the engine says of kinds that a server doesn't have. */
const SKIPPED = /^The server (gives no|doesn't resume) sessions of this kind$/;
