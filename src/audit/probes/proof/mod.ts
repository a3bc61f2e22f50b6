import type { Probe } from "../../probe.ts";
import { probes as binders } from "./binders.ts";
import { probes as identities } from "./identities.ts";
import { probes as lookUps } from "./look_ups.ts";
import { probes as retryDowngrade } from "./retry_downgrade.ts";
import { probes as ticketAge } from "./ticket_age.ts";
import { probes as ticketIv } from "./ticket_iv.ts";

/** What a client has to prove before its session is resumed. */
export const helloProof: readonly Probe[] = [
  ...binders,
  ...identities,
  ...lookUps,
  ...ticketAge,
  ...ticketIv,
  ...retryDowngrade,
];
