/** Versions that peers agree on, and sessions of one that meet another. */
import type { TlsVersion } from "@sesame/tls";
import type { Scenario, ScenarioPeer } from "../../src/testing/scenario.ts";
import {
  again,
  full,
  only,
  refused,
  resumed,
  success,
  VERSIONS,
} from "./expectations.ts";

const ALL: readonly TlsVersion[] = ["TLSv1", "TLSv1.1", ...VERSIONS];

/** Old versions sign with SHA-1, which takes security level 0. */
const LEGACY: ScenarioPeer = {
  configure: [["CipherString", "ALL:@SECLEVEL=0"]],
};

interface Range {
  readonly min: number;
  readonly max: number;
}

const RANGES: readonly Range[] = ALL.flatMap((_, min) =>
  ALL.map((_, max) => ({ min, max })).filter(({ max }) => min <= max)
);

/** Each range of versions of a client with each of a server. */
export const VERSION_MATRIX: readonly Scenario[] = RANGES.flatMap((client) =>
  RANGES.map((server): Scenario => ({
    name: `a client of ${nameOf(client)} and a server of ${nameOf(server)}`,
    client: { ...LEGACY, ...optionsOf(client) },
    server: { ...LEGACY, ...optionsOf(server) },
    expect: outcome(client, server),
  }))
);

/**
 * The highest that both have. Else the server ends it; but one that is behind the times
 * answers an old client, which lists no versions, with its own, and that ends it then.
 */
function outcome(client: Range, server: Range): Scenario["expect"] {
  const protocol = ALL[Math.min(client.max, server.max)];
  const isShared = client.min <= server.max && server.min <= client.max;
  if (isShared && protocol) return success({ protocol, resumed: false });
  const isAnswered = server.max < client.min && ALL[client.max] !== "TLSv1.3";
  return refused(isAnswered ? "client" : "server", "protocol_version", {
    protocol: null,
  });
}

function optionsOf(
  { min, max }: Range,
): { minVersion?: TlsVersion; maxVersion?: TlsVersion } {
  const [minVersion, maxVersion] = [ALL[min], ALL[max]];
  return {
    ...(minVersion && { minVersion }),
    ...(maxVersion && { maxVersion }),
  };
}

function nameOf({ min, max }: Range): string {
  return min === max ? `${ALL[min]} only` : `${ALL[min]} to ${ALL[max]}`;
}

const TLS12 = only("TLSv1.2");
const TLS13 = only("TLSv1.3");

export const ACROSS_VERSIONS: readonly Scenario[] = [
  {
    name: "by default peers agree on TLS 1.3",
    expect: success({ protocol: "TLSv1.3" }),
  },
  {
    name: "by default there is no TLS 1.1",
    client: { ...only("TLSv1.1"), ...LEGACY },
    expect: refused("server", "protocol_version", {
      serverError: "unsupported protocol",
    }),
  },
  {
    name: "a stored TLS 1.2 session isn't resumed in TLS 1.3",
    server: { store: "memory" },
    client: TLS12,
    expect: success({ protocol: "TLSv1.2" }),
    then: [
      again(full("none-offered", { protocol: "TLSv1.3" }), {
        client: TLS13,
      }),
    ],
  },
  {
    name:
      "a client that could do both resumes its TLS 1.2 session where the server can't",
    server: { store: "memory", maxVersion: "TLSv1.2" },
    expect: success({ protocol: "TLSv1.2", sessionId: "new" }),
    then: [again(resumed("store", { protocol: "TLSv1.2" }))],
  },
  {
    name:
      "a TLS 1.2 session of a client that could do both isn't resumed once the server can, too",
    server: { store: "memory", maxVersion: "TLSv1.2" },
    expect: success({ protocol: "TLSv1.2" }),
    then: [
      again(full("none-offered", { protocol: "TLSv1.3", lookups: 0 }), {
        server: { maxVersion: "TLSv1.3" },
      }),
    ],
  },
  {
    name: "a TLS 1.2 ticket isn't resumed once the server has TLS 1.3",
    server: { ticketKeys: ["fleet"], maxVersion: "TLSv1.2" },
    expect: success({ protocol: "TLSv1.2" }),
    then: [
      again(full("none-offered", { protocol: "TLSv1.3" }), {
        server: { maxVersion: "TLSv1.3" },
      }),
    ],
  },
  {
    name:
      "a stored TLS 1.3 session isn't resumed by a server that went back to TLS 1.2",
    server: { store: "memory" },
    expect: success({ protocol: "TLSv1.3" }),
    then: [
      // What stands for a session id is random.
      again(full("unknown-id", { protocol: "TLSv1.2", lookups: 1 }), {
        server: { maxVersion: "TLSv1.2" },
      }),
    ],
  },
  {
    name:
      "a TLS 1.3 ticket isn't resumed by a server that went back to TLS 1.2",
    server: { ticketKeys: ["fleet"] },
    expect: success({ protocol: "TLSv1.3" }),
    then: [
      again(full("none-offered", { protocol: "TLSv1.2" }), {
        server: { maxVersion: "TLSv1.2" },
      }),
    ],
  },
  {
    name: "a TLS 1.3 session survives a detour over TLS 1.2",
    server: { store: "memory" },
    expect: success({ protocol: "TLSv1.3" }),
    then: [
      again(success({ protocol: "TLSv1.2", resumed: false }), {
        server: { maxVersion: "TLSv1.2" },
      }),
      again(resumed("store", { protocol: "TLSv1.3" }), {
        server: "first",
        session: "first",
      }),
    ],
  },
  {
    name:
      "a client that went back to TLS 1.2 doesn't propose its TLS 1.3 session",
    server: { store: "memory" },
    expect: success({ protocol: "TLSv1.3" }),
    then: [
      again(full("none-offered", { protocol: "TLSv1.2", lookups: 0 }), {
        client: TLS12,
      }),
    ],
  },
  {
    name:
      "a client with a TLS 1.2 session is refused by a server of TLS 1.3 only",
    server: { store: "memory" },
    client: TLS12,
    expect: success({ protocol: "TLSv1.2" }),
    then: [again(refused("server", "protocol_version"), { server: TLS13 })],
  },
  {
    name:
      "a client with a TLS 1.3 session is refused by a server of TLS 1.2 only",
    server: { store: "memory" },
    client: TLS13,
    expect: success({ protocol: "TLSv1.3" }),
    then: [again(refused("server", "protocol_version"), { server: TLS12 })],
  },
];
