import type {
  RemovalReason,
  SessionGetOptions,
  SessionSetOptions,
  SessionStore,
} from "@sesame/tls";

/** A store that tells what it was asked, for the demo to show. */
export class WitnessedStore implements SessionStore {
  readonly #inner: SessionStore & { close?: () => void };
  #found = 0;
  #missed = 0;
  #stored = 0;

  constructor(inner: SessionStore & { close?: () => void }) {
    this.#inner = inner;
  }

  async get(
    id: Uint8Array,
    options?: SessionGetOptions,
  ): Promise<Uint8Array | undefined> {
    const record = await this.#inner.get(id, options);
    if (record) this.#found++;
    else this.#missed++;
    return record;
  }

  async set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): Promise<void> {
    await this.#inner.set(id, record, options);
    this.#stored++;
  }

  async delete(id: Uint8Array, reason: RemovalReason): Promise<void> {
    await this.#inner.delete(id, reason);
  }

  /** What happened since {@linkcode WitnessedStore.forget}. */
  account(): string {
    const parts = [
      this.#found > 0 ? "answered" : "",
      this.#missed > 0 ? "didn't know the session" : "",
      this.#stored > 0 ? `took ${this.#stored} new` : "",
    ].filter(Boolean);
    return parts.join(", ") || "wasn't asked";
  }

  /** Starts a new account. */
  forget(): void {
    this.#found = this.#missed = this.#stored = 0;
  }

  close(): void {
    this.#inner.close?.();
  }
}
