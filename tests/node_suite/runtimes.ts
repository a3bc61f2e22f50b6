import { fileURLToPath } from "node:url";
import type { NodeTest } from "./tests.ts";

const REGISTER = fileURLToPath(
  new URL("../../src/node/register.ts", import.meta.url),
);

/** Whose `tls` a test meets: the runtime's own or Sesame's. */
export type Whose = "own" | "ours";

/** How a runtime runs a test of Node's. */
export interface Runtime {
  /** What people call it. */
  readonly title: string;
  /** The arguments that run the test. */
  readonly args: (test: NodeTest, whose: Whose) => string[];
  /** What its environment needs besides. */
  readonly env: (whose: Whose) => Record<string, string>;
}

/** What isn't Node has globals of its own, and none of Node's flags. */
const ELSEWHERE = { NODE_TEST_KNOWN_GLOBALS: "0", NODE_SKIP_FLAG_CHECK: "1" };

/** The runtimes, by the name that they have on the command line. */
export const RUNTIMES = {
  node24: {
    title: "Node 24",
    args: ({ path, flags }) => [...flags, path],
    // By the environment, so that a test's children have it, too.
    env: (whose): Record<string, string> =>
      whose === "own" ? {} : {
        NODE_OPTIONS:
          `--disable-warning=ExperimentalWarning --import=${REGISTER}`,
      },
  },
  deno: {
    title: "Deno",
    args: ({ path, flags }, whose) => [
      "run",
      ...(flags.includes("--expose-gc") ? ["--v8-flags=--expose-gc"] : []),
      "--allow-all",
      "--quiet",
      "--unstable-detect-cjs",
      "--no-lock",
      ...(whose === "ours" ? [`--preload=${REGISTER}`] : []),
      path,
    ],
    env: () => ELSEWHERE,
  },
  bun: {
    title: "Bun",
    args: ({ path, flags }) => [
      ...flags.filter((flag) => flag === "--expose-gc"),
      path,
    ],
    env: (whose) =>
      whose === "own"
        ? ELSEWHERE
        : { ...ELSEWHERE, BUN_OPTIONS: `--preload=${REGISTER}` },
  },
} satisfies Record<string, Runtime>;

/** The name of a runtime. */
export type RuntimeName = keyof typeof RUNTIMES;
