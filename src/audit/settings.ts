import {
  checkedBytes,
  checkedDuration,
  checkedInteger,
  checkFunction,
  checkSignal,
} from "../internal/option_checks.ts";
import { optionTypeError } from "../internal/option_error.ts";
import { received } from "../internal/received.ts";
import { VirtualClock } from "../testing/clock.ts";
import type { Seed } from "../testing/entropy.ts";
import { toAlpnList } from "../tls/context/alpn.ts";
import type { AuditChanges, AuditOptions, AuditProgress } from "./options.ts";
import type { Probe, ServerChange } from "./probe.ts";
import { parseHostName } from "../tls/peer/host_name.ts";
import { chosenProbes } from "./chosen_probes.ts";
import { type Credentials, credentialsOf } from "./credential.ts";
import { http2Request } from "./http2.ts";

/** How long a connection may take in all, in milliseconds. */
const DEFAULT_TIMEOUT = 10_000;
/** How long all connections of an audit may take, in milliseconds. */
const DEFAULT_MAX_DURATION = 600_000;
/** After how many milliseconds of silence nothing more is expected. */
const DEFAULT_SILENCE = 150;
const DEFAULT_SAMPLES = 8;
const MAX_SAMPLES = 100;
const MAX_CONCURRENCY = 16;

/** The options of an audit, checked, with defaults. */
export interface AuditSettings extends Credentials {
  readonly probes: readonly Probe[];
  readonly names: readonly [string, ...string[]];
  readonly alpn: readonly string[];
  readonly request: (name: string, protocol?: string) => Uint8Array;
  readonly timeout: number;
  readonly maxDuration: number;
  readonly silence: number;
  /** Whether `silence` is the least. */
  readonly adapts: boolean;
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
 * @throws {TlsError} `certificate`, if a client certificate or its key can't be read.
 */
export function auditSettings(
  options: AuditOptions,
  name: string,
  isHttp = true,
): AuditSettings {
  const { names = [name], alpnProtocols = [], clock, passphrase } = options;
  const { samples = DEFAULT_SAMPLES, concurrency = 1 } = options;
  const { timeout = DEFAULT_TIMEOUT, silence = DEFAULT_SILENCE } = options;
  const { maxDuration = DEFAULT_MAX_DURATION } = options;
  const [first, ...others] = checkedStrings(names, "names");
  if (first === undefined || others.length > 1) {
    throw optionTypeError("names", "must have one name, or two");
  }
  checkDistinct(
    names.map((one, i) => parseHostName(one, ["names", i]).name),
    "names",
  );
  toAlpnList(alpnProtocols);
  checkSignal(options.signal);
  checkFunction(options.onProgress, "onProgress");
  if (clock !== undefined && !(clock instanceof VirtualClock)) {
    throw optionTypeError(
      "clock",
      `must be a VirtualClock, received ${received(clock)}`,
    );
  }
  if (passphrase !== undefined && typeof passphrase !== "string") {
    throw optionTypeError(
      "passphrase",
      `must be a string, received ${received(passphrase)}`,
    );
  }
  return {
    probes: chosenProbes(options.probes),
    names: [first, ...others],
    ...credentialsOf(options),
    alpn: [...alpnProtocols],
    request: requestOf(options.request, isHttp),
    timeout: checkedDuration(timeout, "timeout"),
    maxDuration: checkedDuration(maxDuration, "maxDuration"),
    silence: checkedDuration(silence, "silence"),
    adapts: options.silence === undefined,
    samples: checkedInteger(
      samples,
      "samples",
      { min: 2, max: MAX_SAMPLES },
    ),
    concurrency: checkedInteger(concurrency, "concurrency", {
      min: 1,
      max: MAX_CONCURRENCY,
    }),
    clock,
    seed: checkedSeed(options.seed),
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
  return [...values];
}

/**
 * Throws a `TypeError` if two of the values of the option at `path` are the same, by what they
 * are known by: a probe would take one for the other.
 */
export function checkDistinct(keys: readonly string[], path: string): void {
  const at = keys.findIndex((key, i) => keys.indexOf(key) < i);
  if (at < 0) return;
  throw optionTypeError(
    [path, at],
    `must differ from the others, received ${received(keys[at])} again`,
  );
}

function checkedSeed(seed: Seed | undefined): Seed | undefined {
  if (
    seed === undefined || typeof seed === "string" || Number.isFinite(seed)
  ) return seed;
  throw optionTypeError(
    "seed",
    `must be a string or a finite number, received ${received(seed)}`,
  );
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

function requestOf(
  request: string | Uint8Array | undefined,
  isHttp: boolean,
): (name: string, protocol?: string) => Uint8Array {
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
  if (request !== undefined || !isHttp) {
    const own = new TextEncoder().encode(request ?? "");
    return () => own;
  }
  return (name, protocol) => {
    const host = name.includes(":") ? `[${name}]` : name;
    return protocol === "h2" ? http2Request(host) : httpRequest(host);
  };
}

function httpRequest(host: string): Uint8Array {
  return new TextEncoder().encode(
    `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nUser-Agent: sesame-audit\r\n\r\n`,
  );
}
