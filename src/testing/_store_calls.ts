import type { MaybePromise, SessionStore } from "../stores/session_store.ts";
import { isPromise } from "../stores/_answers.ts";

/** What a store can be asked: the name of one of its methods. */
export type StoreMethod = keyof SessionStore;

/** All of them. */
export const STORE_METHODS: readonly StoreMethod[] = [
  "get",
  "set",
  "delete",
  "take",
  "revoke",
  "entries",
  "purge",
];

/** Does `next` with an answer: at once where that is there at once. */
export function after<T, R>(
  answer: MaybePromise<T>,
  next: (answer: T) => MaybePromise<R>,
): MaybePromise<R> {
  return isPromise(answer) ? Promise.resolve(answer).then(next) : next(answer);
}
