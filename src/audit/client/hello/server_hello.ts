import { toHex } from "../../../internal/bytes.ts";
import { TLS1_2_VERSION, TLS1_3_VERSION } from "../../../libssl/constants.ts";
import { RETRY_RANDOM } from "../../../testing/trace/decode.ts";
import { Reader } from "../../../testing/trace/reader.ts";
import type { HelloExtension } from "../hello_types.ts";
import { malformed } from "./failures.ts";
import { KEY_SHARE, PRE_SHARED_KEY, SUPPORTED_VERSIONS } from "./codes.ts";

/** A ServerHello or HelloRetryRequest: RFC 8446, 4.1.3 and 4.1.4. */
export interface ServerHello {
  readonly isRetry: boolean;
  readonly version: "TLSv1.2" | "TLSv1.3" | null;
  readonly sessionId: Uint8Array;
  readonly cipherSuite: number;
  readonly extensions: readonly HelloExtension[];
  readonly selectedIdentity: number | null;
  /** The group of its key share, or the one that it asks for. */
  readonly group: number | null;
}

/**
 * Parses a ServerHello with its message header. The bytes are untrusted.
 *
 * @throws {AnswerEnded} If it is malformed.
 */
export function parseServerHello(message: Uint8Array): ServerHello {
  const reader = new Reader(message);
  reader.uint(1);
  const body = reader.part(3);
  const legacyVersion = body.uint(2);
  const random = body.take(32);
  const sessionId = body.vector(1).slice();
  const cipherSuite = body.uint(2);
  body.uint(1);
  const extensions = body.left === 0 ? [] : body.part(2).list((list) => ({
    type: list.uint(2),
    data: list.vector(2).slice(),
  }));
  body.end();
  const number = (type: number): number | null => {
    const found = extensions.find((extension) => extension.type === type);
    return found ? new Reader(found.data).uint(2) : null;
  };
  if (reader.isMalformed) throw malformed("the ServerHello is malformed");
  const version = number(SUPPORTED_VERSIONS) ?? legacyVersion;
  return {
    isRetry: toHex(random) === RETRY_RANDOM,
    version: VERSIONS.get(version) ?? null,
    sessionId,
    cipherSuite,
    extensions,
    selectedIdentity: number(PRE_SHARED_KEY),
    group: number(KEY_SHARE),
  };
}

const VERSIONS: ReadonlyMap<number, "TLSv1.2" | "TLSv1.3"> = new Map([
  [TLS1_2_VERSION, "TLSv1.2"],
  [TLS1_3_VERSION, "TLSv1.3"],
]);
