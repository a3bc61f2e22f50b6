import { concat } from "../../internal/bytes.ts";
import type { TraceLog } from "./log.ts";
import { type Packet, packetsOf } from "./packets.ts";

/** What goes into a file besides the packets. */
export interface PcapngExtras {
  /** A key log, or `null`. */
  readonly keyLog: string | null;
  /** What to say about the file, or `null`. */
  readonly comment: string | null;
}

/** The types of blocks. */
export const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
export const ENHANCED_PACKET = 6;
export const DECRYPTION_SECRETS = 10;

/** In the order of a file's bytes. */
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const UNKNOWN_LENGTH = [0xffffffff, 0xffffffff];
const ETHERNET = 1;
const NO_LIMIT = 0;
const TLS_KEY_LOG = 0x544c534b;

const END_OF_OPTIONS = 0;
/** The option with a text about its block. */
export const COMMENT = 1;
const USER_APPLICATION = 4;
/** A block's type, and its length before and after it. */
export const BLOCK_OVERHEAD_BYTES = 12;

/** Writes a pcapng file (draft-ietf-opsawg-pcapng), little-endian, of what was on the wire. */
export function toPcapng(
  { start, segments }: Pick<TraceLog, "start" | "segments">,
  { keyLog, comment }: PcapngExtras,
): Uint8Array<ArrayBuffer> {
  return concat([
    sectionHeader(comment),
    block(INTERFACE_DESCRIPTION, words(ETHERNET, NO_LIMIT)),
    ...(keyLog === null ? [] : [decryptionSecrets(keyLog)]),
    ...packetsOf(start, segments).map(enhancedPacket),
  ]);
}

function sectionHeader(comment: string | null): Uint8Array {
  const version = 1;
  return block(
    SECTION_HEADER,
    words(BYTE_ORDER_MAGIC, version, ...UNKNOWN_LENGTH),
    options(
      [USER_APPLICATION, "@sesame/tls/testing"],
      ...(comment === null ? [] : [[COMMENT, comment] as const]),
    ),
  );
}

/** It comes before the packets that it is for. */
function decryptionSecrets(keyLog: string): Uint8Array {
  const bytes = new TextEncoder().encode(keyLog);
  return block(DECRYPTION_SECRETS, words(TLS_KEY_LOG, bytes.length), bytes);
}

function enhancedPacket({ time, bytes, status }: Packet): Uint8Array {
  const microseconds = BigInt(Math.round(time * 1000));
  const high = Number(microseconds >> 32n);
  const low = Number(microseconds & 0xffffffffn);
  const { length } = bytes;
  const onlyInterface = 0;
  return block(
    ENHANCED_PACKET,
    words(onlyInterface, high, low, length, length),
    padded(bytes),
    status === "delivered" ? new Uint8Array() : options([COMMENT, status]),
  );
}

function block(type: number, ...parts: Uint8Array[]): Uint8Array {
  const body = padded(concat(parts));
  const length = body.length + BLOCK_OVERHEAD_BYTES;
  return concat([words(type, length), body, words(length)]);
}

function options(
  ...list: (readonly [code: number, text: string])[]
): Uint8Array {
  const parts = list.flatMap(([code, text]) => {
    const bytes = new TextEncoder().encode(text);
    return [words(code | bytes.length << 16), padded(bytes)];
  });
  return concat([...parts, words(END_OF_OPTIONS)]);
}

function words(...values: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, i) => view.setUint32(i * 4, value, true));
  return new Uint8Array(view.buffer);
}

/** Bytes up to a multiple of four. */
function padded(bytes: Uint8Array): Uint8Array {
  return concat([bytes, new Uint8Array(-bytes.length & 3)]);
}
