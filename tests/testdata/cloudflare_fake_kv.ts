import type {
  CloudflareKvKey,
  CloudflareKvKeys,
  CloudflareKvNamespace,
} from "../../src/stores/cloudflare.ts";

/** What a key holds. */
export interface FakeValue {
  readonly value: Uint8Array<ArrayBuffer>;
  readonly expirationTtl?: number;
  readonly metadata?: unknown;
}

/** Workers KV in memory, which is strict about its limits and lists few keys at once. */
export class FakeKv implements CloudflareKvNamespace {
  readonly values = new Map<string, FakeValue>();
  /** The method and the first argument of each call. */
  readonly calls: string[] = [];
  /** The options of the last `get`. */
  getOptions: unknown;
  /** Called before each call, with what will be in `calls`; may throw. */
  before: (call: string) => void = () => {};
  /** The most keys that `list` returns. */
  pageSize = 3;

  get(key: string, options: unknown): Promise<ArrayBuffer | null> {
    return this.#do("get", key, () => {
      this.getOptions = options;
      const value = this.values.get(key)?.value;
      return value ? new Uint8Array(value).buffer : null;
    });
  }

  put(
    key: string,
    value: Uint8Array<ArrayBuffer>,
    { expirationTtl, metadata }: { expirationTtl: number; metadata: unknown },
  ): Promise<void> {
    return this.#do("put", key, () => {
      if (!Number.isInteger(expirationTtl) || expirationTtl < 60) {
        throw new Error("KV PUT failed: 400 Invalid expiration_ttl");
      }
      if (bytesOf(JSON.stringify(metadata)) > 1024) {
        throw new Error("KV PUT failed: 413 Metadata is too long");
      }
      const copy = new Uint8Array(value);
      this.values.set(key, {
        value: copy,
        expirationTtl,
        metadata: structuredClone(metadata),
      });
    });
  }

  delete(key: string): Promise<void> {
    return this.#do("delete", key, () => {
      this.values.delete(key);
    });
  }

  list(
    { prefix, limit, cursor = "" }: {
      prefix: string;
      limit: number;
      cursor?: string;
    },
  ): Promise<CloudflareKvKeys> {
    return this.#do("list", prefix, () => {
      if (limit > 1000) throw new Error("KV GET failed: 400 Invalid limit");
      const names = [...this.values.keys()].sort()
        .filter((name) => name.startsWith(prefix) && name > cursor);
      const page = names.slice(0, Math.min(limit, this.pageSize));
      const keys: CloudflareKvKey[] = page.map((name) => ({
        name,
        metadata: structuredClone(this.values.get(name)?.metadata),
      }));
      return page.length === names.length
        ? { keys, list_complete: true }
        : { keys, list_complete: false, cursor: page.at(-1) ?? "" };
    });
  }

  async #do<T>(method: string, argument: string, body: () => T): Promise<T> {
    const call = `${method} ${argument}`;
    this.calls.push(call);
    await Promise.resolve();
    this.before(call);
    if (bytesOf(argument) > 512) throw new Error("KV failed: 414 key too long");
    return body();
  }
}

function bytesOf(text: string | undefined): number {
  return new TextEncoder().encode(text).length;
}
