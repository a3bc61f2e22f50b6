import { concat } from "../../../internal/bytes.ts";
import type { Hello, HelloExtension, HelloIdentity } from "../hello_types.ts";
import { binderOf, type PrecedingMessages } from "./binder.ts";
import { CLIENT_HELLO, PRE_SHARED_KEY } from "./codes.ts";
import { HASH_BYTES, hashOf } from "./psk.ts";
import { handshakeMessage, uint, vector } from "./vectors.ts";

/**
 * Builds a ClientHello with its message header, whose binders are computed of the sessions of its
 * identities.
 *
 * @param preceding What the transcript begins with, if this is the second hello.
 * @throws {RangeError} If a field is too long for its length.
 */
export async function buildHello(
  hello: Hello,
  preceding: PrecedingMessages = null,
): Promise<Uint8Array<ArrayBuffer>> {
  if (hello.identities.length === 0) {
    return message(hello, hello.extensions);
  }
  // The list of binders is as long as its contents are, whatever these will be.
  const lengths = await Promise.all(hello.identities.map(
    (one) => altered(one, new Uint8Array(binderBytes(one))),
  ));
  const [whole, missing] = [withBinders(hello, lengths), listOf(lengths)];
  const truncated = whole.subarray(0, whole.length - missing.length);
  const binders = await Promise.all(
    hello.identities.map(async (one) =>
      altered(one, await computed(one, truncated, preceding))
    ),
  );
  return withBinders(hello, binders);
}

function withBinders(
  hello: Hello,
  binders: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const identities = hello.identities.map(({ identity, obfuscatedAge }) =>
    concat([vector(2, identity), uint(4, obfuscatedAge)])
  );
  const data = concat([vector(2, ...identities), listOf(binders)]);
  return message(hello, [...hello.extensions, { type: PRE_SHARED_KEY, data }]);
}

function listOf(binders: readonly Uint8Array[]): Uint8Array {
  return vector(2, ...binders.map((binder) => vector(1, binder)));
}

function message(
  hello: Hello,
  extensions: readonly HelloExtension[],
): Uint8Array<ArrayBuffer> {
  const body = [
    uint(2, hello.legacyVersion),
    hello.random,
    vector(1, hello.sessionId),
    vector(2, ...hello.cipherSuites.map((suite) => uint(2, suite))),
    vector(1, hello.compressionMethods),
    vector(
      2,
      ...extensions.flatMap((
        { type, data },
      ) => [uint(2, type), vector(2, data)]),
    ),
  ];
  return handshakeMessage(CLIENT_HELLO, concat(body));
}

function altered(
  { alterBinder }: HelloIdentity,
  binder: Uint8Array,
): Uint8Array {
  return alterBinder?.(binder) ?? binder;
}

function binderBytes({ session }: HelloIdentity): number {
  return HASH_BYTES[session === null ? "SHA-256" : hashOf(session)];
}

/** The binder of an identity; without a session, a hash, which no key has made. */
async function computed(
  identity: HelloIdentity,
  truncated: Uint8Array,
  preceding: PrecedingMessages,
): Promise<Uint8Array> {
  if (identity.session === null) {
    const hash = await crypto.subtle.digest(
      "SHA-256",
      new Uint8Array(truncated),
    );
    return new Uint8Array(hash);
  }
  return await binderOf(identity.session, truncated, preceding);
}
