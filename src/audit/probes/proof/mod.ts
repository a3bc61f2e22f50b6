import type { Probe } from "../../probe.ts";
import { probes as binders } from "./binders.ts";
import { probes as chain } from "./chain.ts";
import { probes as identities } from "./identities.ts";
import { probes as lookUps } from "./look_ups.ts";
import { probes as retryDowngrade } from "./retry_downgrade.ts";
import { probes as ticketAge } from "./ticket_age.ts";
import { probes as ticketIv } from "./ticket_iv.ts";
import { probes as ticketKey } from "./ticket_key.ts";
import { probes as ticketLifetime } from "./ticket_lifetime.ts";

/** What a client has to prove before its session is resumed, and how long that is believed. */
export const proof: readonly Probe[] = [
  ...binders,
  ...identities,
  ...lookUps,
  ...ticketAge,
  ...ticketIv,
  ...retryDowngrade,
  ...ticketLifetime,
  ...chain,
  ...ticketKey,
];
