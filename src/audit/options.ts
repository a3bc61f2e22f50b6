import type { VirtualClock } from "../testing/clock.ts";
import type { Seed } from "../testing/entropy.ts";
import type { ResumptionKind } from "./finding.ts";
import type { ServerChange } from "./probe.ts";

/** How far an audit is. */
export interface AuditProgress {
  /** The id of the probe that is about to run; null while the server is surveyed, and at the end. */
  readonly probe: string | null;
  /** The kind of resumption that it is about to run for; null for probes that are about none. */
  readonly kind: ResumptionKind | null;
  /** How many findings there are already, and how many there will be. */
  readonly done: number;
  /** How many findings there will be. */
  readonly total: number;
  /** How many connections were made. */
  readonly connections: number;
}

/** Options of all audits. */
export interface AuditOptions {
  /**
   * The ids of the probes, such as `"isolation/other-name"`, or their families, such as
   * `"isolation"`. By default all.
   */
  probes?: readonly string[];
  /** The names of the server to ask for: the first, and another one for probes that need it. */
  names?: readonly string[];
  /** The client certificate with its chain, in PEM. */
  cert?: string;
  /** Its private key, in PEM. */
  key?: string;
  /** The passphrase of encrypted private keys. */
  passphrase?: string;
  /** The certificate of another client, for probes that need two. */
  otherCert?: string;
  /** Its private key. */
  otherKey?: string;
  /** The protocols of ALPN to offer. By default none. */
  alpnProtocols?: readonly string[];
  /**
   * What is sent on open connections, and as early data. It must be safe to do twice. By default
   * an HTTP request, `GET /`, to the name that is asked for (of HTTP/2 where the server selects
   * h2), and nothing where the protocol isn't HTTP; empty for nothing.
   */
  request?: string | Uint8Array;
  /** How long one connection may take in all, in milliseconds. By default 10 000. */
  timeout?: number;
  /**
   * How long the audit may take in all, in milliseconds, without the time that `change` takes.
   * By default 600 000.
   */
  maxDuration?: number;
  /**
   * After how many milliseconds of silence nothing more is expected of the server, such as
   * tickets. By default 150, or three times as long as its answers take if that is more.
   */
  silence?: number;
  /** Over how many connections rates are measured, 2 to 100. By default 8. */
  samples?: number;
  /** How many probes run at the same time, 1 to 16. By default 1. */
  concurrency?: number;
  /**
   * The clock of the server, where it is a clock that can be moved: probes move it, and put it
   * back.
   */
  clock?: VirtualClock;
  /**
   * The seed of the audit's randomness, for tests: with the same seed, a clock that stands and
   * the same server it sends the same bytes. Who knows the seed knows the keys of its
   * connections. By default random bytes are those of `crypto.getRandomValues`.
   */
  seed?: Seed;
  /** Ends the audit: what iterates over it gets the reason. */
  signal?: AbortSignal;
  /** Called before each probe, and at the end. */
  onProgress?: (progress: AuditProgress) => void;
}

/** The names of the options of all audits. */
export const AUDIT_OPTION_NAMES: Readonly<Record<keyof AuditOptions, true>> = {
  alpnProtocols: true,
  cert: true,
  clock: true,
  concurrency: true,
  key: true,
  maxDuration: true,
  names: true,
  onProgress: true,
  otherCert: true,
  otherKey: true,
  passphrase: true,
  probes: true,
  request: true,
  samples: true,
  seed: true,
  signal: true,
  silence: true,
  timeout: true,
};

/** How the server is changed: one function for all changes, or one for each. */
export type AuditChanges<Result = void> =
  | ((what: ServerChange) => Result | Promise<Result>)
  | Readonly<Partial<Record<ServerChange, () => Result | Promise<Result>>>>;
