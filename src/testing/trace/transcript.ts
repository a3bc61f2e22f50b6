import { concat } from "../../internal/bytes.ts";
import type { TraceFate } from "./events.ts";
import type { Segment } from "./log.ts";

const FATES: readonly TraceFate[] = [
  "delivered",
  "corrupted",
  "dropped",
  "truncated",
  "replayed",
];

/** All segments, each after its sender, its fate and its length. */
export function toTranscript(
  segments: readonly Segment[],
): Uint8Array<ArrayBuffer> {
  return concat(segments.flatMap(({ from, bytes, fate }) => {
    const head = new DataView(new ArrayBuffer(6));
    head.setUint8(0, from === "client" ? 0 : 1);
    head.setUint8(1, FATES.indexOf(fate));
    head.setUint32(2, bytes.length);
    return [new Uint8Array(head.buffer), bytes];
  }));
}
