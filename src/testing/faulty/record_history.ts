interface History {
  /** The current record. */
  readonly now: Uint8Array | undefined;
  /** The tag of the current record. */
  readonly tag: string | undefined;
  /** The record before the last change. */
  readonly before: Uint8Array | undefined;
}

/** The current and previous records of a store, for stale, expired and wrong answers. */
export class RecordHistory {
  /** The records by id, in the order of their last change. */
  readonly #ids = new Map<string, History>();

  /** The record of an id, even if it has expired. */
  now(id: Uint8Array): Uint8Array | undefined {
    return this.#ids.get(id.join())?.now;
  }

  /** The record of an id before its last change, if it has changed. */
  before(id: Uint8Array): { record: Uint8Array | undefined } | undefined {
    const history = this.#ids.get(id.join());
    return history && { record: history.before };
  }

  /** The newest record of another id. */
  ofAnother(id: Uint8Array): Uint8Array | undefined {
    const key = id.join();
    return [...this.#ids].findLast(([other, { now }]) => other !== key && now)
      ?.[1].now;
  }

  /** Notes that a record was stored. */
  set(id: Uint8Array, record: Uint8Array, tag: string | undefined): void {
    this.#change(id.join(), record, tag);
  }

  /** Notes that the record of an id was removed. */
  delete(id: Uint8Array): void {
    const key = id.join();
    if (this.#ids.get(key)?.now) this.#change(key, undefined, undefined);
  }

  /** Notes that all records with a tag were removed. */
  revoke(tag: string): void {
    for (const [key, history] of [...this.#ids]) {
      if (history.now && history.tag === tag) {
        this.#change(key, undefined, undefined);
      }
    }
  }

  #change(
    key: string,
    now: Uint8Array | undefined,
    tag: string | undefined,
  ): void {
    const before = this.#ids.get(key)?.now;
    this.#ids.delete(key);
    this.#ids.set(key, { now, tag, before });
  }
}
