import type { ClientSession } from "../session.ts";
import type { Hello, HelloExtension, HelloIdentity } from "../hello_types.ts";
import { Reader } from "../../../testing/trace/reader.ts";
import { CLIENT_HELLO, PRE_SHARED_KEY } from "./codes.ts";

/**
 * Parses a ClientHello with its message header: RFC 8446, 4.1.2.
 *
 * @param session The session whose key makes the binders of its identities.
 * @throws {TypeError} If it is malformed.
 */
export function parseHello(
  message: Uint8Array,
  session: ClientSession | null,
): Hello {
  const reader = new Reader(message);
  if (reader.uint(1) !== CLIENT_HELLO) reader.fail();
  const body = reader.part(3);
  reader.end();
  const legacyVersion = body.uint(2);
  const random = body.take(32).slice();
  const sessionId = body.vector(1).slice();
  const cipherSuites = body.part(2).list((list) => list.uint(2));
  const compressionMethods = body.vector(1).slice();
  const all = body.left === 0 ? [] : body.part(2).list(extension);
  body.end();
  const identities = all.filter(({ type }) => type === PRE_SHARED_KEY)
    .flatMap(({ data }) => identitiesOf(data, session));
  if (reader.isMalformed) throw new TypeError("The ClientHello is malformed");
  return {
    legacyVersion,
    random,
    sessionId,
    cipherSuites,
    compressionMethods,
    extensions: all.filter(({ type }) => type !== PRE_SHARED_KEY),
    identities,
  };
}

function extension(list: Reader): HelloExtension {
  return { type: list.uint(2), data: list.vector(2).slice() };
}

function identitiesOf(
  data: Uint8Array,
  session: ClientSession | null,
): HelloIdentity[] {
  return new Reader(data).part(2).list((list) => ({
    identity: list.vector(2).slice(),
    obfuscatedAge: list.uint(4),
    session,
  }));
}
