import { existsSync } from "node:fs";
import type { Mutant } from "./mutants.ts";

/** What stands for `@std` in tests. */
export const IMPORT_MAP = "tests/std/import_map.json";
/** What of the repository a test can need. */
const PARTS = [
  ...["src", "tests", "wasm", "examples", "bench", "docs", "packaging", ".ci"],
  ...["mod.ts", "cli.ts", "deno.json", "deno.lock", "README.md", "build.sh"],
];

/** How tests ended: with a failure, or without one. */
export type Verdict = "failed" | "passed" | "timeout";

/** A copy of the repository, in which one file is changed at a time. */
export class Workshop implements AsyncDisposable {
  /** Where it is. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Copies the repository at `root`. */
  static async make(root: string): Promise<Workshop> {
    const folder = await Deno.realPath(
      await Deno.makeTempDir({ prefix: "sesame-mutants-" }),
    );
    const parts = PARTS.filter((part) => existsSync(`${root}/${part}`))
      .map((part) => `${root}/${part}`);
    const { success } = await new Deno.Command("cp", {
      args: ["-R", ...parts, folder],
    }).output();
    if (!success) throw new Error(`Cannot copy the repository to ${folder}`);
    return new Workshop(folder);
  }

  /** Runs test files on a mutant until one fails. */
  async try(
    { file, source }: Mutant,
    tests: readonly string[],
    timeout: number,
  ): Promise<{ verdict: Verdict; failed: string | undefined }> {
    const path = `${this.folder}/${file}`;
    const original = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, source);
    try {
      return await this.run(tests, timeout);
    } finally {
      await Deno.writeTextFile(path, original);
    }
  }

  /** Runs test files as they are until one fails: tells which. */
  async run(
    tests: readonly string[],
    timeout: number,
    extra: readonly string[] = [],
  ): Promise<{ verdict: Verdict; failed: string | undefined }> {
    const child = new Deno.Command("timeout", {
      args: [
        ...["--kill-after=5", String(Math.ceil(timeout / 1000))],
        ...[Deno.execPath(), "test", "-A", "--no-check", "--fail-fast"],
        ...[`--import-map=${IMPORT_MAP}`, ...extra, ...tests],
      ],
      cwd: this.folder,
      env: { NO_COLOR: "1" },
      stdout: "piped",
      stderr: "null",
      stdin: "null",
    }).spawn();
    const { code, stdout } = await child.output();
    const output = new TextDecoder().decode(stdout);
    if (code === 0) return { verdict: "passed", failed: undefined };
    // The last file that had begun.
    const [, failed] =
      output.matchAll(/^running \d+ tests? from \.\/(\S+)$/gm).toArray()
        .at(-1) ?? [];
    return {
      verdict: code === 124 || code === 137 ? "timeout" : "failed",
      failed,
    };
  }

  /** Replaces a file of the copy. */
  async write(file: string, source: string): Promise<void> {
    await Deno.writeTextFile(`${this.folder}/${file}`, source);
  }

  /** Deletes the copy. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}
