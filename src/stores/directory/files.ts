import { createHash, randomUUID } from "node:crypto";
import { open, readdir, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import {
  DIGEST_BYTES,
  envelopeDigest,
  existed,
  isFile,
  readFile,
  readSession,
  withFile,
} from "./file.ts";
import { decodeEnvelope, encodeEnvelope, type Envelope } from "../_envelope.ts";

/** More than digest, header, id and tag of a file have. */
const HEAD_BYTES = 2_048;

const SESSION_NAME = /^[0-9a-f]{64}\.session$/;

/** The name has the time of creation, as renaming keeps the times of a file. */
const TEMPORARY_NAME = /^sesame-(\d{1,15})-[0-9a-f-]{36}\.tmp$/;

/** The age after which no call uses a temporary file any more, in milliseconds. */
const STALE_AFTER = 3_600_000;

/** How many files are read at the same time. */
const BATCH = 16;

/** The beginning of a file. */
export interface Head {
  readonly path: string;
  /** The session without its record; `undefined` for a damaged file. */
  readonly session: Omit<Envelope, "record"> | undefined;
  /** The length of the record. */
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

  /** Reads a session, which the caller wipes. */
  async find(id: Uint8Array): Promise<Envelope | undefined> {
    return await readSession(this.#pathOf(id), id);
  }

  /** Writes a session to a temporary file, and renames it when it is complete. */
  async put(session: Envelope): Promise<void> {
    const envelope = encodeEnvelope(session);
    const temporary = this.#temporaryPath();
    try {
      await this.#write(temporary, envelope);
      await rename(temporary, this.#pathOf(session.id));
    } catch (error) {
      // The first error is reported.
      await unlink(temporary).catch(() => {});
      throw error;
    } finally {
      envelope.fill(0);
    }
    await this.sync();
  }

  /** Removes a session and returns it. The caller wipes it. */
  async take(id: Uint8Array): Promise<Envelope | undefined> {
    const path = this.#pathOf(id);
    const own = this.#temporaryPath();
    // Of several calls that rename the file, one succeeds.
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

  /** Removes a regular file. Returns whether it existed. */
  async removeFile(path: string): Promise<boolean> {
    return await isFile(path) && await existed(unlink(path));
  }

  /** The names of everything in the directory. */
  async names(): Promise<string[]> {
    return await readdir(this.#directory);
  }

  /** Reads the beginning of each session file among `names`. */
  async *heads(names: readonly string[]): AsyncIterable<Head> {
    const ours = names.filter((name) => SESSION_NAME.test(name));
    for (let i = 0; i < ours.length; i += BATCH) {
      const batch = ours.slice(i, i + BATCH);
      const heads = await Promise.all(batch.map((name) => this.#head(name)));
      yield* heads.filter((head) => head !== undefined);
    }
  }

  /** Removes temporary files that ended processes have left. */
  async removeStale(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const made = TEMPORARY_NAME.exec(name)?.[1];
      if (made === undefined) continue;
      const age = Date.now() - Number(made);
      if (age > STALE_AFTER) await this.removeFile(join(this.#directory, name));
    }
  }

  /** Writes the directory to disk, if the store is fully synchronous. */
  async sync(): Promise<void> {
    if (!this.#syncs) return;
    await withFile(await open(this.#directory, "r"), (file) => file.sync());
  }

  async #write(path: string, envelope: Uint8Array): Promise<void> {
    await withFile(await open(path, "wx", 0o600), async (file) => {
      await file.writeFile(envelopeDigest(envelope));
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

/** The name of a file: the same on file systems that ignore case. */
function nameOf(id: Uint8Array): string {
  return `${createHash("sha256").update(id).digest("hex")}.session`;
}
