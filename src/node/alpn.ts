import { Buffer } from "node:buffer";
import { invalidArgValue } from "./errors/argument_errors.ts";
import { codedError } from "./errors/coded_error.ts";

const MAX_PROTOCOL_BYTES = 255;

/** Protocols: names, or a list as it goes over the wire. */
export type AlpnProtocols = readonly string[] | ArrayBufferView;

/** Where a list of protocols is put. */
export interface ProtocolsTarget {
  /** The list, as it goes over the wire. */
  ALPNProtocols?: Buffer;
}

/**
 * Sets `out.ALPNProtocols` to protocols in their form on the wire (RFC 7301, section 3.1): each
 * with a byte for its length before it. What is neither an array nor bytes sets nothing.
 *
 * @throws {TypeError} `ERR_INVALID_ARG_VALUE`, for an empty protocol, or bytes that end too early.
 * @throws {RangeError} `ERR_OUT_OF_RANGE`, for one of more than 255 bytes.
 */
export function convertALPNProtocols(
  protocols: AlpnProtocols | undefined,
  out: ProtocolsTarget,
): void {
  if (Array.isArray(protocols)) out.ALPNProtocols = encoded(protocols);
  else if (ArrayBuffer.isView(protocols)) {
    const { buffer, byteOffset, byteLength } = protocols;
    const copy = Buffer.from(
      new Uint8Array(buffer, byteOffset, byteLength).slice(),
    );
    check(copy);
    out.ALPNProtocols = copy;
  }
}

function encoded(protocols: readonly string[]): Buffer {
  return Buffer.concat(protocols.flatMap((protocol, i) => {
    const bytes = Buffer.from(protocol);
    if (bytes.length === 0) {
      throw invalidArgValue(
        `protocols[${i}]`,
        protocol,
        "must be a non-empty string",
      );
    }
    if (bytes.length > MAX_PROTOCOL_BYTES) {
      throw codedError(
        RangeError,
        "ERR_OUT_OF_RANGE",
        `The byte length of the protocol at index ${i} exceeds the maximum length. It must be <= 255. Received ${bytes.length}`,
      );
    }
    return [Buffer.from([bytes.length]), bytes];
  }));
}

function check(wire: Buffer): void {
  for (let at = 0; at < wire.length;) {
    const length = wire[at] ?? 0;
    if (length === 0) {
      throw invalidArgValue(
        "ALPNProtocols",
        wire,
        "must not contain zero-length protocol",
      );
    }
    at += 1 + length;
    if (at > wire.length) {
      throw invalidArgValue(
        "ALPNProtocols",
        wire,
        "contains truncated protocol",
      );
    }
  }
}
