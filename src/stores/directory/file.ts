import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { decodeEnvelope, type Envelope } from "../_envelope.ts";

/** A session is an envelope, after its SHA-256: a power cut may tear a file. */
export const DIGEST_BYTES = 32;

/** The largest envelope, far beyond any session: a bound for what is read. */
export const MAX_SESSION_BYTES = 1_048_576;

/** Neither follows links nor waits for a pipe; where unknown, both are nothing. */
const READING = constants.O_RDONLY | constants.O_NOFOLLOW |
  constants.O_NONBLOCK;

/** Reads the session of a file, if it is whole and has this id. */
export async function readSession(
  path: string,
  id: Uint8Array,
): Promise<Envelope | undefined> {
  const file = await readFile(path, DIGEST_BYTES + MAX_SESSION_BYTES);
  if (file === undefined) return undefined;
  const envelope = file.bytes.subarray(DIGEST_BYTES);
  if (isSame(digestOf(envelope), file.bytes.subarray(0, DIGEST_BYTES))) {
    const session = decodeEnvelope(envelope);
    if (session !== undefined && isSame(session.id, id)) return session;
  }
  file.bytes.fill(0);
  return undefined;
}

/** What a file begins with, to tell whether the rest is whole. */
export function digestOf(envelope: Uint8Array): Uint8Array {
  return createHash("sha256").update(envelope).digest();
}

/** Reads a file's first bytes; `undefined` for what is no file of the store. */
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

/** Does something with an open file, and closes it. */
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
    // None, a symbolic link, or a socket.
    if (["ENOENT", "ELOOP", "ENXIO"].includes(codeOf(error))) return undefined;
    throw error;
  }
}

export async function isFile(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

/** Whether what a call is about was there. */
export async function existed(call: Promise<void>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length &&
    one.every((byte, i) => byte === other[i]);
}

/** The system's code of an error, such as "ENOENT"; empty if it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
