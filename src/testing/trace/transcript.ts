import type { DeliveryStatus } from "../network/types.ts";
import { concat } from "../../internal/bytes.ts";
import type { Segment } from "./log.ts";

const STATUSES: readonly DeliveryStatus[] = [
  "delivered",
  "corrupted",
  "dropped",
  "truncated",
  "replayed",
];

/** All segments, each after its sender, its status and its length. */
export function toTranscript(
  segments: readonly Segment[],
): Uint8Array<ArrayBuffer> {
  return concat(segments.flatMap(({ from, bytes, status }) => {
    const head = new DataView(new ArrayBuffer(6));
    head.setUint8(0, from === "client" ? 0 : 1);
    head.setUint8(1, STATUSES.indexOf(status));
    head.setUint32(2, bytes.length);
    return [new Uint8Array(head.buffer), bytes];
  }));
}
