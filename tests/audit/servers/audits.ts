import {
  auditServer,
  type Finding,
  type ServerChange,
} from "@sesame/tls/audit";
import { Fleet } from "./fleet.ts";
import type { Verdicts } from "./expected.ts";
import { type AuditedServer, type Configuration, HOSTS } from "./server.ts";

/**
 * Starts a configuration, and audits it some times. What is inconclusive in one of the audits
 * and not in another is probed once more: then it has to be conclusive.
 */
export async function auditsOf(
  server: AuditedServer,
  configuration: Configuration,
  { times, backend, onAgain }: {
    times: number;
    /** The port of an HTTP server without TLS. */
    backend: number;
    /** Is called with what is probed once more. */
    onAgain(finding: Finding): void;
  },
): Promise<Finding[][]> {
  await using fleet = await Fleet.start(server, configuration, backend);
  const audits: Finding[][] = [];
  for (let time = 0; time < times; time++) {
    audits.push(await Array.fromAsync(audit(fleet, server, configuration)));
  }
  const varying = varyingOf(server);
  const unsure = unsureOf(audits).filter(({ probe }) => !varying.has(probe));
  if (unsure.length === 0) return audits;
  for (const finding of unsure) onAgain(finding);
  const probes = [...new Set(unsure.map(({ probe }) => probe))];
  const again = new Map(
    (await Array.fromAsync(audit(fleet, server, { ...configuration, probes })))
      .map((finding) => [keyOf(finding), finding]),
  );
  return audits.map((findings) =>
    findings.map((finding) =>
      unsure.includes(finding) ? again.get(keyOf(finding)) ?? finding : finding
    )
  );
}

/** The findings that are inconclusive where another audit had a verdict. */
function unsureOf(audits: readonly Finding[][]): Finding[] {
  const sure = new Set(
    audits.flat().filter(({ verdict }) => verdict !== "inconclusive")
      .map(keyOf),
  );
  return audits.flat().filter((finding) =>
    finding.verdict === "inconclusive" && sure.has(keyOf(finding))
  );
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
    findings.map((finding) => [keyOf(finding), finding.verdict]),
  );
}

function keyOf({ probe, kind }: Finding): string {
  return `${probe} ${kind ?? "-"}`;
}

/** What is in one of two audits of a server and not in the other, and what `audits` say of it. */
export function differences(
  server: AuditedServer,
  [one, other]: readonly [Verdicts, Verdicts],
  audits: readonly Finding[][],
): string[] {
  const varying = varyingOf(server);
  return [...new Set([...one.keys(), ...other.keys()])]
    .filter((key) =>
      one.get(key) !== other.get(key) && !varying.has(key.split(" ")[0] ?? "")
    )
    .map((key) => {
      const said = audits.flat().filter((finding) => keyOf(finding) === key)
        .map(({ summary }) => `\n    ${summary}`);
      return `${key}: ${one.get(key)}, then ${other.get(key)}${
        [...new Set(said)].join("")
      }`;
    });
}

/** The probes whose verdicts depend on the moment. */
function varyingOf({ findings }: AuditedServer): ReadonlySet<string> {
  return new Set(
    findings.flatMap(({ varies, probes }) => varies ? probes : []),
  );
}
