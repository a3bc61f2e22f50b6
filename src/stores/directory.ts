/**
 * A {@linkcode SessionStore} in a directory, with a file for each session, for hosts without a
 * database. It uses only `node:fs`: Deno, Node.js and Bun, on systems where an open file can be
 * renamed.
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
import { entryOf, takeRecord } from "./_envelope.ts";
import { attempt, failure } from "./_failures.ts";
import { checkedSynchronous } from "./_options.ts";
import { SessionFiles } from "./directory/files.ts";
import { checkSize, openDirectory } from "./directory/open.ts";
import type { DirectorySessionStoreOptions } from "./directory/options.ts";
import type {
  RemovalReason,
  SessionEntry,
  SessionGetOptions,
  SessionRevokeOptions,
  SessionSetOptions,
  SessionStore,
} from "./session_store.ts";

export type { DirectorySessionStoreOptions } from "./directory/options.ts";
export type * from "./session_store.ts";

/** How many files one `set` checks for expired records. */
const CHECKED_PER_SET = 4;

/**
 * A store with a file for each session, in a directory that several processes can use at the
 * same time. Calls don't block the process while they wait for the disk. Each `set` also checks
 * a few files and removes expired records. `revoke`, `entries` and `purge` read the beginning of
 * every file: with more than about ten thousand sessions, SQLite is faster.
 *
 * Records hold master secrets: a new directory is created with mode 0700, and files with mode
 * 0600. An existing directory keeps its mode; anyone who can write to it can add sessions. Removed
 * files are unlinked and not overwritten, as disks and file systems keep copies anyway. A session
 * may have up to 1 MiB.
 *
 * Other files in the directory, and symbolic links, are neither read nor removed. A damaged
 * session file counts as missing, and is removed like an expired one.
 *
 * On a network file system, `revoke`, `entries` and `purge` may miss what another host has stored
 * within the last minute, as such systems cache directory listings. They are not tested.
 *
 * A call fails if its signal is aborted before the call. A later abort has no effect.
 */
export class DirectorySessionStore implements SessionStore {
  readonly #files: SessionFiles;
  readonly #now: () => number;
  /** The names of files that have not been checked since the directory was last read. */
  #unchecked: string[] = [];

  /**
   * Opens the directory, and creates it if it doesn't exist.
   *
   * @param path The directory. Its parent must exist.
   * @param options Durability and the clock.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If an option is out of its range.
   * @throws {Error} If the directory can't be created.
   */
  constructor(path: string | URL, options: DirectorySessionStoreOptions = {}) {
    const own = ownOptions(options, { synchronous: true, now: true }, {
      of: "DirectorySessionStore",
    });
    const synchronous = checkedSynchronous(own.synchronous ?? "normal");
    this.#now = own.now ?? (() => Date.now());
    this.#files = new SessionFiles(openDirectory(path), synchronous === "full");
  }

  /**
   * Looks up a session.
   *
   * @param id The session id.
   * @param options The signal.
   * @returns The record, or `undefined` if there is none or it has expired.
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
      "look up the session",
      async () => takeRecord(await this.#files.find(id), this.#now()),
    );
  }

  /**
   * Stores a record, in place of any other with this id.
   *
   * @param id The session id.
   * @param record The bytes to store.
   * @param options The expiry, the tag and the signal.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `expiresAt` is an invalid date, the tag is empty or longer than 256
   * bytes, or id, tag and record exceed 1 MiB.
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
    // The session is stored, even if others can't be removed.
    await this.#removeSomeExpired().catch(() => {});
  }

  /**
   * Removes a session.
   *
   * @param id The session id.
   * @param _reason The reason, which has no effect.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the file can't be removed.
   */
  async delete(id: Uint8Array, _reason: RemovalReason): Promise<void> {
    checkId(id);
    await attempt("remove the session", () => this.#files.remove(id));
  }

  /**
   * Looks up a session and removes it. Of several processes that do so at the same time, one
   * gets the record.
   *
   * @param id The session id.
   * @param options The signal.
   * @returns The record, or `undefined` if there is none or it has expired.
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
      async () => takeRecord(await this.#files.take(id), this.#now()),
    );
  }

  /**
   * Removes all sessions that were stored with a tag.
   *
   * @param options The tag.
   * @returns The number of removed sessions that had not expired.
   * @throws {TypeError} If the tag is not a string.
   * @throws {RangeError} If the tag is empty or longer than 256 bytes.
   * @throws {Error} If a file can't be read or removed; some may have been removed.
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
      for await (
        const { session, size } of this.#files.heads(await this.#files.names())
      ) {
        if (session && session.expiresAt > this.#now()) {
          yield entryOf(session, size);
        }
      }
    } catch (error) {
      throw failure("list the sessions", error);
    }
  }

  /**
   * Removes expired records, damaged files, and temporary files that ended processes have left
   * more than an hour ago.
   *
   * @returns The number of removed records that had expired.
   * @throws {Error} If a file can't be read or removed; some may have been removed.
   */
  async purge(): Promise<number> {
    return await attempt(
      "remove expired sessions",
      async () => await this.#removeExpired(await this.#files.names()),
    );
  }

  async #removeSomeExpired(): Promise<void> {
    if (this.#unchecked.length === 0) {
      this.#unchecked = await this.#files.names();
    }
    await this.#removeExpired(this.#unchecked.splice(-CHECKED_PER_SET));
  }

  async #removeExpired(names: readonly string[]): Promise<number> {
    let count = 0;
    await this.#files.removeStale(names);
    for await (const { path, session } of this.#files.heads(names)) {
      if (session !== undefined && session.expiresAt > this.#now()) continue;
      // This may remove a record that was stored just now, but never restores one.
      const removed = await this.#files.removeFile(path);
      if (removed && session !== undefined) count++;
    }
    return count;
  }
}
