/**
 * The command line of `deno task load`.
 *
 * @module
 */
import { isIP } from "node:net";
import {
  Command,
  CommanderError,
  InvalidArgumentError,
  Option,
} from "commander";
import { parseHostAndPort } from "../../src/cli/host_and_port.ts";

/** A server to connect to. */
export interface Target {
  hostname: string;
  port: number;
  /** The name to ask for; an address can't be one. */
  servername: string | undefined;
}

/** What the command line says. */
export interface LoadOptions {
  targets: Target[];
  clients: number;
  seconds: number;
  warmUp: number;
  versions: ("TLSv1.2" | "TLSv1.3")[];
  modes: ("full" | "resumed")[];
  ca: string | undefined;
  insecure: boolean;
  /** Undefined for a request of HTTP. */
  request: string | undefined;
  hold: number | undefined;
  timeout: number;
  maxErrors: number;
  clientProcesses: number;
  workers: number | undefined;
  store: string | undefined;
  pid: number | undefined;
  json: string | undefined;
}

/** The command line asks for no run: its exit code, all being said. */
export class NoRun extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super("Nothing to run");
    this.exitCode = exitCode;
  }
}

const VERSIONS = {
  "1.2": ["TLSv1.2"],
  "1.3": ["TLSv1.3"],
  "both": ["TLSv1.2", "TLSv1.3"],
} satisfies Record<string, LoadOptions["versions"]>;

const MODES = {
  full: ["full"],
  resumed: ["resumed"],
  both: ["full", "resumed"],
} satisfies Record<string, LoadOptions["modes"]>;

const DESCRIPTION =
  "Put TLS servers under load: clients connect repeatedly, each time with a handshake, a request and its answer.\n\n" +
  "Without HOST:PORT it starts a server of Sesame for the run. With several, each client goes from one to the " +
  "next with the newest session that it has, so sessions cross from server to server. The clients are Node's " +
  "tls (native OpenSSL): the server should be the bottleneck, and the report tells when it isn't.";

const EXAMPLES = `
Phases: a warm-up, then full handshakes, then resumed ones. A handshake counts
as resumed if the client's OpenSSL says so. Errors are counted by where and
what: "handshake: ECONNRESET". The exit code is 1 if there were more than
--max-errors, 2 if the command line is wrong.

Examples:
  deno task load                                    its own server, TLS 1.3
  deno task load --tls both --store sqlite:/tmp/s.db --seconds 5
  deno task load --workers 4 --clients 128 --client-processes 2
  deno task load localhost:8443 localhost:8444 --ca cert.pem --mode resumed
  deno task load --hold 10000                       the memory of idle connections
  deno task load localhost:8443 --insecure --hold 1000 --pid 1234
  deno task load --json - | jq '.runs[].phases[] | {mode, handshakesPerSecond}'`;

/** Reads the command line. What is wrong with it is printed. */
export function readOptions(args: string[]): LoadOptions {
  const command = describeCommand();
  try {
    command.parse(args, { from: "user" });
    return checked(command);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new NoRun(error.exitCode === 0 ? 0 : 2);
  }
}

function describeCommand(): Command {
  const cores = navigator.hardwareConcurrency;
  return new Command("deno task load")
    .description(DESCRIPTION)
    .argument("[HOST:PORT...]", "the servers, in turns")
    .option(
      "--clients <N>",
      "the number of clients that connect at the same time",
      whole(1),
      32,
    )
    .option("--seconds <S>", "the duration of each phase", positive, 10)
    .option("--warm-up <S>", "the duration of the warm-up", atLeastZero, 1)
    .addOption(
      new Option("--tls <VERSION>", "the version that clients offer")
        .choices(Object.keys(VERSIONS)).default("1.3"),
    )
    .addOption(
      new Option("--mode <MODE>", "the handshakes to measure")
        .choices(Object.keys(MODES)).default("both"),
    )
    .option("--ca <FILE>", "the certificates to trust, in place of Node's")
    .option("--insecure", "trust any certificate", false)
    .option("--servername <NAME>", "the name to ask for (default: HOST)")
    .option(
      "--request <TEXT>",
      "the request to send instead of a GET, with \\r and \\n for line ends; the client then closes its side and reads until the server does",
    )
    .option(
      "--hold <N>",
      "open N connections, --clients at a time, hold them idle for --seconds, report the memory of each, and send a request on each",
      whole(1),
    )
    .option(
      "--pid <PID>",
      "the server's process, if it is on this machine",
      whole(1),
    )
    .option(
      "--timeout <S>",
      "the time limit of a handshake and of an answer",
      positive,
      10,
    )
    .option("--max-errors <N>", "the most errors with exit code 0", whole(0), 0)
    .option(
      "--client-processes <N>",
      "the number of client processes",
      whole(1),
      Math.max(1, cores >> 1),
    )
    .option("--workers <N>", "serve --workers, without HOST:PORT", whole(1))
    .option("--store <SPEC>", "serve --store, without HOST:PORT")
    .option(
      "--json <FILE>",
      "also write all figures as JSON; - is standard output",
    )
    .addHelpText("after", EXAMPLES)
    .showHelpAfterError("Try --help.")
    .exitOverride();
}

function checked(command: Command): LoadOptions {
  const { tls, mode, servername, ...options } = command.opts();
  const targets = command.args.map((text) =>
    parseTarget(command, text, servername)
  );
  for (const name of ["workers", "store"]) {
    if (targets.length > 0 && options[name] !== undefined) {
      command.error(
        `error: --${name} can't be used with HOST:PORT`,
      );
    }
  }
  if (targets.length === 0 && options.pid !== undefined) {
    command.error("error: --pid needs HOST:PORT");
  }
  return {
    ...options,
    targets,
    versions: VERSIONS[tls as keyof typeof VERSIONS],
    modes: MODES[mode as keyof typeof MODES],
    request: options.request === undefined
      ? undefined
      : unescaped(options.request),
    clientProcesses: Math.min(options.clientProcesses, options.clients),
  } as LoadOptions;
}

function parseTarget(command: Command, text: string, name?: string): Target {
  const { hostname, port } = parseHostAndPort(text) ??
    { hostname: "", port: 0 };
  if (port === 0) {
    command.error(
      `error: "${text}" is not HOST:PORT, such as localhost:8443 or [::1]:8443`,
    );
  }
  const servername = name ?? (isIP(hostname) ? undefined : hostname);
  return { hostname, port, servername };
}

function unescaped(text: string): string {
  const meanings: Record<string, string> = { r: "\r", n: "\n", "\\": "\\" };
  return text.replace(/\\([rn\\])/g, (_, letter) => meanings[letter] ?? "");
}

function whole(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(value) && value >= min) {
      return value;
    }
    throw new InvalidArgumentError(`It must be a whole number from ${min} on.`);
  };
}

function positive(text: string): number {
  const value = atLeastZero(text);
  if (value > 0) return value;
  throw new InvalidArgumentError("It must be more than 0.");
}

function atLeastZero(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError("It must be a number from 0 on.");
}
