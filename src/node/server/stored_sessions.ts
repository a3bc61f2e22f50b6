import { Buffer } from "node:buffer";
import type { EventEmitter } from "node:events";
import { after } from "../../internal/maybe_promise.ts";
import type { SessionStore } from "../../stores/session_store.ts";
import { encodeSessionRecord } from "../../tls/sessions/session_record.ts";
import { SessionCounters } from "../../tls/sessions/session_stats.ts";
import { type Lookup, StoreGuard } from "../../tls/sessions/store_guard.ts";
import { bindingDigest, trustOf } from "../context/session_binding.ts";
import type { SecureContext } from "../context/secure_context.ts";
import { storeSettings } from "../store_settings.ts";

/** The members of a server that its sessions are bound to. */
interface SessionServer extends EventEmitter {
  readonly sessionIdContext: string;
  readonly requestCert: boolean;
  readonly _sharedCreds: SecureContext;
}

/** Keeps the sessions of a server in a store. */
export function keepInStore(server: SessionServer, store: SessionStore): void {
  const guard = new StoreGuard(storeSettings(store), new SessionCounters());

  server.on("newSession", (id: Buffer, der: Buffer, done: () => void) => {
    const expiresAt = Date.now() + lifetimeOf(server) * 1000;
    const context = contextOf(server);
    const record = encodeSessionRecord({ expiresAt, context, der });
    const { answer } = guard.set(id, record, {
      expiresAt: new Date(expiresAt),
    });
    after(answer, done);
  });

  server.on(
    "resumeSession",
    (id: Buffer, done: (error: null, session: Buffer | null) => void) => {
      after(
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
      bindingDigest(openssl, [sessionIdContext, trustOf(openssl, policy)]),
    )
    : Buffer.from(sessionIdContext);
}
