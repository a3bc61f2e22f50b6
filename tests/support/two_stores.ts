import type { SessionStore } from "../../src/stores/session_store.ts";

/** A store of the conformance suite whose sessions one object writes and another reads. */
export function twoStores(
  writer: Required<SessionStore> & Partial<Disposable>,
  reader: Required<SessionStore> & Partial<Disposable>,
): Required<SessionStore> & Disposable {
  return {
    get: (...args) => reader.get(...args),
    take: (...args) => reader.take(...args),
    entries: () => reader.entries(),
    set: (...args) => writer.set(...args),
    delete: (...args) => writer.delete(...args),
    revoke: (...args) => writer.revoke(...args),
    purge: () => writer.purge(),
    [Symbol.dispose](): void {
      writer[Symbol.dispose]?.();
      reader[Symbol.dispose]?.();
    },
  };
}
