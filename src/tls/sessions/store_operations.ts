/**
 * The operation that failed: a method of the store, or the context's function `tag` or
 * `revalidate`.
 */
export type StoreOperation =
  | "get"
  | "take"
  | "set"
  | "delete"
  | "tag"
  | "revalidate";

/** How a session is looked up. */
export type LookupOperation = "get" | "take";

/** Called with the failure of a store: the handshake goes on without the store. */
export type StoreErrorListener = (
  error: unknown,
  operation: StoreOperation,
) => void;
