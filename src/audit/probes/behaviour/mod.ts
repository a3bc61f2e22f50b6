import type { Probe } from "../../probe.ts";
import { probes as endings } from "./endings.ts";
import { probes as extendedMasterSecret } from "./extended_master_secret.ts";
import { probes as kinds } from "./kinds.ts";
import { probes as lifetime } from "./lifetime.ts";
import { probes as nodes } from "./nodes.ts";
import { probes as pskModes } from "./psk_modes.ts";
import { probes as rate } from "./rate.ts";
import { probes as retry } from "./retry.ts";
import { probes as reuse } from "./reuse.ts";
import { probes as tickets } from "./tickets.ts";

/** What the server does: how it resumes, how often, for how long, and after what. */
export const behaviour: readonly Probe[] = [
  ...kinds,
  ...tickets,
  ...reuse,
  ...rate,
  ...nodes,
  ...lifetime,
  ...endings,
  ...extendedMasterSecret,
  ...pskModes,
  ...retry,
];
