import { OpenSSL } from "../../libssl/openssl.ts";
import { decodeEnvelope } from "../../stores/_envelope.ts";
import { decodeSessionRecord } from "../../tls/sessions/session_record.ts";
import { TlsSession } from "../../tls/sessions/session.ts";
import { unusable } from "../unusable.ts";
import { withHandle } from "./handle.ts";

/** Far more than a session with a peer's certificate has. */
const MAX_BYTES = 1024 * 1024;

const LABEL = "SSL SESSION PARAMETERS";
const PEM = new RegExp(
  `-----BEGIN ${LABEL}-----([A-Za-z0-9+/=\\s]*)-----END ${LABEL}-----`,
);

/** A session, and what was around it. */
export interface FoundSession {
  /** How it was written down. */
  readonly form: "PEM" | "DER" | "store record";
  /** The session in OpenSSL's ASN.1 form: a secret. */
  readonly der: Uint8Array;
  /** When the record ends, by what is written in front of the session. */
  readonly keptUntil?: Date;
}

/**
 * The bytes of a file, or of standard input for `-`.
 *
 * @throws {UsageError} If it can't be read, or is far too long for a session.
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
    throw unusable(`read ${name}`, error);
  }
}

/**
 * The session in any bytes: in PEM as `openssl s_client -sess_out` writes it, in DER,
 * or a record as stores keep it; `undefined` for all else.
 */
export function findSession(bytes: Uint8Array): FoundSession | undefined {
  const pem = PEM.exec(new TextDecoder().decode(bytes))?.[1];
  if (pem !== undefined) return foundIn("PEM", base64(pem));
  return foundIn("DER", bytes) ?? findInRecord(bytes) ??
    // What a store keeps in a file or under a key has the record at its end.
    findInRecord(decodeEnvelope(bytes)?.record);
}

/** A session in PEM, for `openssl s_client -sess_in` and this program. */
export function toPem(session: TlsSession): string {
  const own = session.toBytes();
  const der = forAnyClient(own);
  const lines = der.toBase64().match(/.{1,64}/g) ?? [];
  own.fill(0);
  der.fill(0);
  return `-----BEGIN ${LABEL}-----\n${
    lines.join("\n")
  }\n-----END ${LABEL}-----\n`;
}

/** OpenSSL's client refuses what is bound to another context than its own, which is empty. */
function forAnyClient(der: Uint8Array): Uint8Array<ArrayBuffer> {
  const { libssl } = OpenSSL.default;
  return withHandle(libssl, der, (session) => {
    libssl.SSL_SESSION_set1_id_context(session, new Uint8Array());
    const unbound = libssl.i2d_SSL_SESSION(session);
    if (unbound === null) throw new Error("Cannot serialise the session");
    return unbound;
  });
}

function findInRecord(bytes: Uint8Array | undefined): FoundSession | undefined {
  const record = bytes && decodeSessionRecord(bytes);
  if (record === undefined || typeof record === "string") return undefined;
  const found = foundIn("store record", record.der);
  return found && { ...found, keptUntil: new Date(record.expiresAt) };
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

function base64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return undefined;
  }
}
