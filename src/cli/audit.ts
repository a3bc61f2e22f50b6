import { Command } from "commander";
import {
  type AuditReport,
  auditServer,
  failsOn,
  type Finding,
} from "../audit/mod.ts";
import { explanation, probesText } from "./audit/explain.ts";
import { addAuditFlags, type AuditFlags } from "./audit/flags.ts";
import { AuditOutputs } from "./audit/outputs.ts";
import { planText } from "./audit/plan.ts";
import { Progress } from "./audit/progress.ts";
import { type AuditTarget, readAuditTargets } from "./audit/settings.ts";
import { withOwnFlags } from "./flags.ts";
import { countText, messageOf } from "./format.ts";
import { asUsageError, isOptionError } from "./option_errors.ts";
import { missingPermission } from "./permissions.ts";
import { StopSignals } from "./signals.ts";
import { Terminal } from "./terminal.ts";

/** Flags that are given twice, the second time for an option of its own. */
const FLAG_NAMES = {
  otherCert: "the second --cert",
  otherKey: "the second --key",
};
const EXIT_FINDINGS = 1;
const EXIT_NOT_AUDITED = 2;

const EXAMPLES = `
The server's certificate isn't verified. Each server gets one connection at a time, unless
--concurrency says otherwise; --plan tells how many at most. Audit only servers that are yours
to test.

The report is printed to standard output, progress to standard error. Exit codes: 0 if no
finding is as bad as --fail-on, 1 if one is, 2 for an invalid command line or if a server
couldn't be audited. SIGINT ends the audit, and what was found is reported.

Examples:
  Audit a server:
    sesame audit example.com

  Two virtual hosts on two machines, with a page and a report for CI:
    sesame audit example.com --name example.com --name www.example.com \\
      --node 192.0.2.1 --node 192.0.2.2 --html audit.html --junit audit.xml

  A fleet, all at the same time:
    sesame audit --jobs 20 $(cat hosts.txt) --html fleet.html

  A mail server, failing on whatever is at least of medium severity:
    sesame audit mail.example.com --starttls smtp --fail-on medium

  What a probe does, and what an audit would do:
    sesame audit --explain isolation/other-name
    sesame audit example.com --plan

  A server of your own (start it in another terminal):
    sesame serve --port 8443
    sesame audit localhost:8443`;

/** The command `audit`: probes of how servers resume sessions. */
export function auditCommand(): Command {
  const command = new Command("audit")
    .description(
      "Find out whether TLS servers resume sessions safely: which they resume, where they " +
        "must not, and what a client can alter, replay or lie about.",
    )
    .argument("[host[:port]...]", "the servers; the port is 443 by default");
  return addAuditFlags(command)
    .addHelpText("after", EXAMPLES)
    .action(withOwnFlags(audit));
}

async function audit(texts: string[], flags: AuditFlags): Promise<void> {
  const { list, explain, plan, failOn } = flags;
  if (list) return console.log(probesText());
  if (explain !== undefined) return console.log(explanation(explain));
  const stopped = new AbortController();
  const targets = await readAuditTargets(texts, flags, stopped.signal);
  try {
    if (plan) return await printPlans(targets);
    // It stays if something throws.
    Deno.exitCode = EXIT_NOT_AUDITED;
    using outputs = new AuditOutputs(flags);
    using signals = new StopSignals(() => Deno.exit(EXIT_NOT_AUDITED));
    signals.first.then((signal) =>
      stopped.abort(new Error(`The audit was ended by ${signal}`))
    );
    const reports = await auditAll(targets, flags);
    outputs.write(reports);
    Deno.exitCode = exitCodeOf(reports, failOn);
  } catch (error) {
    // Otherwise the audits of other servers would go on.
    stopped.abort(error);
    throw isOptionError(error) ? asUsageError(error, FLAG_NAMES) : error;
  }
}

async function auditAll(
  targets: readonly AuditTarget[],
  { quiet = false, jobs }: AuditFlags,
): Promise<AuditReport[]> {
  const terminal = new Terminal(quiet);
  const progress = new Progress(terminal, targets.length);
  const reports: AuditReport[] = [];
  const waiting = [...targets.entries()];
  const work = async (): Promise<void> => {
    for (let next; (next = waiting.shift()) !== undefined;) {
      const [at, target] = next;
      reports[at] = await auditOne(target, terminal, progress);
    }
  };
  try {
    const length = Math.min(jobs, targets.length);
    await Promise.all(Array.from({ length }, work));
  } finally {
    terminal.end();
  }
  return reports;
}

async function auditOne(
  { server, options }: AuditTarget,
  terminal: Terminal,
  all: Progress,
): Promise<AuditReport> {
  const progress = all.of(server);
  const findings: Finding[] = [];
  const startedAt = Date.now();
  const start = performance.now();
  const report = (failure?: string): AuditReport => ({
    server,
    findings,
    connections: progress.connections,
    startedAt,
    ms: performance.now() - start,
    failure,
  });
  try {
    options.signal?.throwIfAborted();
    const audit = auditServer({
      ...options,
      onProgress: (at) => progress.show(at),
    });
    const { connections } = await audit.plan();
    terminal.info(
      `Auditing ${server}: at most ${countText(connections, "connection")}`,
    );
    for await (const finding of audit) {
      findings.push(finding);
      progress.add(finding);
    }
    return report();
  } catch (error) {
    if (isOptionError(error) || missingPermission(error)) throw error;
    return report(messageOf(error));
  } finally {
    progress.end();
  }
}

async function printPlans(targets: readonly AuditTarget[]): Promise<void> {
  for (const { server, options } of targets) {
    console.log(planText(server, await auditServer(options).plan()));
  }
}

function exitCodeOf(
  reports: readonly AuditReport[],
  failOn: AuditFlags["failOn"],
): number {
  if (reports.some(({ failure }) => failure !== undefined)) {
    return EXIT_NOT_AUDITED;
  }
  const findings = reports.flatMap(({ findings }) => findings);
  return findings.some((finding) => failsOn(finding, failOn))
    ? EXIT_FINDINGS
    : 0;
}
