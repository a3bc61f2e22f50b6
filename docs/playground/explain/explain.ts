import {
  findSession,
  type FoundSession,
} from "../../../src/cli/session/session_file.ts";
import { SSL3_RT_HANDSHAKE } from "../../../src/libssl/constants.ts";
import type { TraceMessage } from "../../../src/testing/mod.ts";
import { decodeMessage } from "../../../src/testing/trace/decode.ts";
import { OPEN, REDACTED } from "../../../src/testing/trace/redaction.ts";
import { type CaptureFacts, factsOfCapture } from "./capture.ts";
import { type Capture, isPcapng, readPcapng } from "./pcapng.ts";

/** What bytes are. */
export type Explained =
  | { readonly kind: "session"; readonly found: FoundSession }
  | {
    readonly kind: "message";
    /** The message, with its secret bytes hashed, or open. */
    read(isOpen: boolean): TraceMessage;
  }
  | {
    readonly kind: "capture";
    readonly capture: Capture;
    readonly facts: CaptureFacts;
  }
  | { readonly kind: "unknown"; readonly text: string };

const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const RECORD_HEADER = 5;
/** A hello with a length of two bytes, which is more than OpenSSL takes. */
const MAX_HELLO = 1 << 16;
/** The most bytes that are read. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Finds out what bytes are. It never throws. */
export function explainBytes(bytes: Uint8Array): Explained {
  if (bytes.length === 0) return unknown("There is nothing to explain.");
  if (bytes.length > MAX_BYTES) return unknown("It is longer than 16 MiB.");
  if (isPcapng(bytes)) return explainCapture(bytes);
  const message = messageIn(bytes);
  if (message !== undefined) {
    return {
      kind: "message",
      read: (isOpen) =>
        decodeMessage(message, {
          version: null,
          cipherSuite: null,
          redaction: isOpen ? OPEN : REDACTED,
        }),
    };
  }
  const found = findSession(bytes);
  if (found !== undefined) return { kind: "session", found };
  return unknown(
    "It is no ClientHello, no session in PEM or DER, no record of a store, and no pcapng. A record of an EncryptedSessionStore has to be decrypted first.",
  );
}

function explainCapture(bytes: Uint8Array): Explained {
  try {
    const capture = readPcapng(bytes);
    if (capture.segments.length === 0) {
      return unknown("The capture has no TCP over IPv4 in Ethernet.");
    }
    return { kind: "capture", capture, facts: factsOfCapture(capture) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return unknown(`The capture can't be read: ${error.message}.`);
  }
}

/** A hello with its header, by itself or in records. */
function messageIn(bytes: Uint8Array): Uint8Array | undefined {
  const message = bytes[0] === SSL3_RT_HANDSHAKE && bytes[1] === 3
    ? contentsOf(bytes)
    : bytes;
  const [type, high = 0, middle = 0, low = 0] = message;
  if (type !== CLIENT_HELLO && type !== SERVER_HELLO) return undefined;
  const end = 4 + (high << 16 | middle << 8 | low);
  // A session in DER doesn't begin so. What is cut off is shown as far as it goes.
  return high === 0 ? message.subarray(0, end) : undefined;
}

/** What the records of the handshake at the beginning hold. */
function contentsOf(bytes: Uint8Array): Uint8Array {
  const contents: number[] = [];
  for (
    let at = 0;
    bytes[at] === SSL3_RT_HANDSHAKE && contents.length < MAX_HELLO;
  ) {
    const end = at + RECORD_HEADER +
      ((bytes[at + 3] ?? 0) << 8 | (bytes[at + 4] ?? 0));
    contents.push(...bytes.subarray(at + RECORD_HEADER, end));
    at = end;
  }
  return new Uint8Array(contents);
}

function unknown(text: string): Explained {
  return { kind: "unknown", text };
}
