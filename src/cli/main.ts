import { Command, CommanderError } from "commander";
import config from "../../deno.json" with { type: "json" };
import { connectCommand } from "./connect.ts";
import { failureText } from "./format.ts";
import { invocation } from "./invocation.ts";
import { OutputClosed } from "./output_closed.ts";
import { serveCommand } from "./serve.ts";
import { sessionCommand } from "./session.ts";
import { storeCommand } from "./store.ts";
import { UsageError } from "./usage_error.ts";

const FAILURE = 1;
const MISUSE = 2;

const EXAMPLES = `
Examples:
  A server with a throw-away certificate, and in another terminal a client that
  resumes at it:
    sesame serve --store sqlite:sessions.db --write-cert cert.pem
    sesame connect localhost:8443 --ca cert.pem --resume 3

  What is in its store:
    sesame store list --store sqlite:sessions.db

  What a command can do:
    sesame serve --help`;

/** Runs the command line: the exit code. */
export async function main(args: string[]): Promise<number> {
  const program = createProgram();
  let current = program;
  program.hook("preAction", (_program, command) => {
    current = command;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return Deno.exitCode;
  } catch (error) {
    // Commander has said itself what was wrong.
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? 0 : MISUSE;
    }
    if (error instanceof UsageError) {
      say(`error: ${error.message}\n${hint(current)}`);
      return MISUSE;
    }
    if (error instanceof OutputClosed) return FAILURE;
    say(`error: ${explain(error)}`);
    if (program.opts()["debug"]) console.error(error);
    return FAILURE;
  }
}

function createProgram(): Command {
  const program = new Command("sesame")
    .description(
      "TLS sessions that live in a store of your choice: servers, clients, and a look into the store.",
    )
    .version(`sesame ${config.version}`)
    .option("--debug", "show where in the code a failure comes from")
    .addHelpText("after", EXAMPLES)
    // So that its mistakes end here, too.
    .helpCommand(false);
  for (
    const command of [
      serveCommand(),
      connectCommand(),
      sessionCommand(),
      storeCommand(),
    ]
  ) {
    program.addCommand(command);
  }
  for (const command of [program, ...descendants(program)]) setUp(command);
  return program;
}

/** What commander doesn't hand down to commands that were made elsewhere. */
function setUp(command: Command): void {
  command
    .exitOverride()
    .showHelpAfterError(hint(command))
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => writeAll(Deno.stdout, inTheUsersWords(text)),
      writeErr: (text) => writeAll(Deno.stderr, inTheUsersWords(text)),
    });
}

function descendants(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...descendants(child)]);
}

function hint(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) {
    names.unshift(at.name());
  }
  return `Try: ${names.join(" ")} --help`;
}

/** A failure in a line, with what to do about missing permissions. */
function explain(error: unknown): string {
  const missing = missingPermission(error);
  return missing === undefined
    ? failureText(error) || "unknown failure"
    : `Deno doesn't allow it: ${missing}, or with -A, which allows all: sesame ...`;
}

/** Deno's words for it, however deep they are. From workers only the words come. */
function missingPermission(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return error instanceof Deno.errors.NotCapable ||
      /^Requires .* access to .*, run again with the --allow-/.test(
        error.message,
      )
    ? failureText(error)
    : missingPermission(error.cause);
}

function say(text: string): void {
  console.error(inTheUsersWords(text));
}

/** Help and errors say `sesame`: shown is what starts it here, to be pasted. */
function inTheUsersWords(text: string): string {
  return text.replaceAll(/(?<=^|[\s(])sesame (?=[a-z.\[]|--)/g, invocation());
}

function writeAll(
  to: { writeSync(bytes: Uint8Array): number },
  text: string,
): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += to.writeSync(bytes.subarray(at));
  } catch (error) {
    throw OutputClosed.from(error);
  }
}
