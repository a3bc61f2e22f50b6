import { type Command, Option } from "commander";
import {
  FAIL_ON,
  type FailOn,
  type StartTlsProtocol,
} from "../../audit/mod.ts";
import { startTlsOption } from "../flags.ts";
import { count, names, repeated, seconds } from "../arguments.ts";

/** The options of `audit`, as commander parses them. */
export interface AuditFlags {
  readonly name?: string[];
  readonly node?: string[];
  readonly starttls?: StartTlsProtocol;
  readonly cert?: string[];
  readonly key?: string[];
  readonly passphraseFile?: string;
  readonly alpn?: string[];
  readonly request?: string;
  readonly probes?: string[];
  readonly samples?: number;
  /** How many servers at the same time. */
  readonly jobs: number;
  readonly concurrency?: number;
  readonly pause?: true;
  /** In milliseconds. */
  readonly timeout: number;
  /** In milliseconds. */
  readonly maxTime: number;
  readonly plan?: true;
  readonly list?: true;
  readonly explain?: string;
  readonly ladders?: boolean;
  /** True for standard output. */
  readonly json?: string | true;
  readonly html?: string;
  readonly junit?: string;
  readonly failOn: FailOn;
  readonly quiet?: boolean;
}

/** Adds the options of `audit`. */
export function addAuditFlags(command: Command): Command {
  addServerFlags(command);
  addProbeFlags(command);
  return addReportFlags(command).optionsGroup("Options:");
}

function addServerFlags(command: Command): void {
  command.optionsGroup("The server:")
    .option(
      "--name <name>",
      "the name to request instead of HOST; a second one for a virtual host of the same server",
      repeated,
    )
    .option(
      "--node <host[:port]>",
      "an address of the server, repeatable: sessions of each are tried at the others " +
        "(default: the addresses of HOST)",
      repeated,
    )
    .addOption(startTlsOption())
    .option(
      "--cert <file>",
      "a client certificate with its chain (PEM); a second one for another client",
      repeated,
    )
    .option(
      "--key <file>",
      "the private key of --cert (PEM); one for each",
      repeated,
    )
    .option(
      "--passphrase-file <file>",
      "the passphrase of --key: the first line of this file",
    )
    .option(
      "--alpn <protocols>",
      "application protocols to offer, such as h2,http/1.1",
      names,
    )
    .option(
      "--request <text>",
      "send this on open connections and as early data, @FILE for the content of a file " +
        "(default: GET /, with --starttls nothing)",
    );
}

function addProbeFlags(command: Command): void {
  command.optionsGroup("What is probed:")
    .option(
      "--probes <ids>",
      "only these probes or families, such as isolation,proof/binder",
      names,
    )
    .addOption(
      new Option(
        "--samples <n>",
        "the connections over which a rate is measured (default: 8)",
      ).argParser(count),
    )
    .addOption(
      new Option(
        "--jobs <n>",
        "how many servers are audited at the same time",
      ).argParser(count).default(8),
    )
    .addOption(
      new Option(
        "--concurrency <n>",
        "how many probes of a server connect at the same time (default: 1)",
      ).argParser(count),
    )
    .option(
      "--pause",
      "have probes that need it ask you to change the server, and wait for Enter",
    )
    .addOption(
      new Option(
        "--timeout <seconds>",
        "the time limit of a connection",
      ).argParser(seconds).default(10_000, "10"),
    )
    .addOption(
      new Option(
        "--max-time <seconds>",
        "the time limit of the audit of a server; what was found until then is reported",
      ).argParser(seconds).default(600_000, "600"),
    )
    .option(
      "--plan",
      "print the probes and the most connections that they make, and connect to nothing",
    )
    .option("--list", "print the ids and titles of all probes")
    .option(
      "--explain <probe>",
      "print what a probe sends, what should come back, and why",
    );
}

function addReportFlags(command: Command): Command {
  return command.optionsGroup("Report:")
    .option(
      "--ladders",
      "print the messages of the connections of each fail, warn and inconclusive",
    )
    .option(
      "--json [file]",
      "write JSON (docs/audit.schema.json); without a file instead of the table",
    )
    .option("--html <file>", "write a page with the messages of connections")
    .option("--junit <file>", "write JUnit's XML, for CI")
    .addOption(
      new Option(
        "--fail-on <level>",
        "the least verdict or severity for which the exit code is 1",
      ).choices(FAIL_ON).default("fail"),
    )
    .option("--quiet", "show no progress");
}
