import type { Probe } from "../../probe.ts";
import { probes as chain } from "./chain.ts";
import { probes as ticketKey } from "./ticket_key.ts";
import { probes as ticketLifetime } from "./ticket_lifetime.ts";

/** The probes of the family proof that are about time. */
export const timeProof: readonly Probe[] = [
  ...ticketLifetime,
  ...chain,
  ...ticketKey,
];
