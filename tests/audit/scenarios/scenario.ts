import type { ResumptionKind, Verdict } from "../../../src/audit/finding.ts";
import type { ServerChange } from "../../../src/audit/probe.ts";
import type { LibsslServer } from "../wrong/libssl_server.ts";

/** A vulnerability of the past, rebuilt: a server that has it, and the same server without it. */
export interface AuditScenario {
  /** The product that had it, and what it was. */
  readonly name: string;
  /** What findings refer to. */
  readonly reference: string;
  /** A word of the advice. */
  readonly advice: RegExp;
  /** The names of the server, the audit's first. */
  readonly names: readonly string[];
  /** Whether the audit has a client certificate. */
  readonly hasCertificate: boolean;
  /** Starts the server. */
  start(settings: { isMended: boolean; seed: string }): RebuiltServer;
  /** By probe and kind: the verdicts on the server that has it, and on the mended one. */
  readonly verdicts: Readonly<
    Record<
      string,
      Readonly<
        Partial<Record<ResumptionKind | "all", readonly [Verdict, Verdict]>>
      >
    >
  >;
}

/** A server, and how it is changed when a probe asks for it. */
export interface RebuiltServer {
  readonly server: LibsslServer;
  change?(what: ServerChange): void;
}
