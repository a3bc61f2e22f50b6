import type { Probe } from "../probe.ts";
import { behaviour } from "./behaviour/mod.ts";
import { earlyData } from "./early_data/mod.ts";
import { isolation } from "./isolation/mod.ts";
import { helloProof } from "./proof/mod.ts";
import { timeProof } from "./proof/times.ts";
import { robustness } from "./robustness/mod.ts";

/** All probes, in the order in which they run. */
export const probes: readonly Probe[] = Object.freeze([
  ...behaviour,
  ...isolation,
  ...helloProof,
  ...timeProof,
  ...earlyData,
  ...robustness,
]);
