import type { Outcome } from "./limits.ts";
import { runLimited } from "./limits.ts";
import { type Runtime, type RuntimeName, RUNTIMES } from "./runtimes.ts";
import { isOfCommandLine, type NodeTest } from "./tests.ts";

/** What became of a test. */
export interface Result {
  readonly result: "passed" | "failed" | "not applicable";
  /** Why it isn't passed, as the run tells it. */
  readonly said?: string;
  readonly milliseconds: number;
}

/** Runs a test of Node's in a runtime. */
export async function runNodeTest(
  test: NodeTest,
  name: RuntimeName,
  { program, register }: { program: string; register?: string | undefined },
): Promise<Result & { readonly text: string }> {
  const why = whyNotApplicable(test, name);
  if (why !== undefined) {
    return { result: "not applicable", said: why, milliseconds: 0, text: "" };
  }
  const runtime: Runtime = RUNTIMES[name];
  const folder = await Deno.makeTempDir({ prefix: "sesame-" });
  try {
    const outcome = await runLimited(program, runtime.args(test, register), {
      cwd: folder,
      // NODE_TEST_DIR is where Node's tests put their own temporary folders.
      env: { NO_COLOR: "1", NODE_TEST_DIR: folder, ...runtime.env(register) },
    });
    return { ...resultOf(outcome), text: outcome.text };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What only Node can do at all. */
function whyNotApplicable(
  test: NodeTest,
  name: RuntimeName,
): string | undefined {
  if (name === "node24") return undefined;
  if (isOfCommandLine(test)) return "it is of the flags of Node's command line";
  if (test.internals) return "it reads modules inside of Node";
  return undefined;
}

function resultOf({ code, exceeded, text, milliseconds }: Outcome): Result {
  if (exceeded !== undefined) {
    return {
      result: "failed",
      said: `it exceeded the limit of ${exceeded}`,
      milliseconds,
    };
  }
  if (code !== 0) {
    return { result: "failed", said: errorIn(text, code), milliseconds };
  }
  const skipped = text.match(/^1\.\.0 # Skipped: (.+)$/m)?.[1];
  return skipped === undefined ? { result: "passed", milliseconds } : {
    result: "not applicable",
    said: `it skips itself: ${skipped}`,
    milliseconds,
  };
}

/** The line that names the error, for a reader. */
function errorIn(text: string, code: number): string {
  const lines = text.split("\n").map((line) => line.trim());
  const line =
    lines.find((line) =>
      /^(Uncaught |error: |\w*)?\w*Error\b.*: /.test(line)
    ) ??
      lines.find((line) => /Error|Mismatched/.test(line)) ??
      lines.find((line) => line !== "");
  return line?.slice(0, 160) ?? `it ended with ${code}`;
}
