import type { Probe } from "../../probe.ts";
import { probes as alpn } from "./alpn.ts";
import { probes as changes } from "./changes.ts";
import { probes as ciphers } from "./ciphers.ts";
import { probes as clientCertificates } from "./client_certificates.ts";
import { probes as nameCase } from "./name_case.ts";
import { probes as nameAfterRetry } from "./name_after_retry.ts";
import { probes as namePolicies } from "./name_policies.ts";
import { probes as names } from "./names.ts";
import { probes as versions } from "./versions.ts";

/** Whether a session is resumed under another name, for another client or on other terms. */
export const isolation: readonly Probe[] = [
  ...namePolicies,
  ...names,
  ...nameCase,
  ...nameAfterRetry,
  ...clientCertificates,
  ...alpn,
  ...ciphers,
  ...versions,
  ...changes,
];
