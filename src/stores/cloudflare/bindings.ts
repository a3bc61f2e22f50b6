/**
 * What the stores use of Cloudflare's bindings. By structure, so that nobody
 * needs `@cloudflare/workers-types`.
 *
 * @module
 */

/** What `CloudflareKvSessionStore` uses of a `KVNamespace`. */
export interface CloudflareKvNamespace {
  /** The value of a key. */
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
  /** Some of the keys with a prefix, in order. */
  list(
    options: { prefix: string; limit: number; cursor?: string },
  ): Promise<CloudflareKvKeys>;
}

/** What `CloudflareKvSessionStore` uses of a `KVNamespaceListResult`. */
export interface CloudflareKvKeys {
  /** The keys. */
  readonly keys: readonly CloudflareKvKey[];
  /** Whether these are the last ones. */
  readonly list_complete: boolean;
  /** Where the next ones start. */
  readonly cursor?: string;
}

/** What `CloudflareKvSessionStore` uses of a `KVNamespaceListKey`. */
export interface CloudflareKvKey {
  /** The key. */
  readonly name: string;
  /** What it was stored with. */
  readonly metadata?: unknown;
}

/** What `DurableObjectSessionStore` uses of a `DurableObjectNamespace`. */
export interface SessionObjectNamespace {
  /** The id of the object with this name. */
  idFromName(name: string): SessionObjectId;
  /** A way to reach an object, which is made when it is first asked. */
  get(
    id: SessionObjectId,
    options?: { locationHint?: string },
  ): SessionObjectStub;
}

/** What `DurableObjectSessionStore` uses of a `DurableObjectId`. */
export interface SessionObjectId {
  /** The id as text. */
  toString(): string;
}

/** What `DurableObjectSessionStore` uses of a `DurableObjectStub`. */
export interface SessionObjectStub {
  /** Sends a request to the object. */
  fetch(url: string, init: {
    method: string;
    body: Uint8Array<ArrayBuffer>;
    signal?: AbortSignal;
  }): Promise<SessionObjectResponse>;
}

/** What `DurableObjectSessionStore` uses of a `Response`. */
export interface SessionObjectResponse {
  /** The status. */
  readonly status: number;
  /** The body. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** What `SessionObject` uses of Cloudflare's `DurableObjectState`. */
export interface SessionObjectState {
  /** The object's storage. */
  readonly storage: SessionObjectStorage;
}

/** What `SessionObject` uses of Cloudflare's `DurableObjectStorage`. */
export interface SessionObjectStorage {
  /** SQLite. */
  readonly sql: {
    /** Runs a query: the rows that it returns. */
    exec(
      query: string,
      ...bindings: unknown[]
    ): Iterable<Record<string, unknown>>;
  };
  /** When the object is to be woken up, in milliseconds since the epoch. */
  getAlarm(): Promise<number | null>;
  /** Has the object woken up. */
  setAlarm(time: number): Promise<void>;
}
