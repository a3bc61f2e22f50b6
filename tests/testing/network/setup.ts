import { VirtualClock } from "../../../src/testing/clock.ts";
import type { Endpoint } from "../../../src/testing/endpoint.ts";
import { Network, type NetworkOptions } from "../../../src/testing/network.ts";

/** A network, its clock, and what its observer was told. */
export function newNetwork(options: NetworkOptions = {}): {
  network: Network;
  clock: VirtualClock;
  told: [Endpoint, string, string][];
  notes: string[];
} {
  const clock = new VirtualClock(0);
  const told: [Endpoint, string, string][] = [];
  const notes: string[] = [];
  const network = new Network(options, {
    clock,
    observer: {
      wire: (from, bytes, status) => told.push([from, text(bytes), status]),
      note: (note) => notes.push(note),
    },
  });
  return { network, clock, told, notes };
}

export function bytes(said: string): Uint8Array {
  return new TextEncoder().encode(said);
}

export function text(said: Uint8Array): string {
  return String.fromCharCode(...said);
}

/** All that is due, as `server: abc`. */
export function due(network: Network, to?: Endpoint): string[] {
  const all: string[] = [];
  for (let next = network.deliver(to); next; next = network.deliver(to)) {
    const what = next.kind === "bytes" ? text(next.bytes) : `<${next.kind}>`;
    all.push(`${next.to}: ${what}`);
  }
  return all;
}
