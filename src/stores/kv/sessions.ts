import { decodeEnvelope, encodeEnvelope, type Envelope } from "../_envelope.ts";
import {
  type DenoKv,
  type DenoKvAtomicOperation,
  type DenoKvEntry,
  type DenoKvKey,
  whenUnlocked,
} from "./database.ts";

/** The largest value that Deno KV takes. */
const MAX_VALUE_BYTES = 65_536;

/** How long Deno KV keeps an expired record, as its clock may be ahead of the store's. */
const RECORD_LEEWAY = 60_000;

/** Much longer, so that no record outlives the key by which `revoke` finds it. */
const INDEX_LEEWAY = 86_400_000;

/** A hundred years: Deno KV rejects dates that are too far in the future. */
const LONGEST = 3_155_760_000_000;

/** A change fails only if another process has changed the session meanwhile. */
const MAX_ATTEMPTS = 1_000;

/** How many sessions of a list are processed at the same time. */
const PAGE = 50;

/** A session in the database, with the version of its value. */
export interface Found {
  readonly versionstamp: string | null;
  /** `undefined` if there is none, or the value can't be decoded. */
  readonly session: Envelope | undefined;
}

const NOTHING: Found = { versionstamp: null, session: undefined };

/**
 * The sessions under a prefix. The key `"session", id` has an envelope, and for a session with a
 * tag `"tag", tag, id` has one without the record. Both are written and removed together.
 */
export class KvSessions {
  readonly #kv: DenoKv;
  readonly #prefix: DenoKvKey;

  constructor(kv: DenoKv, prefix: DenoKvKey) {
    this.#kv = kv;
    this.#prefix = prefix;
  }

  /** Looks up a session. */
  async find(id: Uint8Array): Promise<Found> {
    const { value, versionstamp } = await whenUnlocked(() =>
      this.#kv.get(this.#sessionKey(id))
    );
    return { versionstamp, session: sessionOf(value) };
  }

  /** Stores a session that has not expired. */
  async put(
    session: Envelope,
    now: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const { id, tag, expiresAt } = session;
    const bytes = encodeEnvelope(session);
    const expireIn = (leeway: number): number =>
      Math.min(Math.ceil(expiresAt - now) + leeway, LONGEST);
    const plan = (found: Found): DenoKvAtomicOperation => {
      const operation = this.#checked(id, found);
      operation.set(this.#sessionKey(id), bytes, {
        expireIn: expireIn(RECORD_LEEWAY),
      });
      const before = found.session?.tag;
      if (before !== tag) this.#unindex(operation, id, before);
      if (tag === undefined) return operation;
      const entry = encodeEnvelope({ ...session, record: new Uint8Array() });
      return operation.set(this.#tagKey(tag, id), entry, {
        expireIn: expireIn(INDEX_LEEWAY),
      });
    };
    try {
      // Most ids are new: assuming so saves a look-up.
      wipe(await this.#change(id, plan, signal, NOTHING));
    } finally {
      bytes.fill(0);
    }
  }

  /** Removes a session, and returns it if it can be decoded. */
  remove(id: Uint8Array, signal?: AbortSignal): Promise<Envelope | undefined> {
    return this.#change(id, (found) => {
      if (found.versionstamp === null) return undefined;
      const operation = this.#checked(id, found).delete(this.#sessionKey(id));
      this.#unindex(operation, id, found.session?.tag);
      return operation;
    }, signal);
  }

  /** Removes all sessions with a tag. Returns how many had not expired. */
  async removeTagged(tag: string, now: number): Promise<number> {
    return await this.#count(["tag", tag], async ({ key }) => {
      const id = key.at(-1);
      if (!(id instanceof Uint8Array)) return false;
      const session = await this.#change(id, (found) => {
        const operation = this.#checked(id, found);
        // A session that was stored again with another tag stays.
        const { session } = found;
        if (session === undefined || session.tag === tag) {
          operation.delete(this.#sessionKey(id));
        }
        this.#unindex(operation, id, tag);
        return operation;
      });
      wipe(session);
      return session?.tag === tag && session.expiresAt > now;
    });
  }

  /** Removes expired records. Returns how many there were. */
  async removeExpired(now: number): Promise<number> {
    const removeOne = async (entry: DenoKvEntry): Promise<boolean> => {
      const { key, versionstamp } = entry;
      const session = sessionOf(entry.value);
      wipe(session);
      if (session === undefined || session.expiresAt > now) return false;
      const operation = this.#kv.atomic().check({ key, versionstamp });
      return await committed(operation.delete(key));
    };
    const removed = await this.#count(["session"], removeOne);
    await this.#count(["tag"], removeOne);
    return removed;
  }

  /** All sessions that can be decoded. The caller wipes them. */
  async *all(): AsyncIterable<Envelope> {
    const list = this.#kv.list({ prefix: [...this.#prefix, "session"] });
    for await (const { value } of list) {
      const session = sessionOf(value);
      if (session !== undefined) yield session;
    }
  }

  /**
   * Commits the operation that `plan` returns for a session. If another process has changed the
   * session meanwhile, it plans and commits again. Returns the session from before the change.
   */
  async #change(
    id: Uint8Array,
    plan: (found: Found) => DenoKvAtomicOperation | undefined,
    signal?: AbortSignal,
    guess?: Found,
  ): Promise<Envelope | undefined> {
    let found = guess ?? await this.find(id);
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      signal?.throwIfAborted();
      const operation = plan(found);
      if (operation === undefined || await committed(operation)) {
        return found.session;
      }
      wipe(found.session);
      found = await this.find(id);
    }
    throw new Error(
      `other processes have changed it ${MAX_ATTEMPTS} times meanwhile`,
    );
  }

  #checked(id: Uint8Array, { versionstamp }: Found): DenoKvAtomicOperation {
    return this.#kv.atomic().check({ key: this.#sessionKey(id), versionstamp });
  }

  #unindex(
    operation: DenoKvAtomicOperation,
    id: Uint8Array,
    tag: string | undefined,
  ): void {
    if (tag !== undefined) operation.delete(this.#tagKey(tag, id));
  }

  /** Counts the entries under `part` of the prefix for which `test` returns true. */
  async #count(
    part: DenoKvKey,
    test: (entry: DenoKvEntry) => Promise<boolean>,
  ): Promise<number> {
    let count = 0;
    const list = this.#kv.list({ prefix: [...this.#prefix, ...part] });
    for await (const entries of paged(list)) {
      const results = await Promise.all(entries.map(test));
      count += results.filter(Boolean).length;
    }
    return count;
  }

  #sessionKey(id: Uint8Array): DenoKvKey {
    return [...this.#prefix, "session", id];
  }

  #tagKey(tag: string, id: Uint8Array): DenoKvKey {
    return [...this.#prefix, "tag", tag, id];
  }
}

/** Throws a `RangeError` if a session is too large for Deno KV. */
export function checkSize({ id, tag, record }: Envelope): void {
  const empty = encodeEnvelope({
    id,
    tag,
    expiresAt: 0,
    record: new Uint8Array(),
  });
  const size = empty.length + record.length;
  if (size <= MAX_VALUE_BYTES) return;
  throw new RangeError(
    `Cannot store the session: with its id and tag it must be at most ${MAX_VALUE_BYTES} bytes, the limit of Deno KV, received ${size}`,
  );
}

/** Fills the record of a session with zeros. */
export function wipe(session: Envelope | undefined): void {
  session?.record.fill(0);
}

/** Commits an operation. Returns whether its checks held. */
async function committed(operation: DenoKvAtomicOperation): Promise<boolean> {
  return (await whenUnlocked(() => operation.commit())).ok;
}

function sessionOf(value: unknown): Envelope | undefined {
  return value instanceof Uint8Array ? decodeEnvelope(value) : undefined;
}

async function* paged<T>(items: AsyncIterable<T>): AsyncIterable<T[]> {
  let page: T[] = [];
  for await (const item of items) {
    page.push(item);
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
