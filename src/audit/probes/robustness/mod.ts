import type { Probe } from "../../probe.ts";
import { probes as manyIdentities } from "./many_identities.ts";
import { probes as renegotiation } from "./renegotiation.ts";
import { probes as unusualHellos } from "./unusual_hellos.ts";

/** Whether hellos of unusual form, and renegotiations, are handled. */
export const robustness: readonly Probe[] = [
  ...unusualHellos,
  ...manyIdentities,
  ...renegotiation,
];
