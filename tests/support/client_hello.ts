/**
 * Client hellos that OpenSSL's client wouldn't send.
 *
 * @module
 */
const EXTENSION_PRE_SHARED_KEY = 41;
const RECORD_HEADER_BYTES = 5;
const MESSAGE_HEADER_BYTES = 4;
const VERSION_AND_RANDOM_BYTES = 34;
const BINDER_BYTES = 48;

/**
 * A record with a TLS 1.3 client hello, to which a pre_shared_key extension with
 * these identities was added (RFC 8446, 4.2.11). Its binders have a right length
 * and a wrong value.
 */
export function offerIdentities(
  record: Uint8Array,
  identities: Uint8Array[],
): Uint8Array {
  const extension = preSharedKey(identities);
  const hello = concat(record, extension);
  const at = RECORD_HEADER_BYTES + MESSAGE_HEADER_BYTES;
  grow(hello, 3, 2, extension.length);
  grow(hello, RECORD_HEADER_BYTES + 1, 3, extension.length);
  grow(hello, extensionsAt(hello, at), 2, extension.length);
  return hello;
}

function preSharedKey(identities: Uint8Array[]): Uint8Array {
  const age = new Uint8Array(4);
  const binder = new Uint8Array(BINDER_BYTES);
  const body = concat(
    sized(2, ...identities.map((identity) => concat(sized(2, identity), age))),
    sized(2, ...identities.map(() => sized(1, binder))),
  );
  return concat(number(2, EXTENSION_PRE_SHARED_KEY), sized(2, body));
}

/** Where a hello's list of extensions has its length. */
function extensionsAt(hello: Uint8Array, start: number): number {
  const sessionId = start + VERSION_AND_RANDOM_BYTES;
  const ciphers = sessionId + 1 + read(hello, sessionId, 1);
  const compressions = ciphers + 2 + read(hello, ciphers, 2);
  return compressions + 1 + read(hello, compressions, 1);
}

function grow(data: Uint8Array, at: number, width: number, by: number): void {
  data.set(number(width, read(data, at, width) + by), at);
}

function read(data: Uint8Array, at: number, width: number): number {
  return data.subarray(at, at + width).reduce((sum, byte) => sum * 256 + byte);
}

function number(width: number, value: number): Uint8Array {
  return Uint8Array.from(
    { length: width },
    (_, i) => value >>> 8 * (width - 1 - i),
  );
}

function sized(width: number, ...parts: Uint8Array[]): Uint8Array {
  const body = concat(...parts);
  return concat(number(width, body.length), body);
}

function concat(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
