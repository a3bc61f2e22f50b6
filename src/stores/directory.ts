/**
 * A {@linkcode SessionStore} in a directory, with a file for each session, for
 * hosts that offer little else. On `node:fs` only: Deno, Node.js and Bun, on
 * systems where an open file can be renamed.
 *
 * @example
 * ```ts
 * import { DirectorySessionStore } from "@sesame/tls/stores/directory";
 * import { assertEquals } from "@std/assert";
 * import { mkdtempSync, rmSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const parent = mkdtempSync(join(tmpdir(), "sesame_"));
 * const store = new DirectorySessionStore(join(parent, "sessions"));
 * const id = crypto.getRandomValues(new Uint8Array(32));
 * const expiresAt = new Date(Date.now() + 7_200_000);
 * await store.set(id, new Uint8Array([1, 2, 3]), { expiresAt });
 *
 * assertEquals(await store.take(id), new Uint8Array([1, 2, 3]));
 * assertEquals(await store.take(id), undefined);
 * rmSync(parent, { recursive: true });
 * ```
 *
 * @module
 */

import { ownOptions } from "../internal/own_options.ts";
import {
  checkId,
  checkSetArguments,
  checkTag,
} from "../internal/session_arguments.ts";
import { checkSynchronous } from "./_options.ts";
import { type Head, SessionFiles } from "./directory/files.ts";
import { checkSize, openDirectory } from "./directory/open.ts";
import type { Envelope } from "./_envelope.ts";
import { failure } from "./_failures.ts";
import type {
  RemovalReason,
  SessionEntry,
  SessionGetOptions,
  SessionRevokeOptions,
  SessionSetOptions,
  SessionStore,
} from "./session_store.ts";

export type * from "./session_store.ts";

/** Names that one `set` looks at to remove what has expired. */
const SWEPT_PER_SET = 4;

/** Options of {@linkcode DirectorySessionStore}. */
export interface DirectorySessionStoreOptions {
  /**
   * What survives a power cut. `"normal"` may lose or undo the calls of the
   * last seconds, a `delete` or `take` among them; `"full"` waits for the disk
   * at every write. A killed process loses nothing either way.
   *
   * @default {"normal"}
   */
  synchronous?: "normal" | "full";
  /**
   * The clock, in milliseconds since the epoch.
   *
   * @default {Date.now}
   */
  now?: () => number;
}

/**
 * Keeps each session in a file, in a directory that several processes may use
 * at the same time. A call waits for the disk without blocking the process, be
 * it a slow or a distant one. Each `set` also looks at a few files, in turn, and
 * removes what has expired. `revoke`, `entries` and `purge` read the head of
 * every file: beyond some ten thousand sessions, SQLite does better.
 *
 * Records hold master secrets, so the directory is created with mode 0700; one
 * that exists keeps the mode it has, and whoever may write there can plant
 * sessions. Files are created with mode 0600. What is removed is unlinked, not
 * overwritten, as disks and file systems of today keep copies anyway.
 *
 * Anything else in the directory, such as symbolic links and other programs'
 * files, is neither read nor removed. Session files that were damaged are taken
 * for none, and removed like those that have expired. A session may have 1 MiB.
 *
 * On a network file system another host may see a change late: as such systems
 * remember what a directory holds, `revoke`, `entries` and `purge` may miss what
 * was stored elsewhere within the last minute. They are not tested.
 *
 * A call whose signal was aborted before fails; later it makes no difference.
 */
export class DirectorySessionStore implements SessionStore {
  readonly #files: SessionFiles;
  readonly #now: () => number;
  /** Names that have yet to be looked at. */
  #unswept: string[] = [];

  /**
   * Opens the directory, or makes it.
   *
   * @param path The directory. The one it is in must exist.
   * @param options Durability and the clock.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If an option has an impossible value.
   * @throws {Error} If there is no such directory, and it can't be made.
   */
  constructor(
    path: string | URL,
    options: DirectorySessionStoreOptions = {},
  ) {
    const own = ownOptions(options, { synchronous: true, now: true }, {
      of: "DirectorySessionStore",
    });
    const synchronous = checkSynchronous(own.synchronous ?? "normal");
    this.#now = own.now ?? (() => Date.now());
    this.#files = new SessionFiles(openDirectory(path), synchronous === "full");
  }

  /**
   * Looks a session up.
   *
   * @param id The session id.
   * @param options When to give up.
   * @returns The record, or `undefined` where there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the file can't be read.
   */
  async get(
    id: Uint8Array,
    { signal }: SessionGetOptions = {},
  ): Promise<Uint8Array | undefined> {
    checkId(id);
    signal?.throwIfAborted();
    return await attempt(
      "look the session up",
      async () => this.#recordOf(await this.#files.find(id)),
    );
  }

  /**
   * Stores a session, in place of any other under this id.
   *
   * @param id The session id.
   * @param record The bytes to keep.
   * @param options When the record expires, its tag, and when to give up.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `expiresAt` is an invalid date, the tag is empty or
   * longer than 256 bytes, or id, tag and record have more than 1 MiB.
   * @throws {Error} If the file can't be written.
   */
  async set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): Promise<void> {
    const own = ownOptions(options);
    const expiresAt = checkSetArguments(id, record, own);
    const { tag, signal } = own;
    const session = { id, expiresAt, tag, record };
    checkSize(session);
    signal?.throwIfAborted();
    await attempt("store the session", async () => {
      if (expiresAt > this.#now()) await this.#files.put(session);
      else await this.#files.remove(id);
    });
    // The session is stored, whatever becomes of others.
    await this.#sweepSome().catch(() => {});
  }

  /**
   * Removes a session.
   *
   * @param id The session id.
   * @param _reason Why; it makes no difference here.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the file can't be removed.
   */
  async delete(id: Uint8Array, _reason: RemovalReason): Promise<void> {
    checkId(id);
    await attempt("remove the session", () => this.#files.remove(id));
  }

  /**
   * Looks a session up and removes it. Of all processes that ask for it at the
   * same time, one gets it.
   *
   * @param id The session id.
   * @param options When to give up.
   * @returns The record, or `undefined` where there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the file can't be read or removed.
   */
  async take(
    id: Uint8Array,
    { signal }: SessionGetOptions = {},
  ): Promise<Uint8Array | undefined> {
    checkId(id);
    signal?.throwIfAborted();
    return await attempt(
      "take the session",
      async () => this.#recordOf(await this.#files.take(id)),
    );
  }

  /**
   * Removes all sessions that were stored with a tag.
   *
   * @param options The tag.
   * @returns How many sessions were removed.
   * @throws {TypeError} If the tag is no string.
   * @throws {RangeError} If the tag is empty, or longer than 256 bytes.
   * @throws {Error} If a file can't be read or removed; some may have been.
   */
  async revoke({ tag }: SessionRevokeOptions): Promise<number> {
    checkTag(tag);
    return await attempt("revoke the sessions", async () => {
      let count = 0;
      for await (
        const { path, session } of this.#files.heads(await this.#files.names())
      ) {
        if (session?.tag !== tag) continue;
        const removed = await this.#files.removeFile(path);
        if (removed && session.expiresAt > this.#now()) count++;
      }
      await this.#files.sync();
      return count;
    });
  }

  /**
   * Lists the sessions that have not expired.
   *
   * @throws {Error} If the directory or a file can't be read.
   */
  async *entries(): AsyncIterable<SessionEntry> {
    try {
      for await (const head of this.#files.heads(await this.#files.names())) {
        const entry = entryOf(head);
        if (entry && entry.expiresAt.getTime() > this.#now()) yield entry;
      }
    } catch (error) {
      throw failure("list the sessions", error);
    }
  }

  /**
   * Removes all records that have expired, damaged files, and what killed
   * processes left behind over an hour ago.
   *
   * @returns How many records it removed that had expired.
   * @throws {Error} If a file can't be read or removed; some may have been.
   */
  async purge(): Promise<number> {
    return await attempt(
      "remove expired sessions",
      async () => await this.#sweep(await this.#files.names()),
    );
  }

  async #sweepSome(): Promise<void> {
    if (this.#unswept.length === 0) this.#unswept = await this.#files.names();
    await this.#sweep(this.#unswept.splice(-SWEPT_PER_SET));
  }

  async #sweep(names: readonly string[]): Promise<number> {
    let count = 0;
    await this.#files.removeStale(names);
    for await (const { path, session } of this.#files.heads(names)) {
      if (session !== undefined && session.expiresAt > this.#now()) continue;
      // May lose one that was stored just now; it can't bring one back.
      const removed = await this.#files.removeFile(path);
      if (removed && session !== undefined) count++;
    }
    return count;
  }

  #recordOf(session: Envelope | undefined): Uint8Array | undefined {
    if (session === undefined) return undefined;
    const alive = session.expiresAt > this.#now();
    const record = alive ? new Uint8Array(session.record) : undefined;
    session.record.fill(0);
    return record;
  }
}

function entryOf({ session, size }: Head): SessionEntry | undefined {
  if (session === undefined) return undefined;
  const { id, expiresAt, tag } = session;
  return {
    id: new Uint8Array(id),
    expiresAt: new Date(expiresAt),
    ...(tag === undefined ? {} : { tag }),
    size,
  };
}

async function attempt<T>(what: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw failure(what, error);
  }
}
