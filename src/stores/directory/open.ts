import { mkdirSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { checkPath } from "../_options.ts";
import { codeOf, MAX_SESSION_BYTES } from "./file.ts";
import { encodeEnvelope, type Envelope } from "../_envelope.ts";
import { failure } from "../_failures.ts";

/** Creates a directory that only its owner can use, unless it exists. Returns its absolute path. */
export function openDirectory(path: string | URL): string {
  checkPath(path);
  try {
    const directory = resolve(path instanceof URL ? fileURLToPath(path) : path);
    make(directory);
    return directory;
  } catch (error) {
    throw failure(`open the session store ${path}`, error);
  }
}

/** Throws a `RangeError` if a session is too large for a file. */
export function checkSize({ id, tag, record }: Envelope): void {
  const rest = { id, tag, expiresAt: 0, record: new Uint8Array() };
  const size = encodeEnvelope(rest).length + record.length;
  if (size <= MAX_SESSION_BYTES) return;
  throw new RangeError(
    `Cannot store the session: with its id and tag it must be at most ${MAX_SESSION_BYTES} bytes, received ${size}`,
  );
}

function make(directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) === "ENOENT") {
      throw new Error("its parent directory does not exist; create it first", {
        cause: error,
      });
    }
    if (codeOf(error) !== "EEXIST") throw error;
    if (statSync(directory).isDirectory()) return;
    throw new Error("it is not a directory; remove it, or use another path");
  }
}
