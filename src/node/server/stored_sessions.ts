import { Buffer } from "node:buffer";
import type { EventEmitter } from "node:events";
import type { MaybePromise } from "../../internal/maybe_promise.ts";
import { isPromise } from "../../internal/maybe_promise.ts";
import type { SessionStore } from "../../stores/session_store.ts";
import { encodeSessionRecord } from "../../tls/sessions/session_record.ts";
import { SessionCounters } from "../../tls/sessions/session_stats.ts";
import { type Lookup, StoreGuard } from "../../tls/sessions/store_guard.ts";
import { digestOf, trustOf } from "../context/session_binding.ts";
import type { SecureContext } from "../context/secure_context.ts";
import { invalidArgType } from "../errors/argument_errors.ts";

const LOOKUP_TIMEOUT = 200;
const WRITE_TIMEOUT = 1000;

/** What of a server its sessions are bound to. */
interface SessionServer extends EventEmitter {
  readonly sessionIdContext: string;
  readonly requestCert: boolean;
  readonly _sharedCreds: SecureContext;
}

/**
 * Has a server keep its sessions in a store. A store that fails or takes too long costs a full
 * handshake, and is reported on standard error.
 */
export function keepInStore(server: SessionServer, store: SessionStore): void {
  // A Map has these methods, and would find no session: its keys are objects.
  const isStore = typeof store?.get === "function" &&
    typeof store.set === "function" && !(store instanceof Map);
  if (!isStore) {
    throw invalidArgType("options.sessions", "SessionStore", store);
  }
  const guard = new StoreGuard({
    store,
    lookupTimeout: LOOKUP_TIMEOUT,
    writeTimeout: WRITE_TIMEOUT,
    onStoreError: (error, operation) =>
      console.error(`The session store failed (${operation}):`, error),
  }, new SessionCounters());

  server.on("newSession", (id: Buffer, der: Buffer, done: () => void) => {
    const expiresAt = Date.now() + lifetimeOf(server) * 1000;
    const context = contextOf(server);
    const record = encodeSessionRecord({ expiresAt, context, der });
    const { answer } = guard.set(id, record, {
      expiresAt: new Date(expiresAt),
    });
    afterwards(answer, done);
  });

  server.on(
    "resumeSession",
    (id: Buffer, done: (error: null, session: Buffer | null) => void) => {
      afterwards(
        guard.get(id).answer,
        (lookup) => done(null, sessionIn(lookup, server)),
      );
    },
  );
}

/** The session of a look-up, if it is still one for this server. */
function sessionIn(lookup: Lookup, server: SessionServer): Buffer | null {
  if (!("record" in lookup)) return null;
  const { expiresAt, context, der } = lookup.record;
  const isOurs = Buffer.compare(context, contextOf(server)) === 0;
  return isOurs && expiresAt > Date.now() ? Buffer.from(der) : null;
}

/** In seconds. */
function lifetimeOf({ _sharedCreds }: SessionServer): number {
  const { openssl, ctx } = _sharedCreds.context;
  return Number(openssl.libssl.SSL_CTX_get_timeout(ctx));
}

/** A client's certificate was judged by what the server trusted then. */
function contextOf(
  { sessionIdContext, requestCert, _sharedCreds }: SessionServer,
): Buffer {
  const { openssl, policy } = _sharedCreds.context;
  return requestCert
    ? Buffer.from(
      digestOf(openssl, [sessionIdContext, trustOf(openssl, policy)]),
    )
    : Buffer.from(sessionIdContext);
}

/** Without a promise where there is none: a connection then needn't wait. */
function afterwards<T>(
  value: MaybePromise<T>,
  use: (value: T) => void,
): void {
  if (isPromise(value)) value.then(use);
  else use(value);
}
