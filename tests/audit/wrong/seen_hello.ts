/** Hellos as a front sees them, and the answers that it makes up. */
import { concat } from "../../../src/internal/bytes.ts";
import {
  KEY_SHARE,
  NEW_SESSION_TICKET,
  PRE_SHARED_KEY,
  SERVER_HELLO,
  SUPPORTED_VERSIONS,
} from "../../../src/audit/client/hello/codes.ts";
import { parseHello } from "../../../src/audit/client/hello/parse.ts";
import { PlaintextReader } from "../../../src/audit/client/hello/plaintext.ts";
import { toRecords } from "../../../src/audit/client/hello/records.ts";
import { parseServerHello } from "../../../src/audit/client/hello/server_hello.ts";
import {
  handshakeMessage,
  uint,
  vector,
} from "../../../src/audit/client/hello/vectors.ts";
import type { Hello } from "../../../src/audit/client/hello_types.ts";
import {
  SSL3_RT_ALERT,
  SSL3_RT_CHANGE_CIPHER_SPEC,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../../src/libssl/mod.ts";
import { Reader } from "../../../src/testing/trace/reader.ts";

/** A hello as a server sees it. */
export interface SeenHello extends Hello {
  readonly binders: readonly Uint8Array[];
  /** Whether supported_versions has TLS 1.3. */
  readonly isModern: boolean;
  /** Whether it proposes a session. */
  readonly proposes: boolean;
  /** The length of the message. */
  readonly length: number;
  /** The data of an extension; undefined if there is none. */
  extension(type: number): Uint8Array | undefined;
}

/** A ClientHello with its message header. */
export function seenHello(message: Uint8Array): SeenHello {
  const hello = parseHello(message, null);
  const extension = (type: number): Uint8Array | undefined =>
    hello.extensions.find((one) => one.type === type)?.data;
  const versions = new Reader(extension(SUPPORTED_VERSIONS) ?? EMPTY_LIST)
    .part(1).list((list) => list.uint(2));
  const isModern = versions.includes(TLS1_3_VERSION);
  return {
    ...hello,
    binders: bindersOf(message),
    isModern,
    proposes: hello.identities.length > 0 ||
      (!isModern && hello.sessionId.length > 0),
    length: message.length,
    extension,
  };
}

/** The binders of pre_shared_key, which `parseHello` leaves out. */
function bindersOf(message: Uint8Array): Uint8Array[] {
  const body = new Reader(message.subarray(MESSAGE_HEADER_BYTES));
  body.take(2 + 32);
  for (const size of [1, 2, 1]) body.vector(size);
  const binders = body.part(2).list((list) => {
    const type = list.uint(2);
    const data = new Reader(list.vector(2));
    if (type !== PRE_SHARED_KEY) return [];
    data.vector(2);
    return data.part(2).list((one) => one.vector(1));
  });
  return binders.flat();
}

/** Reads a server's answer to a hello as far as it takes to know what it is. */
export class AnswerJudge {
  readonly #reader = new PlaintextReader();

  /** Takes bytes: what the answer is, or null while it isn't known. */
  push(bytes: Uint8Array): "resumed" | "refused" | "retry" | null {
    this.#reader.push(bytes);
    for (;;) {
      const message = this.#reader.next();
      if (message === null) return null;
      if (message.type === SSL3_RT_ALERT) return "refused";
      if (message.type === SSL3_RT_CHANGE_CIPHER_SPEC) return "resumed";
      const [kind] = message.bytes;
      if (kind === NEW_SESSION_TICKET) return "resumed";
      if (kind !== SERVER_HELLO) return "refused";
      const hello = parseServerHello(message.bytes);
      if (hello.isRetry) return "retry";
      if (hello.version === "TLSv1.3") {
        return hello.selectedIdentity === null ? "refused" : "resumed";
      }
    }
  }
}

/**
 * A ServerHello that resumes what a hello proposes, in TLS 1.2 with the ChangeCipherSpec. Nobody
 * knows the keys of what would follow.
 */
export function resumptionOf(hello: SeenHello, selected: number): Uint8Array {
  const { isModern, cipherSuites, sessionId } = hello;
  const [suite = 0] = cipherSuites.filter((suite) =>
    (suite >> 8 === TLS1_3_SUITES) === isModern
  );
  const extensions = isModern
    ? [
      extension(SUPPORTED_VERSIONS, uint(2, TLS1_3_VERSION)),
      extension(KEY_SHARE, concat([uint(2, X25519), vector(2, BYTES)])),
      extension(PRE_SHARED_KEY, uint(2, selected)),
    ]
    : [];
  const body = concat([
    uint(2, TLS1_2_VERSION),
    BYTES,
    vector(1, sessionId),
    uint(2, suite),
    uint(1, 0),
    vector(2, ...extensions),
  ]);
  const record = toRecords(
    handshakeMessage(SERVER_HELLO, body),
    2 ** 14,
    false,
  );
  return isModern ? record : concat([record, CHANGE_RECORD]);
}

/** A fatal alert in the clear. */
export function alertOf(code: number): Uint8Array {
  return Uint8Array.of(SSL3_RT_ALERT, 3, 3, 0, 2, 2, code);
}

function extension(type: number, data: Uint8Array): Uint8Array {
  return concat([uint(2, type), vector(2, data)]);
}

const MESSAGE_HEADER_BYTES = 4;
const EMPTY_LIST = Uint8Array.of(0);
const X25519 = 29;
/** The first byte of TLS 1.3's cipher suites. */
const TLS1_3_SUITES = 0x13;
/** A random, or a key share, that isn't. */
const BYTES = new Uint8Array(32).fill(7);
const CHANGE_RECORD = Uint8Array.of(SSL3_RT_CHANGE_CIPHER_SPEC, 3, 3, 0, 1, 1);
