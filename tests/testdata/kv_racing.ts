import type {
  DenoKv,
  DenoKvAtomicOperation,
  DenoKvEntry,
  DenoKvKey,
} from "../../src/stores/kv.ts";

/** A database where something happens just before the next commit. */
export class RacingKv implements DenoKv {
  readonly #kv: DenoKv;
  #happens: (() => Promise<void>) | undefined;
  #refuses = false;
  #locked = 0;

  constructor(kv: DenoKv) {
    this.#kv = kv;
  }

  /** Has `happens` come first, once. */
  beforeCommit(happens: () => Promise<void>): void {
    this.#happens = happens;
  }

  /** Answers every commit as if a check had failed. */
  refuseCommits(): void {
    this.#refuses = true;
  }

  /** Fails the next calls as Deno KV does while another process writes. */
  lock(calls: number): void {
    this.#locked = calls;
  }

  async get(key: DenoKvKey): ReturnType<DenoKv["get"]> {
    this.#checkLock();
    return await this.#kv.get(key);
  }

  list(selector: { prefix: DenoKvKey }): AsyncIterable<DenoKvEntry> {
    return this.#kv.list(selector);
  }

  atomic(): DenoKvAtomicOperation {
    const operation = this.#kv.atomic();
    const commit = operation.commit.bind(operation);
    operation.commit = async (): ReturnType<typeof commit> => {
      this.#checkLock();
      const happens = this.#happens;
      this.#happens = undefined;
      await happens?.();
      return this.#refuses ? { ok: false } : await commit();
    };
    return operation;
  }

  #checkLock(): void {
    if (this.#locked-- > 0) throw new TypeError("database is locked");
  }
}
