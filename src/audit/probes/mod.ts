import type { Probe } from "../probe.ts";
import { behaviour } from "./behaviour/mod.ts";
import { earlyData } from "./early_data/mod.ts";
import { isolation } from "./isolation/mod.ts";
import { proof } from "./proof/mod.ts";
import { robustness } from "./robustness/mod.ts";

/** All probes, in the order in which they run. */
export const probes: readonly Probe[] = Object.freeze([
  ...behaviour,
  ...isolation,
  ...proof,
  ...earlyData,
  ...robustness,
]);
