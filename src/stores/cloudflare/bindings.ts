/**
 * The parts of Cloudflare's bindings that the stores use, as structural types: the package
 * `@cloudflare/workers-types` is not needed.
 *
 * @module
 */

/** The members of `KVNamespace` that `CloudflareKvSessionStore` uses. */
export interface CloudflareKvNamespace {
  /** Gets the value of a key. */
  get(
    key: string,
    options: { type: "arrayBuffer"; cacheTtl?: number },
  ): Promise<ArrayBuffer | null>;
  /** Sets the value of a key. */
  put(
    key: string,
    value: Uint8Array<ArrayBuffer>,
    options: { expirationTtl: number; metadata: unknown },
  ): Promise<void>;
  /** Removes a key. */
  delete(key: string): Promise<void>;
  /** Lists keys with a prefix, in order. */
  list(
    options: { prefix: string; limit: number; cursor?: string },
  ): Promise<CloudflareKvKeys>;
}

/** The members of `KVNamespaceListResult` that `CloudflareKvSessionStore` uses. */
export interface CloudflareKvKeys {
  /** The keys. */
  readonly keys: readonly CloudflareKvKey[];
  /** Whether there are no more keys. */
  readonly list_complete: boolean;
  /** The start of the next page. */
  readonly cursor?: string;
}

/** The members of `KVNamespaceListKey` that `CloudflareKvSessionStore` uses. */
export interface CloudflareKvKey {
  /** The key. */
  readonly name: string;
  /** The metadata that it was stored with. */
  readonly metadata?: unknown;
}

/** The members of `DurableObjectNamespace` that `DurableObjectSessionStore` uses. */
export interface SessionObjectNamespace {
  /** The id of the object with this name. */
  idFromName(name: string): SessionObjectId;
  /** The stub of an object, which is created by its first call. */
  get(
    id: SessionObjectId,
    options?: { locationHint?: string },
  ): SessionObjectStub;
}

/** The members of `DurableObjectId` that `DurableObjectSessionStore` uses. */
export interface SessionObjectId {
  /** The id as text. */
  toString(): string;
}

/** The members of `DurableObjectStub` that `DurableObjectSessionStore` uses. */
export interface SessionObjectStub {
  /** Sends a request to the object. */
  fetch(url: string, init: {
    method: string;
    body: Uint8Array<ArrayBuffer>;
    signal?: AbortSignal;
  }): Promise<SessionObjectResponse>;
}

/** The members of `Response` that `DurableObjectSessionStore` uses. */
export interface SessionObjectResponse {
  /** The status. */
  readonly status: number;
  /** The body. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** The members of Cloudflare's `DurableObjectState` that `SessionObject` uses. */
export interface SessionObjectState {
  /** The object's storage. */
  readonly storage: SessionObjectStorage;
}

/** The members of Cloudflare's `DurableObjectStorage` that `SessionObject` uses. */
export interface SessionObjectStorage {
  /** SQLite. */
  readonly sql: {
    /** Runs a query. Returns its rows. */
    exec(
      query: string,
      ...bindings: unknown[]
    ): Iterable<Record<string, unknown>>;
  };
  /** The time of the alarm, in milliseconds since the epoch. */
  getAlarm(): Promise<number | null>;
  /** Sets the time of the alarm. */
  setAlarm(time: number): Promise<void>;
}
