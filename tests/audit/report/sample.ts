/** Findings made by hand, of traces that are real, for the tests of reports. */
import { TlsContext } from "@sesame/tls";
import { auditContext } from "@sesame/tls/audit";
import { createTlsSandbox } from "@sesame/tls/testing";
import { TracedLab } from "../../support/traced.ts";
import type { Evidence, Finding } from "../../../src/audit/finding.ts";
import type { AuditReport } from "../../../src/audit/report/report.ts";

/** What a hostile server sends, to be found in a report. */
const ATTACK =
  `</script><img src=x onerror="alert('1')">]]>&amp;\x1b[2J\r\n\u202e\ud800\uffff\0`;

/** Evidence of a connection that is made for it, which names a server and what it speaks. */
export function evidence(title: string, alpn = "h2"): Evidence {
  const lab = new TracedLab();
  using traced = lab.connect({ client: { alpnProtocols: [alpn] } });
  return { title, trace: traced.trace };
}

/** A finding that passes, but for what is said here. */
export function finding(fields: Partial<Finding> = {}): Finding {
  return {
    probe: "isolation/other-name",
    title: "A session is resumed under its own name alone",
    kind: "tls1.3",
    verdict: "pass",
    severity: "info",
    summary: "The session was refused under the other name",
    advice: null,
    facts: {},
    references: ["RFC 6066, 3", "CVE-2025-23419"],
    evidence: [],
    connections: 3,
    ms: 12.345,
    ...fields,
  };
}

/** Findings of each verdict, in an order that no report has. */
export function findings(): Finding[] {
  const failed = {
    verdict: "fail",
    severity: "high",
    summary:
      "A session of a.example.com was resumed under the name b.example.com, without a new certificate",
    advice:
      "Give each virtual host session ticket keys and a session cache of its own",
    evidence: [evidence("Resumption with the name b.example.com")],
    facts: { resumed: true, lifetimeSeconds: 7_200, names: ["a", "b"] },
  } as const;
  return [
    finding({ probe: "proof/binder", title: "A binder is checked" }),
    finding({ kind: "tls1.3", ...failed }),
    finding({
      probe: "behaviour/tickets",
      title: "Tickets are given",
      summary: "2 tickets of 224 bytes were given",
      facts: { tickets: 2, ticketBytes: 224, hintSeconds: null },
    }),
    finding({
      probe: "early-data/replay",
      title: "Early data is accepted once",
      verdict: "not applicable",
      summary: "The server accepts no early data",
    }),
    finding({
      probe: "early-data/too-much",
      title: "No more early data is read than was allowed",
      verdict: "not applicable",
      summary: "The server accepts no early data",
    }),
    finding({
      probe: "behaviour/lifetime-hint",
      title: "The lifetime is a day or less",
      verdict: "warn",
      severity: "low",
      summary: "Tickets live for 7 days",
      advice: "Set a lifetime of a day or less",
    }),
    finding({ kind: "tls1.2-ticket", ...failed }),
    finding({
      probe: "robustness/split-hello",
      title: "A hello in pieces is resumed as one in one piece",
      kind: null,
      verdict: "inconclusive",
      summary: "The server was silent for 5000 ms",
      evidence: [evidence("A hello in pieces")],
    }),
    finding({
      probe: "proof/binder-hash",
      title: "A binder of another hash is refused",
      verdict: "fail",
      severity: "critical",
      summary: "A binder of another hash was accepted",
      advice: "Update the server",
      references: [],
    }),
  ];
}

/** Two servers: one that was audited, and one that wasn't there. */
export function reports(): AuditReport[] {
  return [
    { server: "example.com:443", findings: findings() },
    {
      server: "[2001:db8::1]:8443",
      findings: [],
      failure: "Connection refused (os error 111)",
    },
  ];
}

/** The report of a context that was audited, and deserves a warning. */
export async function realReport(): Promise<AuditReport> {
  using sandbox = createTlsSandbox({ seed: "report" });
  const { clock, pki, server: openssl } = sandbox;
  using context = new TlsContext({
    ...pki.server,
    openssl,
    tickets: "stateless",
  });
  const probes = ["proof/key-rotation", "behaviour", "early-data"];
  const audit = auditContext(context, { clock, probes });
  return { server: "a context", findings: await Array.fromAsync(audit) };
}

/** The report of a server that sends hostile text wherever it can send some. */
export function hostileReport(): AuditReport {
  const said = {
    summary: `The server sent ${ATTACK}`,
    advice: `Do ${ATTACK}`,
    facts: { alpn: ATTACK, list: [ATTACK] },
    references: [ATTACK],
    evidence: [evidence(ATTACK, `<img src=x>\x1b[2J`)],
  };
  return {
    server: ATTACK,
    findings:
      (["fail", "warn", "inconclusive", "pass", "not applicable"] as const)
        .map((verdict) => finding({ ...said, verdict })),
    failure: ATTACK,
  };
}
