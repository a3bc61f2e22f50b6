import { Command, CommanderError } from "commander";
import config from "../../deno.json" with { type: "json" };
import { auditCommand } from "./audit.ts";
import { connectCommand } from "./connect.ts";
import { writeAll } from "./files.ts";
import { errorText } from "./format.ts";
import { invocation } from "./invocation.ts";
import { OutputClosed } from "./output_closed.ts";
import { missingPermission } from "./permissions.ts";
import { serveCommand } from "./serve.ts";
import { sessionCommand } from "./session.ts";
import { storeCommand } from "./store.ts";
import { UsageError } from "./usage_error.ts";

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

const EXAMPLES = `
Examples:
  A server with a self-signed certificate, and in another terminal a client that
  resumes its session:
    sesame serve --store sqlite:sessions.db --write-cert cert.pem
    sesame connect localhost:8443 --ca cert.pem --resume 3

  The sessions in the store:
    sesame store list --store sqlite:sessions.db

  The options of a command:
    sesame serve --help`;

/** Runs the command line. Returns the exit code. */
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
    // Commander has printed the message.
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? 0 : EXIT_USAGE;
    }
    if (error instanceof UsageError) {
      printError(`error: ${error.message}\n${helpHint(current)}`);
      return EXIT_USAGE;
    }
    if (error instanceof OutputClosed) return EXIT_FAILURE;
    printError(`error: ${explain(error)}`);
    if (program.opts()["debug"]) console.error(error);
    // Some commands have another code for that.
    return Deno.exitCode === 0 ? EXIT_FAILURE : Deno.exitCode;
  }
}

function createProgram(): Command {
  const program = new Command("sesame")
    .description(
      "TLS with sessions in a store of your choice: servers, clients, and tools for stores.",
    )
    .version(`sesame ${config.version}`)
    .option("--debug", "print the stack trace of a failure")
    .addHelpText("after", EXAMPLES)
    // Commander's own help command would bypass the settings below.
    .helpCommand(false);
  for (
    const command of [
      serveCommand(),
      connectCommand(),
      auditCommand(),
      sessionCommand(),
      storeCommand(),
    ]
  ) {
    program.addCommand(command);
  }
  for (const command of [program, ...descendants(program)]) configure(command);
  return program;
}

/** Applies settings that commander doesn't pass on to subcommands. */
function configure(command: Command): void {
  command
    .exitOverride()
    .showHelpAfterError(helpHint(command))
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => write(Deno.stdout, text),
      writeErr: (text) => write(Deno.stderr, text),
    });
}

function descendants(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...descendants(child)]);
}

function helpHint(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) {
    names.unshift(at.name());
  }
  return `Try: ${names.join(" ")} --help`;
}

/** The message of a failure. A missing permission comes with the flag that grants it. */
function explain(error: unknown): string {
  const missing = missingPermission(error);
  return missing === undefined
    ? errorText(error) || "unknown failure"
    : `Deno lacks a permission: ${missing}, or with -A, which grants all: sesame ...`;
}

function printError(text: string): void {
  console.error(withInvocation(text));
}

/** Replaces `sesame` in commands with what starts the program here, so that they can be pasted. */
function withInvocation(text: string): string {
  return text.replaceAll(/(?<=^|[\s(])sesame (?=[a-z.\[]|--)/g, invocation());
}

function write(
  to: { writeSync(bytes: Uint8Array): number },
  text: string,
): void {
  try {
    writeAll(to, new TextEncoder().encode(withInvocation(text)));
  } catch (error) {
    throw OutputClosed.from(error);
  }
}
