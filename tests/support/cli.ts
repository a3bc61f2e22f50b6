/**
 * The command line tool, run as its users run it.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { Folder } from "./temp_folder.ts";
import { type Output, run, type Running, start } from "./programs.ts";

const CLI = fileURLToPath(new URL("../../cli.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** Starts the tool: it is killed when it is disposed of. */
export function startCli(args: string[], permissions = ["-A"]): Running {
  const command = [Deno.execPath(), ...denoArgs(args, permissions)];
  return start("env", ["-u", "SESAME_STORE", ...command]);
}

/** Runs the tool to its end. */
export function runCli(
  args: string[],
  { stdin = "", permissions = ["-A"], store }: {
    stdin?: string;
    permissions?: string[];
    /** What is in the environment in place of `--store`. */
    store?: string;
  } = {},
): Promise<Output> {
  const command = [Deno.execPath(), ...denoArgs(args, permissions)];
  const variables = store === undefined ? [] : [`SESAME_STORE=${store}`];
  return run("env", ["-u", "SESAME_STORE", ...variables, ...command], stdin);
}

/** Asserts that a command line is refused as such, in words that contain these. */
export async function assertMisuse(
  args: string[],
  ...words: string[]
): Promise<void> {
  const { code, stdout, stderr } = await runCli(args);
  assertEquals(code, 2, stderr);
  assertEquals(stdout, "");
  for (const word of [...words, "error: ", "--help"]) {
    assert(stderr.includes(word), `no "${word}" in: ${stderr}`);
  }
  assert(!stderr.includes("    at "), stderr);
}

/** A running `serve`, with the certificate of all test servers and a free port. */
export class CliServer implements AsyncDisposable {
  /** Where it listens. */
  readonly port: number;
  /** A folder of its own, with the certificate. */
  readonly folder: Folder;
  readonly #program: Running;
  readonly #pid: number;

  private constructor(
    folder: Folder,
    program: Running,
    pid: number,
    port: number,
  ) {
    this.folder = folder;
    this.port = port;
    this.#program = program;
    this.#pid = pid;
  }

  /** Starts one, that may have so many files open: resolves when it listens. */
  static async start(
    args: string[] | ((folder: Folder) => string[]),
    { openFiles }: { openFiles?: number } = {},
  ): Promise<CliServer> {
    const folder = await Folder.make();
    const own = ["--cert", folder.certificate, "--key", folder.key];
    const more = typeof args === "function" ? args(folder) : args;
    const limit = openFiles === undefined ? "" : `ulimit -n ${openFiles};`;
    // The shell tells the id of the process that it turns into.
    const program = start("sh", [
      "-c",
      `unset SESAME_STORE; ${limit} echo "pid $$" >&2; exec "$0" "$@"`,
      Deno.execPath(),
      ...denoArgs(["serve", "--port", "0", ...own, ...more], ["-A"]),
    ]);
    try {
      const pid = numberIn(await program.printed("pid "));
      const port = numberIn(await program.printed("Listening on "));
      return new CliServer(folder, program, pid, port);
    } catch (error) {
      await program[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
      const cause = await program.stderr;
      throw new Error(`serve doesn't: ${cause}`, { cause: error });
    }
  }

  /** Resolves when a line of its output contains the text: that line. */
  printed(text: string): Promise<string> {
    return this.#program.printed(text);
  }

  /** The URL of its metrics. */
  async metricsUrl(): Promise<string> {
    const line = await this.printed("Metrics: ");
    return line.slice("Metrics: ".length);
  }

  /** Sends it a signal. */
  signal(signal: Deno.Signal): void {
    Deno.kill(this.#pid, signal);
  }

  /** Resolves when it has ended by itself: what it printed. */
  async ended(): Promise<Output> {
    const { code } = await this.#program.status;
    const { stdout, stderr } = this.#program;
    return { code, stdout: await stdout, stderr: await stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
    await this.folder[Symbol.asyncDispose]();
  }
}

function denoArgs(args: string[], permissions: string[]): string[] {
  return [
    "run",
    "--quiet",
    "--no-prompt",
    "--config",
    CONFIG,
    "--unstable-kv",
    "--unstable-net",
    ...permissions,
    CLI,
    ...args,
  ];
}

/** The number that a line ends with. */
function numberIn(line: string): number {
  return Number(/\d+$/.exec(line)?.[0]);
}
