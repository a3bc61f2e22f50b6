import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { areEqual } from "../../internal/bytes.ts";
import { decodeEnvelope, type Envelope } from "../_envelope.ts";

/** A file starts with the SHA-256 of its envelope: a power failure may truncate a file. */
export const DIGEST_BYTES = 32;

/** The largest envelope, far above the size of a session: a limit on what is read. */
export const MAX_SESSION_BYTES = 1_048_576;

/** Doesn't follow symbolic links or block on pipes, where the system has these flags. */
const READING = constants.O_RDONLY | constants.O_NOFOLLOW |
  constants.O_NONBLOCK;

/** Reads the session in a file; `undefined` if the file is damaged or has another id. */
export async function readSession(
  path: string,
  id: Uint8Array,
): Promise<Envelope | undefined> {
  const file = await readFile(path, DIGEST_BYTES + MAX_SESSION_BYTES);
  if (file === undefined) return undefined;
  const envelope = file.bytes.subarray(DIGEST_BYTES);
  if (
    areEqual(envelopeDigest(envelope), file.bytes.subarray(0, DIGEST_BYTES))
  ) {
    const session = decodeEnvelope(envelope);
    if (session !== undefined && areEqual(session.id, id)) return session;
  }
  file.bytes.fill(0);
  return undefined;
}

/** The SHA-256 of an envelope. */
export function envelopeDigest(envelope: Uint8Array): Uint8Array {
  return createHash("sha256").update(envelope).digest();
}

/** Reads at most `most` bytes of a file; `undefined` for what can't be a file of the store. */
export async function readFile(
  path: string,
  most: number,
): Promise<{ bytes: Uint8Array; size: number } | undefined> {
  const file = await openIfThere(path);
  if (file === undefined) return undefined;
  return await withFile(file, async () => {
    const stats = await file.stat();
    const { size } = stats;
    if (!stats.isFile() || size > DIGEST_BYTES + MAX_SESSION_BYTES) return;
    const bytes = new Uint8Array(Math.min(size, most));
    let length = 0;
    while (length < bytes.length) {
      const left = bytes.length - length;
      const { bytesRead } = await file.read(bytes, length, left, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return { bytes: bytes.subarray(0, length), size };
  });
}

/** Calls `body` with an open file, and closes it. */
export async function withFile<T>(
  file: FileHandle,
  body: (file: FileHandle) => Promise<T>,
): Promise<T> {
  try {
    return await body(file);
  } finally {
    await file.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, READING);
  } catch (error) {
    // It is missing, a symbolic link, or a socket.
    if (["ENOENT", "ELOOP", "ENXIO"].includes(codeOf(error))) return undefined;
    throw error;
  }
}

/** Whether the path is a regular file. */
export async function isFile(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

/** Whether the file of a call existed. */
export async function existed(call: Promise<void>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

/** The system's code of an error, such as `"ENOENT"`; empty if there is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
