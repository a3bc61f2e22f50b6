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

/**
 * How long after its expiry Deno KV may drop a record: its clock may be ahead of
 * the store's.
 */
const RECORD_LEEWAY = 60_000;

/** Much longer, so that no record outlives the key that `revoke` finds it by. */
const INDEX_LEEWAY = 86_400_000;

/** A hundred years: dates too far for Deno KV fail the call. */
const LONGEST = 3_155_760_000_000;

/** Every change that fails here is one that succeeded elsewhere. */
const MAX_ATTEMPTS = 1_000;

/** How many sessions are looked at together, within the batches of a list. */
const PAGE = 50;

/** A session as it is found, with what tells whether it was changed since. */
export interface Found {
  readonly versionstamp: string | null;
  /** What could be read of it. */
  readonly session: Envelope | undefined;
}

const NOTHING: Found = { versionstamp: null, session: undefined };

/**
 * The sessions under a prefix: an envelope each under `"session", id`, and under
 * `"tag", tag, id` one without the record, written and removed together.
 */
export class KvSessions {
  readonly #kv: DenoKv;
  readonly #prefix: DenoKvKey;

  constructor(kv: DenoKv, prefix: DenoKvKey) {
    this.#kv = kv;
    this.#prefix = prefix;
  }

  /** Looks a session up. */
  async find(id: Uint8Array): Promise<Found> {
    const { value, versionstamp } = await whenUnlocked(() =>
      this.#kv.get(this.#sessionKey(id))
    );
    return { versionstamp, session: sessionOf(value) };
  }

  /** Stores a session that has yet to expire. */
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
      // Most ids are new: that saves the look-up.
      wipe(await this.#change(id, plan, signal, NOTHING));
    } finally {
      bytes.fill(0);
    }
  }

  /** Removes a session, and returns it if it could be read. */
  remove(id: Uint8Array, signal?: AbortSignal): Promise<Envelope | undefined> {
    return this.#change(id, (found) => {
      if (found.versionstamp === null) return undefined;
      const operation = this.#checked(id, found).delete(this.#sessionKey(id));
      this.#unindex(operation, id, found.session?.tag);
      return operation;
    }, signal);
  }

  /** Removes all sessions with a tag; returns how many had yet to expire. */
  async removeTagged(tag: string, now: number): Promise<number> {
    return await this.#count(["tag", tag], async ({ key }) => {
      const id = key.at(-1);
      if (!(id instanceof Uint8Array)) return false;
      const session = await this.#change(id, (found) => {
        const operation = this.#checked(id, found);
        // Unless its tag is another by now, for all that can be read of it.
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

  /** Removes what has expired; returns how many records that were. */
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

  /** All sessions that can be read. The caller wipes them. */
  async *all(): AsyncIterable<Envelope> {
    const list = this.#kv.list({ prefix: [...this.#prefix, "session"] });
    for await (const { value } of list) {
      const session = sessionOf(value);
      if (session !== undefined) yield session;
    }
  }

  /**
   * Commits what is planned for a session as it is found, again if someone else
   * changes it in between; returns the session it took the place of.
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
    throw new Error(`it was changed ${MAX_ATTEMPTS} times meanwhile`);
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

  /** Counts what under `part` of the prefix `test` is true of. */
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

/** Throws if Deno KV would not take the session. */
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

/** Fills what was read of a session with zeros. */
export function wipe(session: Envelope | undefined): void {
  session?.record.fill(0);
}

/** Whether nobody changed meanwhile what was checked. */
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
