const DEADLINE_MS = 60_000;
/** For what compiles all there is, on a machine that does other things as well. */
export const LONG_MS = 300_000;

/** What a runner said. */
export interface Report {
  /** When its runtime was started, in milliseconds since 1970. */
  readonly startedAt: number;
  /** All of it; the last line is for the matrix. */
  readonly text: string;
}

/** How a program runs. */
export interface RunOptions {
  /** What is in its environment besides this process's. */
  readonly env?: Record<string, string>;
  /** The folder that it runs in. */
  readonly cwd?: string;
  /** How long it may take, in milliseconds. By default a minute. */
  readonly timeout?: number;
}

/**
 * Runs a program to its end, in a folder if one is given: what it printed.
 *
 * @throws {Error} If it fails or hangs.
 */
export async function run(
  program: string,
  args: string[],
  { env = {}, cwd, timeout }: RunOptions = {},
): Promise<Report> {
  const startedAt = Date.now();
  const signal = deadline(timeout);
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    ...(cwd !== undefined && { cwd }),
    env: { NO_COLOR: "1", ...env },
    signal,
  }).output();
  const decoder = new TextDecoder();
  if (signal.aborted) throw new Error("It hangs");
  if (code !== 0) {
    const said = [stdout, stderr].map((bytes) => decoder.decode(bytes));
    throw new Error(`It ended with ${code}\n${said.join("")}`);
  }
  return { startedAt, text: decoder.decode(stdout) };
}

/** Aborts what takes too long. */
export function deadline(timeout = DEADLINE_MS): AbortSignal {
  return AbortSignal.timeout(timeout);
}
