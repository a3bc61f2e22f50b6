import { CLIENT_CA } from "./client_ca.ts";
import { CLIENT_CERTIFICATES } from "./client_certificates.ts";
import { RETRY_DOWNGRADE, TICKET_OF_OTHER_VERSION } from "./versions.ts";
import type { AuditScenario } from "./scenario.ts";
import {
  NAME_AFTER_RETRY,
  NAMES_OF_SESSIONS,
  VIRTUAL_HOST_POLICIES,
} from "./virtual_hosts.ts";

/** Vulnerabilities that made resumption unsafe, rebuilt. */
export const SCENARIOS: readonly AuditScenario[] = [
  CLIENT_CA,
  VIRTUAL_HOST_POLICIES,
  NAMES_OF_SESSIONS,
  RETRY_DOWNGRADE,
  TICKET_OF_OTHER_VERSION,
  NAME_AFTER_RETRY,
  CLIENT_CERTIFICATES,
];
