import type { StoreOperation } from "./store_operations.ts";

/** How long a look-up may take, in milliseconds. */
export const LOOKUP_TIMEOUT = 200;
/** How long a write may take, in milliseconds. */
export const WRITE_TIMEOUT = 1_000;

/** Reports a failure on standard error. */
export function reportStoreError(
  error: unknown,
  operation: StoreOperation,
): void {
  const what = operation === "revalidate"
    ? "revalidate failed:"
    : `The session store failed (${operation}):`;
  console.error(what, error);
}
