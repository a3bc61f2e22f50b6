/** What scenarios have in common. */
import type { TlsVersion } from "@sesame/tls";
import type {
  Scenario,
  ScenarioConnection,
  ScenarioExpectation,
  ScenarioReconnect,
} from "../../src/testing/scenario.ts";

/** The versions that are served by default. */
export const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;

/** One of them. */
export type Version = typeof VERSIONS[number];

/** Scenarios for each version, whose names begin with it. */
export function forVersions(
  make: (version: Version, isTls13: boolean) => readonly Scenario[],
): Scenario[] {
  return VERSIONS.flatMap((version) =>
    make(version, version === "TLSv1.3").map((scenario) => ({
      ...scenario,
      name: `${version}: ${scenario.name}`,
    }))
  );
}

/** A client of one version alone. Its session ids are those of its sessions. */
export function only(
  version: TlsVersion,
): { minVersion: TlsVersion; maxVersion: TlsVersion } {
  return { minVersion: version, maxVersion: version };
}

/** A connection that is established, and more about it. */
export function success(
  more: Omit<ScenarioExpectation, "result"> = {},
): ScenarioExpectation {
  return { result: "success", alert: null, ...more };
}

/** A connection that resumes a session. */
export function resumed(
  from: NonNullable<ScenarioExpectation["from"]>,
  more: Omit<ScenarioExpectation, "result"> = {},
): ScenarioExpectation {
  return success({ resumed: true, from, ...more });
}

/** A connection that resumes none. */
export function full(
  reason: NonNullable<ScenarioExpectation["reason"]>,
  more: Omit<ScenarioExpectation, "result"> = {},
): ScenarioExpectation {
  return success({ resumed: false, reason, ...more });
}

/** A connection that an end refuses with an alert. */
export function refused(
  from: "client" | "server",
  name: string,
  more: Omit<ScenarioExpectation, "result"> = {},
): ScenarioExpectation {
  return { result: `${from}-fails`, alert: { from, name }, ...more };
}

/** The next connection. */
export function again(
  expect: ScenarioExpectation,
  reconnect: ScenarioReconnect = {},
): ScenarioConnection {
  return { reconnect, expect };
}

/** What a full handshake at a server with a store makes of sessions. */
export function stored(version: Version): {
  /** How many. */
  readonly made: number;
  /** And one that resumes. */
  readonly renewed: number;
  /** What is expected of the full handshake. */
  readonly first: ScenarioExpectation;
} {
  const isTls13 = version === "TLSv1.3";
  const made = isTls13 ? 2 : 1;
  return {
    made,
    renewed: isTls13 ? 1 : 0,
    first: full("none-offered", {
      protocol: version,
      writes: made,
      sessions: made,
      // A session id needs no message of its own.
      tickets: isTls13 ? 2 : 0,
      lookups: 0,
      storeErrors: 0,
      sessionId: isTls13 ? "echoed" : "new",
    }),
  };
}
