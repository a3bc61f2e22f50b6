import type { SessionStore } from "../stores/session_store.ts";

/** The name of a method of `SessionStore`. */
export type StoreMethod = keyof SessionStore;

/** The methods of `SessionStore`. */
export const STORE_METHODS: readonly StoreMethod[] = [
  "get",
  "set",
  "delete",
  "take",
  "revoke",
  "entries",
  "purge",
];
