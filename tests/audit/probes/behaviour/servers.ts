import { TlsContext, type TlsContextOptions } from "@sesame/tls";
import {
  PRE_SHARED_KEY,
  SUPPORTED_VERSIONS,
} from "../../../../src/audit/client/hello/codes.ts";
import { toHex } from "../../../../src/internal/bytes.ts";
import {
  type Libssl,
  SSL_CLIENT_HELLO_ERROR,
  SSL_CLIENT_HELLO_SUCCESS,
  type SSL_CTX,
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
import { type Keeping, keepSessions } from "../../wrong/kept_sessions.ts";
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
