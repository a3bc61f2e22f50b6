import { setImmediate } from "node:timers";
import type {
  MaybePromise,
  SessionEntry,
  SessionStore,
} from "../../src/stores/session_store.ts";

/** A store with all methods. */
export type FullStore = Required<SessionStore>;

/** Another store's answers, each after a turn of the event loop or `wait`. */
export function later(
  inner: FullStore,
  wait: () => Promise<void> = turn,
): FullStore {
  const after = async <T>(call: () => MaybePromise<T>): Promise<T> => {
    await wait();
    const answer = await call();
    await wait();
    return answer;
  };
  return {
    get: (id) => after(() => inner.get(id)),
    set: (id, record, options) => after(() => inner.set(id, record, options)),
    delete: (id, reason) => after(() => inner.delete(id, reason)),
    take: (id) => after(() => inner.take(id)),
    revoke: (options) => after(() => inner.revoke(options)),
    purge: () => after(() => inner.purge()),
    async *entries(): AsyncGenerator<SessionEntry> {
      for await (const entry of inner.entries()) {
        await wait();
        yield entry;
      }
    },
  };
}

/** A store whose calls all fail. */
export function failing(): FullStore {
  const fail = (): Promise<never> => Promise.reject(new Error("out of order"));
  return {
    get: fail,
    set: fail,
    delete: fail,
    take: fail,
    revoke: fail,
    purge: fail,
    entries(): never {
      throw new Error("out of order");
    },
  };
}

/** All that an iterable yields. */
export async function listed<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of iterable) items.push(item);
  return items;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
