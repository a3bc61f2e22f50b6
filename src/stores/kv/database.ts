import { received } from "../../internal/received.ts";

/** A key of {@linkcode DenoKv}. */
export type DenoKvKey = readonly (string | Uint8Array)[];

/** An entry of {@linkcode DenoKv.list}. */
export interface DenoKvEntry {
  /** The key. */
  readonly key: readonly unknown[];
  /** The value. */
  readonly value: unknown;
  /** The version of the value. */
  readonly versionstamp: string;
}

/** An atomic operation of {@linkcode DenoKv}. */
export interface DenoKvAtomicOperation {
  /** Commits only if a value still has this version. */
  check(
    check: { key: readonly unknown[]; versionstamp: string | null },
  ): DenoKvAtomicOperation;
  /** Stores a value that expires in some milliseconds. */
  set(
    key: DenoKvKey,
    value: unknown,
    options: { expireIn: number },
  ): DenoKvAtomicOperation;
  /** Removes a value. */
  delete(key: readonly unknown[]): DenoKvAtomicOperation;
  /** Commits the operation. Resolves with whether the checks held. */
  commit(): Promise<{ readonly ok: boolean }>;
}

/** The methods of `Deno.Kv` that {@linkcode KvSessionStore} uses. */
export interface DenoKv {
  /** Looks up a value. The version of a missing one is `null`. */
  get(
    key: DenoKvKey,
  ): Promise<{ readonly value: unknown; readonly versionstamp: string | null }>;
  /** Lists the values whose keys begin with `prefix`. */
  list(selector: { prefix: DenoKvKey }): AsyncIterable<DenoKvEntry>;
  /** Starts an atomic operation. */
  atomic(): DenoKvAtomicOperation;
}

/** Throws a `TypeError` unless `kv` has the methods of `Deno.Kv`. */
export function checkKv(kv: unknown): void {
  const isKv = typeof kv === "object" && kv !== null &&
    ["get", "list", "atomic"].every((name) =>
      name in kv && typeof Reflect.get(kv, name) === "function"
    );
  if (isKv) return;
  throw new TypeError(
    `Cannot create the session store: kv must be an open Deno.Kv, received ${
      kv instanceof Promise ? "a promise" : received(kv)
    }: use await Deno.openKv(), which needs the flag --unstable-kv`,
  );
}

/** How long a call is retried while another process writes to the file, in milliseconds. */
const BUSY_TIMEOUT = 5_000;

/** Retries a call that fails because another process writes to the file. Deno KV doesn't wait. */
export async function whenUnlocked<T>(call: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + BUSY_TIMEOUT;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isLocked(error) || performance.now() >= deadline) throw error;
    }
    await pause(1 + 9 * Math.random());
  }
}

/** Deno KV has no other field to tell this error by. */
function isLocked(error: unknown): boolean {
  return error instanceof Error && error.message === "database is locked";
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
