import type { Probe } from "../../probe.ts";
import { probes as accepted } from "./accepted.ts";
import { probes as freshness } from "./freshness.ts";
import { probes as helloRetryRequest } from "./hello_retry_request.ts";
import { probes as otherAlpn } from "./other_alpn.ts";
import { probes as otherTerms } from "./other_terms.ts";
import { probes as replay } from "./replay.ts";
import { probes as tooMuch } from "./too_much.ts";

/** Whether early data is accepted once, and only where it may be. */
export const earlyData: readonly Probe[] = [
  ...accepted,
  ...replay,
  ...tooMuch,
  ...otherAlpn,
  ...otherTerms,
  ...helloRetryRequest,
  ...freshness,
];
