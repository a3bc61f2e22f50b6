/** A key of {@linkcode DenoKv}. */
export type DenoKvKey = readonly (string | Uint8Array)[];

/** A value that {@linkcode DenoKv.list} found. */
export interface DenoKvEntry {
  /** Where it is. */
  readonly key: readonly unknown[];
  /** What it is. */
  readonly value: unknown;
  /** Which version of the value this is. */
  readonly versionstamp: string;
}

/** Changes that {@linkcode DenoKv} makes together, or not at all. */
export interface DenoKvAtomicOperation {
  /** Makes them only if a value is still of this version. */
  check(
    check: { key: readonly unknown[]; versionstamp: string | null },
  ): DenoKvAtomicOperation;
  /** Stores a value, for some milliseconds. */
  set(
    key: DenoKvKey,
    value: unknown,
    options: { expireIn: number },
  ): DenoKvAtomicOperation;
  /** Removes a value. */
  delete(key: readonly unknown[]): DenoKvAtomicOperation;
  /** Makes the changes; says whether the checks allowed it. */
  commit(): Promise<{ readonly ok: boolean }>;
}

/** What {@linkcode KvSessionStore} uses of a `Deno.Kv`. */
export interface DenoKv {
  /** Looks a value up; the version of none is `null`. */
  get(
    key: DenoKvKey,
  ): Promise<{ readonly value: unknown; readonly versionstamp: string | null }>;
  /** Lists the values whose keys begin with `prefix`. */
  list(selector: { prefix: DenoKvKey }): AsyncIterable<DenoKvEntry>;
  /** Begins changes that are made together. */
  atomic(): DenoKvAtomicOperation;
}

/** Throws unless `kv` is a database that can be used. */
export function checkKv(kv: unknown): void {
  const isKv = typeof kv === "object" && kv !== null &&
    ["get", "list", "atomic"].every((name) =>
      name in kv && typeof Reflect.get(kv, name) === "function"
    );
  if (isKv) return;
  throw new TypeError(
    `Cannot create the session store: kv must be an open Deno.Kv, received ${
      kv instanceof Promise ? "a promise, which is to be awaited" : typeof kv
    }: await Deno.openKv() gives one, with Deno's flag --unstable-kv`,
  );
}

/** How long a call may wait for a file that other processes write to, in ms. */
const BUSY_TIMEOUT = 5_000;

/**
 * Makes a call, again where it failed because another process was writing to the
 * file: Deno KV doesn't wait for that, but nothing has been done then.
 */
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

function isLocked(error: unknown): boolean {
  return error instanceof Error && error.message === "database is locked";
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
