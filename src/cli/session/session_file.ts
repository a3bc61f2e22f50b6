import { decodeSessionRecord, TlsSession } from "../../../mod.ts";
import { decodeText } from "../files.ts";
import { usageError } from "../usage_error.ts";
import { fromPem } from "./pem.ts";

/** A limit far above the size of a session with the peer's certificate. */
const MAX_BYTES = 1024 * 1024;

/** A session that was found in a file or a store. */
export interface FoundSession {
  /** The form that it was in. */
  readonly form: "PEM" | "DER" | "store record";
  /** The session in DER, as `i2d_SSL_SESSION` writes it: a secret. */
  readonly der: Uint8Array;
  /** When the store record expires. */
  readonly recordExpiresAt?: Date;
}

/**
 * Reads a file, or standard input for `-`.
 *
 * @throws {UsageError} If the file can't be read or is larger than 1 MiB.
 */
export async function readInput(path: string): Promise<Uint8Array> {
  const name = path === "-" ? "standard input" : path;
  try {
    const stream = path === "-"
      ? Deno.stdin.readable
      : (await Deno.open(path)).readable;
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    for await (const chunk of stream) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_BYTES) throw new Error("it is too long for a session");
    }
    return new Uint8Array(await new Blob(chunks).arrayBuffer());
  } catch (error) {
    throw usageError(`read ${name}`, error);
  }
}

/**
 * Finds a session: in PEM as `openssl s_client -sess_out` writes it, in DER, or in a record
 * of a session store; `undefined` for any other bytes.
 */
export function findSession(bytes: Uint8Array): FoundSession | undefined {
  return foundIn("DER", bytes) ?? findInRecord(bytes) ??
    foundIn("PEM", fromPem(decodeText(bytes)));
}

function findInRecord(bytes: Uint8Array): FoundSession | undefined {
  const record = decodeSessionRecord(bytes);
  if (typeof record === "string") return undefined;
  const found = foundIn("store record", record.der);
  return found && { ...found, recordExpiresAt: new Date(record.expiresAt) };
}

function foundIn(
  form: FoundSession["form"],
  der: Uint8Array | undefined,
): FoundSession | undefined {
  if (der === undefined) return undefined;
  try {
    TlsSession.fromBytes(der);
    return { form, der };
  } catch {
    return undefined;
  }
}
