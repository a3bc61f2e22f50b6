import type {
  RemovalReason,
  SessionGetOptions,
  SessionSetOptions,
} from "../../src/stores/session_store.ts";
import { AsyncStore, turn } from "./async_store.ts";
import { PlainStore } from "./broken_stores.ts";

/** A store that keeps every promise, for stores that break one to start from. */
export class Plain extends AsyncStore {
  declare readonly inner: PlainStore;

  constructor(now: () => number) {
    super(new PlainStore(now));
  }
}

type Found = Promise<Uint8Array | undefined>;

class SettlesDeleteEarly extends Plain {
  override async delete(id: Uint8Array, reason: RemovalReason): Promise<void> {
    later(() => this.inner.delete(id, reason));
    await turn();
  }
}

class SettlesSetEarly extends Plain {
  override async set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): Promise<void> {
    later(() => this.inner.set(id, record, options));
    await turn();
  }
}

class SettlesReplacingEarly extends Plain {
  override async set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): Promise<void> {
    if (this.inner.get(id) === undefined) this.inner.set(id, record, options);
    else later(() => this.inner.set(id, record, options));
    await turn();
  }
}

class SettlesTakeEarly extends Plain {
  override take(id: Uint8Array): Found {
    later(() => this.inner.delete(id, "consumed"));
    return this.get(id);
  }
}

/** As one does who has no atomic take. */
class TakesInTwoSteps extends Plain {
  override async take(id: Uint8Array): Found {
    const record = await this.get(id);
    await this.delete(id, "consumed");
    return record;
  }
}

/** As one does who has an atomic remove, and looks up before. */
class TakesNothingTogether extends Plain {
  #taken = 0;

  override async take(id: Uint8Array): Found {
    const before = ++this.#taken;
    const record = await super.take(id);
    return this.#taken === before ? record : undefined;
  }
}

/** Writes each record twice, the second time late. */
class WritesBehind extends Plain {
  override async set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): Promise<void> {
    await super.set(id, record, options);
    later(() => this.inner.set(id, record, options));
  }
}

class WritesInHalves extends Plain {
  override async set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): Promise<void> {
    await super.set(id, record.subarray(0, record.length / 2), options);
    await super.set(id, record, options);
  }
}

/** Puts what was looked up back, to say that it was used. */
export class RefreshesOnGet extends Plain {
  override async get(id: Uint8Array): Found {
    const found = this.inner.records.get(this.inner.key(id));
    const record = await super.get(id);
    if (record && found) this.inner.put(id, found.record, found.expires);
    return record;
  }
}

/** Does one call after the other, and forgets which one it is at. */
class MixesCallsUp extends Plain {
  #id: Uint8Array = new Uint8Array();

  override async get(id: Uint8Array): Found {
    this.#id = id;
    await turn();
    return super.get(this.#id);
  }
}

/** Asks once for all who want the same record. */
class SharesAnswers extends Plain {
  readonly #pending = new Map<string, Found>();

  override get(id: Uint8Array): Found {
    const key = id.join();
    const pending = this.#pending.get(key) ?? super.get(id)
      .finally(() => this.#pending.delete(key));
    this.#pending.set(key, pending);
    return pending;
  }
}

class NeedsSignal extends Plain {
  override get(id: Uint8Array, options?: SessionGetOptions): Found {
    if (!options?.signal) throw new TypeError("signal is missing");
    return super.get(id, options);
  }
}

class DropsOnAbortedGet extends Plain {
  override async get(id: Uint8Array, options?: SessionGetOptions): Found {
    const record = await super.get(id);
    if (options?.signal?.aborted) this.inner.delete(id, "evicted");
    return record;
  }
}

class SettlesAbortedSet extends Plain {
  override async set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): Promise<void> {
    await turn();
    if (!options.signal?.aborted) this.inner.set(id, record, options);
  }
}

class StopsAbortedSetHalfway extends WritesInHalves {
  override async set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): Promise<void> {
    if (options.signal?.aborted === false) await turn();
    if (!options.signal?.aborted) return super.set(id, record, options);
    await super.set(id, record.subarray(1), options);
    options.signal.throwIfAborted();
  }
}

class GivesAbortedTakeBack extends Plain {
  override async take(id: Uint8Array, options?: SessionGetOptions): Found {
    const found = this.inner.records.get(this.inner.key(id));
    const record = await super.take(id);
    if (record && found && options?.signal?.aborted) {
      this.inner.put(id, found.record, found.expires);
    }
    return record;
  }
}

class UndoesSetOnAbort extends Plain {
  override async set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): Promise<void> {
    await super.set(id, record, options);
    options.signal?.addEventListener(
      "abort",
      () => this.inner.delete(id, "evicted"),
    );
  }
}

class HangsOnAbort extends Plain {
  override get(id: Uint8Array, options?: SessionGetOptions): Found {
    if (options?.signal?.aborted) return new Promise(() => {});
    return super.get(id, options);
  }
}

/** Makes a call that no one waits for. */
export async function later(call: () => void): Promise<void> {
  for (let i = 0; i < 6; i++) await turn();
  try {
    call();
  } catch {
    // No one hears of it.
  }
}

/** Stores that break one promise each, and the words that say which. */
export const BROKEN_ASYNC_STORES: readonly [
  new (now: () => number) => AsyncStore,
  string,
][] = [
  [SettlesDeleteEarly, 'after delete for "expired" there is no record'],
  [SettlesSetEarly, "the first get returns what was set"],
  [SettlesReplacingEarly, "get returns what was set last"],
  [SettlesTakeEarly, "a second take finds nothing"],
  [TakesInTwoSteps, "one of 8 takes at the same time gets the record (8 of 8"],
  [TakesNothingTogether, "one of 8 takes at the same time gets the record (0"],
  [WritesBehind, "a deleted record never comes back"],
  [WritesInHalves, "a get during a set returns one record or the other"],
  [RefreshesOnGet, "a get during a delete brings no record back"],
  [MixesCallsUp, "64 records can be set, and looked up, at the same time"],
  [SharesAnswers, "changing what one get returned changes no other's answer"],
  [NeedsSignal, "signal is missing"],
  [DropsOnAbortedGet, "the record is there after a get aborted before"],
  [SettlesAbortedSet, "a set aborted before the call stores, or fails"],
  [StopsAbortedSetHalfway, "a set aborted before the call leaves a whole"],
  [
    GivesAbortedTakeBack,
    "a take aborted before the call gives no record twice",
  ],
  [UndoesSetOnAbort, "a signal aborted after the answer changes nothing"],
  [HangsOnAbort, "an aborted get settles or fails (no answer within"],
];
