interface Held {
  /** What the store has under the id. */
  readonly now: Uint8Array | undefined;
  /** The tag that it was stored with. */
  readonly tag: string | undefined;
  /** What it had before the last change. */
  readonly before: Uint8Array | undefined;
}

/** What a store has been given, and had before: what it lies with. */
export class RecordHistory {
  /** In the order of their last change. */
  readonly #ids = new Map<string, Held>();

  /** The record under an id, whether it has expired or not. */
  now(id: Uint8Array): Uint8Array | undefined {
    return this.#ids.get(id.join())?.now;
  }

  /** What there was under an id before the last change, if there was one. */
  before(id: Uint8Array): { record: Uint8Array | undefined } | undefined {
    const held = this.#ids.get(id.join());
    return held && { record: held.before };
  }

  /** The newest record of another id. */
  ofAnother(id: Uint8Array): Uint8Array | undefined {
    const key = id.join();
    return [...this.#ids].findLast(([other, { now }]) => other !== key && now)
      ?.[1].now;
  }

  /** The store has this record now. */
  set(id: Uint8Array, record: Uint8Array, tag: string | undefined): void {
    this.#change(id.join(), record, tag);
  }

  /** The store has none now. */
  delete(id: Uint8Array): void {
    const key = id.join();
    if (this.#ids.get(key)?.now) this.#change(key, undefined, undefined);
  }

  /** The store has none with this tag now. */
  revoke(tag: string): void {
    for (const [key, held] of [...this.#ids]) {
      if (held.now && held.tag === tag) this.#change(key, undefined, undefined);
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
