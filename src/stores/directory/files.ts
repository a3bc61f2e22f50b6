import { createHash, randomUUID } from "node:crypto";
import { open, readdir, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import {
  DIGEST_BYTES,
  digestOf,
  existed,
  isFile,
  readFile,
  readSession,
  withFile,
} from "./file.ts";
import { decodeEnvelope, encodeEnvelope, type Envelope } from "../_envelope.ts";

/** Digest, envelope header, id and tag have less. */
const HEAD_BYTES = 2_048;

const SESSION_NAME = /^[0-9a-f]{64}\.session$/;

/** With the time it was made, as renaming keeps the times of a file. */
const TEMPORARY_NAME = /^sesame-(\d{1,15})-[0-9a-f-]{36}\.tmp$/;

/** From when on no call can be at work on a temporary file, in milliseconds. */
const STALE_AFTER = 3_600_000;

/** How many files are looked at together. */
const BATCH = 16;

/** What the head of a file tells. */
export interface Head {
  readonly path: string;
  /** `undefined` for what can't be read; without the record's bytes. */
  readonly session: Omit<Envelope, "record"> | undefined;
  /** How many bytes the record has. */
  readonly size: number;
}

/** The session files of a directory. */
export class SessionFiles {
  readonly #directory: string;
  readonly #syncs: boolean;

  constructor(directory: string, syncs: boolean) {
    this.#directory = directory;
    this.#syncs = syncs;
  }

  /** Looks a session up; the caller wipes it. */
  async find(id: Uint8Array): Promise<Envelope | undefined> {
    return await readSession(this.#pathOf(id), id);
  }

  /** Stores a session: under a name of its own, until it is whole. */
  async put(session: Envelope): Promise<void> {
    const envelope = encodeEnvelope(session);
    const temporary = this.#temporaryPath();
    try {
      await this.#write(temporary, envelope);
      await rename(temporary, this.#pathOf(session.id));
    } catch (error) {
      // What failed is the better reason.
      await unlink(temporary).catch(() => {});
      throw error;
    } finally {
      envelope.fill(0);
    }
    await this.sync();
  }

  /** Removes a session and returns it; the caller wipes it. */
  async take(id: Uint8Array): Promise<Envelope | undefined> {
    const path = this.#pathOf(id);
    const own = this.#temporaryPath();
    // Of all who rename it, one succeeds.
    if (!(await isFile(path)) || !(await existed(rename(path, own)))) return;
    try {
      return await readSession(own, id);
    } finally {
      await existed(unlink(own));
      await this.sync();
    }
  }

  /** Removes a session. */
  async remove(id: Uint8Array): Promise<void> {
    await this.removeFile(this.#pathOf(id));
    await this.sync();
  }

  /** Removes a file, but nothing else; returns whether there was one. */
  async removeFile(path: string): Promise<boolean> {
    return await isFile(path) && await existed(unlink(path));
  }

  /** The names of all that is in the directory. */
  async names(): Promise<string[]> {
    return await readdir(this.#directory);
  }

  /** What the heads of session files tell, of those names that are some. */
  async *heads(names: readonly string[]): AsyncIterable<Head> {
    const ours = names.filter((name) => SESSION_NAME.test(name));
    for (let i = 0; i < ours.length; i += BATCH) {
      const batch = ours.slice(i, i + BATCH);
      const heads = await Promise.all(batch.map((name) => this.#head(name)));
      yield* heads.filter((head) => head !== undefined);
    }
  }

  /** Removes temporary files that killed processes left behind. */
  async removeStale(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const made = TEMPORARY_NAME.exec(name)?.[1];
      if (made === undefined) continue;
      const age = Date.now() - Number(made);
      if (age > STALE_AFTER) await this.removeFile(join(this.#directory, name));
    }
  }

  /** Has the disk keep the names as they are, if that was asked for. */
  async sync(): Promise<void> {
    if (!this.#syncs) return;
    await withFile(await open(this.#directory, "r"), (file) => file.sync());
  }

  async #write(path: string, envelope: Uint8Array): Promise<void> {
    await withFile(await open(path, "wx", 0o600), async (file) => {
      await file.writeFile(digestOf(envelope));
      await file.writeFile(envelope);
      if (this.#syncs) await file.sync();
    });
  }

  async #head(name: string): Promise<Head | undefined> {
    const path = join(this.#directory, name);
    const file = await readFile(path, HEAD_BYTES);
    if (file === undefined) return undefined;
    const session = decodeEnvelope(file.bytes.subarray(DIGEST_BYTES));
    if (session === undefined || nameOf(session.id) !== name) {
      file.bytes.fill(0);
      return { path, session: undefined, size: 0 };
    }
    const { id, expiresAt, tag, record } = session;
    record.fill(0);
    const size = record.length + file.size - file.bytes.length;
    return { path, session: { id, expiresAt, tag }, size };
  }

  #pathOf(id: Uint8Array): string {
    return join(this.#directory, nameOf(id));
  }

  #temporaryPath(): string {
    const name = `sesame-${Date.now()}-${randomUUID()}.tmp`;
    return join(this.#directory, name);
  }
}

/** A name for any id, also where case makes no difference. */
function nameOf(id: Uint8Array): string {
  return `${createHash("sha256").update(id).digest("hex")}.session`;
}
