import {
  checkedBytes,
  checkedCount,
  checkedDuration,
  checkedInteger,
  checkFunction,
  checkSignal,
} from "../internal/option_checks.ts";
import { optionTypeError } from "../internal/option_error.ts";
import { received } from "../internal/received.ts";
import { VirtualClock } from "../testing/clock.ts";
import { type Seed, textOf } from "../testing/entropy.ts";
import type { TlsCertificateOptions } from "../tls/context/context_options.ts";
import { toAlpnList } from "../tls/context/alpn.ts";
import type { ResumptionKind } from "./finding.ts";
import type { Probe, ServerChange } from "./probe.ts";
import { chosenProbes } from "./chosen_probes.ts";

/** How long a connection may take in all, in milliseconds. */
const DEFAULT_TIMEOUT = 10_000;
/** After how many milliseconds of silence nothing more is expected. */
const DEFAULT_SILENCE = 150;
const DEFAULT_SAMPLES = 8;
const MAX_SAMPLES = 100;
const MAX_CONCURRENCY = 16;

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
  /** What the private keys are encrypted by. */
  passphrase?: string;
  /** Another client certificate, for probes that need two. */
  otherCert?: string;
  /** Its private key. */
  otherKey?: string;
  /** The protocols of ALPN to offer. By default none. */
  alpnProtocols?: readonly string[];
  /**
   * What is sent on open connections, and as early data. It must be safe to do twice. By default
   * an HTTP request, `GET /`, to the name that is asked for, and nothing where the protocol isn't
   * HTTP; empty for nothing.
   */
  request?: string | Uint8Array;
  /** How long one connection may take in all, in milliseconds. By default 10 000. */
  timeout?: number;
  /**
   * After how many milliseconds of silence nothing more is expected of the server, such as
   * tickets. By default 150.
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

/** Changes the server: something of it, or whatever a probe asks for. */
export type AuditChanges<Result = void> =
  | ((what: ServerChange) => Result | Promise<Result>)
  | Readonly<Partial<Record<ServerChange, () => Result | Promise<Result>>>>;

/** The options of an audit, checked, with defaults. */
export interface AuditSettings {
  readonly probes: readonly Probe[];
  readonly names: readonly [string, ...string[]];
  readonly certificate: TlsCertificateOptions | undefined;
  readonly otherCertificate: TlsCertificateOptions | undefined;
  readonly alpn: readonly string[];
  readonly request: (name: string) => Uint8Array;
  readonly timeout: number;
  readonly silence: number;
  readonly samples: number;
  readonly concurrency: number;
  readonly clock: VirtualClock | undefined;
  readonly seed: Seed | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: AuditProgress) => void;
}

/**
 * The settings of options.
 *
 * @param name The name to ask for by default.
 * @param isHttp Whether the server is taken to speak HTTP.
 * @throws {TypeError} If an option is not of its type, or names no probe.
 * @throws {RangeError} If an option is out of its range.
 */
export function auditSettings(
  options: AuditOptions,
  name: string,
  isHttp = true,
): AuditSettings {
  const { names = [name], alpnProtocols = [], clock, passphrase } = options;
  const [first, ...others] = checkedStrings(names, "names");
  if (first === undefined) {
    throw optionTypeError("names", "must have at least one name");
  }
  toAlpnList(alpnProtocols);
  checkSignal(options.signal);
  checkFunction(options.onProgress, "onProgress");
  if (clock !== undefined && !(clock instanceof VirtualClock)) {
    throw optionTypeError(
      "clock",
      `must be a VirtualClock, received ${received(clock)}`,
    );
  }
  const { cert, key, otherCert, otherKey } = options;
  return {
    probes: chosenProbes(options.probes),
    names: [first, ...others],
    certificate: credential(cert, key, passphrase, ["cert", "key"]),
    otherCertificate: credential(otherCert, otherKey, passphrase, [
      "otherCert",
      "otherKey",
    ]),
    alpn: alpnProtocols,
    request: requestOf(options.request, isHttp),
    timeout: checkedDuration(options.timeout ?? DEFAULT_TIMEOUT, "timeout"),
    silence: checkedDuration(options.silence ?? DEFAULT_SILENCE, "silence"),
    samples: checkedInteger(
      checkedCount(options.samples ?? DEFAULT_SAMPLES, "samples"),
      "samples",
      { min: 2, max: MAX_SAMPLES },
    ),
    concurrency: checkedInteger(options.concurrency ?? 1, "concurrency", {
      min: 1,
      max: MAX_CONCURRENCY,
    }),
    clock,
    seed: options.seed === undefined ? undefined : textOf(options.seed),
    signal: options.signal,
    onProgress: options.onProgress ?? (() => {}),
  };
}

/** A copy of the option at `path`, if it is an array of strings that aren't empty. */
export function checkedStrings(
  values: readonly string[],
  path: string,
): readonly string[] {
  if (!Array.isArray(values)) {
    throw optionTypeError(
      path,
      `must be an array of strings, received ${received(values)}`,
    );
  }
  values.forEach((value, i) => {
    if (typeof value === "string" && value !== "") return;
    throw optionTypeError(
      [path, i],
      `must be a string that isn't empty, received ${received(value)}`,
    );
  });
  return values;
}

/** Throws a `TypeError` unless `change` is a function, an object of functions or missing. */
export function checkChanges(change: AuditChanges<unknown> | undefined): void {
  if (change === undefined || typeof change === "function") return;
  if (typeof change !== "object" || change === null) {
    throw optionTypeError(
      "change",
      `must be a function or an object of functions, received ${
        received(change)
      }`,
    );
  }
  for (const [what, make] of Object.entries(change)) {
    if (!CHANGES.has(what)) {
      throw optionTypeError(
        ["change", what],
        `is not a change: ${[...CHANGES].join(", ")} are`,
      );
    }
    checkFunction(make, ["change", what]);
  }
}

const CHANGES: ReadonlySet<string> = new Set(
  Object.keys(
    {
      "certificate": true,
      "client CA": true,
      "client certificate revoked": true,
      "restart": true,
    } satisfies Record<ServerChange, true>,
  ),
);

function credential(
  cert: string | undefined,
  key: string | undefined,
  passphrase: string | undefined,
  [certName, keyName]: readonly [string, string],
): TlsCertificateOptions | undefined {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    const [missing, given] = cert === undefined
      ? [certName, keyName]
      : [keyName, certName];
    throw optionTypeError(
      missing,
      (nameOf) => `must be given with ${nameOf([given])}`,
    );
  }
  return { cert, key, ...(passphrase !== undefined && { passphrase }) };
}

function requestOf(
  request: string | Uint8Array | undefined,
  isHttp: boolean,
): (name: string) => Uint8Array {
  if (request instanceof Uint8Array) {
    const own = checkedBytes(request, "request");
    return () => own;
  }
  if (request !== undefined && typeof request !== "string") {
    throw optionTypeError(
      "request",
      `must be a string or bytes, received ${received(request)}`,
    );
  }
  return (name) =>
    new TextEncoder().encode(request ?? (isHttp ? httpRequest(name) : ""));
}

function httpRequest(name: string): string {
  const host = name.includes(":") ? `[${name}]` : name;
  return `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nUser-Agent: sesame-audit\r\n\r\n`;
}
