import { setImmediate } from "node:timers";
import type {
  RemovalReason,
  SessionEntry,
  SessionGetOptions,
  SessionRevokeOptions,
  SessionSetOptions,
  SessionStore,
} from "../../src/stores/session_store.ts";

/** Options of {@linkcode AsyncStore}. */
export interface AsyncStoreOptions {
  /**
   * What a call waits for, before its effect and again after it; by default a
   * turn of the event loop.
   */
  wait?: () => Promise<void>;
  /** Whether an aborted call rejects at once, though its work goes on. */
  rejects?: boolean;
}

/** Another store's answers, each in a promise and later. */
export class AsyncStore implements SessionStore {
  readonly inner: Required<SessionStore>;
  readonly #wait: () => Promise<void>;
  readonly #rejects: boolean;

  constructor(
    inner: Required<SessionStore>,
    options: AsyncStoreOptions = {},
  ) {
    this.inner = inner;
    this.#wait = options.wait ?? turn;
    this.#rejects = options.rejects ?? false;
  }

  get(
    id: Uint8Array,
    options: SessionGetOptions = {},
  ): Promise<Uint8Array | undefined> {
    return this.#later(() => this.inner.get(id), options);
  }

  set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): Promise<void> {
    return this.#later(() => this.inner.set(id, record, options), options);
  }

  delete(id: Uint8Array, reason: RemovalReason): Promise<void> {
    return this.#later(() => this.inner.delete(id, reason), {});
  }

  take(
    id: Uint8Array,
    options: SessionGetOptions = {},
  ): Promise<Uint8Array | undefined> {
    return this.#later(() => this.inner.take(id), options);
  }

  revoke(options: SessionRevokeOptions): Promise<number> {
    return this.#later(() => this.inner.revoke(options), {});
  }

  async *entries(): AsyncGenerator<SessionEntry, void, void> {
    for await (const entry of this.inner.entries()) {
      await this.#wait();
      yield entry;
    }
  }

  purge(): Promise<number> {
    return this.#later(() => this.inner.purge(), {});
  }

  #later<T>(
    call: () => T | Promise<T>,
    { signal }: SessionGetOptions,
  ): Promise<T> {
    const work = async (): Promise<T> => {
      await this.#wait();
      const answer = await call();
      await this.#wait();
      return answer;
    };
    if (!this.#rejects || signal === undefined) return work();
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      if (signal.aborted) reject(signal.reason);
      work().then(resolve, reject);
    });
  }
}

/** Lets a turn of the event loop pass. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
