import type { Probe } from "../probe.ts";
import { behaviour } from "./behaviour/mod.ts";

/** All probes, in the order in which they run. */
export const probes: readonly Probe[] = Object.freeze([
  ...behaviour,
]);
