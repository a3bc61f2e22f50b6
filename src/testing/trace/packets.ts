import type { DeliveryStatus } from "../network/types.ts";
import type { Endpoint } from "../endpoint.ts";
import { concat } from "../../internal/bytes.ts";
import type { Segment } from "./log.ts";

/** An Ethernet frame. */
export interface Packet {
  /** The time in milliseconds since 1970-01-01 UTC. */
  readonly time: number;
  readonly bytes: Uint8Array;
  /** The status of its payload. */
  readonly status: DeliveryStatus;
}

/** The addresses of the endpoints, which are reserved for documentation (RFC 5737). */
const ENDS: Readonly<Record<Endpoint, End>> = {
  client: { mac: [2, 0, 0, 0, 0, 1], address: [192, 0, 2, 1], port: 50_000 },
  server: { mac: [2, 0, 0, 0, 0, 2], address: [192, 0, 2, 2], port: 443 },
};

interface End {
  readonly mac: readonly number[];
  readonly address: readonly number[];
  readonly port: number;
}

const FIN = 0x01;
export const SYN = 0x02;
const RST = 0x04;
const PSH = 0x08;
export const ACK = 0x10;

/** The largest TCP payload in an Ethernet frame. */
const MAX_PAYLOAD_BYTES = 1460;
/** The type of Ethernet's payload. */
export const IPV4 = 0x0800;
/** The type of IP's payload. */
export const TCP = 6;
/** The lengths of headers without options. */
export const ETHERNET_HEADER_BYTES = 14;
export const IP_HEADER_BYTES = 20;
export const TCP_HEADER_BYTES = 20;

/**
 * Makes TCP/IP packets of what was on the wire: the connection is opened, carries what
 * arrived, and is closed, or reset if the network cut it off.
 */
export function packetsOf(
  start: number,
  segments: readonly Segment[],
): Packet[] {
  const conversation = new Conversation();
  const packets = [
    conversation.packet(start, "client", SYN),
    conversation.packet(start, "server", SYN | ACK),
    conversation.packet(start, "client", ACK),
  ];
  for (const { time, from, bytes, status } of segments) {
    if (isLost(status)) continue;
    for (let at = 0; at < bytes.length; at += MAX_PAYLOAD_BYTES) {
      const payload = bytes.subarray(at, at + MAX_PAYLOAD_BYTES);
      packets.push(conversation.packet(time, from, PSH | ACK, payload, status));
    }
  }
  const end = segments.at(-1)?.time ?? start;
  const cut = cutOf(segments);
  if (cut) return [...packets, conversation.packet(end, cut.from, RST | ACK)];
  return [
    ...packets,
    conversation.packet(end, "client", FIN | ACK),
    conversation.packet(end, "server", FIN | ACK),
    conversation.packet(end, "client", ACK),
  ];
}

/** The first bytes that the network dropped, unless it replaced them by a capture. */
function cutOf(segments: readonly Segment[]): Segment | undefined {
  if (segments.some(({ status }) => status === "replayed")) return undefined;
  return segments.find(({ status }) => status === "dropped");
}

function isLost(status: DeliveryStatus): boolean {
  return status === "dropped" || status === "truncated";
}

/** A TCP connection with the next sequence number of each endpoint. */
class Conversation {
  readonly #next: Record<Endpoint, number> = { client: 1000, server: 5000 };
  #packets = 0;

  packet(
    time: number,
    from: Endpoint,
    flags: number,
    payload: Uint8Array = new Uint8Array(),
    status: DeliveryStatus = "delivered",
  ): Packet {
    const to = from === "client" ? "server" : "client";
    const sequence = this.#next[from];
    const acknowledged = flags & ACK ? this.#next[to] : 0;
    const isCounted = (flags & (SYN | FIN)) !== 0;
    this.#next[from] = (sequence + payload.length + (isCounted ? 1 : 0)) >>> 0;
    const segment = tcp(ENDS[from], ENDS[to], {
      sequence,
      acknowledged,
      flags,
      payload,
    });
    const bytes = frame(ENDS[from], ENDS[to], this.#packets++, segment);
    return { time, bytes, status };
  }
}

/** A frame of Ethernet with a packet of IPv4. */
function frame(
  from: End,
  to: End,
  id: number,
  segment: Uint8Array,
): Uint8Array {
  const header = new Uint8Array(ETHERNET_HEADER_BYTES + IP_HEADER_BYTES);
  header.set(to.mac, 0);
  header.set(from.mac, 6);
  const ethernet = new DataView(header.buffer);
  ethernet.setUint16(12, IPV4);
  const ip = new DataView(header.buffer, ETHERNET_HEADER_BYTES);
  ip.setUint8(0, 0x45);
  ip.setUint16(2, IP_HEADER_BYTES + segment.length);
  ip.setUint16(4, id & 0xffff);
  const dontFragment = 0x4000;
  ip.setUint16(6, dontFragment);
  const timeToLive = 64;
  ip.setUint8(8, timeToLive);
  ip.setUint8(9, TCP);
  header.set(from.address, ETHERNET_HEADER_BYTES + 12);
  header.set(to.address, ETHERNET_HEADER_BYTES + 16);
  ip.setUint16(10, checksum(header.subarray(ETHERNET_HEADER_BYTES)));
  return concat([header, segment]);
}

/** A segment of TCP. Its checksum covers addresses too (RFC 9293, section 3.1). */
function tcp(
  from: End,
  to: End,
  { sequence, acknowledged, flags, payload }: {
    sequence: number;
    acknowledged: number;
    flags: number;
    payload: Uint8Array;
  },
): Uint8Array {
  const segment = new Uint8Array(TCP_HEADER_BYTES + payload.length);
  const view = new DataView(segment.buffer);
  view.setUint16(0, from.port);
  view.setUint16(2, to.port);
  view.setUint32(4, sequence);
  view.setUint32(8, acknowledged);
  view.setUint8(12, TCP_HEADER_BYTES / 4 << 4);
  view.setUint8(13, flags);
  const wholeWindow = 0xffff;
  view.setUint16(14, wholeWindow);
  segment.set(payload, TCP_HEADER_BYTES);
  const { length } = segment;
  const pseudoHeader = new Uint8Array([
    ...from.address,
    ...to.address,
    0,
    TCP,
    length >> 8,
    length & 0xff,
  ]);
  view.setUint16(16, checksum(concat([pseudoHeader, segment])));
  return segment;
}

/** The checksum of the internet (RFC 1071). */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += (bytes[at] ?? 0) << 8 | (bytes[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
