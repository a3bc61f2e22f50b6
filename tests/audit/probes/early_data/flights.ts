/**
 * First flights of clients, as bytes.
 *
 * @module
 */
import {
  SSL3_RT_APPLICATION_DATA,
  SSL3_RT_HANDSHAKE,
} from "../../../../src/libssl/mod.ts";
import { toHex } from "../../../../src/internal/bytes.ts";

/** Where records begin. */
function recordsOf(bytes: Uint8Array): number[] {
  const starts: number[] = [];
  for (let at = 0; at + 5 <= bytes.length;) {
    starts.push(at);
    at += 5 + new DataView(bytes.buffer, bytes.byteOffset).getUint16(at + 3);
  }
  return starts;
}

/** Whether a flight that begins with a hello has early data. */
export function hasEarlyData(bytes: Uint8Array): boolean {
  return bytes[0] === SSL3_RT_HANDSHAKE &&
    recordsOf(bytes).some((at) => bytes[at] === SSL3_RT_APPLICATION_DATA);
}

/** Whether a hello has a key share of ML-KEM-512. */
export function hasRareShare(bytes: Uint8Array): boolean {
  return toHex(bytes).includes("02000320");
}

/** A flight whose early data a server takes for something else. */
export function stumbling(bytes: Uint8Array): Uint8Array {
  const flight = bytes.slice();
  for (const at of recordsOf(flight)) {
    if (flight[at] === SSL3_RT_APPLICATION_DATA) flight[at] = SSL3_RT_HANDSHAKE;
  }
  return flight;
}
