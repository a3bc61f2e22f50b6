import type {
  SessionRevokeOptions,
  SessionSetOptions,
} from "../../src/stores/session_store.ts";
import { type AsyncStore, turn } from "./async_store.ts";
import { later, Plain, RefreshesOnGet } from "./broken_async_stores.ts";

class SettlesRevokeEarly extends Plain {
  override async revoke(options: SessionRevokeOptions): Promise<number> {
    later(() => void this.inner.revoke(options));
    await turn();
    return 0;
  }
}

/** Clears a tag's list once it has been worked through, whatever is new there. */
class ClearsListLate extends Plain {
  readonly #ids = new Map<string, Uint8Array[]>();

  override async set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): Promise<void> {
    await super.set(id, record, options);
    const tag = options.tag ?? "";
    this.#ids.set(tag, [...this.#ids.get(tag) ?? [], id]);
  }

  override async revoke({ tag }: SessionRevokeOptions): Promise<number> {
    const ids = this.#ids.get(tag) ?? [];
    for (const id of ids) this.inner.delete(id, "revoked");
    for (let i = 0; i < 9; i++) await turn();
    this.#ids.delete(tag);
    return ids.length;
  }
}

class HangsDuringSet extends Plain {
  #setting = 0;

  override async set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): Promise<void> {
    this.#setting++;
    await super.set(id, record, options);
    this.#setting--;
  }

  override async revoke(options: SessionRevokeOptions): Promise<number> {
    if (this.#setting > 0) await new Promise(() => {});
    return super.revoke(options);
  }
}

class FillsCacheOnGet extends RefreshesOnGet {}

/** Stores that break one promise each, and the words that say which. */
export const BROKEN_ASYNC_TAG_STORES: readonly [
  new (now: () => number) => AsyncStore,
  string,
][] = [
  [SettlesRevokeEarly, "after revoke there is no record with the tag"],
  [ClearsListLate, "revoke removes what was set during an earlier one"],
  [HangsDuringSet, "revoke settles or fails (no answer within"],
  [FillsCacheOnGet, "a get during a revoke brings no record back"],
];
