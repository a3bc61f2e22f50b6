import type { ClientSession } from "./client/session.ts";
import type { Facts, ResumptionKind, Severity, Verdict } from "./finding.ts";
import type { HelloAnswer, HelloOptions } from "./client/hello_types.ts";
import type { Visit, VisitOptions } from "./client/visit_types.ts";

/** The families of probes: a folder of `src/audit/probes`, and the first part of an id. */
export type ProbeFamily =
  | "behaviour"
  | "isolation"
  | "proof"
  | "early-data"
  | "robustness";

/**
 * What a probe needs beside a server. Without it the finding is `not applicable`, and says which
 * option gives it.
 *
 * - `otherName`: a second name of the server (`--name` twice).
 * - `certificate`: a client certificate (`--cert`); `otherCertificate`: a second one.
 * - `otherNode`: a second address of the server (`--node`, or a name with several addresses).
 * - `clock`: a clock that can be moved: `auditContext` with a `VirtualClock`.
 * - `change`: somebody, or in the sandbox something, that changes the server while it is asked for
 *   (`--pause`).
 */
export type ProbeNeed =
  | "otherName"
  | "certificate"
  | "otherCertificate"
  | "otherNode"
  | "clock"
  | "change";

/** A probe: what it is, as data, and the function that does it. */
export interface Probe {
  /** Its family, a slash, a name of lower-case words: "isolation/other-name". */
  readonly id: string;
  /** A statement that holds of a server that passes, without a full stop. */
  readonly title: string;
  /** How much a failure matters. A result can lower it. */
  readonly severity: Severity;
  /** The kinds of resumption that it is done for, a finding each; none for one finding in all. */
  readonly kinds: readonly ResumptionKind[];
  /** What it needs beside a server. */
  readonly needs: readonly ProbeNeed[];
  /** The most connections that it makes for one finding, a number or by the extent of the audit. */
  readonly connections: number | ((extent: AuditExtent) => number);
  /** RFC sections and CVEs. */
  readonly references: readonly string[];
  /** For `--explain`: sentences. */
  readonly explain: {
    /** What the probe sends. */
    readonly sends: string;
    /** What should come back. */
    readonly expects: string;
    /** What it means if something else comes back. */
    readonly why: string;
  };
  /** What to do about a failure or warning, in one line. */
  readonly advice: string;
  /**
   * Runs the probe. If it throws, the finding is `inconclusive`; with {@linkcode NotApplicable} it
   * is `not applicable`.
   */
  run(probing: Probing): Promise<ProbeResult>;
}

/** What the number of a probe's connections can depend on. */
export interface AuditExtent {
  /** The number of nodes. */
  readonly nodes: number;
  /** Over how many connections a rate is measured (option `samples`). */
  readonly samples: number;
}

/** What a probe concludes. */
export interface ProbeResult {
  /** The conclusion. */
  readonly verdict: Verdict;
  /** What was observed, in one sentence. */
  readonly summary: string;
  /** In place of the probe's own, where it depends on what was observed. */
  readonly advice?: string;
  /** In place of the probe's own, if it is lower. */
  readonly severity?: Severity;
  /** What was measured. */
  readonly facts?: Facts;
}

/** What a probe works with: the server, and what is to be probed. */
export interface Probing {
  /** The kind of resumption, for probes that have `kinds`. */
  readonly kind: ResumptionKind;
  /** The name of the server that visits ask for by default. */
  readonly name: string;
  /** A second name of the server; null if there is none. */
  readonly otherName: string | null;
  /**
   * When the first client certificate expires, in milliseconds since 1970; null if there is
   * no certificate.
   */
  readonly certificateExpiresAt: number | null;
  /** The nodes: addresses of the server. The first is used if a visit names none. */
  readonly nodes: readonly string[];
  /** Over how many connections a rate is measured (option `samples`). */
  readonly samples: number;
  /** What is sent by default on an open connection; as early data it must be safe to do twice. */
  readonly request: Uint8Array;
  /** What the first connections showed. */
  readonly survey: Survey;
  /** Makes a connection, with a handshake by OpenSSL, and ends it. */
  visit(options?: VisitOptions): Promise<Visit>;
  /**
   * Makes a full handshake, and returns a session of it of this kind.
   *
   * @throws {NotApplicable} If the server gives none.
   */
  session(options?: VisitOptions): Promise<ClientSession>;
  /** Sends a ClientHello of its own making and reads the server's answer, up to where it is encrypted. */
  hello(options: HelloOptions): Promise<HelloAnswer>;
  /**
   * The certificates, as SHA-256 in hexadecimal, that the server has shown in this audit to clients
   * that asked for a name, or for none.
   */
  certificatesOf(name: string | null): ReadonlySet<string>;
  /** Random bytes; with the same `seed` of the audit, the same. */
  random(count: number): Uint8Array;
  /** The time in milliseconds since 1970, by the audit's clock. */
  now(): number;
  /** Moves the clock (need `clock`). */
  advance(ms: number): Promise<void>;
  /** Has the operator, or the sandbox, change something (need `change`): resolves when it is done. */
  change(what: ServerChange): Promise<void>;
  /** Ends the probe: there is nothing to probe, for this reason. */
  notApplicable(reason: string): never;
}

/** A change of a server's configuration that a probe asks for. */
export type ServerChange =
  | "certificate"
  | "client CA"
  | "client certificate revoked"
  | "restart";

/** What the first connections showed: one full handshake and one resumption of each kind. */
export interface Survey {
  /** The protocol versions that the server speaks. */
  readonly versions: readonly ("TLSv1.2" | "TLSv1.3")[];
  /**
   * By kind: whether a session was given, whether it was resumed, and whether each was that was
   * offered.
   */
  readonly kinds: Readonly<
    Record<
      ResumptionKind,
      {
        readonly given: boolean;
        readonly resumed: boolean;
        readonly steady: boolean;
      }
    >
  >;
  /** Whether the server asks for a client certificate, and whether it insists on one. */
  readonly clientCertificate: "none" | "requested" | "required";
  /**
   * Whether handshakes fail with the groups that OpenSSL's client offers by itself, a post-quantum
   * one first, and complete with others.
   */
  readonly otherGroups: boolean;
}

/** Thrown by a probe for which there is nothing to probe. Its message is the reason. */
export class NotApplicable extends Error {
  /** `"NotApplicable"`. */
  override readonly name = "NotApplicable";
}
