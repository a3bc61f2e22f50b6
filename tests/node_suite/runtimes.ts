import type { NodeTest } from "./tests.ts";

/** Whose `tls` a test meets: the runtime's own or Sesame's. */
export type Whose = "own" | "ours";

/** How a runtime runs a test of Node's. */
export interface Runtime {
  /** What people call it. */
  readonly title: string;
  /** The arguments that run the test, after the module `register` if that is to be imported. */
  readonly args: (test: NodeTest, register?: string) => string[];
  /** What its environment needs besides; its children have that, too. */
  readonly env: (register?: string) => Record<string, string>;
}

/** What isn't Node has globals of its own, and none of Node's flags. */
const ELSEWHERE = { NODE_TEST_KNOWN_GLOBALS: "0", NODE_SKIP_FLAG_CHECK: "1" };

/** The runtimes, by the name that they have on the command line. */
export const RUNTIMES = {
  node24: {
    title: "Node",
    args: ({ path, flags }) => [...flags, path],
    env: (register): Record<string, string> =>
      register === undefined ? {} : { NODE_OPTIONS: `--import=${register}` },
  },
  deno: {
    title: "Deno",
    args: ({ path, flags }, register) => [
      "run",
      ...(flags.includes("--expose-gc") ? ["--v8-flags=--expose-gc"] : []),
      "--allow-all",
      "--quiet",
      "--unstable-detect-cjs",
      "--no-lock",
      ...(register === undefined ? [] : [`--preload=${register}`]),
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
    env: (register) => ({
      ...ELSEWHERE,
      ...(register !== undefined && { BUN_OPTIONS: `--preload=${register}` }),
    }),
  },
} satisfies Record<string, Runtime>;

/** The name of a runtime. */
export type RuntimeName = keyof typeof RUNTIMES;
