import {
  auditServer,
  type Finding,
  type ServerChange,
} from "@sesame/tls/audit";
import { Fleet } from "./fleet.ts";
import type { Verdicts } from "./expected.ts";
import { type AuditedServer, type Configuration, HOSTS } from "./server.ts";

/** Starts a configuration, and audits it some times. */
export async function auditsOf(
  server: AuditedServer,
  configuration: Configuration,
  { times, backend }: {
    times: number;
    /** The port of an HTTP server without TLS. */
    backend: number;
  },
): Promise<Finding[][]> {
  await using fleet = await Fleet.start(server, configuration, backend);
  const audits = [];
  for (let time = 0; time < times; time++) {
    audits.push(await Array.fromAsync(audit(fleet, server, configuration)));
  }
  return audits;
}

function audit(
  fleet: Fleet,
  { starttls }: AuditedServer,
  { certificates, noCrl, oneName, isSilent, probes }: Configuration,
): AsyncIterable<Finding> {
  const [client, other] = fleet.clients;
  const changes: ServerChange[] = ["restart"];
  if (certificates) changes.push("certificate", "client CA");
  if (certificates && !noCrl) changes.push("client certificate revoked");
  return auditServer({
    hostname: "localhost",
    nodes: fleet.nodes,
    names: HOSTS.slice(0, oneName ? 1 : 2).map(({ name }) => name),
    ...(starttls !== undefined && { starttls }),
    ...(probes !== undefined && { probes }),
    ...(isSilent && { request: "" }),
    ...(certificates && {
      cert: client.cert,
      key: client.key,
      otherCert: other.cert,
      otherKey: other.key,
    }),
    change: Object.fromEntries(
      changes.map((what) => [what, () => fleet.change(what)]),
    ),
  });
}

/** The verdicts of findings. */
export function verdictsOf(findings: readonly Finding[]): Verdicts {
  return new Map(
    findings.map(({ probe, kind, verdict }) => [
      `${probe} ${kind ?? "-"}`,
      verdict,
    ]),
  );
}

/** What is in one of two audits of a server and not in the other, a line each. */
export function differences(
  { findings }: AuditedServer,
  [one, other]: readonly [Verdicts, Verdicts],
): string[] {
  const varying = new Set(
    findings.flatMap(({ varies, probes }) => varies ? probes : []),
  );
  return [...new Set([...one.keys(), ...other.keys()])]
    .filter((key) =>
      one.get(key) !== other.get(key) && !varying.has(key.split(" ")[0] ?? "")
    )
    .map((key) => `${key}: ${one.get(key)}, then ${other.get(key)}`);
}
