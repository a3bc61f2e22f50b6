import { TlsError } from "../ffi/tls_error.ts";
import type { SSL_SESSION } from "../libssl/handles.ts";
import type { OpenSSL } from "../libssl/openssl.ts";
import type { SessionStore } from "../stores/session_store.ts";
import { expiryOf } from "./session.ts";
import { decodeSessionRecord, encodeSessionRecord } from "./session_record.ts";

/** What a store was asked when it failed. */
export type StoreOperation = "get" | "set" | "delete";

/** Told of a store's failure: the handshake goes on without the store. */
export type StoreErrorListener = (
  error: unknown,
  operation: StoreOperation,
) => void;

/** What {@linkcode ExternalSessions} needs. */
export interface StoreBinding {
  /** The instance whose sessions live in the store. */
  readonly openssl: OpenSSL;
  /** The store. */
  readonly store: SessionStore;
  /** The session id context: sessions of another are not resumed. */
  readonly sessionIdContext: Uint8Array;
  /** Told of failures. */
  readonly onStoreError: StoreErrorListener;
}

/**
 * A store as the session cache of servers: what the three callbacks of a context do.
 * A store that fails, or answers with what isn't a usable session, costs a full
 * handshake and never the connection.
 */
export class ExternalSessions {
  readonly #binding: StoreBinding;

  /** Over a store, for one context. */
  constructor(binding: StoreBinding) {
    this.#binding = binding;
  }

  /** A session was negotiated: it goes to the store. */
  put(session: SSL_SESSION): void {
    this.#attempt("set", () => put(this.#binding, session));
  }

  /** A client proposes a session: it, owned; `null` if the store has none that fits. */
  find(id: Uint8Array): SSL_SESSION | null {
    return this.#attempt("get", () => find(this.#binding, id)) ?? null;
  }

  /** OpenSSL gives up a session: only what is invalid everywhere leaves the store. */
  remove(session: SSL_SESSION): void {
    this.#attempt("delete", () => remove(this.#binding, session));
  }

  #attempt<T>(operation: StoreOperation, action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      this.#binding.onStoreError(error, operation);
      return undefined;
    }
  }
}

function put(binding: StoreBinding, session: SSL_SESSION): void {
  const { openssl, store, sessionIdContext } = binding;
  const der = openssl.libssl.i2d_SSL_SESSION(session);
  if (der === null) {
    throw new TlsError("session", "Cannot serialise the session");
  }
  const expiresAt = expiryOf(openssl, session);
  const record = encodeSessionRecord({
    expiresAt: expiresAt.getTime(),
    context: sessionIdContext,
    der,
  });
  try {
    settled(
      store.set(openssl.libssl.SSL_SESSION_get_id(session), record, {
        expiresAt,
      }),
    );
  } finally {
    der.fill(0);
    record.fill(0);
  }
}

function find(
  { openssl, store, sessionIdContext }: StoreBinding,
  id: Uint8Array,
): SSL_SESSION | undefined {
  const { libssl } = openssl;
  const bytes = settled(store.get(id));
  if (bytes === undefined) return undefined;
  const record = decodeSessionRecord(bytes);
  if (record === undefined) {
    throw new TlsError("session", "The store's answer is not a session record");
  }
  if (
    record.expiresAt <= openssl.now() ||
    !areEqual(record.context, sessionIdContext)
  ) {
    return undefined;
  }
  const session = libssl.d2i_SSL_SESSION(record.der);
  // A session of another id would be fatal in TLS 1.2.
  if (session && areEqual(libssl.SSL_SESSION_get_id(session), id)) {
    return session;
  }
  libssl.SSL_SESSION_free(session);
  throw new TlsError("session", "The store's answer is not that session");
}

function remove(
  { openssl, store }: StoreBinding,
  session: SSL_SESSION,
): void {
  const isExpired = expiryOf(openssl, session).getTime() <= openssl.now();
  const id = openssl.libssl.SSL_SESSION_get_id(session);
  if (!isExpired && id.length > 0) settled(store.delete(id, "fatal"));
}

/** Refuses a promise: this release asks its stores inside the handshake. */
function settled<T>(answer: T): T {
  if (answer instanceof Promise) {
    answer.catch(() => {});
    throw new TypeError(
      "The store answered with a promise: stores must be synchronous",
    );
  }
  return answer;
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
