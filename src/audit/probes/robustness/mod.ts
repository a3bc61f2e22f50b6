import type { Probe } from "../../probe.ts";
import { probes as manyIdentities } from "./many_identities.ts";
import { probes as renegotiation } from "./renegotiation.ts";
import { probes as shapes } from "./shapes.ts";

/** What hellos that aren't as usual lead to. */
export const robustness: readonly Probe[] = [
  ...shapes,
  ...manyIdentities,
  ...renegotiation,
];
