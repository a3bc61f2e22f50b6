/**
 * Reads a pcapng file (draft-ietf-opsawg-pcapng) of TCP over IPv4 in Ethernet, as
 * `Trace.toPcapng` writes it. The bytes may come from anyone.
 *
 * @module
 */
import {
  ACK,
  ETHERNET_HEADER_BYTES,
  IP_HEADER_BYTES,
  IPV4,
  SYN,
  TCP,
  TCP_HEADER_BYTES,
} from "../../../src/testing/trace/packets.ts";
import {
  BLOCK_OVERHEAD_BYTES,
  BYTE_ORDER_MAGIC,
  COMMENT,
  DECRYPTION_SECRETS,
  ENHANCED_PACKET,
  SECTION_HEADER,
} from "../../../src/testing/trace/pcapng.ts";

/** What an endpoint sent, as it was captured. */
export interface Segment {
  /** In milliseconds since 1970. */
  readonly time: number;
  readonly from: "client" | "server";
  readonly bytes: Uint8Array;
  /** What the network did with it, if the file says so. */
  readonly comment: string | null;
}

/** A file of packets. */
export interface Capture {
  /** What the file says about itself. */
  readonly comment: string | null;
  /** The lines of its key log. */
  readonly keyLog: readonly string[];
  /** What the endpoints of the first connection sent, in order. */
  readonly segments: readonly Segment[];
  /** The number of other connections. */
  readonly others: number;
  /** Whether bytes are missing. */
  readonly hasGaps: boolean;
}

const MAX_PACKETS = 50_000;

/** Whether bytes begin as a pcapng file does. */
export function isPcapng(bytes: Uint8Array): boolean {
  return bytes.length >= BLOCK_OVERHEAD_BYTES &&
    new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) ===
      SECTION_HEADER;
}

/**
 * Reads a file.
 *
 * @throws {RangeError} If it isn't whole, or isn't of TCP over IPv4 in Ethernet.
 */
export function readPcapng(bytes: Uint8Array): Capture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isLittle = view.getUint32(8, true) === BYTE_ORDER_MAGIC;
  const connections = new Connections();
  const keyLog: string[] = [];
  let comment: string | null = null;
  let packets = 0;
  for (let at = 0; at + BLOCK_OVERHEAD_BYTES <= bytes.length;) {
    const type = view.getUint32(at, isLittle);
    const length = view.getUint32(at + 4, isLittle);
    if (
      length < BLOCK_OVERHEAD_BYTES || length % 4 || at + length > bytes.length
    ) {
      throw new RangeError(`The file ends within the block at byte ${at}`);
    }
    const block = new Block(bytes.subarray(at + 8, at + length - 4), isLittle);
    if (type === SECTION_HEADER) comment ??= block.comment(16);
    if (type === DECRYPTION_SECRETS) keyLog.push(...block.keyLog());
    if (type === ENHANCED_PACKET && packets++ < MAX_PACKETS) {
      const { time, frame, end } = block.packet();
      connections.add(time, frame, block.comment(end));
    }
    at += length;
  }
  return { comment, keyLog, ...connections.result() };
}

/** The body of a block. */
class Block {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #isLittle: boolean;

  constructor(bytes: Uint8Array, isLittle: boolean) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#isLittle = isLittle;
  }

  /** The comment among the options that begin at an offset. */
  comment(at: number): string | null {
    while (at + 4 <= this.#bytes.length) {
      const code = this.#view.getUint16(at, this.#isLittle);
      const length = this.#view.getUint16(at + 2, this.#isLittle);
      if (code === 0) return null;
      if (code === COMMENT) {
        return text(this.#bytes.subarray(at + 4, at + 4 + length));
      }
      at += 4 + length + (-length & 3);
    }
    return null;
  }

  keyLog(): string[] {
    const length = this.#number(4);
    return text(this.#bytes.subarray(8, 8 + length)).split("\n")
      .filter((line) => line !== "");
  }

  packet(): { time: number; frame: Uint8Array; end: number } {
    const time = (this.#number(4) * 2 ** 32 + this.#number(8)) / 1000;
    const length = this.#number(12);
    const frame = this.#bytes.subarray(20, 20 + length);
    if (frame.length !== length) throw new RangeError("A packet is cut off");
    return { time, frame, end: 20 + length + (-length & 3) };
  }

  #number(at: number): number {
    if (at + 4 > this.#bytes.length) throw new RangeError("A block is cut off");
    return this.#view.getUint32(at, this.#isLittle);
  }
}

/** Follows the first connection, in which the client is who opened it. */
class Connections {
  readonly #segments: Segment[] = [];
  readonly #others = new Set<string>();
  #client: string | undefined;
  #server: string | undefined;
  readonly #next: { client?: number; server?: number } = {};
  #hasGaps = false;

  add(time: number, frame: Uint8Array, comment: string | null): void {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    if (frame.length < ETHERNET_HEADER_BYTES + IP_HEADER_BYTES) return;
    if (view.getUint16(12) !== IPV4 || frame[23] !== TCP) return;
    const ipLength = ((frame[ETHERNET_HEADER_BYTES] ?? 0) & 15) * 4;
    const tcpAt = ETHERNET_HEADER_BYTES + ipLength;
    const end = ETHERNET_HEADER_BYTES + view.getUint16(16);
    if (tcpAt + TCP_HEADER_BYTES > frame.length || end > frame.length) return;
    const [source, target] = [
      address(frame, 26, view.getUint16(tcpAt)),
      address(frame, 30, view.getUint16(tcpAt + 2)),
    ];
    const flags = frame[tcpAt + 13] ?? 0;
    const tcpLength = ((frame[tcpAt + 12] ?? 0) >> 4) * 4;
    const payload = frame.subarray(tcpAt + tcpLength, end);
    this.#client ??= flags & SYN && flags & ACK ? target : source;
    this.#server ??= this.#client === source ? target : source;
    const from = this.#senderOf(source, target);
    if (from === undefined) {
      this.#others.add([source, target].sort().join());
      return;
    }
    this.#push(from, view.getUint32(tcpAt + 4) + (flags & SYN ? 1 : 0), {
      time,
      from,
      bytes: payload,
      comment,
    });
  }

  result(): Pick<Capture, "segments" | "others" | "hasGaps"> {
    return {
      segments: this.#segments,
      others: this.#others.size,
      hasGaps: this.#hasGaps,
    };
  }

  #senderOf(source: string, target: string): Segment["from"] | undefined {
    if (source === this.#client && target === this.#server) return "client";
    return source === this.#server && target === this.#client
      ? "server"
      : undefined;
  }

  /** Adds what follows what came before. What was sent again, and an ACK or FIN, is left out. */
  #push(from: Segment["from"], sequence: number, segment: Segment): void {
    if (segment.bytes.length === 0 && this.#next[from] !== undefined) return;
    const next = this.#next[from] ?? sequence;
    const behind = (next - sequence) | 0;
    if (behind < 0) this.#hasGaps = true;
    const bytes = segment.bytes.subarray(Math.max(behind, 0));
    this.#next[from] = (Math.max(behind, 0) === 0 ? sequence : next) +
      bytes.length;
    if (bytes.length > 0) this.#segments.push({ ...segment, bytes });
  }
}

function address(frame: Uint8Array, at: number, port: number): string {
  return `${frame.subarray(at, at + 4).join(".")}:${port}`;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
