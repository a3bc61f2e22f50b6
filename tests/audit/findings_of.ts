import type { TlsContext, TlsTransport } from "@sesame/tls";
import {
  auditContext,
  type AuditContextOptions,
  auditServer,
  type AuditServerOptions,
  type Finding,
  type ResumptionKind,
} from "@sesame/tls/audit";
import { assertEquals } from "@std/assert";
import type { VirtualClock } from "@sesame/tls/testing";

/** A server in memory: a context, a function that connects, or an object that has one. */
export type AuditedServer =
  | TlsContext
  | ((node: string) => TlsTransport | Promise<TlsTransport>)
  | {
    readonly connect: (node: string) => TlsTransport | Promise<TlsTransport>;
    readonly clock?: VirtualClock;
  };

/** Options of both audits, without those that are given otherwise. */
export type FindingsOptions =
  & Omit<AuditServerOptions, "nodes" | "change" | "connect" | "probes">
  & Pick<AuditContextOptions, "change">
  & { nodes?: readonly TlsContext[] | readonly string[] };

/** In memory a server that says nothing for this time says no more. */
const SILENCE = 10;

/**
 * The findings of a probe, or of a family or several, at a server in memory. The clock of a
 * server that has one is the audit's.
 */
export function findingsOf(
  server: AuditedServer,
  probes: string | readonly string[],
  options: FindingsOptions = {},
): Promise<Finding[]> {
  const own = { ...options, probes: [probes].flat() };
  if ("openssl" in server) {
    return Array.fromAsync(auditContext(server, own as AuditContextOptions));
  }
  const { connect, clock } = typeof server === "function"
    ? { connect: server }
    : server;
  return Array.fromAsync(auditServer({
    silence: SILENCE,
    timeout: 5_000,
    ...(clock && { clock }),
    ...own as AuditServerOptions,
    connect,
  }));
}

/** The verdicts of a probe, by the kind of resumption, or by `"all"` if it is about none. */
export async function verdictsOf(
  server: AuditedServer,
  probe: string,
  options: FindingsOptions = {},
): Promise<Partial<Record<ResumptionKind | "all", string>>> {
  const findings = await findingsOf(server, probe, options);
  return Object.fromEntries(
    findings.map(({ kind, verdict }) => [kind ?? "all", verdict]),
  );
}

/** Asserts that a probe has this verdict, for all kinds or for one, and returns its finding. */
export async function assertVerdict(
  server: AuditedServer,
  probe: string,
  verdict: Finding["verdict"],
  options: FindingsOptions & { kind?: ResumptionKind } = {},
): Promise<Finding> {
  const { kind, ...rest } = options;
  const findings = (await findingsOf(server, probe, rest))
    .filter((finding) => kind === undefined || finding.kind === kind);
  for (const finding of findings) {
    const { summary } = finding;
    assertEquals(finding.verdict, verdict, `${finding.kind}: ${summary}`);
  }
  const [first] = findings;
  if (first === undefined) throw new Error(`${probe} has no such finding`);
  return first;
}
