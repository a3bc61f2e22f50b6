import { TlsError, type TlsErrorCode } from "../../internal/tls_error.ts";
import { wipe } from "../../internal/byte_view.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import type { MaybePromise, SessionStore } from "../../stores/session_store.ts";
import { areEqual, toHex } from "../../internal/bytes.ts";
import { Cancellation, STORE, TimedCalls } from "./deadline.ts";
import { TlsSession } from "./session.ts";
import { decodeSessionRecord, encodeSessionRecord } from "./session_record.ts";
import type { StoreErrorListener, StoreOperation } from "./store_operations.ts";
import { notify } from "../../internal/notify.ts";

/** How many bytes of the binding are part of the id. */
const ID_BINDING_BYTES = 8;

const FATAL: ReadonlySet<TlsErrorCode> = new Set([
  "certificate",
  "handshake",
  "protocol",
]);

/** How a client uses a store. */
export interface ClientSessionSettings {
  /** The store. */
  readonly store: SessionStore;
  /** Whether a session is removed from the store when it is found. */
  readonly singleUse: boolean;
  /** The most milliseconds that a look-up may take. */
  readonly lookupTimeout: number;
  /** The most milliseconds that a write may take. */
  readonly writeTimeout: number;
  /** Called when the store fails. */
  readonly onStoreError: StoreErrorListener;
}

/**
 * The sessions of a client with one server, in a store that keeps the newest. Their id in the
 * store depends on whom the client trusts and on its own certificate: resuming a session
 * repeats no verification. No method throws or rejects.
 */
export class ClientSessions {
  readonly #settings: ClientSessionSettings;
  readonly #openssl: OpenSSL;
  readonly #binding: Uint8Array;
  readonly #id: Uint8Array;
  #found: TlsSession | undefined;
  #newest: TlsSession | undefined;
  #writing: Promise<void> | undefined;
  #hasNewer = false;

  /**
   * For a server such as `"example.com:443"`, and a context whose binding of clients is
   * `binding`.
   */
  constructor(
    openssl: OpenSSL,
    binding: Uint8Array,
    server: string,
    settings: ClientSessionSettings,
  ) {
    this.#settings = settings;
    this.#openssl = openssl;
    this.#binding = binding;
    const suffix = toHex(binding.subarray(0, ID_BINDING_BYTES));
    this.#id = new TextEncoder().encode(`${server.toLowerCase()}#${suffix}`);
  }

  /** The session to propose, if there is one. */
  async find(): Promise<TlsSession | undefined> {
    const { store, singleUse } = this.#settings;
    const takes = singleUse && store.take !== undefined;
    const record = await this.#ask(
      takes ? "take" : "get",
      (signal) =>
        takes
          ? store.take?.(this.#id, { signal })
          : store.get(this.#id, { signal }),
    );
    if (!record) return undefined;
    if (singleUse && !takes && !await this.#delete("consumed")) {
      return undefined;
    }
    this.#found = this.#read(record);
    wipe(record);
    return this.#found;
  }

  /** The handshake is done: a session that may be resumed again is stored again. */
  async onOpen(resumed: boolean): Promise<void> {
    const found = this.#found;
    const { singleUse } = this.#settings;
    if (!resumed || !singleUse || !found || this.#hasNewer) return;
    if (found.protocol !== "TLSv1.3") await this.keep(found);
  }

  /** Stores a session in place of the one before. Resolves when no write is pending. */
  keep(session: TlsSession): Promise<void> {
    this.#newest = session;
    this.#hasNewer = true;
    return this.#writing ??= this.#write();
  }

  /** The connection failed: after a fatal alert, its sessions are removed (RFC 5246, 7.2.2). */
  async onFailure(error: unknown): Promise<void> {
    if (!(error instanceof TlsError) || !FATAL.has(error.code)) return;
    this.#newest = undefined;
    await this.#writing;
    await this.#delete("fatal");
  }

  async #write(): Promise<void> {
    for (let session = this.#newest; session; session = this.#newest) {
      this.#newest = undefined;
      await this.#put(session);
    }
    this.#writing = undefined;
  }

  async #put(session: TlsSession): Promise<void> {
    const { expiresAt } = session;
    if (expiresAt.getTime() <= this.#openssl.now()) return;
    const der = session.toBytes();
    const record = encodeSessionRecord({
      expiresAt: expiresAt.getTime(),
      context: this.#binding,
      der,
    });
    der.fill(0);
    await this.#ask("set", (signal) => {
      const written = this.#settings.store.set(this.#id, record, {
        expiresAt,
        signal,
      });
      const done = (): void => wipe(record);
      Promise.resolve(written).then(done, done);
      return written;
    });
  }

  async #delete(reason: "consumed" | "fatal"): Promise<boolean> {
    const answer = await this.#ask("delete", async () => {
      await this.#settings.store.delete(this.#id, reason);
      return true;
    });
    return answer ?? false;
  }

  #read(bytes: Uint8Array): TlsSession | undefined {
    try {
      const record = decodeSessionRecord(bytes);
      if (
        typeof record === "string" ||
        !areEqual(record.context, this.#binding)
      ) {
        throw new TypeError(
          "The store returned no record of such a session",
        );
      }
      if (record.expiresAt <= this.#openssl.now()) return undefined;
      return TlsSession.fromBytes(record.der, this.#openssl);
    } catch (error) {
      this.report(error, "get");
      return undefined;
    }
  }

  /** The result of the store; `undefined` if it fails, which is reported. */
  async #ask<T>(
    operation: StoreOperation,
    call: (signal: AbortSignal) => MaybePromise<T>,
  ): Promise<T | undefined> {
    const { lookupTimeout, writeTimeout } = this.#settings;
    const isLookup = operation === "get" || operation === "take";
    const timeout = isLookup ? lookupTimeout : writeTimeout;
    try {
      return await new TimedCalls(STORE, timeout)
        .ask(new Cancellation(), call);
    } catch (error) {
      this.report(error, operation);
      return undefined;
    }
  }

  /** Reports a failure of the store. */
  report(error: unknown, operation: StoreOperation): void {
    notify(
      "onStoreError",
      () => this.#settings.onStoreError(error, operation),
    );
  }
}
